/* The canary: a client that sends PING and times the PONG, in a process of its own, so
 * that a busy generator does not count as a slow server. The process begins while few
 * descriptors are open and waits to be told how long to run. */
#ifndef BENCH_CANARY_H
#define BENCH_CANARY_H

#include "measure.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum {
    CANARY_HOST = 76, /* 127.0.0.77 */
    CANARY_GAP = 2,   /* milliseconds between a PONG and the next PING */
    CANARY_SAMPLES = 100000,
    CANARY_LEAST = 100, /* PINGs that make a percentile */
    CANARY_LOST = 5000, /* milliseconds without a PONG are a failure */
};

struct canary {
    pid_t pid;
    int to, from; /* pipes */
};

struct song {
    int64_t pings;
    int64_t p99, longest; /* nanoseconds */
};

/* Reads until the text has come, which may lie across two reads. */
static inline void
canary_await(int fd, const char *text)
{
    static char in[65536];
    size_t n = 0;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    do {
        if (n > sizeof in / 2)
            n = 0;
        if (poll(&p, 1, CANARY_LOST) <= 0)
            die("the canary hears nothing");
        ssize_t got = recv(fd, in + n, sizeof in - 1 - n, 0);
        if (got <= 0)
            die("the canary is disconnected");
        n += (size_t)got;
        in[n] = '\0';
    } while (strstr(in, text) == NULL);
}

static inline void
canary_tell(int fd, const char *text)
{
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text))
        die("the canary cannot send");
}

static inline int
canary_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static inline struct song
canary_sing(int fd, int64_t until)
{
    static int64_t samples[CANARY_SAMPLES];
    const struct timespec gap = {.tv_nsec = CANARY_GAP * 1000000};
    size_t n = 0;
    while (nanoseconds(CLOCK_MONOTONIC) < until && n < CANARY_SAMPLES) {
        char ping[64], pong[64];
        snprintf(ping, sizeof ping, "PING :song-%zu.\r\n", n);
        snprintf(pong, sizeof pong, "song-%zu.", n);
        int64_t begun = nanoseconds(CLOCK_MONOTONIC);
        canary_tell(fd, ping);
        canary_await(fd, pong);
        samples[n++] = nanoseconds(CLOCK_MONOTONIC) - begun;
        nanosleep(&gap, NULL);
    }
    if (n < CANARY_LEAST)
        die("the canary has sung only %zu times", n);
    qsort(samples, n, sizeof *samples, canary_compare);
    return (struct song){(int64_t)n, samples[n * 99 / 100], samples[n - 1]};
}

static inline void
canary_live(const struct sockaddr_in *to, int in, int out)
{
    int64_t length;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (read(in, &length, sizeof length) != sizeof length)
        exit(1);
    int fd = connect_from(CANARY_HOST, to);
    if (fd < 0)
        die("the canary cannot connect");
    canary_tell(fd, "NICK canary\r\nUSER c 0 * :c\r\n");
    canary_await(fd, " 422 ");
    struct song song = canary_sing(fd, nanoseconds(CLOCK_MONOTONIC) + length);
    if (write(out, &song, sizeof song) != sizeof song)
        die("nobody listens to the canary");
    exit(0);
}

/* Begins its process. */
static inline struct canary
canary_begin(const struct sockaddr_in *to)
{
    int down[2], up[2];
    if (pipe(down) != 0 || pipe(up) != 0)
        die("pipe: %s", strerror(errno));
    struct canary c = {.pid = fork(), .to = down[1], .from = up[0]};
    if (c.pid == 0)
        canary_live(to, down[0], up[1]);
    close(down[0]);
    close(up[1]);
    return c;
}

/* Lets it connect now and run for this many nanoseconds; returns at once. */
static inline void
canary_go(const struct canary *c, int64_t length)
{
    if (write(c->to, &length, sizeof length) != sizeof length)
        die("the canary is dead");
}

/* Waits for its end. */
static inline struct song
canary_end(const struct canary *c)
{
    struct song song;
    int status;
    ssize_t n = read(c->from, &song, sizeof song);
    waitpid(c->pid, &status, 0);
    if (status != 0 || n != sizeof song)
        die("the canary is dead");
    return song;
}

#endif
