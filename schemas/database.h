/* The contents of sn0int's database events: one record for each family of entities. Both ends of
 * the wire read schemas/database.def: the box to build an event, the monitor to check it. */
#ifndef SCHEMAS_DATABASE_H
#define SCHEMAS_DATABASE_H

#include <stddef.h>

enum field_type {
    FIELD_TEXT,
    FIELD_INT,  /* 32 bits */
    FIELD_LONG, /* 64 bits */
    FIELD_REAL,
    FIELD_BOOL,
    FIELD_TIME,  /* "2019-05-23T04:16:00" */
    FIELD_BYTES, /* an array of numbers from 0 to 255 */
    FIELD_JSON   /* any value, as JSON text */
};

enum field_how {
    FIELD_KEY,  /* the script must give it; it never changes */
    FIELD_MADE, /* the library derives it from others; always present */
    FIELD_MAY   /* may be null; db_update can change it */
};

struct field {
    const char *name; /* NULL after the last */
    enum field_type type;
    enum field_how how;
};

struct record {
    const char *family; /* as scripts call it; "" for the one of db_activity */
    const char *select; /* in Select and Update */
    const char *insert; /* in Insert, and inside an Update */
    struct field fields[15];
};

#define RECORD(family, select, insert) \
    {                                  \
        family, select, insert,        \
        {
#define FIELD(name, type, how) {#name, FIELD_##type, FIELD_##how},
#define END                         \
    {                               \
        NULL, FIELD_TEXT, FIELD_MAY \
    }                               \
    }                               \
    }                               \
    ,

#endif
