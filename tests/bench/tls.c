/* What TLS costs: the memory of an idle client over a plain one, and the processor time
 * of a handshake and of a delivery beside the smallest program that does the same; and
 * how long a plain client waits while thousands shake hands at once.
 *
 * usage: tls -l | ROW PORT PID
 *
 * The server has TLS on 127.0.0.1:PORT and plain text on 127.0.0.2:PORT. The floor runs
 * in a process of its own, with the contexts of the server, and takes turns with it. */
#define _GNU_SOURCE /* sched_setaffinity */
#include "../../src/net/tls_state.h"
#include "canary.h"
#include "config/config.h"
#include "tls_end.h"

#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

enum { CLIENTS = 8000, HANDSHAKES = 50, TURNS = 40 };
enum { BURST = 2000, BURSTS_LEAST = 3 };
#define BURST_TIME 5000000000LL
enum { WAVE = 500, MEMBERS = 1000, SENDERS = 4, BATCH = 16, ROUNDS = 60, TEXT = 100 };
#define FLOOR_PREFIX ":u0!u@127.0.0.1 "
#define FLOOR_PIECE 65536
#define ADDRESSES 250u

/* --- rows --- */

static void
connect_wave(SSL_CTX *x, const struct sockaddr_in *to, struct tls_end *ends, int from)
{
    for (int i = 0; i < WAVE; i++) {
        ends[i] = connect_end(x, (unsigned)i % ADDRESSES, to);
        begin_register(&ends[i], 'u', (unsigned)(from + i));
    }
    for (int i = 0; i < WAVE; i++)
        await_text(&ends[i], " 422 ");
}

/* The growth of the server by this many clients. */
static int64_t
grow(SSL_CTX *x, const struct sockaddr_in *to, long pid, struct tls_end *ends, int from)
{
    uint64_t before = resident(pid);
    for (int i = 0; i < CLIENTS; i += WAVE)
        connect_wave(x, to, ends + i, from + i);
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    return (int64_t)(resident(pid) - before);
}

static void
idle(const struct sockaddr_in *tls, const struct sockaddr_in *plain, long pid)
{
    static struct tls_end ends[2][CLIENTS];
    int64_t begun = nanoseconds(CLOCK_MONOTONIC);
    SSL_CTX *x = client_context();
    int64_t bare = grow(NULL, plain, pid, ends[0], 0);
    int64_t sealed = grow(x, tls, pid, ends[1], CLIENTS);
    printf("tls-idle bytes/client %d %jd %jd 0\n", CLIENTS, (intmax_t)(sealed - bare),
           (intmax_t)((nanoseconds(CLOCK_MONOTONIC) - begun) / 1000000));
}

static struct floor {
    int epoll;
    SSL *all[MEMBERS];
    int n;
    /* The bytes that came in this turn, with a prefix before each line. */
    char piece[FLOOR_PIECE];
    size_t len;
} on_floor;

static void
leave_floor(SSL *ssl)
{
    for (int i = 0; i < on_floor.n; i++)
        if (on_floor.all[i] == ssl)
            on_floor.all[i] = on_floor.all[--on_floor.n];
    epoll_ctl(on_floor.epoll, EPOLL_CTL_DEL, SSL_get_fd(ssl), NULL);
    close(SSL_get_fd(ssl));
    SSL_free(ssl);
}

static void
keep_lines(const char *bytes, size_t n)
{
    for (const char *at = bytes, *end; n > 0; at = end) {
        const char *lf = memchr(at, '\n', n);
        end = lf ? lf + 1 : at + n;
        n -= (size_t)(end - at);
        if (on_floor.len + sizeof FLOOR_PREFIX + (size_t)(end - at) > FLOOR_PIECE)
            die("the floor got too much");
        memcpy(on_floor.piece + on_floor.len, FLOOR_PREFIX, sizeof FLOOR_PREFIX - 1);
        on_floor.len += sizeof FLOOR_PREFIX - 1;
        memcpy(on_floor.piece + on_floor.len, at, (size_t)(end - at));
        on_floor.len += (size_t)(end - at);
    }
}

/* One step of the floor for a ready connection. */
static void
step_floor(SSL *ssl)
{
    char bytes[16384];
    ERR_clear_error();
    bool is_new = !SSL_is_init_finished(ssl);
    int done = is_new ? SSL_accept(ssl) : SSL_read(ssl, bytes, sizeof bytes);
    if (is_new && done == 1 && on_floor.n < MEMBERS)
        on_floor.all[on_floor.n++] = ssl;
    if (!is_new && done > 0)
        keep_lines(bytes, (size_t)done);
    if (done <= 0 && SSL_get_error(ssl, done) != SSL_ERROR_WANT_READ)
        leave_floor(ssl);
}

/* Writes what came in this turn to all. */
static void
write_floor(void)
{
    for (int i = 0; i < on_floor.n; i++)
        for (size_t at = 0, n = 0; at < on_floor.len; at += n) {
            size_t left = on_floor.len - at;
            struct pollfd room = {.fd = SSL_get_fd(on_floor.all[i]), .events = POLLOUT};
            n = 0;
            if (SSL_write_ex(on_floor.all[i], on_floor.piece + at,
                             left < 16384 ? left : 16384, &n) != 1 &&
                poll(&room, 1, 5000) != 1)
                die("a client of the floor reads nothing");
        }
    on_floor.len = 0;
}

/* Accepts, shakes hands and tells all what one says, until it is killed. */
ATTR_NORETURN static void
serve_floor(int fd, SSL_CTX *x)
{
    int epoll = on_floor.epoll = epoll_create1(0);
    struct epoll_event ready[64], e = {.events = EPOLLIN};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
    for (;;) {
        int n = epoll_wait(epoll, ready, 64, -1);
        for (int i = 0; i < n; i++) {
            if (ready[i].data.ptr) {
                step_floor(ready[i].data.ptr);
                continue;
            }
            int peer = accept(fd, NULL, NULL);
            SSL *ssl = peer >= 0 ? SSL_new(x) : NULL;
            if (ssl == NULL || fcntl(peer, F_SETFL, O_NONBLOCK) != 0)
                die("the floor cannot accept");
            SSL_set_fd(ssl, peer);
            SSL_set_accept_state(ssl);
            e.data.ptr = ssl;
            epoll_ctl(epoll, EPOLL_CTL_ADD, peer, &e);
        }
        if (on_floor.len > 0)
            write_floor();
    }
}

static void
tell_fault(void *ctx, const char *text)
{
    (void)ctx;
    die("%s", text);
}

static SSL_CTX *
floor_context(void)
{
    static const struct config_words words = {0};
    struct tls_report report = {tell_fault, tell_fault, NULL};
    struct config *c =
        config_parse("floor", "database { path = '' }", &words, tell_fault, NULL);
    struct tls_self self = {
        .directory = c->database.path, .name = c->server.name, .make = true};
    return tls_load("floor", c, &self, &report)->entries[0].context;
}

static pid_t
start_floor(struct sockaddr_in *to)
{
    SSL_CTX *x = floor_context();
    *to = loopback(0, free_port());
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)to, sizeof *to) != 0 ||
        listen(fd, 1024) != 0)
        die("the floor cannot listen: %s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve_floor(fd, x);
    }
    close(fd);
    return pid;
}

/* Puts this program on one processor and both servers on another: a server costs less on
 * the processor of its client, and the kernel chooses anew for each run. */
static void
place_servers(pid_t server, pid_t beside)
{
    cpu_set_t all, one;
    pid_t places[] = {server, beside, 0};
    int cpu = -1;
    if (sched_getaffinity(0, sizeof all, &all) != 0 || CPU_COUNT(&all) < 2)
        return;
    for (size_t i = 0; i < 3; i++) {
        if (i != 1)
            do
                cpu++;
            while (!CPU_ISSET(cpu, &all));
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        if (sched_setaffinity(places[i], sizeof one, &one) != 0)
            die("sched_setaffinity: %s", strerror(errno));
    }
}

/* Starts the floor at *beside, each server in its place. Returns the floor's pid; the
 * clocks are those of the processor time of the server and of the floor. */
static pid_t
start_beside(pid_t server, struct sockaddr_in *beside, clockid_t *clock,
             clockid_t *floor_clock)
{
    pid_t child = start_floor(beside);
    if (clock_getcpuclockid(server, clock) != 0 ||
        clock_getcpuclockid(child, floor_clock) != 0)
        die("a server has not started");
    place_servers(server, child);
    return child;
}

/* The turn in the middle, so that those that other programs disturb do not count. */
static int64_t
median(int64_t *costs, size_t n)
{
    qsort(costs, n, sizeof *costs, canary_compare);
    return costs[n / 2];
}

/* The processor time of the server for some handshakes. */
static int64_t
shake(SSL_CTX *x, const struct sockaddr_in *to, clockid_t clock)
{
    int64_t before = nanoseconds(clock);
    for (int i = 0; i < HANDSHAKES; i++) {
        struct tls_end e = connect_end(x, (unsigned)i % ADDRESSES, to);
        close_end(&e);
    }
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    return nanoseconds(clock) - before;
}

static void
handshake(const struct sockaddr_in *tls, const struct sockaddr_in *plain, long pid)
{
    struct sockaddr_in beside;
    clockid_t clock, floor_clock;
    SSL_CTX *x = client_context();
    pid_t child = start_beside((pid_t)pid, &beside, &clock, &floor_clock);
    (void)plain;
    shake(x, tls, clock);
    shake(x, &beside, floor_clock);
    int64_t costs[TURNS], bases[TURNS], begun = nanoseconds(CLOCK_MONOTONIC);
    for (int i = 0; i < TURNS; i++) {
        costs[i] = shake(x, tls, clock);
        bases[i] = shake(x, &beside, floor_clock);
    }
    int64_t cost = TURNS * median(costs, TURNS), base = TURNS * median(bases, TURNS);
    intmax_t ms = (nanoseconds(CLOCK_MONOTONIC) - begun) / 2000000;
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    printf("tls-handshake ns/handshake %d %jd %jd 0 %.1f %jd 0\n", TURNS * HANDSHAKES,
           (intmax_t)cost, ms, (double)base / (TURNS * HANDSHAKES), ms);
}

/* Reads and drops what comes to the members, until it is at least `most` bytes in all
 * and then nothing more for a moment. They are never decrypted. */
static void
drain_members(int epoll, uint64_t most)
{
    static char bytes[65536];
    struct epoll_event ready[256];
    for (uint64_t got = 0;;) {
        int n = epoll_wait(epoll, ready, 256, got >= most ? 30 : 5000);
        if (n == 0 && got >= most)
            return;
        if (n <= 0)
            die("%ju of %ju bytes came", (uintmax_t)got, (uintmax_t)most);
        for (int i = 0; i < n; i++) {
            ssize_t part = recv(ready[i].data.fd, bytes, sizeof bytes, MSG_DONTWAIT);
            got += part > 0 ? (uint64_t)part : 0;
        }
    }
}

struct members {
    struct tls_end ends[MEMBERS];
    int epoll;
};

static void
join_members(struct members *m, int from, int to)
{
    for (int i = from; i < to; i++)
        if (SSL_write(m->ends[i].ssl, "JOIN #a\r\n", 9) != 9)
            die("cannot join");
    drain_members(m->epoll, 0);
}

static void
gather_members(struct members *m, SSL_CTX *x, const struct sockaddr_in *to, bool is_irc)
{
    m->epoll = epoll_create1(0);
    for (int from = 0; from < MEMBERS; from += WAVE) {
        if (is_irc)
            connect_wave(x, to, m->ends + from, from);
        for (int i = from; i < from + WAVE; i++) {
            if (!is_irc)
                m->ends[i] = connect_end(x, (unsigned)i % ADDRESSES, to);
            struct epoll_event e = {.events = EPOLLIN, .data.fd = m->ends[i].fd};
            epoll_ctl(m->epoll, EPOLL_CTL_ADD, m->ends[i].fd, &e);
        }
        if (is_irc)
            join_members(m, from, from + WAVE);
    }
}

/* Four members talk to all others for one round. */
static void
talk_round(struct members *m)
{
    static char text[BATCH * (TEXT + 20)];
    size_t n = 0;
    for (int i = 0; i < BATCH; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "PRIVMSG #a :%0*d\r\n", TEXT,
                              i);
    for (int i = 0; i < SENDERS; i++)
        if (SSL_write(m->ends[i].ssl, text, (int)n) != (int)n)
            die("cannot talk");
    drain_members(m->epoll, (uint64_t)(MEMBERS - SENDERS) * SENDERS * n);
}

/* Deliveries of a row, and their cost on both servers. */
static void
fan_out(const struct sockaddr_in *tls, const struct sockaddr_in *plain, long pid)
{
    static struct members here, floor_members;
    struct sockaddr_in beside;
    clockid_t clock, floor_clock;
    SSL_CTX *x = client_context();
    pid_t child = start_beside((pid_t)pid, &beside, &clock, &floor_clock);
    (void)plain;
    gather_members(&here, x, tls, true);
    gather_members(&floor_members, x, &beside, false);
    int64_t costs[ROUNDS], bases[ROUNDS], begun = nanoseconds(CLOCK_MONOTONIC);
    for (int i = 0; i < ROUNDS; i++) {
        int64_t before = nanoseconds(clock);
        talk_round(&here);
        costs[i] = nanoseconds(clock) - before;
        before = nanoseconds(floor_clock);
        talk_round(&floor_members);
        bases[i] = nanoseconds(floor_clock) - before;
    }
    int64_t cost = ROUNDS * median(costs, ROUNDS),
            base = ROUNDS * median(bases, ROUNDS);
    intmax_t ms = (nanoseconds(CLOCK_MONOTONIC) - begun) / 2000000;
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    int64_t count = (int64_t)ROUNDS * SENDERS * BATCH * (MEMBERS - 1);
    printf("tls-fan-out ns/delivery %jd %jd %jd 0 %.1f %jd 0\n", (intmax_t)count,
           (intmax_t)cost, ms, (double)base / (double)count, ms);
}

/* --- many handshakes at once --- */

/* A step of a handshake; true: it is done. */
static bool
step_end(struct tls_end *e, int epoll)
{
    ERR_clear_error();
    int done = SSL_connect(e->ssl);
    if (done != 1 && SSL_get_error(e->ssl, done) != SSL_ERROR_WANT_READ)
        die("no handshake: %s", ERR_reason_error_string(ERR_peek_error()));
    if (done == 1)
        epoll_ctl(epoll, EPOLL_CTL_DEL, e->fd, NULL);
    return done == 1;
}

static void
connect_burst(SSL_CTX *x, const struct sockaddr_in *to, struct tls_end *ends, int epoll)
{
    for (int i = 0; i < BURST; i++) {
        ends[i] =
            (struct tls_end){connect_from((unsigned)i % ADDRESSES, to), SSL_new(x)};
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = &ends[i]};
        if (ends[i].fd < 0 || ends[i].ssl == NULL ||
            SSL_set_fd(ends[i].ssl, ends[i].fd) != 1 ||
            epoll_ctl(epoll, EPOLL_CTL_ADD, ends[i].fd, &e) != 0)
            die("cannot connect: %s", strerror(errno));
    }
}

/* Connects BURST clients, then makes all full handshakes at once, and closes. */
static void
make_burst(SSL_CTX *x, const struct sockaddr_in *to)
{
    static struct tls_end ends[BURST];
    struct epoll_event ready[64];
    int epoll = epoll_create1(0), done = 0;
    connect_burst(x, to, ends, epoll);
    for (int i = 0; i < BURST; i++)
        done += step_end(&ends[i], epoll);
    while (done < BURST) {
        int n = epoll_wait(epoll, ready, 64, 5000);
        if (n <= 0)
            die("%d of %d handshakes are done", done, BURST);
        for (int i = 0; i < n; i++)
            done += step_end(ready[i].data.ptr, epoll);
    }
    for (int i = 0; i < BURST; i++)
        close_end(&ends[i]);
    close(epoll);
}

/* One burst after the other, while the canary runs. */
static void
burst(const struct sockaddr_in *tls, const struct sockaddr_in *plain, long pid)
{
    (void)pid;
    SSL_CTX *x = client_context();
    struct canary canary = canary_begin(plain);
    struct pollfd ended = {.fd = canary.from, .events = POLLIN};
    int64_t begun = nanoseconds(CLOCK_MONOTONIC);
    int bursts = 0;
    for (canary_go(&canary, BURST_TIME); poll(&ended, 1, 0) == 0; bursts++)
        make_burst(x, tls);
    struct song song = canary_end(&canary);
    if (bursts < BURSTS_LEAST)
        die("only %d bursts", bursts);
    printf("tls-burst ns/p99 %jd %jd %jd %d\n", (intmax_t)song.pings,
           (intmax_t)(song.p99 * song.pings),
           (intmax_t)((nanoseconds(CLOCK_MONOTONIC) - begun) / 1000000),
           bursts * BURST);
}

static const struct row {
    const char *name, *limits;
    void (*run)(const struct sockaddr_in *tls, const struct sockaddr_in *plain,
                long pid);
} ROWS[] = {
    {"tls-idle", "bytes/client 0 15872 0 servers", idle},
    {"tls-fan-out", "ns/delivery 1.25 0 0 servers-based", fan_out},
    {"tls-handshake", "ns/handshake 1.15 0 0 servers-based", handshake},
    {"tls-burst", "ns/p99 0 100000000 0 servers", burst},
};
enum { ROW_COUNT = sizeof ROWS / sizeof *ROWS };

/* Until it listens. */
static void
await_server(const struct sockaddr_in *to)
{
    for (int i = 0; i < 100; i++) {
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
        printf("%s %s\n", ROWS[i].name, ROWS[i].limits);
    if (argc == 2 && !strcmp(argv[1], "-l"))
        return 0;
    descriptors();
    alarm(180);
    for (int i = 0; argc >= 4 && i < ROW_COUNT; i++) {
        if (strcmp(argv[1], ROWS[i].name) != 0)
            continue;
        unsigned port = (unsigned)strtoul(argv[2], NULL, 10);
        struct sockaddr_in tls = loopback(0, port), plain = loopback(1, port);
        await_server(&plain);
        ROWS[i].run(&tls, &plain, strtol(argv[3], NULL, 10));
        return 0;
    }
    fputs("usage: tls -l | ROW PORT PID\n", stderr);
    return 1;
}
