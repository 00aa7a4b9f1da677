/* The engine of load: connections, one epoll, lines.
 *
 * Only lines that arrived here are counted, and their number must be exactly that of
 * the row's plan for each client; anything else (an error numeric, a lost connection, a
 * late answer) ends the row. It must never report a number it has not measured. */
#include "load.h"

#include <stdio.h>
#include <sys/epoll.h>

enum {
    ADDRESSES = 250, /* 127.0.0.1 ... are the sources, so that ports do not run out */
    PENDING = 250,   /* connections that are registering at a time */
    EVENTS = 1024,
};

/* The unit of the row's cost: system calls / 1000, or nanoseconds of the CPU. */
static int64_t
meter(const struct load *l)
{
    if (l->row->flags & ROW_CALLS)
        return 1000 * (int64_t)calls_read(l);
    return nanoseconds(l->cpu);
}

void
start_measuring(struct load *l)
{
    l->reads_start = l->seen.reads;
    l->wall_start = nanoseconds(CLOCK_MONOTONIC);
    if (!l->in_turns)
        l->cost_start = meter(l);
}

static void
add_cost(struct load *l)
{
    int64_t now = meter(l);

    l->spent.cost += (uint64_t)(now - l->cost_start);
    l->cost_start = now;
}

void
stop_measuring(struct load *l, uint64_t count)
{
    add_cost(l);
    l->spent.wall += nanoseconds(CLOCK_MONOTONIC) - l->wall_start;
    l->spent.reads += l->seen.reads - l->reads_start;
    l->spent.count += count;
}

void
say(struct client *c, const char *bytes, size_t n)
{
    char frames[WS_SAID];

    if (c->framed) {
        n = ws_mask_lines(bytes, n, frames);
        bytes = frames;
    }
    if (send(c->fd, bytes, n, MSG_NOSIGNAL) != (ssize_t)n)
        die("client %u cannot send: %s", c->id, strerror(errno));
}

static void
pong(struct load *l, struct client *c)
{
    l->seen.pongs++;
    if (!l->talking || l->window == 0 || c->lines == 0)
        return;
    if (c->sent < c->lines)
        send_window(l, c);
    else
        l->finished++;
}

/* line: ":b00001!… PRIVMSG #bench0 :000017 …". */
static void
check_order(struct client *c, const char *line, const char *verb)
{
    const char *text = strchr(verb, ':');
    unsigned long sender = strtoul(line + 2, NULL, 10);

    if (!text || sender >= ORDERED_SENDERS ||
        strtoul(text + 1, NULL, 10) != c->next[sender]++)
        die("client %u got a line out of order: %s", c->id, line);
}

static void
delivery(struct load *l, struct client *c, const char *tags)
{
    l->seen.delivered++;
    c->got++;
    if (!(l->row->flags & ROW_TAGGED))
        return;
    if (!tags || !strstr(tags, "time=") || !strstr(tags, "msgid="))
        die("client %u got a line without time and msgid", c->id);
}

static void
capabilities(const struct client *c, const char *line)
{
    if (strstr(line, " ACK "))
        return;
    fprintf(stderr, "client %u is told: %s\n", c->id, line);
    exit(NOT_OFFERED);
}

static void
answer_ping(struct client *c, const char *line)
{
    char text[LINE_SIZE];
    int n = snprintf(text, sizeof text, "PONG %.500s\r\n", line + 5);
    say(c, text, (size_t)n);
}

static bool
is_any_of(const char *verb, const char *const *list)
{
    for (; *list; list++)
        if (!strncmp(verb, *list, 4))
            return true;
    return false;
}

static void
handle_numeric(struct load *l, struct client *c, const char *line, const char *verb)
{
    static const char *const ROWS[] = {"322 ", "352 ", "353 ", NULL};
    static const char *const ENDS[] = {"315 ", "323 ", "366 ", NULL};
    static const char *const READY[] = {"376 ", "422 ", NULL};
    c->rows += is_any_of(verb, ROWS);
    l->seen.names += !strncmp(verb, "366 ", 4);
    if (is_any_of(verb, READY))
        l->seen.ready++;
    else if (is_any_of(verb, ENDS) && l->answered)
        l->answered(l, c);
    else if ((*verb == '4' || *verb == '5') && !l->leaving)
        die("client %u is told: %s", c->id, line);
}

/* line: without its end, NUL in place of it. */
static void
handle(struct load *l, struct client *c, char *line)
{
    const char *tags = NULL, *verb;

    if (*line == '@' && (verb = strchr(line, ' '))) {
        tags = line;
        line += verb - line;
        *line++ = '\0';
    }
    verb = *line == ':' ? strchr(line, ' ') : NULL;
    verb = verb ? verb + 1 : line;
    if (!strncmp(verb, "PRIVMSG ", 8) && l->row->flags & ROW_ORDERED)
        check_order(c, line, verb);
    if (!strncmp(verb, "PRIVMSG ", 8))
        delivery(l, c, tags);
    else if (!strncmp(verb, "JOIN ", 5))
        l->seen.joins++;
    else if (!strncmp(verb, "PONG ", 5))
        pong(l, c);
    else if (!strncmp(verb, "CAP ", 4))
        capabilities(c, line);
    else if (!strncmp(line, "PING ", 5))
        answer_ping(c, line);
    else if (!strncmp(line, "ERROR", 5) && !l->leaving)
        die("client %u is told: %s", c->id, line);
    else if (*verb >= '0' && *verb <= '9')
        handle_numeric(l, c, line, verb);
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

/* Takes the whole lines of the n bytes at `line`; returns where the rest begins. */
static char *
take_lines(struct load *l, struct client *c, char *line, size_t n)
{
    char *stop = line + n, *end;

    while ((end = memchr(line, '\n', (size_t)(stop - line)))) {
        end[end > line && end[-1] == '\r' ? -1 : 0] = '\0';
        handle(l, c, line);
        line = end + 1;
    }
    return line;
}

/* The same of frames: the byte behind one may be part of the next. */
static char *
take_frames(struct load *l, struct client *c, char *at, size_t n)
{
    char *stop = at + n, *line;
    size_t size;

    while ((line = ws_take_frame(at, (size_t)(stop - at), &size))) {
        char next = line[size];
        line[size] = '\0';
        handle(l, c, line);
        at = line + size;
        *at = next;
    }
    return at;
}

/* Its clients speak WebSocket. */
static bool
is_web(const struct load *l)
{
    return l->row->flags & ROW_WS && l->other;
}

static void
say_hello(struct load *l, struct client *c)
{
    char hello[LINE_SIZE];
    bool tagged = l->row->flags & ROW_TAGGED;
    int n = snprintf(hello, sizeof hello, "%sNICK b%05u\r\nUSER b 0 * :b\r\n%s",
                     tagged ? "CAP REQ :message-tags server-time\r\n" : "", c->id,
                     tagged ? "CAP END\r\n" : "");

    say(c, hello, (size_t)n);
}

/* Registers, once the answer to the upgrade has come. */
static char *
take_answer(struct load *l, struct client *c, char *at, size_t n)
{
    at[n] = '\0';
    size_t size = ws_take_answer(at, n);

    if (size == 0)
        return at;
    if (size < n)
        die("client %u got bytes before it has registered", c->id);
    c->framed = true;
    say_hello(l, c);
    return at + size;
}

static void
receive(struct load *l, struct client *c)
{

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
    size_t all = c->tail + (size_t)n;
    char *rest = c->framed   ? take_frames(l, c, l->in, all)
                 : is_web(l) ? take_answer(l, c, l->in, all)
                             : take_lines(l, c, l->in, all);
    size_t left = (size_t)(l->in + all - rest);
    if (left >= sizeof c->rest)
        die("client %u got a line of more than %d bytes", c->id, LINE_SIZE);
    memcpy(c->rest, rest, left);
    c->tail = left;
}

void
receive_some(struct load *l, int milliseconds)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(l->epoll, events, EVENTS, milliseconds);

    for (int i = 0; i < n; i++)
        receive(l, events[i].data.ptr);
}

/* so_far and goal: of the lines for which the row waits. */
static void
die_if_late(const struct load *l, const char *what, uint64_t so_far, uint64_t goal)
{
    if (nanoseconds(CLOCK_MONOTONIC) / 1000000000 > l->deadline)
        die("time is up: %s %ju of %ju", what, (uintmax_t)so_far, (uintmax_t)goal);
}

void
wait_for(struct load *l, const char *what, const uint64_t *counter, uint64_t goal)
{
    while (*counter < goal) {
        receive_some(l, 1000);
        die_if_late(l, what, *counter, goal);
    }
    if (*counter > goal)
        die("too many: %s %ju of %ju", what, (uintmax_t)*counter, (uintmax_t)goal);
}

static void
open_client(struct load *l, unsigned id)
{
    struct client *c = &l->clients[id];
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};

    c->id = id;
    c->framed = false;
    c->fd = connect_from(id % ADDRESSES, &l->to);
    if (c->fd < 0)
        die("client %u cannot connect: %s", id, strerror(errno));
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event) != 0)
        die("epoll_ctl: %s", strerror(errno));
    if (is_web(l))
        say(c, ws_request, strlen(ws_request));
    else
        say_hello(l, c);
}

void
open_clients(struct load *l, unsigned from, unsigned to)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    uint64_t base = l->seen.ready;

    for (unsigned id = from; id < to; id++) {
        open_client(l, id);
        die_if_late(l, "connected", id + 1, to); /* each may take seconds */
        if (l->pace > 0 && id % l->pace == 0)
            nanosleep(&pause, NULL);
        if ((id + 1 - from) % PENDING == 0)
            wait_for(l, "registered", &l->seen.ready, base + id + 1 - from);
    }
    wait_for(l, "registered", &l->seen.ready, base + to - from);
}

void
barrier(struct load *l, unsigned clients)
{
    uint64_t goal = l->seen.pongs + clients;

    for (unsigned id = 0; id < clients; id++)
        say(&l->clients[id], "PING :b\r\n", 9);
    wait_for(l, "barrier", &l->seen.pongs, goal);
    if (l->in_turns)
        l->cost_start = meter(l);
}

static void
begin_turns(struct load *l)
{
    l->in_turns = true;
    l->spent = (struct spent){0};
    l->cost_start = meter(l);
}

void
take_turns(struct load *l, void (*gather)(struct load *), void (*once)(struct load *))
{
    struct load *other = l->other;
    unsigned turns = l->row->turns, warm = turns / 3;

    gather(l);
    if (other == NULL) {
        once(l);
        return;
    }
    gather(other);
    for (unsigned turn = 0; turn < warm + turns; turn++) {
        if (turn == warm) {
            begin_turns(l);
            begin_turns(other);
        }
        once(turn % 2 ? other : l);
        once(turn % 2 ? l : other);
    }
    add_cost(l);
    add_cost(other);
}
