/*
 * load: drives an IRC server with one row of the benchmark and says what it cost.
 *
 * One process, one epoll, a closed loop (load/engine.c); the rows are load/talk.c,
 * load/stay.c and load/canary.c. It must never report a number it has not measured, nor
 * run longer than DEADLINE.
 *
 *   load -l                 the rows: name unit max_ratio max_value max_ms servers
 *                           (run.sh says what there is in the last)
 *   load -p                 a free port on loopback
 *   load ROW PORT PID       prints: row unit count cost milliseconds reads
 *                           (TLS rows: TLS on 127.0.0.1, plain text on 127.0.0.2;
 *                           WebSocket rows: a web listener and plain text)
 *   load ROW PORT PID PORT PID      for a row with a second server: behind that the
 *                           second one's cost / count, milliseconds and reads
 *
 * IRCD_TEST_PACE in the environment, if it is set, is how many connections are opened a
 * millisecond, for servers with a short listen queue.
 *
 * Exit status: 0 measured, 1 failed, 3 the server does not offer what the row needs.
 */
#include "load/load.h"
#include "base/str.h"

#include <stdio.h>
#include <sys/epoll.h>

enum {
    DEADLINE = 300,    /* seconds for a whole row */
    START_TRIES = 200, /* a server has so many times 50 ms to listen */
};

#define ROW_WEB (ROW_WS | ROW_BASED | ROW_SERVERS)

/* clang-format off */
static const struct row ROWS[] = {
    /* clients  channels of  senders lines window turns ratio value ms */
    {"fan-out",  "ns/delivery", talk,       ROW_PAIRED,           1000,    1,  1000,    4,  600,  20,  12,  1.25,    0,    0},
    {"tags",     "ns/delivery", talk,       ROW_PAIRED|ROW_TAGGED,1000,    1,  1000,    4,  600,  20,  12,  1.6,     0,    0},
    {"crowd",    "ns/delivery", crowd,      ROW_BASED,           10000,    1, 10000,    4,  600,  20,   6,  1.2,     0,    0},
    {"channels", "ns/delivery", talk,       ROW_PAIRED,           1000, 2000,    10, 1000,   90,  10,   4,  1.5,     0,    0},
    {"private",  "ns/delivery", talk,       ROW_PAIRED,            500,    0,     0,  500,  250,  10,  12,  1.3,     0,    0},
    {"churn",    "ns/client",   churn,      0,                     250,    0,     0,    0,10000, 250,   0,    0, 40000, 3000},
    {"join",     "ns/delivery", join_burst, ROW_PAIRED,           1000,    1,  1000,    0,    0,   0,  12,  1.5,     0,    0},
    {"idle",     "byte/client", idle,       0,                   19000,    0,     0,    0,    0,   0,   0,    0,  1024,    0},
    {"state",    "byte/client", state,      0,                   19000,    0,     0,    0,    0,   0,   0,    0,  1434,    0},
    {"hold",     "ns/p99",      hold,       ROW_SERVERS,         19000,    0,     0,  190,    0,   0,   0,    0,  20e6,    0},
    {"tls-hold", "ns/p99",      tls_hold,   ROW_SERVERS|ROW_TLS, 19000,    0,     0,  190,    0,   0,   0,    0,  20e6,    0},
    {"ws-fan-out","ns/delivery",talk,       ROW_WEB|ROW_ORDERED, 1000,    1,  1000,    4,  600,  20,  12,  1.15,    0,    0},
    {"ws-idle",  "byte/client", ws_idle,    ROW_WEB,             8500,    0,     0,    0,    0,   0,   0,    0,   150,    0},
    {"queries",  "ns/p99",      queries,    ROW_SERVERS,         10000,    0,     0,    6,    0,   0,   0,    0,  50e6,    0},
    {"syscalls", "calls/1000",  talk,       ROW_CALLS,            1000,    1,  1000,    4, 1000,  20,   0,    0,   100,    0},
    {"syscalls-channels", "calls/1000", talk, ROW_CALLS,          1000, 2000,    10, 1000,   60,  10,   0,    0,     0,    0},
    {"syscalls-private",  "calls/1000", talk, ROW_CALLS,           500,    0,     0,  500,  400,  10,   0,    0,     0,    0},
};
/* clang-format on */
enum { ROW_COUNT = sizeof ROWS / sizeof *ROWS };

static int
list_rows(void)
{
    for (int i = 0; i < ROW_COUNT; i++)
        printf("%s %s %g %.0f %u %s%s\n", ROWS[i].name, ROWS[i].unit, ROWS[i].max_ratio,
               ROWS[i].max_value, ROWS[i].max_ms,
               ROWS[i].flags & ROW_SERVERS ? "servers" : "all",
               ROWS[i].flags & ROW_BASED    ? "-based"
               : ROWS[i].flags & ROW_PAIRED ? "-paired"
                                            : "");
    return 0;
}

/* The address 127.0.0.1 is for TLS or WebSocket, if the row has them. */
static bool
is_on_second_address(const struct load *l, bool is_second)
{
    return l->row->flags & ROW_TLS || (l->row->flags & ROW_WS && is_second);
}

static void
find_server(struct load *l, const char *port, const char *pid, bool is_second)
{
    struct timespec pause = {.tv_nsec = 50000000};
    int fd = -1;

    l->tls = l->to = loopback(0, (unsigned)strtoul(port, NULL, 10));
    if (is_on_second_address(l, is_second))
        l->to = loopback(1, (unsigned)strtoul(port, NULL, 10));
    l->pid = strtol(pid, NULL, 10);
    for (int i = 0; i < START_TRIES && fd < 0; i++) {
        if (clock_getcpuclockid((pid_t)l->pid, &l->cpu) != 0)
            die("the server has not started");
        fd = connect_from(0, &l->to);
        if (fd < 0)
            nanosleep(&pause, NULL);
    }
    if (fd < 0)
        die("nothing listens on port %s", port);
    close(fd);
}

static unsigned
read_pace(void)
{
    const char *text = getenv("IRCD_TEST_PACE");
    uint64_t n;

    if (text == NULL || *text == '\0')
        return 0;
    if (!str_to_uint(text, 1, 1000000, &n))
        die("IRCD_TEST_PACE is '%s'; expected connections a millisecond, 1 to 1000000",
            text);
    return (unsigned)n;
}

static void
prepare(struct load *l, const struct row *row, char **server, time_t deadline,
        bool is_second)
{
    l->deadline = deadline;
    l->row = row;
    l->pace = read_pace();
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->clients = calloc(row->clients, sizeof *l->clients);
    if (l->epoll < 0 || !l->clients)
        die("cannot start: %s", strerror(errno));
    find_server(l, server[0], server[1], is_second);
}

static void
print_spent(const struct spent *s)
{
    printf(" %jd %ju", (intmax_t)(s->wall / 1000000), (uintmax_t)s->reads);
}

static void
run(const struct row *row, char **servers)
{
    static struct load l, other;
    time_t deadline = nanoseconds(CLOCK_MONOTONIC) / 1000000000 + DEADLINE;

    descriptors();
    alarm(DEADLINE + 10);
    prepare(&l, row, servers, deadline, false);
    if (row->flags & ROW_TWO) {
        prepare(&other, row, servers + 2, deadline, true);
        l.other = &other;
    }
    if (row->flags & ROW_CALLS)
        calls_open(&l);
    row->run(&l);
    printf("%s %s %ju %ju", row->name, row->unit, (uintmax_t)l.spent.count,
           (uintmax_t)l.spent.cost);
    print_spent(&l.spent);
    if (l.other) {
        printf(" %.3f", (double)other.spent.cost / (double)other.spent.count);
        print_spent(&other.spent);
    }
    putchar('\n');
}

static const struct row *
row_named(const char *name)
{
    for (int i = 0; i < ROW_COUNT; i++)
        if (!strcmp(name, ROWS[i].name))
            return &ROWS[i];
    die("there is no row %s; load -l lists them", name);
}

int
main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "-l"))
        return list_rows();
    if (argc == 2 && !strcmp(argv[1], "-p"))
        return printf("%u\n", free_port()) < 0;
    if (argc != 4 && argc != 6) {
        fputs("usage: load -l | -p | ROW PORT PID [PORT PID]\n", stderr);
        return 1;
    }
    const struct row *row = row_named(argv[1]);
    if (argc != (row->flags & ROW_TWO ? 6 : 4))
        die("the row %s takes PORT and PID of %s", row->name,
            row->flags & ROW_TWO ? "two servers" : "one server");
    run(row, argv + 2);
    return 0;
}
