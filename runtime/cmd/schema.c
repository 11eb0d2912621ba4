/* `runbox schema`: runbox's own schemas, for editors, validators and readers. */
#include <getopt.h>
#include <stdio.h>

#include "runtime/cmd/cmd.h"
#include "runtime/cmd/texts.h"
#include "runtime/json/brief.h"
#include "schemas/embedded.h"

static const char help[] =
    "usage: runbox schema [NAME]\n\n"
    "Print the JSON Schema called NAME; without NAME, list the names, one per line.\n\n"
    "  -h, --help   this text\n\n"
    "Exit status: 0, 2 usage (there is no such schema), 125 it could not be written.\n";

static const struct option longs[] = {{"help", no_argument, NULL, 'h'}, {0}};

static int unknown(const char *name)
{
    struct suggestion near = suggest(name);
    autostr struct str known = {0};

    for (size_t i = 0; i < embedded_count; i++) {
        suggest_try(&near, embedded_schemas[i].name);
        str_addf(&known, "%s%s", i ? ", " : "", embedded_schemas[i].name);
    }
    if (near.best)
        return cmd_usage("schema", "no schema is called \"%s\": did you mean \"%s\"?", name,
                         near.best);
    return cmd_usage("schema", "no schema is called \"%s\": the schemas are %s", name,
                     known.failed ? "others" : known.data);
}

int cmd_schema(int argc, char **argv)
{
    autostr struct str text = {0};
    const struct embedded *one;
    int c;

    optind = 1;
    while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        if (c == 'h')
            return cmd_help(help), 0;
        return cmd_usage_told("schema");
    }
    if (argc - optind > 1)
        return cmd_usage("schema", "one schema at a time: \"%s\" is one too many",
                         argv[optind + 1]);
    if (optind == argc) {
        for (size_t i = 0; i < embedded_count; i++)
            str_addf(&text, "%s\n", embedded_schemas[i].name);
        return text_print(&text);
    }
    one = embedded_find(argv[optind]);
    if (!one)
        return unknown(argv[optind]);
    str_add(&text, one->text, (size_t)(one->end - one->text));
    return text_print(&text);
}
