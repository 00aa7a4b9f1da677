/*
 * load: drives an IRC server with one row of the benchmark and says what it cost.
 *
 * One process, one epoll, a closed loop: who talks waits for the answer to his PING
 * before he goes on, so a slow server is asked less, never flooded. What is counted is
 * what arrived here, and it must be exactly what the row's plan says for each client;
 * anything else (an error numeric, a lost connection, a late answer) fails the row. It
 * must never report a number it has not measured, nor run longer than DEADLINE.
 *
 *   load -l                 the rows and their limits
 *   load -p                 a free port on loopback
 *   load ROW PORT PID       prints: row unit count cost milliseconds reads
 */
#include "measure.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    DEADLINE = 60,     /* seconds for a whole row */
    START_TRIES = 200, /* a server has so many times 50 ms to listen */
    ADDRESSES = 250,   /* 127.0.0.1 ... are the sources, so that ports do not run out */
    PENDING = 250,     /* connections that are registering at a time */
    PACE = 8,          /* connections a millisecond: some servers queue but few */
    RESERVE = 200,     /* descriptors that are not for clients */
    STRIDE = 97,       /* spreads the members of a channel over the clients */
    IDLE_BASE = 500,   /* clients the memory of the others is measured against */
    EVENTS = 1024,
    READ_SIZE = 65536,
    LINE_SIZE = 1024,
    BATCH_SIZE = 8192, /* what one client sends in one write */
    TEXT_MIN = 60,
    TEXT_MAX = 100, /* bytes of a PRIVMSG line */
};

struct load;

struct row {
    const char *name, *unit;
    void (*run)(struct load *);
    unsigned clients;
    unsigned channels, members; /* 0 channels: to a partner's nick */
    unsigned senders, lines, window;
    double max_ratio, max_value; /* what ircd must hold; 0: nothing */
};

struct client {
    int fd;
    unsigned id;
    unsigned sent;          /* PRIVMSG lines */
    unsigned expected, got; /* deliveries */
    size_t tail;            /* bytes in rest */
    char rest[LINE_SIZE];   /* an unfinished line */
};

/* What has arrived since the start, of all clients. */
struct seen {
    uint64_t ready, names, joins, delivered, pongs, closed, reads;
};

struct load {
    const struct row *row;
    struct sockaddr_in to;
    clockid_t cpu; /* the server's, all threads, in nanoseconds */
    long pid;
    int epoll;
    bool talking, leaving;
    time_t deadline; /* monotonic */
    struct seen seen;
    uint64_t finished; /* senders whose lines are all answered */
    uint64_t count, cost, reads;
    int64_t cpu_start, wall_start, wall;
    struct client *clients;
    char in[LINE_SIZE + READ_SIZE];
};

static void
start_measuring(struct load *l)
{
    l->reads = l->seen.reads;
    l->wall_start = nanoseconds(CLOCK_MONOTONIC);
    l->cpu_start = nanoseconds(l->cpu);
}

static void
stop_measuring(struct load *l, uint64_t count)
{
    l->cost = (uint64_t)(nanoseconds(l->cpu) - l->cpu_start);
    l->wall = nanoseconds(CLOCK_MONOTONIC) - l->wall_start;
    l->reads = l->seen.reads - l->reads;
    l->count = count;
}

static void
say(struct client *c, const char *bytes, size_t n)
{
    if (send(c->fd, bytes, n, MSG_NOSIGNAL) != (ssize_t)n)
        die("client %u cannot send: %s", c->id, strerror(errno));
}

static unsigned
target_channel(const struct row *row, unsigned sender, unsigned line)
{
    return (sender + line * row->clients) % row->channels;
}

static unsigned
member(const struct row *row, unsigned channel, unsigned slot)
{
    return (channel + slot * STRIDE) % row->clients;
}

static void
send_window(struct load *l, struct client *c)
{
    static const char FILL[] = "the quick brown fox jumps over the lazy dog and then "
                               "over the moon, and over all of it again";
    char batch[BATCH_SIZE], target[32];
    size_t n = 0;

    for (unsigned i = 0; i < l->row->window && c->sent < l->row->lines; i++) {
        if (l->row->channels > 0)
            snprintf(target, sizeof target, "#bench%u",
                     target_channel(l->row, c->id, c->sent));
        else
            snprintf(target, sizeof target, "b%05u", c->id ^ 1U);
        int head =
            snprintf(batch + n, sizeof batch - n, "PRIVMSG %s :%06u ", target, c->sent);
        int want = TEXT_MIN + (int)(c->sent * 13 % (TEXT_MAX - TEXT_MIN + 1));
        n += (size_t)head;
        n += (size_t)snprintf(batch + n, sizeof batch - n, "%.*s\r\n", want - head - 2,
                              FILL);
        c->sent++;
    }
    n += (size_t)snprintf(batch + n, sizeof batch - n, "PING :w%u\r\n", c->sent);
    say(c, batch, n);
}

static void
pong(struct load *l, struct client *c)
{
    l->seen.pongs++;
    if (!l->talking || c->id >= l->row->senders)
        return;
    if (c->sent < l->row->lines)
        send_window(l, c);
    else
        l->finished++;
}

/* line: without its end, NUL in place of it. */
static void
handle(struct load *l, struct client *c, const char *line)
{
    const char *verb = *line == ':' ? strchr(line, ' ') : NULL;

    verb = verb ? verb + 1 : line;
    if (!strncmp(verb, "PRIVMSG ", 8)) {
        l->seen.delivered++;
        c->got++;
    } else if (!strncmp(verb, "JOIN ", 5))
        l->seen.joins++;
    else if (!strncmp(verb, "PONG ", 5))
        pong(l, c);
    else if (!strncmp(verb, "366 ", 4))
        l->seen.names++;
    else if (!strncmp(verb, "376 ", 4) || !strncmp(verb, "422 ", 4))
        l->seen.ready++;
    else if (!strncmp(line, "PING ", 5)) {
        char text[LINE_SIZE];
        int n = snprintf(text, sizeof text, "PONG %.500s\r\n", line + 5);
        say(c, text, (size_t)n);
    } else if ((*verb == '4' || *verb == '5') || !strncmp(line, "ERROR", 5)) {
        if (!l->leaving)
            die("client %u is told: %s", c->id, line);
    }
}

static void
close_client(struct load *l, struct client *c)
{
    if (!l->leaving)
        die("client %u was disconnected: %s", c->id, strerror(errno));
    close(c->fd);
    c->fd = -1;
    c->tail = 0;
    l->seen.closed++;
}

static void
receive(struct load *l, struct client *c)
{
    char *line = l->in, *end;

    memcpy(l->in, c->rest, c->tail);
    errno = 0;
    ssize_t n = recv(c->fd, l->in + c->tail, READ_SIZE, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        close_client(l, c);
        return;
    }
    l->seen.reads++;
    size_t left = c->tail + (size_t)n;
    while ((end = memchr(line, '\n', left))) {
        left -= (size_t)(end + 1 - line);
        end[end > line && end[-1] == '\r' ? -1 : 0] = '\0';
        handle(l, c, line);
        line = end + 1;
    }
    if (left >= sizeof c->rest)
        die("client %u got a line of more than %d bytes", c->id, LINE_SIZE);
    memcpy(c->rest, line, left);
    c->tail = left;
}

/* Reads until the counter reaches the goal; too much is as wrong as too little. */
static void
wait_for(struct load *l, const char *what, const uint64_t *counter, uint64_t goal)
{
    struct epoll_event events[EVENTS];

    while (*counter < goal) {
        int n = epoll_wait(l->epoll, events, EVENTS, 1000);
        for (int i = 0; i < n; i++)
            receive(l, events[i].data.ptr);
        if (nanoseconds(CLOCK_MONOTONIC) / 1000000000 > l->deadline)
            die("time is up: %s %ju of %ju", what, (uintmax_t)*counter,
                (uintmax_t)goal);
    }
    if (*counter > goal)
        die("too many: %s %ju of %ju", what, (uintmax_t)*counter, (uintmax_t)goal);
}

static void
open_client(struct load *l, unsigned id)
{
    struct client *c = &l->clients[id];
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    char hello[LINE_SIZE];
    int n = snprintf(hello, sizeof hello, "NICK b%05u\r\nUSER b 0 * :b\r\n", id);

    c->id = id;
    c->fd = connect_from(id % ADDRESSES, &l->to);
    if (c->fd < 0)
        die("client %u cannot connect: %s", id, strerror(errno));
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event) != 0)
        die("epoll_ctl: %s", strerror(errno));
    say(c, hello, (size_t)n);
}

static void
open_clients(struct load *l, unsigned from, unsigned to)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    uint64_t base = l->seen.ready;

    for (unsigned id = from; id < to; id++) {
        open_client(l, id);
        if (id % PACE == 0)
            nanosleep(&pause, NULL);
        if ((id + 1 - from) % PENDING == 0)
            wait_for(l, "registered", &l->seen.ready, base + id + 1 - from);
    }
    wait_for(l, "registered", &l->seen.ready, base + to - from);
}

/* Behind it, every client has read all that the server had for him. */
static void
barrier(struct load *l, unsigned clients)
{
    uint64_t goal = l->seen.pongs + clients;

    for (unsigned id = 0; id < clients; id++)
        say(&l->clients[id], "PING :b\r\n", 9);
    wait_for(l, "barrier", &l->seen.pongs, goal);
}

static void
join_all(struct load *l)
{
    const struct row *row = l->row;
    char line[64];

    for (unsigned channel = 0; channel < row->channels; channel++) {
        int n = snprintf(line, sizeof line, "JOIN #bench%u\r\n", channel);
        for (unsigned slot = 0; slot < row->members; slot++)
            say(&l->clients[member(row, channel, slot)], line, (size_t)n);
    }
    wait_for(l, "joined", &l->seen.names, (uint64_t)row->channels * row->members);
}

/* Fills in what each client must get and returns the sum. */
static uint64_t
plan(struct load *l)
{
    const struct row *row = l->row;
    uint64_t total = 0;

    for (unsigned i = 0; i < row->senders * row->lines; i++) {
        unsigned sender = i / row->lines;
        if (row->channels == 0) {
            l->clients[sender ^ 1U].expected++;
            total++;
            continue;
        }
        unsigned channel = target_channel(row, sender, i % row->lines);
        for (unsigned slot = 0; slot < row->members; slot++) {
            unsigned to = member(row, channel, slot);
            l->clients[to].expected += to != sender;
            total += to != sender;
        }
    }
    return total;
}

static void
talk(struct load *l)
{
    uint64_t expected;

    open_clients(l, 0, l->row->clients);
    join_all(l);
    barrier(l, l->row->clients);
    expected = plan(l);

    start_measuring(l);
    l->talking = true;
    for (unsigned id = 0; id < l->row->senders; id++)
        send_window(l, &l->clients[id]);
    wait_for(l, "senders", &l->finished, l->row->senders);
    wait_for(l, "deliveries", &l->seen.delivered, expected);
    stop_measuring(l, l->seen.delivered);

    l->talking = false;
    barrier(l, l->row->clients);
    for (unsigned id = 0; id < l->row->clients; id++) {
        const struct client *c = &l->clients[id];
        if (c->got != c->expected)
            die("client %u got %u of %u lines", id, c->got, c->expected);
    }
}

/* Everybody joins at once; each JOIN line that anybody sees counts. */
static void
join_burst(struct load *l)
{
    uint64_t n = l->row->members;

    open_clients(l, 0, l->row->clients);
    barrier(l, l->row->clients);
    start_measuring(l);
    join_all(l);
    wait_for(l, "joins", &l->seen.joins, l->row->channels * n * (n + 1) / 2);
    stop_measuring(l, l->seen.joins);
}

/* Connect, register, QUIT, wait for the end; `lines` times, `window` at a time. */
static void
churn(struct load *l)
{
    start_measuring(l);
    for (unsigned done = 0; done < l->row->lines; done += l->row->window) {
        open_clients(l, 0, l->row->window);
        l->leaving = true;
        for (unsigned id = 0; id < l->row->window; id++)
            say(&l->clients[id], "QUIT\r\n", 6);
        wait_for(l, "closed", &l->seen.closed, l->seen.closed + l->row->window);
        l->leaving = false;
    }
    stop_measuring(l, l->seen.closed);
}

static void
idle(struct load *l)
{
    unsigned clients = l->row->clients, most = descriptors();
    uint64_t before, after;

    if (most < clients + RESERVE)
        clients = most > RESERVE ? most - RESERVE : 0;
    if (clients < 2 * IDLE_BASE)
        die("descriptors for only %u clients; %d are the least", clients,
            2 * IDLE_BASE);
    open_clients(l, 0, IDLE_BASE);
    barrier(l, IDLE_BASE);
    start_measuring(l);
    before = resident(l->pid);
    open_clients(l, IDLE_BASE, clients);
    barrier(l, clients);
    after = resident(l->pid);
    stop_measuring(l, clients - IDLE_BASE);
    l->cost = after > before ? after - before : 0;
}

/* clang-format off */
static const struct row ROWS[] = {
    /*                                      clients  channels of  senders lines window  ratio value */
    {"fan-out",  "ns/delivery", talk,          1000,    1, 1000,     4,  1000,  20,     2,    0},
    {"idle",     "byte/client", idle,          9000,    0,    0,     0,     0,   0,     0, 1536},
    {"private",  "ns/delivery", talk,           500,    0,    0,   500,   400,  10,     0,    0},
    {"channels", "ns/delivery", talk,          1000, 2000,   10,  1000,    60,  10,     0,    0},
    {"join",     "ns/delivery", join_burst,    1000,    1, 1000,     0,     0,   0,     0,    0},
    {"churn",    "ns/client",   churn,          250,    0,    0,     0,  5000, 250,     0,    0},
};
/* clang-format on */
enum { ROW_COUNT = sizeof ROWS / sizeof *ROWS };

static int
list_rows(void)
{
    for (int i = 0; i < ROW_COUNT; i++)
        printf("%s %s %g %g\n", ROWS[i].name, ROWS[i].unit, ROWS[i].max_ratio,
               ROWS[i].max_value);
    return 0;
}

static void
find_server(struct load *l, const char *port, const char *pid)
{
    struct timespec pause = {.tv_nsec = 50000000};
    int fd = -1;

    l->to = loopback(0, (unsigned)strtoul(port, NULL, 10));
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

static void
run(const struct row *row, const char *port, const char *pid)
{
    static struct load l;

    descriptors();
    alarm(DEADLINE + 10);
    l.deadline = nanoseconds(CLOCK_MONOTONIC) / 1000000000 + DEADLINE;
    l.row = row;
    l.epoll = epoll_create1(EPOLL_CLOEXEC);
    l.clients = calloc(row->clients, sizeof *l.clients);
    if (l.epoll < 0 || !l.clients)
        die("cannot start: %s", strerror(errno));
    find_server(&l, port, pid);
    row->run(&l);
    printf("%s %s %ju %ju %jd %ju\n", row->name, row->unit, (uintmax_t)l.count,
           (uintmax_t)l.cost, (intmax_t)(l.wall / 1000000), (uintmax_t)l.reads);
}

int
main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "-l"))
        return list_rows();
    if (argc == 2 && !strcmp(argv[1], "-p"))
        return printf("%u\n", free_port()) < 0;
    for (int i = 0; argc == 4 && i < ROW_COUNT; i++) {
        if (!strcmp(argv[1], ROWS[i].name)) {
            run(&ROWS[i], argv[2], argv[3]);
            return 0;
        }
    }
    fputs("usage: load -l | -p | ROW PORT PID\n", stderr);
    return 1;
}
