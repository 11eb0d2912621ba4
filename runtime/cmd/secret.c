/* Reading a secret. Never from argv, never echoed; with read(2): no stdio buffer keeps a copy. */
#include "runtime/cmd/secret.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "runtime/json/utf8.h"

static volatile sig_atomic_t stopped_by;

static void note_stop(int signo)
{
    stopped_by = signo;
}

static const int stops[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

#define STOPS (sizeof stops / sizeof stops[0])

/* No SA_RESTART: a signal interrupts the read, and is raised again with the terminal restored. */
static void catch_stops(struct sigaction before[STOPS])
{
    struct sigaction act = {.sa_handler = note_stop};

    sigemptyset(&act.sa_mask);
    for (size_t i = 0; i < STOPS; i++)
        sigaction(stops[i], &act, &before[i]);
}

static void release_stops(const struct sigaction before[STOPS])
{
    for (size_t i = 0; i < STOPS; i++)
        sigaction(stops[i], &before[i], NULL);
}

/* Read to end of file, or with LINE to a newline: MAX + 2 bytes at most, to notice a longer one. */
static int secret_take(size_t max, bool line, struct str *secret, struct fault *why)
{
    ssize_t n;

    if (str_reserve(secret, max + 2) < 0)
        return fault_set(why, STATUS_SETUP, ENOMEM, "stdin", "reading the secret");
    do {
        n = read(STDIN_FILENO, secret->data + secret->len, max + 2 - secret->len);
        if (n < 0 && errno == EINTR && !stopped_by)
            continue;
        if (n < 0)
            return fault_set(why, stopped_by ? STATUS_CANCELLED : STATUS_SETUP, errno, "stdin",
                             "reading the secret");
        secret->len += (size_t)n;
        if (line && secret->len && secret->data[secret->len - 1] == '\n')
            break;
    } while (n != 0 && secret->len < max + 2);
    return 0;
}

static int secret_check(size_t max, struct str *secret, struct fault *why)
{
    uint32_t cp;

    if (secret->len && secret->data[secret->len - 1] == '\n')
        secret->len--;
    if (secret->len == 0)
        return fault_set(why, STATUS_INVALID, 0, "stdin",
                         "the secret is empty (--no-secret stores a key without one)");
    if (secret->len > max)
        return fault_set(why, STATUS_INVALID, 0, "stdin", "the secret is longer than %zu bytes",
                         max);
    for (size_t i = 0, n; i < secret->len; i += n) {
        n = utf8_decode(secret->data + i, secret->data + secret->len, &cp);
        if (n == 0 || cp == 0)
            return fault_set(why, STATUS_INVALID, 0, "stdin",
                             "the secret is not UTF-8 text: encode it, for example in base64");
    }
    secret->data[secret->len] = '\0';
    return 0;
}

static int secret_ask(const char *prompt, size_t max, struct str *secret, struct fault *why)
{
    struct sigaction before[STOPS];
    struct termios was, quiet;
    int r;

    if (tcgetattr(STDIN_FILENO, &was) < 0)
        return fault_set(why, STATUS_SETUP, errno, "stdin", "asking for the secret");
    quiet = was;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    catch_stops(before);
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) < 0) {
        release_stops(before);
        return fault_set(why, STATUS_SETUP, errno, "stdin", "turning off echo");
    }
    fputs(prompt, stderr);
    r = secret_take(max, true, secret, why);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
    fputc('\n', stderr);
    release_stops(before);
    if (stopped_by)
        raise(stopped_by);
    return r;
}

int secret_read(const char *prompt, size_t max, struct str *secret, struct fault *why)
{
    if ((isatty(STDIN_FILENO) ? secret_ask(prompt, max, secret, why)
                              : secret_take(max, false, secret, why)) < 0)
        return -1;
    return secret_check(max, secret, why);
}
