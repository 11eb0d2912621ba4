/* `runbox stats`: a server's numbers, for people, programs and Prometheus. Asks the server over its
 * own socket, and treats the answer as data. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/base/fd.h"
#include "runtime/cmd/cmd.h"
#include "runtime/cmd/stats_print.h"
#include "runtime/cmd/texts.h"
#include "runtime/serve/listener.h"
#include "runtime/wire/lines.h"
#include "runtime/wire/stats.h"

#define WAIT_MS 10000

static const char help[] =
    "usage: runbox stats [OPTION]... --socket PATH\n\n"
    "Print what the server at a socket counts: runs, statuses, latencies, warm boxes.\n\n"
    "  --socket PATH   the socket of runbox serve\n"
    "  --json          as one JSON object (stats.schema.json)\n"
    "  --prometheus    in Prometheus' text format\n"
    "  -h, --help      this text\n\n"
    "Exit status: 0, 2 usage, 4 the server does not serve this user, 76 the answer is invalid,\n"
    "125 there is no server, or it does not answer.\n";

static const struct option longs[] = {{"socket", required_argument, NULL, 's'},
                                      {"json", no_argument, NULL, 'j'},
                                      {"prometheus", no_argument, NULL, 'p'},
                                      {"help", no_argument, NULL, 'h'},
                                      {0}};

/* Ask the server: its first line, valid until LINES is closed. */
static int stats_ask(int fd, const char *path, struct lines *lines, char **line, size_t *n,
                     struct fault *why)
{
    struct pollfd at = {.fd = fd, .events = POLLIN};
    int r;

    if (send(fd, STATS_REQUEST, sizeof STATS_REQUEST - 1, MSG_NOSIGNAL) < 0 && errno != EPIPE)
        return fault_set(why, STATUS_SETUP, errno, path, "asking the server");
    while ((r = lines_next(lines, line, n)) == 0 && !lines->eof) {
        int ready = poll(&at, 1, WAIT_MS);

        if (ready == 0)
            return fault_set(why, STATUS_SETUP, 0, path, "the server does not answer");
        if (ready > 0 && lines_fill(lines, fd) < 0 && errno != EAGAIN && errno != EINTR)
            return fault_set(why, STATUS_SETUP, errno, path, "reading the answer");
    }
    return r > 0 ? 0 : fault_set(why, STATUS_PROTOCOL, 0, path, "the server closed its end");
}

static int fetch(const char *path, void (*print)(const struct stats *s, struct str *out),
                 struct str *out, struct fault *why)
{
    autoclose int fd = listener_reach(path, why);
    struct lines lines;
    struct stats stats;
    char *line;
    size_t n;
    int r = -1;

    if (fd < 0)
        return -1;
    lines_open(&lines, STATS_MAX);
    if (stats_ask(fd, path, &lines, &line, &n, why) == 0 &&
        stats_parse(line, n, &stats, why) == 0) {
        print(&stats, out);
        stats_free(&stats);
        r = 0;
    }
    lines_close(&lines);
    return r;
}

static void stats_print_json(const struct stats *s, struct str *out)
{
    stats_json(s, out);
    str_addc(out, '\n');
}

int cmd_stats(int argc, char **argv)
{
    void (*print)(const struct stats *s, struct str *out) = stats_table;
    const char *path = NULL;
    autostr struct str out = {0};
    struct fault why;
    int c;

    optind = 1;
    while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        if (c == 'h')
            return cmd_help(help), 0;
        if (c == '?')
            return cmd_usage_told("stats");
        if (c == 's')
            path = optarg;
        else if (print != stats_table)
            return cmd_usage("stats", "--json and --prometheus exclude each other");
        else
            print = c == 'j' ? stats_print_json : stats_prometheus;
    }
    if (optind < argc)
        return cmd_usage("stats", "takes no arguments: \"%s\" is one too many", argv[optind]);
    if (!path)
        return cmd_usage("stats", "name the server's socket with --socket PATH");
    if (fetch(path, print, &out, &why) < 0)
        return cmd_fault(&why);
    return text_print(&out);
}
