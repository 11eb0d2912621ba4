/* sweep RUNBOX SCRATCH GRANTABLE: issue every system call in live boxes of the production programs,
 * one box per call; prints TAP without a plan. The outcome must be as in syscalls.def
 * (tests/escape/table.c), for each profile, and for one with all calls of the file GRANTABLE
 * granted; a killed box's report must name the call. As root. Appends "ABI NUMBER NAME" of every
 * killed call to SCRATCH/names. */
#include <errno.h>
#include <seccomp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/escape/live.h"
#include "tests/escape/steer.h"
#include "tests/escape/trial.h"

#define WORKERS 4
#define GRANTS  512
/* Shared by the workers, each of which takes the next trial. */
static struct shared {
    atomic_size_t next;
    struct trials list;
} *all;

static struct {
    char runbox[512], dir[256], bundle[320];
    struct table_box box;
    char names[GRANTS][TRIAL_NAME], options[GRANTS][TRIAL_NAME + 8];
    const char *granted[GRANTS];
    char *command[2 * GRANTS + 8];
} set;

static unsigned failed;
static bool int80;

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    if (!file || fputs(text, file) < 0 || fclose(file) < 0)
        steer_fail(path);
}

/* runbox run --report REPORT [-g GRANT]... BUNDLE */
static void make_command(char *report)
{
    char **at = set.command;

    *at++ = set.runbox;
    *at++ = (char *)"run";
    *at++ = (char *)"--report";
    *at++ = report;
    for (size_t i = 0; i < set.box.granted_count; i++) {
        *at++ = (char *)"-g";
        *at++ = set.options[i];
    }
    *at++ = set.bundle;
    *at = NULL;
}

static void try_one(struct trial *t, const char *report)
{
    struct steered s;
    struct live l;
    struct ending end;
    int64_t value;
    enum outcome outcome;

    live_start(&l, set.command, report);
    steer_stop(&s, l.box);
    outcome =
        steer_call(&s, t->abi == I386 ? ENTRY_INT80 : ENTRY_SYSCALL, t->number, t->args, &value);
    if (outcome == CAME_BACK)
        steer_release(&s);
    else
        steer_forget(&s);
    live_end(&l, &end);
    trial_judge(t, int80, outcome, value, &end);
}

static _Noreturn void work(unsigned worker)
{
    char report[300];
    size_t i;

    snprintf(report, sizeof report, "%s/report%u", set.dir, worker);
    make_command(report);
    while ((i = atomic_fetch_add(&all->next, 1)) < all->list.count)
        try_one(&all->list.at[i], report);
    exit(0);
}

static void try_all(void)
{
    atomic_store(&all->next, 0);
    fflush(stdout);
    for (unsigned i = 0; i < WORKERS; i++) {
        pid_t pid = fork();

        if (pid < 0)
            steer_fail("fork");
        if (pid == 0)
            work(i);
    }
    while (wait(NULL) > 0) /* a worker that failed has reported it; its trial stays bad */
        continue;
}

static void keep_names(void)
{
    static const char *const abis[ABIS] = {"64", "x32", "32"};
    char path[300];
    FILE *file;

    snprintf(path, sizeof path, "%s/names", set.dir);
    file = fopen(path, "a");
    if (!file)
        steer_fail(path);
    for (size_t i = 0; i < all->list.count; i++)
        if (!all->list.at[i].allowed && !all->list.at[i].unseen && all->list.at[i].name[0])
            fprintf(file, "%s %u %s\n", abis[all->list.at[i].abi], all->list.at[i].number,
                    all->list.at[i].name);
    fclose(file);
}

static void tell(const char *name, const char *what)
{
    size_t allowed = 0, unseen = 0, bad = 0, count = all->list.count;

    for (size_t i = 0; i < count; i++) {
        const struct trial *t = &all->list.at[i];

        allowed += t->allowed && t->good;
        unseen += t->unseen && t->good;
        bad += !t->good;
        if (!t->good && bad < 20)
            printf("# abi %d number %u (%llx, %llx, %llx, %llx): %s\n", (int)t->abi, t->number,
                   (unsigned long long)t->args[0], (unsigned long long)t->args[1],
                   (unsigned long long)t->args[2], (unsigned long long)t->args[3], t->said);
    }
    failed += bad > 0;
    printf("%s - %s: %s\n", bad ? "not ok" : "ok", name, what);
    printf("# %s: %s: %zu calls in as many boxes: %zu allowed and answered, %zu killed and named, "
           "%zu shown to no filter and refused by the kernel, %zu otherwise\n",
           name, what, count, allowed, count - allowed - unseen - bad, unseen, bad);
}

static void group(const char *name, const char *what)
{
    try_all();
    tell(name, what);
    keep_names();
    all->list.count = 0;
}

static void make_bundle(const char *profile)
{
    char path[340], text[16384];
    int n = snprintf(text, sizeof text,
                     "{\"runbox\":1,\"name\":\"sweep\",\"version\":\"1.0.0\","
                     "\"seccomp\":{\"profile\":\"%s\",\"allow\":[",
                     profile);

    snprintf(set.bundle, sizeof set.bundle, "%s/bundle", set.dir);
    mkdir(set.bundle, 0755);
    for (size_t i = 0; i < set.box.granted_count; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "%s\"%s\"", i ? "," : "", set.granted[i]);
    snprintf(text + n, sizeof text - (size_t)n, "]}}\n");
    snprintf(path, sizeof path, "%s/manifest.json", set.bundle);
    write_file(path, text);
    snprintf(path, sizeof path, "%s/main.lua", set.bundle);
    write_file(path, "print(\"ready\") io.read()\n");
}

#ifdef __x86_64__
/* If int 0x80 is a fault, the kernel ignores the number: a few suffice. */
static void keep_some(struct trials *list)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i += 16)
        list->at[kept++] = list->at[i];
    list->count = kept;
}
#endif

static void try_set(const char *name, const char *profile, int level)
{
    set.box.level = level;
    make_bundle(profile);
    trial_numbers(&all->list, &set.box, NATIVE);
    group(name, "every number");
#ifdef __x86_64__
    trial_numbers(&all->list, &set.box, X32);
    group(name, "every number of x32");
    trial_numbers(&all->list, &set.box, I386);
    if (!int80)
        keep_some(&all->list);
    group(name, int80 ? "every number by int 0x80" : "int 0x80, which is a fault here");
#endif
    trial_arguments(&all->list, &set.box);
    group(name, "arguments that the table allows or not");
}

/* Names that an older libseccomp does not know are skipped. */
static void read_grantable(const char *path)
{
    FILE *file = fopen(path, "re");
    size_t n = 0;

    if (!file)
        steer_fail(path);
    while (n < GRANTS && fscanf(file, "%63s", set.names[n]) == 1) {
        if (seccomp_syscall_resolve_name(set.names[n]) == __NR_SCMP_ERROR)
            continue;
        snprintf(set.options[n], sizeof set.options[n], "syscall:%s", set.names[n]);
        set.granted[n] = set.names[n];
        n++;
    }
    fclose(file);
    set.box.granted = set.granted;
    set.box.granted_count = n;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 1;
    snprintf(set.runbox, sizeof set.runbox, "%s", argv[1]);
    snprintf(set.dir, sizeof set.dir, "%s", argv[2]);
    all = mmap(NULL, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
        steer_fail("memory");
    int80 = steer_has_int80();
    try_set("compute", "compute", LEVEL_COMPUTE);
    try_set("files", "files", LEVEL_FILES);
    try_set("network", "network", LEVEL_NETWORK);
    read_grantable(argv[3]);
    try_set("all that can be granted", "network", LEVEL_NETWORK);
    return failed != 0;
}
