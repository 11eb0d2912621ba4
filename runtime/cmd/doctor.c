/* `runbox doctor`: what this host can enforce, and what to do about the rest. Prints what
 * host/checkup.h and doctor_verdict() find, and decides nothing. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgroups/cgroups.h"
#include "cgroups/lacks.h"
#include "runtime/base/str.h"
#include "runtime/caller/terminal.h"
#include "runtime/cmd/cmd.h"
#include "runtime/cmd/doctor.h"
#include "runtime/wire/text.h"

static const char help[] =
    "usage: runbox doctor [--json]\n\n"
    "Try everything that a box is made of, as the calling user, and say what works, what is\n"
    "missing and how to get it. Whatever a try creates is removed; no bundle is read.\n\n"
    "  --json       the same as one JSON object\n"
    "  --no-color   no colours on a terminal\n"
    "  -h, --help   this text\n\n"
    "Exit status: 0 all default limits can be enforced here, 1 they cannot, 2 usage,\n"
    "125 doctor itself failed.\n";

static const struct option longs[] = {
    {"json", no_argument, NULL, 'j'},
    {"no-color", no_argument, NULL, 'n'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static void doctor_add_text(struct str *out, const char *name, const char *text)
{
    str_addf(out, "\"%s\": ", name);
    text_quote(out, text, strlen(text));
}

static void json_row(const struct check *k, struct str *out)
{
    str_adds(out, "    ");
    text_quote(out, k->name, strlen(k->name));
    str_adds(out, ": {");
    doctor_add_text(out, "state", check_state_text(k->state));
    str_adds(out, ", ");
    doctor_add_text(out, "found", k->what);
    str_adds(out, ", ");
    if (k->how[0])
        doctor_add_text(out, "how", k->how);
    else
        str_adds(out, "\"how\": null");
    str_addc(out, '}');
}

static void json_number(struct str *out, const char *name, uint64_t value)
{
    if (value == LIMIT_NONE)
        str_addf(out, "\"%s\": null, ", name);
    else
        str_addf(out, "\"%s\": %llu, ", name, (unsigned long long)value);
}

/* In the units of `runbox explain --json`: bytes, nanoseconds, thousandths of a CPU. */
static void json_limits(const struct checkup *c, struct str *out)
{
    str_adds(out, "  \"limits\": {");
    for (int i = 0; i < LIMIT__COUNT && c->plan; i++) {
        const struct plan_limit *l = &c->plan->limits[i];

        str_addf(out, "%s\n    \"%s\": {", i ? "," : "", limit_info[i].text);
        json_number(out, "asked", l->asked);
        json_number(out, "effective", l->effective);
        str_addf(out, "\"layer\": \"%s\"}", layer_text(l->layer));
    }
    str_adds(out, c->plan ? "\n  },\n" : "},\n");
}

static void doctor_print_json(const struct checkup *c, struct str *out)
{
    const char *section = NULL;

    str_adds(out, "{\n");
    for (size_t i = 0; i < c->count; i++) {
        const struct check *k = &c->check[i];

        if (!section || strcmp(section, k->section) != 0)
            str_addf(out, "%s  \"%s\": {\n", section ? "\n  },\n" : "", k->section);
        else
            str_adds(out, ",\n");
        section = k->section;
        json_row(k, out);
    }
    str_adds(out, section ? "\n  },\n" : "");
    json_limits(c, out);
    str_addf(out, "  \"enforceable\": %s,\n  ", c->enforceable ? "true" : "false");
    doctor_add_text(out, "verdict", c->verdict);
    str_adds(out, "\n}\n");
}

/* Wrap TEXT to lines of at most 100 columns, each indented by INDENT; the first one already is. */
static void wrap(struct str *out, const char *text, int indent)
{
    int column = indent;

    while (*text) {
        size_t word = strcspn(text, " ");
        int n = (int)word;

        if (column > indent && column + 1 + n > 100) {
            str_addf(out, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            str_addc(out, ' ');
            column++;
        }
        text_visible(out, text, word);
        column += n;
        text += word;
        text += strspn(text, " ");
    }
    str_addc(out, '\n');
}

#define INDENT 36 /* column of what was found */

static void print_table(const struct checkup *c, bool colour, struct str *out)
{
    static const char *const paint[] = {
        [CHECK_WORKS] = "\033[32m", [CHECK_MISSING] = "\033[31m", [CHECK_UNTRIED] = "\033[33m"};
    const char *section = "";

    for (size_t i = 0; i < c->count; i++) {
        const struct check *k = &c->check[i];
        const char *state = check_state_text(k->state);

        str_addf(out, "%-11s %-15s ", strcmp(section, k->section) ? k->section : "", k->name);
        str_addf(out, "%s%s%s%*s", colour ? paint[k->state] : "", state, colour ? "\033[0m" : "",
                 8 - (int)strlen(state), "");
        wrap(out, k->what, INDENT);
        if (k->how[0]) {
            str_addf(out, "%*s", INDENT, "get it: ");
            wrap(out, k->how, INDENT);
        }
        section = k->section;
    }
    str_addf(out, "\n%-11s ", c->enforceable ? "verdict" : "verdict: NO");
    wrap(out, c->verdict, 12);
}

int cmd_doctor(int argc, char **argv)
{
    bool json = false, colour = terminal_colours(STDOUT_FILENO);
    autostr struct str text = {0};
    struct checkup checkup;
    struct fault why;
    int c;

    optind = 1;
    while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        if (c == 'h')
            return cmd_help(help), 0;
        if (c == '?')
            return cmd_usage_told("doctor");
        json |= c == 'j';
        colour &= c != 'n';
    }
    if (optind < argc)
        return cmd_usage("doctor", "takes no arguments: \"%s\" is one too many", argv[optind]);
    cgroups_foresee(NULL);
    lacks_allow_try(true); /* for boxes of its own */
    checkup_run(&checkup);
    doctor_verdict(&checkup);
    if (json)
        doctor_print_json(&checkup, &text);
    else
        print_table(&checkup, colour, &text);
    checkup_free(&checkup);
    if (text.failed || fwrite(text.data, 1, text.len, stdout) != text.len || fflush(stdout) != 0) {
        fault_set(&why, STATUS_SETUP, text.failed ? ENOMEM : errno, "stdout", "writing");
        return cmd_fault(&why);
    }
    return checkup.enforceable ? 0 : 1;
}
