/* latency: how long a line takes until the last member of a channel has it.
 *
 * An open loop: the lines are sent by a timetable, whether or not earlier lines have
 * arrived, and each counts from the time at which it was planned. So a server that
 * stalls is late with all lines of that time, not with one. The floor has the same
 * members and the same timetable; the two take turns within one run, and each has a
 * driver in a process of its own, because one process has not enough descriptors. It
 * must never report a line that has not reached all members (latency/side.c).
 *
 * latency -l                        the rows and their limits
 * latency ROW PORT PID PORT PID     prints: row ns/p99 lines cost milliseconds 0; of the
 *                                   floor, the second server: p99, milliseconds and 0;
 *                                   and the medians of both
 */
#include "latency/side.h"

#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* InspIRCd is no measure for 10,000 members over TLS: they have not joined in 4 minutes. */
#define OVER 5e6 /* ns: the gate of the median and of p99 above the floor's */

enum {
    DEADLINE = 240,    /* seconds for a row */
    START_TRIES = 200, /* a server has so many times 50 ms to listen */
    WARM = 2,          /* turns of each that are not counted */
    LINES_MOST = 8000,
};

/* clang-format off */
static const struct row ROWS[] = {
    /*                  members rate turns ms */
    {"latency-20",           20, 200, 8,  500, false},
    {"latency",            1000, 200, 8,  500, false},
    {"latency-10000",     10000, 200, 8, 1000, false},
    {"tls-latency-20",       20, 200, 8,  500, true},
    {"tls-latency",        1000, 200, 8,  500, true},
    {"tls-latency-10000", 10000, 200, 8, 1000, true},
};
/* clang-format on */
enum { ROW_COUNT = sizeof ROWS / sizeof *ROWS };

struct result {
    int64_t all[LINES_MOST];
    unsigned n;
    int64_t wall, cpu;
};

/* The driver of the floor: a turn for each byte that comes. */
ATTR_NORETURN static void
drive_floor(struct side *s, int in, int out)
{
    char go;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    side_gather(s);
    if (write(out, "r", 1) != 1)
        exit(1);
    size_t n = sizeof *s->took * row_lines(s->row);
    while (read(in, &go, 1) == 1) {
        side_turn(s);
        if (write(out, s->took, n) != (ssize_t)n)
            exit(1);
    }
    exit(0);
}

struct driver {
    pid_t pid;
    int to, from;
};

static struct driver
start_driver(struct side *s)
{
    int down[2], up[2];
    if (pipe(down) != 0 || pipe(up) != 0)
        die("pipe: %s", strerror(errno));
    struct driver d = {fork(), down[1], up[0]};
    if (d.pid == 0) {
        close(down[1]);
        drive_floor(s, down[0], up[1]);
    }
    close(down[0]);
    close(up[1]);
    return d;
}

static void
await_driver(const struct driver *d, void *bytes, size_t n)
{
    if (read(d->from, bytes, n) != (ssize_t)n)
        die("the driver of the floor has ended");
}

static int64_t
server_cpu(long pid)
{
    clockid_t clock;
    if (clock_getcpuclockid((pid_t)pid, &clock) != 0)
        die("a server has not started");
    return nanoseconds(clock);
}

static void
take_turn(struct side *s, const struct driver *d, struct result *r, bool counts)
{
    int64_t begun = nanoseconds(CLOCK_MONOTONIC), cpu = server_cpu(s->pid);
    if (d == NULL) {
        side_turn(s);
    } else {
        if (write(d->to, "g", 1) != 1)
            die("the driver of the floor has ended");
        await_driver(d, s->took, sizeof *s->took * row_lines(s->row));
    }
    if (!counts)
        return;
    unsigned lines = row_lines(s->row);
    memcpy(r->all + r->n, s->took, lines * sizeof *s->took);
    r->n += lines;
    r->cpu += server_cpu(s->pid) - cpu;
    r->wall += nanoseconds(CLOCK_MONOTONIC) - begun;
}

static int
compare_times(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t
percentile(const struct result *r, unsigned percent)
{
    return r->all[(size_t)r->n * percent / 100];
}

static void
print_times(const struct row *row, struct result *own, struct result *floor)
{
    qsort(own->all, own->n, sizeof *own->all, compare_times);
    qsort(floor->all, floor->n, sizeof *floor->all, compare_times);
    printf("%s ns/p99 %u %jd %jd 0 %jd %jd 0 %jd %jd\n", row->name, own->n,
           (intmax_t)(percentile(own, 99) * own->n), (intmax_t)(own->wall / 1000000),
           (intmax_t)percentile(floor, 99), (intmax_t)(floor->wall / 1000000),
           (intmax_t)percentile(own, 50), (intmax_t)percentile(floor, 50));
    if (getenv("IRCD_TEST_VERBOSE"))
        fprintf(stderr, "%s: CPU %.0f %%, of the floor %.0f %%\n", row->name,
                100. * (double)own->cpu / (double)own->wall,
                100. * (double)floor->cpu / (double)floor->wall);
}

/* Until it listens. */
static void
prepare(struct side *s, const struct row *row, char **server)
{
    int fd = -1;
    s->row = row;
    s->to = loopback(0, (unsigned)strtoul(server[0], NULL, 10));
    s->pid = strtol(server[1], NULL, 10);
    s->x = row->tls ? client_context() : NULL;
    for (int i = 0; i < START_TRIES && fd < 0; i++) {
        server_cpu(s->pid);
        fd = connect_from(0, &s->to);
        if (fd < 0)
            nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    if (fd < 0)
        die("nothing listens on port %s", server[0]);
    close(fd);
}

static void
run(const struct row *row, char **servers)
{
    static struct side own, floor_side;
    static struct result results[2];
    char ready;
    prepare(&own, row, servers);
    prepare(&floor_side, row, servers + 2);
    struct driver d = start_driver(&floor_side);
    await_driver(&d, &ready, 1);
    side_gather(&own);
    for (unsigned i = 0; i < WARM + row->turns; i++) {
        if (i % 2)
            take_turn(&floor_side, &d, &results[1], i >= WARM);
        take_turn(&own, NULL, &results[0], i >= WARM);
        if (i % 2 == 0)
            take_turn(&floor_side, &d, &results[1], i >= WARM);
    }
    close(d.to);
    waitpid(d.pid, NULL, 0);
    print_times(row, &results[0], &results[1]);
}

int
main(int argc, char **argv)
{
    for (int i = 0; argc == 2 && !strcmp(argv[1], "-l") && i < ROW_COUNT; i++)
        printf("%s ns/p99 0 %.0f 0 %s-over\n", ROWS[i].name, OVER,
               ROWS[i].tls && ROWS[i].members > 1000 ? "servers" : "peers");
    if (argc == 2 && !strcmp(argv[1], "-l"))
        return 0;
    descriptors();
    alarm(DEADLINE);
    for (int i = 0; argc == 6 && i < ROW_COUNT; i++) {
        if (strcmp(argv[1], ROWS[i].name) != 0)
            continue;
        run(&ROWS[i], argv + 2);
        return 0;
    }
    fputs("usage: latency -l | ROW PORT PID PORT PID\n", stderr);
    return 1;
}
