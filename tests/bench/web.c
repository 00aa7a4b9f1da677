/*
 * web: what requests of HTTP and long answers cost the others, with 100,000 bans.
 *
 *   web -l                  the rows and their limits
 *   web ROW PORT PID        prints: row unit count cost milliseconds 0
 *
 * The server has a web listener on 127.0.0.1:PORT and plain text on 127.0.0.2:PORT, and
 * the bans of `bans make`. The rows do not run longer than a minute. An answer that lacks
 * something fails: an incomplete answer is fast.
 */
#define _GNU_SOURCE /* memmem, prctl */

#include "canary.h"

#include <stdbool.h>

enum {
    START_TRIES = 400, /* a server has so many times 50 ms to listen */
    ADDRESSES = 60,    /* a host may send 60 requests a minute; 127.0.0.66 is banned */
    SCRAPES = 1000,
    ANSWER = 1 << 18, /* bytes */
    BANS = 100000,
    PAGE = 500,        /* rows of an answer to TABLE */
    PAGERS = 4,        /* operators that page at once */
    TABLE_SECONDS = 5, /* more than a whole walk takes */
    SLOW = 300,        /* connections that send half a head */
    SLOW_HOSTS = 60,
    SLOW_HELD = 256,   /* of them at a time, as the server promises */
    SLOW_TICK = 100,   /* milliseconds between two bytes of each */
    SLOW_SECONDS = 15, /* more than a head may take */
};

#define SECOND 1000000000LL

static const struct row *at_work;

static void print_row(int64_t count, int64_t cost, int64_t begun);

/* --- /metrics ----------------------------------------------------------------------- */

static const char scrape_request[] = "GET /metrics HTTP/1.1\r\n"
                                     "Host: 127.0.0.1\r\n"
                                     "Connection: close\r\n"
                                     "\r\n";

/* The answer, until the server closes; out: ANSWER bytes. */
static void
read_answer(int fd, char *out)
{
    size_t n = 0;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    for (ssize_t got = 1; got > 0; n += (size_t)got) {
        if (n == ANSWER - 1 || poll(&p, 1, CANARY_LOST) <= 0)
            die("no end of an answer of %zu bytes", n);
        got = recv(fd, out + n, ANSWER - 1 - n, 0);
        if (got < 0)
            die("an answer breaks off: %s", strerror(errno));
    }
    out[n] = '\0';
}

/* Asks for the metrics; returns the nanoseconds until the whole answer has come. */
static int64_t
scrape(const struct sockaddr_in *to, unsigned host, char *out)
{
    int fd = connect_from(host, to);
    if (fd < 0)
        die("cannot connect: %s", strerror(errno));
    int64_t begun = nanoseconds(CLOCK_MONOTONIC);
    canary_tell(fd, scrape_request);
    read_answer(fd, out);
    int64_t took = nanoseconds(CLOCK_MONOTONIC) - begun;
    close(fd);
    if (strncmp(out, "HTTP/1.1 200 ", 13) != 0)
        die("no metrics: %.300s", out);
    return took;
}

/* The value of a sample, by its name with its labels. */
static uint64_t
sample_of(const char *metrics, const char *name)
{
    char text[128];
    snprintf(text, sizeof text, "\n%s ", name);
    const char *at = strstr(metrics, text);
    if (at == NULL)
        die("no %s in the metrics", name);
    return strtoull(at + strlen(text), NULL, 10);
}

static void
measure_metrics(const struct sockaddr_in *web, const struct sockaddr_in *plain)
{
    static int64_t times[SCRAPES];
    static char out[ANSWER];
    int64_t begun = nanoseconds(CLOCK_MONOTONIC);
    (void)plain;
    for (int i = 0; i < SCRAPES; i++)
        times[i] = scrape(web, (unsigned)i % ADDRESSES, out);
    if (sample_of(out, "ircd_bans{kind=\"kline\"}") +
            sample_of(out, "ircd_bans{kind=\"dline\"}") !=
        BANS)
        die("the bans are not there");
    qsort(times, SCRAPES, sizeof *times, canary_compare);
    print_row(SCRAPES, times[SCRAPES * 99 / 100] * SCRAPES, begun);
}

/* --- TABLE -------------------------------------------------------------------------- */

/* An operator that pages through the bans. */
static struct pager {
    int fd;
    char cursor[64];
    /* The rows that have come, as hashes of their lines: each must come once. */
    uint64_t seen[BANS + PAGE];
    size_t n;
} pagers[PAGERS];

static void
note_row(struct pager *p, const char *line, size_t n)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (unsigned char)line[i]) * 1099511628211u;
    if (p->n == sizeof p->seen / sizeof *p->seen)
        die("too many rows");
    p->seen[p->n++] = hash;
}

static int
compare_hashes(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void
check_rows(struct pager *p)
{
    if (p->n != BANS)
        die("%zu rows of %d bans", p->n, BANS);
    qsort(p->seen, p->n, sizeof *p->seen, compare_hashes);
    for (size_t i = 1; i < p->n; i++)
        if (p->seen[i] == p->seen[i - 1])
            die("a row came twice");
}

/* Takes a line of an answer. True: it is the last one, with the next cursor. */
static bool
take_row(struct pager *p, char *line)
{
    static const char rows[] = " TABLE bans ";
    char *text = strstr(line, rows);
    if (text == NULL)
        die("the server says: %.300s", line);
    text += sizeof rows - 1;
    if (*text == ':') {
        note_row(p, text, strlen(text));
        return false;
    }
    if (sscanf(text, "* %63s", p->cursor) != 1)
        die("the server says: %.300s", line);
    return true;
}

/* Reads the answer to one TABLE. */
static void
take_page(struct pager *p)
{
    static char in[65536];
    size_t n = 0;
    struct pollfd ready = {.fd = p->fd, .events = POLLIN};
    for (bool ended = false; !ended;) {
        if (poll(&ready, 1, CANARY_LOST) <= 0)
            die("TABLE is not answered");
        ssize_t got = recv(p->fd, in + n, sizeof in - n, 0);
        if (got <= 0)
            die("the operator is disconnected");
        n += (size_t)got;
        char *at = in, *end;
        while (!ended && (end = memchr(at, '\n', n - (size_t)(at - in)))) {
            end[-1] = '\0';
            ended = take_row(p, at);
            at = end + 1;
        }
        n -= (size_t)(at - in);
        memmove(in, at, n);
    }
}

/* Becomes an operator, and has read all that it is told. */
static void
begin_pager(struct pager *p, unsigned number, const struct sockaddr_in *to)
{
    char line[128];
    p->fd = connect_from(number, to);
    if (p->fd < 0)
        die("an operator cannot connect");
    snprintf(line, sizeof line, "NICK o%u\r\nUSER o 0 * :o\r\n", number);
    canary_tell(p->fd, line);
    canary_await(p->fd, " 422 ");
    canary_tell(p->fd, "OPER bench bench\r\n");
    canary_await(p->fd, " 381 ");
    snprintf(line, sizeof line, "MODE o%u -s\r\nPING :quiet\r\n", number);
    canary_tell(p->fd, line);
    canary_await(p->fd, "quiet\r\n");
}

/* All of them at once; the number of pages. */
static int
walk_bans(void)
{
    int pages = 0;
    char line[128];
    for (bool more = true; more;) {
        more = false;
        for (int i = 0; i < PAGERS; i++) {
            snprintf(line, sizeof line, "TABLE bans %s\r\n", pagers[i].cursor);
            if (strcmp(pagers[i].cursor, "end") != 0)
                canary_tell(pagers[i].fd, line);
        }
        for (int i = 0; i < PAGERS; i++) {
            if (strcmp(pagers[i].cursor, "end") == 0)
                continue;
            take_page(&pagers[i]);
            pages++;
            more = true;
        }
    }
    return pages;
}

/* Turns of more than 25 ms so far, by the server's own count. */
static uint64_t
count_slow_turns(const struct sockaddr_in *web)
{
    static char out[ANSWER];
    scrape(web, 1, out);
    return sample_of(out, "ircd_turn_seconds_count") -
           sample_of(out, "ircd_turn_seconds_bucket{le=\"0.025\"}");
}

/* The value is the longest wait of the canary. */
static void
measure_table(const struct sockaddr_in *web, const struct sockaddr_in *plain)
{
    struct canary canary = canary_begin(plain);
    for (unsigned i = 0; i < PAGERS; i++)
        begin_pager(&pagers[i], i + 1, plain);
    int64_t begun = nanoseconds(CLOCK_MONOTONIC);
    uint64_t slow = count_slow_turns(web);
    canary_go(&canary, TABLE_SECONDS * SECOND);
    int pages = walk_bans();
    int64_t took = nanoseconds(CLOCK_MONOTONIC) - begun;
    for (int i = 0; i < PAGERS; i++)
        check_rows(&pagers[i]);
    struct song song = canary_end(&canary);
    fprintf(stderr, "table: %d pages in %jd ms\n", pages, (intmax_t)(took / 1000000));
    slow = count_slow_turns(web) - slow;
    if (slow > 0)
        die("%ju turns were longer than 25 ms", (uintmax_t)slow);
    print_row(song.pings, song.longest * song.pings, begun);
}

/* --- half heads --------------------------------------------------------------------- */

static const char slow_begin[] = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ";

/* Connects and sends the begin of a head, or sends one byte more. Returns the
 * descriptor; -1: the server has ended it. */
static int
drip(int fd, unsigned slot, const struct sockaddr_in *to)
{
    char in[4096];
    if (fd < 0) {
        fd = connect_from(100 + slot % SLOW_HOSTS, to);
        if (fd >= 0)
            send(fd, slow_begin, sizeof slow_begin - 1, MSG_NOSIGNAL);
        return fd;
    }
    ssize_t got = recv(fd, in, sizeof in, MSG_DONTWAIT);
    if ((got < 0 && errno == EAGAIN) && send(fd, "a", 1, MSG_NOSIGNAL) == 1)
        return fd;
    close(fd);
    return -1;
}

/* SLOW connections that never end their head, and come back when they are ended. */
static void
measure_slowloris(const struct sockaddr_in *web, const struct sockaddr_in *plain)
{
    int fds[SLOW];
    struct canary canary = canary_begin(plain);
    int64_t begun = nanoseconds(CLOCK_MONOTONIC);
    unsigned ended = 0, most = 0;
    memset(fds, -1, sizeof fds);
    canary_go(&canary, SLOW_SECONDS * SECOND);
    while (nanoseconds(CLOCK_MONOTONIC) - begun < SLOW_SECONDS * SECOND) {
        unsigned held = 0;
        for (unsigned i = 0; i < SLOW; i++) {
            bool was = fds[i] >= 0;
            fds[i] = drip(fds[i], i, web);
            held += was && fds[i] >= 0;
            ended += was && fds[i] < 0;
        }
        most = held > most ? held : most;
        nanosleep(&(struct timespec){.tv_nsec = SLOW_TICK * 1000000}, NULL);
    }
    struct song song = canary_end(&canary);
    fprintf(stderr, "slowloris: %u ended, at most %u held\n", ended, most);
    if (most != SLOW_HELD || ended < SLOW_HELD)
        die("%u connections were held, %u ended", most, ended);
    print_row(song.pings, song.p99 * song.pings, begun);
}

/* --- rows --------------------------------------------------------------------------- */

static const struct row {
    const char *name, *unit;
    double max_value;
    void (*run)(const struct sockaddr_in *web, const struct sockaddr_in *plain);
} ROWS[] = {
    {"metrics", "ns/p99", 5e6, measure_metrics},
    {"table", "ns/longest", 20e6, measure_table},
    {"slowloris", "ns/p99", 20e6, measure_slowloris},
};
enum { ROW_COUNT = sizeof ROWS / sizeof *ROWS };

/* The value is cost / count. */
static void
print_row(int64_t count, int64_t cost, int64_t begun)
{
    printf("%s %s %jd %jd %jd 0\n", at_work->name, at_work->unit, (intmax_t)count,
           (intmax_t)cost,
           (intmax_t)((nanoseconds(CLOCK_MONOTONIC) - begun) / 1000000));
}

static void
await_server(const struct sockaddr_in *to)
{
    for (int i = 0; i < START_TRIES; i++) {
        int fd = connect_from(0, to);
        if (fd >= 0) {
            close(fd);
            return;
        }
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    die("nothing listens");
}

int
main(int argc, char **argv)
{
    for (int i = 0; argc == 2 && !strcmp(argv[1], "-l") && i < ROW_COUNT; i++)
        printf("%s %s 0 %.0f\n", ROWS[i].name, ROWS[i].unit, ROWS[i].max_value);
    if (argc == 2 && !strcmp(argv[1], "-l"))
        return 0;
    descriptors();
    alarm(60);
    for (int i = 0; argc == 4 && i < ROW_COUNT; i++) {
        if (strcmp(argv[1], ROWS[i].name) != 0)
            continue;
        unsigned port = (unsigned)strtoul(argv[2], NULL, 10);
        struct sockaddr_in web = loopback(0, port), plain = loopback(1, port);
        at_work = &ROWS[i];
        await_server(&plain);
        at_work->run(&web, &plain);
        return 0;
    }
    fputs("usage: web -l | ROW PORT PID\n", stderr);
    return 1;
}
