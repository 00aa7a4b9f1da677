/*
 * storm: connects from a banned address as fast as it can, while somebody else talks.
 *
 * Three processes: the crowd keeps WINDOW connections in the air and counts those that
 * are told why they are refused; the canary sends PING and times the PONG; the third is
 * the server, whose CPU time is looked at before and after. It must never count a
 * connection that was not refused in words, nor last longer than it was told.
 *
 *   storm -l                     the rows and their limits
 *   storm PORT PID SECONDS       prints for each row: row unit count cost milliseconds
 * 0
 */
#define _GNU_SOURCE /* prctl */

#include "measure.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum {
    BANNED = 65, /* 127.0.0.66 */
    CANARY = 76, /* 127.0.0.77 */
    SECONDS = 3,
    WINDOW = 128,      /* connections in the air */
    START_TRIES = 200, /* a server has so many times 50 ms to listen */
    GAP = 2,           /* milliseconds between a PONG and the next PING */
    SAMPLES = 100000,
    LOST = 5000, /* milliseconds without a PONG are a failure */
};

#define REFUSE_MAX 50000.      /* ns of the server's CPU time for a refusal */
#define LATENCY_MAX 250000000. /* ns; reliability.md */

/* --- the canary ------------------------------------------------------------------- */

struct canary {
    int fd;
    size_t n;
    int64_t samples[SAMPLES];
};

/* Reads until the text has come. */
static void
await(int fd, const char *text)
{
    static char in[65536];
    size_t n = 0;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    do {
        if (n > sizeof in / 2)
            n = 0;
        if (poll(&p, 1, LOST) <= 0)
            die("the canary hears nothing");
        ssize_t got = recv(fd, in + n, sizeof in - 1 - n, 0);
        if (got <= 0)
            die("the canary is disconnected");
        n += (size_t)got;
        in[n] = '\0';
    } while (strstr(in, text) == NULL);
}

static void
tell(int fd, const char *text)
{
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text))
        die("the canary cannot send");
}

static int
compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Until the time is up; the 99th percentile goes into the pipe. */
static void
sing(const struct sockaddr_in *to, int64_t until, int out)
{
    static struct canary c;
    const struct timespec gap = {.tv_nsec = GAP * 1000000};
    c.fd = connect_from(CANARY, to);
    if (c.fd < 0)
        die("the canary cannot connect");
    tell(c.fd, "NICK canary\r\nUSER c 0 * :c\r\n");
    await(c.fd, " 422 ");
    while (nanoseconds(CLOCK_MONOTONIC) < until && c.n < SAMPLES) {
        char ping[64], pong[64];
        snprintf(ping, sizeof ping, "PING :song-%zu.\r\n", c.n);
        snprintf(pong, sizeof pong, "song-%zu.", c.n);
        int64_t begun = nanoseconds(CLOCK_MONOTONIC);
        tell(c.fd, ping);
        await(c.fd, pong);
        c.samples[c.n++] = nanoseconds(CLOCK_MONOTONIC) - begun;
        nanosleep(&gap, NULL);
    }
    qsort(c.samples, c.n, sizeof *c.samples, compare);
    int64_t result[2] = {(int64_t)c.n, c.samples[c.n * 99 / 100]};
    if (c.n < 100 || write(out, result, sizeof result) != sizeof result)
        die("the canary has sung only %zu times", c.n);
    exit(0);
}

/* --- the crowd ---------------------------------------------------------------------
 */

static int
knock(const struct sockaddr_in *to)
{
    struct sockaddr_in from = loopback(BANNED, 0);
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        die("socket: %s", strerror(errno));
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    /* A reset at the end, so that no port stays behind. */
    struct linger linger = {.l_onoff = 1};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    if (bind(fd, (struct sockaddr *)&from, sizeof from) != 0)
        die("bind: %s", strerror(errno));
    if (connect(fd, (const struct sockaddr *)to, sizeof *to) != 0 &&
        errno != EINPROGRESS)
        die("connect: %s", strerror(errno));
    return fd;
}

/* One more was refused: 1; not yet: 0. */
static unsigned
answered(int fd)
{
    static const char words[] =
        "ERROR :Closing Link: 127.0.0.66 (You are banned (D-line)";
    char line[600];
    ssize_t n = recv(fd, line, sizeof line, 0);
    if (n < 0 && (errno == EAGAIN || errno == ENOTCONN))
        return 0;
    if (n < (ssize_t)sizeof words || memcmp(line, words, sizeof words - 1) != 0)
        die("not refused in words: %.*s %s", n > 0 ? (int)n : 0, line,
            n < 0 ? strerror(errno) : "");
    return 1;
}

static uint64_t
crowd(const struct sockaddr_in *to, int64_t until)
{
    int fds[WINDOW];
    uint64_t refused = 0;
    for (int i = 0; i < WINDOW; i++)
        fds[i] = knock(to);
    while (nanoseconds(CLOCK_MONOTONIC) < until) {
        unsigned turn = 0;
        for (int i = 0; i < WINDOW; i++) {
            if (!answered(fds[i]))
                continue;
            close(fds[i]);
            fds[i] = knock(to);
            turn++;
        }
        if (turn == 0)
            sched_yield();
        refused += turn;
    }
    for (int i = 0; i < WINDOW; i++)
        close(fds[i]);
    return refused;
}

/* --- together ----------------------------------------------------------------------
 */

static clockid_t
find_server(const struct sockaddr_in *to, long pid)
{
    const struct timespec pause = {.tv_nsec = 50000000};
    clockid_t cpu;
    int fd = -1;
    for (int i = 0; i < START_TRIES && fd < 0; i++) {
        if (clock_getcpuclockid((pid_t)pid, &cpu) != 0)
            die("the server has not started");
        fd = connect_from(0, to);
        if (fd < 0)
            nanosleep(&pause, NULL);
    }
    if (fd < 0)
        die("nothing listens");
    close(fd);
    return cpu;
}

/* What came of it all. */
struct result {
    uint64_t refused, pings;
    int64_t cpu, wall, p99; /* nanoseconds */
};

static struct result
storm(const struct sockaddr_in *to, long pid)
{
    struct result r = {0};
    int pipes[2], status;
    int64_t song[2];
    clockid_t clock = find_server(to, pid);
    int64_t begun = nanoseconds(CLOCK_MONOTONIC),
            until = begun + SECONDS * 1000000000LL;
    if (pipe(pipes) != 0)
        die("pipe: %s", strerror(errno));
    pid_t canary = fork();
    if (canary == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        sing(to, until, pipes[1]);
    }
    r.cpu = nanoseconds(clock);
    r.refused = crowd(to, until);
    r.cpu = nanoseconds(clock) - r.cpu;
    r.wall = nanoseconds(CLOCK_MONOTONIC) - begun;
    waitpid(canary, &status, 0);
    if (status != 0 || read(pipes[0], song, sizeof song) != sizeof song)
        die("the canary is dead");
    r.pings = (uint64_t)song[0];
    r.p99 = song[1];
    return r;
}

static void
refuse(const struct result *r)
{
    printf("refuse ns/refusal %ju %jd %jd 0\n", (uintmax_t)r->refused, (intmax_t)r->cpu,
           (intmax_t)(r->wall / 1000000));
}

/* The value is cost / count, so every PING counts as one of 99 % did. */
static void
canary(const struct result *r)
{
    printf("canary ns/p99 %ju %jd %jd %ju\n", (uintmax_t)r->pings,
           (intmax_t)(r->p99 * (int64_t)r->pings), (intmax_t)(r->wall / 1000000),
           (uintmax_t)r->pings);
}

static const struct row {
    const char *name, *unit;
    double max_value;
    void (*print)(const struct result *r);
} ROWS[] = {
    {"refuse", "ns/refusal", REFUSE_MAX, refuse},
    {"canary", "ns/p99", LATENCY_MAX, canary},
};
enum { ROW_COUNT = sizeof ROWS / sizeof *ROWS };

int
main(int argc, char **argv)
{
    for (int i = 0; argc == 2 && !strcmp(argv[1], "-l") && i < ROW_COUNT; i++)
        printf("%s %s 0 %.0f\n", ROWS[i].name, ROWS[i].unit, ROWS[i].max_value);
    if (argc == 2 && !strcmp(argv[1], "-l"))
        return 0;
    descriptors();
    alarm(SECONDS + 30);
    for (int i = 0; argc == 4 && i < ROW_COUNT; i++) {
        if (strcmp(argv[1], ROWS[i].name) != 0)
            continue;
        struct sockaddr_in to = loopback(0, (unsigned)strtoul(argv[2], NULL, 10));
        struct result r = storm(&to, strtol(argv[3], NULL, 10));
        ROWS[i].print(&r);
        return 0;
    }
    fputs("usage: storm -l | ROW PORT PID\n", stderr);
    return 1;
}
