/* `runbox validate`: JSON documents against any JSON Schema, for people who write schemas. Schema
 * and documents are equally untrusted, and read by an unprivileged process; no other document is
 * ever fetched. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/cmd/apart.h"
#include "runtime/cmd/cmd.h"
#include "runtime/cmd/texts.h"
#include "runtime/json/brief.h"
#include "runtime/json/json.h"
#include "runtime/json/pointer.h"
#include "runtime/json/schema/schema.h"
#include "runtime/monitor/remote.h"
#include "runtime/wire/lines.h"
#include "runtime/wire/text.h"
#include "schemas/embedded.h"

#define LINES_MAX ((uint64_t)256 << 20) /* bytes of a file read with --lines */

static const char help[] =
    "usage: runbox validate [OPTION]... SCHEMA FILE...\n\n"
    "Check each FILE ('-': stdin) against SCHEMA, a file, or the name of one of runbox's own\n"
    "schemas ('runbox schema' lists them); SCHEMA#/POINTER is a value in it, such as\n"
    "manifest.json#/exports/NAME/arg. Every failure is printed with its place.\n\n"
    "  --lines      treat each line of a FILE as a document\n"
    "  --format     check strings against the common formats too (date-time, email, uri, ...)\n"
    "  --json       one object for each document that was checked\n"
    "  -h, --help   this text\n\n"
    "Exit status: 0 all fit, 2 usage, 3 a document does not fit or is not JSON, or the schema\n"
    "is invalid, 125 runbox itself failed.\n";

static const struct option longs[] = {
    {"json", no_argument, NULL, 'j'},
    {"lines", no_argument, NULL, 'l'},
    {"format", no_argument, NULL, 'f'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

struct validate {
    bool json, lines, format;
    char *const *names; /* the schema's, then the documents' */
    unsigned count;
    const char *pointer;        /* to the schema in its document; "": the whole */
    const struct embedded *own; /* not NULL: the schema is one of runbox's own */
    struct remote *remote;
    struct str schema_text;
    struct json_object *schema_json;
    struct schema *schema;
    bool wrong; /* a document did not fit */
};

static void cleanup_findings(struct findings *f)
{
    findings_free(f);
}

static void validate_print_errors(struct str *out, const struct findings *f);

/* As the standard's output format "detailed" has them, plus lines and columns. */
static void validate_print_error(struct str *out, const struct finding *one)
{
    str_addc(out, '{');
    text_member(out, "instanceLocation", one->pointer);
    str_addc(out, ',');
    text_member(out, "keywordLocation", one->way ? one->way : one->schema);
    str_addc(out, ',');
    if (one->absolute) {
        text_member(out, "absoluteKeywordLocation", one->absolute);
        str_addc(out, ',');
    }
    if (*one->message) {
        text_member(out, "error", one->message);
        str_addc(out, ',');
    }
    str_addf(out, "\"line\":%u,\"column\":%u", one->place.line, one->place.column);
    if (one->within) {
        str_addc(out, ',');
        validate_print_errors(out, one->within);
    }
    str_addc(out, '}');
}

static void validate_print_errors(struct str *out, const struct findings *f)
{
    str_adds(out, "\"errors\":[");
    for (size_t i = 0; i < f->count; i++) {
        str_adds(out, i ? "," : "");
        validate_print_error(out, &f->item[i]);
    }
    str_addc(out, ']');
}

static void validate_print_json(struct str *out, const struct findings *f, const char *where)
{
    str_addc(out, '{');
    text_member(out, "file", where);
    str_addf(out, ",\"valid\":%s,", findings_any(f) ? "false" : "true");
    validate_print_errors(out, f);
    str_addf(out, ",\"more\":%zu}\n", f->more);
    if (f->no_memory)
        out->failed = true;
}

static int validate_print(struct validate *v, const struct findings *f, const char *where)
{
    autostr struct str out = {0};

    if (v->json)
        validate_print_json(&out, f, where);
    else
        text_findings(&out, f, where);
    v->wrong |= findings_any(f);
    return v->json || findings_any(f) ? text_print(&out) : 0;
}

/* Validate a document of N bytes, which begins on line FIRST of its file. */
static int validate_text(struct validate *v, const char *where, const char *text, size_t n,
                         unsigned first)
{
    __attribute__((cleanup(cleanup_findings))) struct findings f = {0};
    struct meter meter = {0};
    struct json_object *value;

    meter_bytes(&meter, n);
    if (text_json(text, n, &meter, &value, &f) == 0) {
        schema_validate_within(v->schema, value, NULL, &meter, &f);
        findings_locate(&f, text, n);
    }
    json_free(value);
    findings_shift(&f, first - 1);
    return validate_print(v, &f, where);
}

static int validate_lines(struct validate *v, const char *where, const struct str *text)
{
    const char *at = text->data, *end = at + text->len;
    int rc = 0;

    for (unsigned line = 1; at < end && rc == 0; line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));

        stop = stop ? stop : end;
        if (!line_is_blank(at, (size_t)(stop - at)))
            rc = validate_text(v, where, at, (size_t)(stop - at), line);
        at = stop + 1;
    }
    return rc;
}

/* Read the I-th file, at most MAX bytes. 0, or an exit status. */
static int validate_read_file(const struct validate *v, unsigned i, size_t max, struct str *text)
{
    bool is_stdin = strcmp(v->names[i], "-") == 0;
    struct fault why;
    int fd = is_stdin ? STDIN_FILENO : remote_file(v->remote, i, &why), done;

    if (fd < 0 && errno == 0) /* the order itself failed: see WHY */
        return cmd_fault(&why);
    done = text_read(fd, v->names[i], max, text, &why);
    if (fd > STDERR_FILENO)
        close(fd);
    return done < 0 ? cmd_fault(&why) : 0;
}

static int validate_file(struct validate *v, unsigned i)
{
    autostr struct str text = {0};
    const char *path = v->names[i];
    int rc = validate_read_file(v, i, v->lines ? LINES_MAX : meter_most(), &text);

    if (rc)
        return rc;
    if (v->lines)
        return text.len ? validate_lines(v, path, &text) : 0;
    return validate_text(v, path, text.len ? text.data : "", text.len, 1);
}

/* Compile what POINTER leads to from VALUE, which is at AT. NULL: *F says why not. */
static struct schema *compile_at(const struct validate *v, struct json_object *value,
                                 const char *pointer, const struct path *at, struct meter *meter,
                                 struct findings *f)
{
    char name[256], shown[BRIEF];
    const struct path here = {.up = at, .name = name};
    struct json_object *found;

    if (!*pointer)
        return schema_compile_within(value, (struct schema_mode){.format = v->format}, at, meter,
                                     f);
    if (pointer_next(&pointer, name, sizeof name) && pointer_find(value, name, &found))
        return compile_at(v, found, pointer, &here, meter, f);
    findings_add(f, at, NULL, false, "it has no %s", brief_text(name, shown));
    return NULL;
}

/* Compile the schema. 0, or an exit status. Its faults are printed like a document's. */
static int open_schema(struct validate *v)
{
    __attribute__((cleanup(cleanup_findings))) struct findings f = {0};
    struct meter meter = {0};
    int rc = 0;

    if (v->own)
        str_add(&v->schema_text, v->own->text, (size_t)(v->own->end - v->own->text));
    else
        rc = validate_read_file(v, 0, meter_most(), &v->schema_text);
    if (rc)
        return rc;
    if (text_json(v->schema_text.data ? v->schema_text.data : "", v->schema_text.len, &meter,
                  &v->schema_json, &f) == 0) {
        v->schema = compile_at(v, v->schema_json, v->pointer, NULL, &meter, &f);
        findings_locate(&f, v->schema_text.data, v->schema_text.len);
    }
    if (v->schema)
        return 0;
    rc = validate_print(v, &f, v->names[0]);
    return rc ? rc : status_exit(STATUS_INVALID, 0);
}

/* Cut a pointer off the NAME of a schema, which names no file as it is. */
static void cut_pointer(struct validate *v, char *name)
{
    char *hash = strchr(name, '#');

    v->pointer = "";
    if (!hash || hash == name || (hash[1] && hash[1] != '/') || access(name, F_OK) == 0)
        return;
    *hash = '\0';
    v->pointer = hash + 1;
}

/* 0: continue; 1: --help was printed; -1: a usage error was. */
static int validate_parse(struct validate *v, int argc, char **argv)
{
    int c;

    optind = 1;
    while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        if (c == 'h')
            return cmd_help(help), 1;
        if (c == '?')
            return cmd_usage_told("validate"), -1;
        v->json |= c == 'j';
        v->lines |= c == 'l';
        v->format |= c == 'f';
    }
    if (argc - optind < 2)
        return cmd_usage("validate", "name the schema, then at least one file"), -1;
    for (int i = optind; i < argc; i++)
        if (cmd_path("validate", i == optind ? "SCHEMA" : "FILE", argv[i], true))
            return -1;
    cut_pointer(v, argv[optind]);
    return 0;
}

static int validate(void *of, struct remote *r)
{
    struct validate *v = of;
    int rc, worst = 0;

    v->remote = r;
    rc = open_schema(v);
    for (unsigned i = 1; i < v->count && rc == 0; i++) {
        int one = validate_file(v, i);

        worst = one > worst ? one : worst;
    }
    schema_free(v->schema);
    json_free(v->schema_json);
    str_free(&v->schema_text);
    if (rc || worst)
        return rc ? rc : worst;
    return v->wrong ? status_exit(STATUS_INVALID, 0) : 0;
}

static int validate_nameless(const char *schema)
{
    struct fault why;

    fault_set(&why, STATUS_INVALID, 0, schema,
              "no such file, and no schema of runbox's own ('runbox schema' lists them)");
    return cmd_fault(&why);
}

int cmd_validate(int argc, char **argv)
{
    struct validate v = {0};
    struct apart a = {.keep = -1, .body = validate, .of = &v};
    int rc = validate_parse(&v, argc, argv);

    if (rc)
        return rc > 0 ? 0 : status_exit(STATUS_USAGE, 0);
    v.names = a.broker.files = argv + optind;
    v.count = (unsigned)(argc - optind);
    for (unsigned i = 0; i < v.count; i++)
        a.reads_stdin |= strcmp(v.names[i], "-") == 0;
    a.broker.file_count = v.count;
    if (access(v.names[0], F_OK) < 0) {
        v.own = embedded_find(v.names[0]);
        if (!v.own && errno == ENOENT && !strchr(v.names[0], '/') && strcmp(v.names[0], "-") != 0)
            return validate_nameless(v.names[0]);
    }
    return apart_run(&a);
}
