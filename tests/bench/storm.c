/* storm: connects from a banned address as fast as it can, while another client talks.
 *
 * Three processes: the crowd keeps WINDOW connections open and counts those that are
 * told why they are refused; the canary sends PING and times the PONG; the third is the
 * server: its CPU time is read before and after. It must never count a connection
 * that was not refused in words, nor run longer than it was told.
 *
 * storm -l                     the rows and their limits
 * storm PORT PID SECONDS       prints for each row: row unit count cost milliseconds 0
 */
#define _GNU_SOURCE /* prctl */

#include "canary.h"

#include <sched.h>

enum {
    BANNED = 65, /* 127.0.0.66 */
    SECONDS = 3,
    WINDOW = 128,      /* connections in the air */
    START_TRIES = 200, /* a server has so many times 50 ms to listen */
};

#define REFUSE_MAX 50000.      /* ns of the server's CPU time for a refusal */
#define LATENCY_MAX 250000000. /* ns: a user does not notice less */

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
    /* A reset at the end, so that no port stays in use. */
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

/* The results of both. */
struct result {
    uint64_t refused, pings;
    int64_t cpu, wall, p99; /* nanoseconds */
};

static struct result
storm(const struct sockaddr_in *to, long pid)
{
    struct result r = {0};
    clockid_t clock = find_server(to, pid);
    struct canary canary = canary_begin(to);
    int64_t begun = nanoseconds(CLOCK_MONOTONIC), length = SECONDS * 1000000000LL;
    canary_go(&canary, length);
    r.cpu = nanoseconds(clock);
    r.refused = crowd(to, begun + length);
    r.cpu = nanoseconds(clock) - r.cpu;
    r.wall = nanoseconds(CLOCK_MONOTONIC) - begun;
    struct song song = canary_end(&canary);
    r.pings = (uint64_t)song.pings;
    r.p99 = song.p99;
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
canary_row(const struct result *r)
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
    {"canary", "ns/p99", LATENCY_MAX, canary_row},
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
