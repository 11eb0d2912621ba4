/* How a run ended and what it used: a value without pointers, printed as in report.schema.json. */
#ifndef SCHEMAS_REPORT_H
#define SCHEMAS_REPORT_H

#include <stdint.h>

#include "schemas/export.h"
#include "schemas/limits.h"
#include "schemas/rlimits.h"
#include "schemas/status.h"
#include "schemas/unnamed.h"

enum peak_source {
    PEAK_UNKNOWN, /* nothing counted it */
    PEAK_CGROUP2,
    PEAK_CGROUP1,
    PEAK_PROCESS, /* ru_maxrss (getrusage(2)); of a box that no template has forked, with what the
                   * broker had resident when it cloned it */
    PEAK__COUNT
};

/* What adds to a box's confinement where the kernel has it, and is left out where it does not. */
enum report_absent { ABSENT_LANDLOCK = 1, ABSENT_TIME_NAMESPACE = 2 };

struct report {
    enum status status;
    char message[1600]; /* one line for people; for "error" the script's text, maybe truncated */
    int signal;         /* for "signal" and "cancelled"; else 0 */
    char syscall[40];   /* for "syscall": its name, "#NNN" or "unknown"; else "" */
    char counter
        [16]; /* what decided: "oom_kill", "arena", "cpu_ms", ...; "" where nothing was counted */
    uint64_t counted; /* its value at that time */
    uint64_t wall_ns; /* since the start line */
    uint64_t cpu_user_ns, cpu_system_ns;
    uint64_t memory_peak; /* bytes */
    enum peak_source memory_peak_source;
    /* Microseconds that the box waited for CPU, memory and I/O, if its cgroup counts them (v2 with
     * PSI); each LIMIT_NONE if the kernel lacks the file. */
    uint64_t waited_cpu, waited_memory, waited_io;
    int have_waited;
    uint64_t output_bytes;
    uint64_t calls;
    char bundle[136], digest[65];
    char export[EXPORT_NAME_MAX + 1]; /* the one that was chosen; "": none was */
    struct {
        uint64_t asked, effective; /* in the limit's unit; LIMIT_NONE: none */
        char layer[12];
    } enforced[LIMIT__COUNT];
    uint64_t inherited
        [RLIM__COUNT]; /* if .have_enforced: resource limits that runbox was started with and that
                        * hold for the box, being lower than runbox's own; others LIMIT_NONE */
    enum unnamed unnamed; /* if .have_enforced */
    unsigned absent;      /* if .have_enforced: enum report_absent, ORed */
    int have_enforced;    /* the receipts were read: the box was confined and verified */
};

#endif
