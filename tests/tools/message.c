/* message KIND [FIELD=VALUE]...: print one message of a bundle's monitor to the front
 * (runtime/wire/message.h) in hexadecimal: for tests in which a compromised monitor says it. KIND is a
 * name; "kind", "fixed" and "size" override its kind and the lengths in its head, "text" is its text. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/wire/message.h"
#include "tests/tools/field.h"

static union {
    struct message_finding finding;
    struct message_loaded loaded;
    struct message_priced priced;
    struct message_ended ended;
    struct message_numbers numbers;
    struct fault fault;
    unsigned char bytes[8192];
} u;

static struct {
    uint32_t kind, run, fixed, size;
} head;

static const char *text = "";

static const struct {
    const char *name;
    uint32_t kind;
    uint32_t fixed;
} kinds[] = {
    {"finding", MESSAGE_FINDING, sizeof u.finding},
    {"loaded", MESSAGE_LOADED, sizeof u.loaded},
    {"priced", MESSAGE_PRICED, sizeof u.priced},
    {"begun", MESSAGE_BEGUN, 0},
    {"event", MESSAGE_EVENT, 0},
    {"ended", MESSAGE_ENDED, sizeof u.ended},
    {"numbers", MESSAGE_NUMBERS, sizeof u.numbers},
    {"fault", MESSAGE_FAULT, sizeof u.fault},
    {"start", MESSAGE_START, 0},
    {"stop", MESSAGE_STOP, 0},
};

static const struct field fields[] = {
#define FIELD(name, member) {name, &member, sizeof member}
    FIELD("kind", head.kind),
    FIELD("run", head.run),
    FIELD("fixed", head.fixed),
    FIELD("size", head.size),
    FIELD("again", u.ended.again),
    FIELD("ran", u.ended.ran),
    FIELD("lack", u.ended.lack),
    FIELD("status", u.ended.report.status),
    FIELD("signal", u.ended.report.signal),
    FIELD("message", u.ended.report.message),
    FIELD("counter", u.ended.report.counter),
    FIELD("layer", u.ended.report.enforced[LIMIT_MEMORY].layer),
    FIELD("fault.status", u.fault.status),
    FIELD("fault.what", u.fault.what),
    FIELD("name", u.loaded.name),
    FIELD("digest", u.loaded.digest),
    FIELD("ticket", u.priced.ticket),
#undef FIELD
};

static void set(char *word)
{
    char *value = strchr(word, '=');

    if (!value)
        exit(2);
    *value++ = '\0';
    if (strcmp(word, "text") == 0) {
        text = value;
        head.size = (uint32_t)strlen(text);
        return;
    }
    field_set(fields, sizeof fields / sizeof fields[0], word, value);
}

static void print(const void *what, size_t n)
{
    for (size_t i = 0; i < n; i++)
        printf("%02x", ((const unsigned char *)what)[i]);
    for (; n % 8; n++)
        printf("00");
}

int main(int argc, char **argv)
{
    size_t i = 0;

    while (i < sizeof kinds / sizeof kinds[0] && argc > 1 && strcmp(kinds[i].name, argv[1]) != 0)
        i++;
    if (argc < 2 || i == sizeof kinds / sizeof kinds[0])
        return 2;
    head.kind = kinds[i].kind;
    head.fixed = kinds[i].fixed;
    for (int at = 2; at < argc; at++)
        set(argv[at]);
    print(&head, sizeof head);
    print(&u, head.fixed < sizeof u ? head.fixed : sizeof u);
    print(text, strlen(text));
    printf("\n");
    return 0;
}
