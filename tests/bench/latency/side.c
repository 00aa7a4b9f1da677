/* The members of a channel on one server, and the timetable of the lines.
 *
 * All lines are equally long, so the bytes that a member has tell how many lines it has.
 * Over TLS they are counted by the records' headers, and only one member, the witness,
 * decrypts what it gets; it checks each line. A turn must never end before each member
 * has exactly the bytes of all its lines. */
#include "side.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#define SECOND 1000000000LL

enum {
    ADDRESSES = 250,
    WAVE = 100,  /* members that join at a time */
    EVENTS = 64, /* reads between two looks at the timetable */
    READ_SIZE = 65536,
    QUIET = 300, /* ms without a byte: nothing is under way */
    PATIENCE = 10000,
    TLS_RECORD = 23,   /* the type of a record with data */
    TLS_OVERHEAD = 17, /* bytes of a record of TLS 1.3 beyond its text */
};

/* --- one member --- */

/* Counts the text in bytes of records. */
static void
count_records(struct member *m, const unsigned char *at, size_t n)
{
    while (n > 0) {
        size_t part = m->left < n ? m->left : n;
        if (part == 0) {
            m->header[m->in_header++] = *at++;
            n--;
            if (m->in_header < TLS_HEADER)
                continue;
            m->in_header = 0;
            m->left = m->length = (unsigned)m->header[3] << 8 | m->header[4];
            if (m->header[0] != TLS_RECORD || m->length <= TLS_OVERHEAD)
                die("a record of type %u and %u bytes", m->header[0], m->length);
            continue;
        }
        at += part;
        n -= part;
        m->left -= (unsigned)part;
        if (m->left == 0)
            m->bytes += m->length - TLS_OVERHEAD;
    }
}

/* Checks the lines that the witness has got. */
static void
check_lines(struct side *s)
{
    char *line = s->text, *end, wanted[32];
    size_t left = s->kept;
    while ((end = memchr(line, '\n', left))) {
        size_t n = (size_t)(end + 1 - line);
        *end = '\0';
        snprintf(wanted, sizeof wanted, " #bench0 :%06u ", s->next);
        if (strstr(line, wanted) == NULL || (s->line > 0 && n != s->line))
            die("line %u came as: %s", s->next, line);
        s->line = n;
        s->next++;
        line = end + 1;
        left -= n;
    }
    memmove(s->text, line, left);
    s->kept = left;
}

static ssize_t
read_witness(struct side *s, struct member *m)
{
    ssize_t n = read_end(&m->end, s->text + s->kept, sizeof s->text - s->kept);
    if (n <= 0)
        return n;
    m->bytes += (uint64_t)n;
    if (s->said > 0) {
        s->kept += (size_t)n;
        check_lines(s);
    }
    return n;
}

static ssize_t
read_member(struct side *s, struct member *m)
{
    static unsigned char bytes[READ_SIZE];
    if (m == s->members)
        return read_witness(s, m);
    ssize_t n = recv(m->end.fd, bytes, sizeof bytes, 0);
    if (n <= 0)
        return n;
    if (s->row->tls)
        count_records(m, bytes, (size_t)n);
    else
        m->bytes += (uint64_t)n;
    return n;
}

/* Counts the lines that are now whole. */
static void
count_lines(struct side *s, struct member *m)
{
    int64_t now = nanoseconds(CLOCK_MONOTONIC);
    for (; m->bytes >= (m->lines + 1) * s->line; m->lines++) {
        if (m->lines >= s->sent)
            die("a member has more lines than were sent");
        if (--s->lacking[m->lines] > 0)
            continue;
        s->took[m->lines] = now - (s->begun + m->lines * s->gap);
        s->finished++;
    }
}

/* Reads from the members that have something. False: none had within so many ms. */
static bool
receive_some(struct side *s, int milliseconds)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(s->epoll, events, EVENTS, milliseconds);
    bool any = false;
    for (int i = 0; i < n; i++) {
        struct member *m = events[i].data.ptr;
        uint64_t fired;
        if (m == NULL) {
            any |= read(s->timer, &fired, sizeof fired) > 0;
            continue;
        }
        any = true;
        errno = 0;
        if (read_member(s, m) <= 0 && errno != EAGAIN && errno != EINTR)
            die("a member was disconnected");
        if (s->lines > 0)
            count_lines(s, m);
    }
    return any;
}

static void
await_quiet(struct side *s, int milliseconds)
{
    while (receive_some(s, milliseconds))
        ;
}

/* --- the channel --- */

static void
begin_end(const struct side *s, struct tls_end *e, char letter, unsigned number)
{
    *e = connect_end(s->x, number % ADDRESSES, &s->to);
    begin_register(e, letter, number);
}

static void
join_end(struct tls_end *e)
{
    await_text(e, " 422 ");
    write_end(e, "JOIN #bench0\r\n", 14);
}

static void
add_member(struct side *s, struct member *m)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = m};
    join_end(&m->end);
    if (m != s->members) { /* the records of the others are only counted */
        SSL_free(m->end.ssl);
        m->end.ssl = NULL;
    }
    if (fcntl(m->end.fd, F_SETFL, O_NONBLOCK) != 0 ||
        epoll_ctl(s->epoll, EPOLL_CTL_ADD, m->end.fd, &event) != 0)
        die("epoll_ctl: %s", strerror(errno));
}

static void
add_members(struct side *s, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        begin_end(s, &s->members[i].end, 'b', i);
    for (unsigned i = from; i < to; i++)
        add_member(s, &s->members[i]);
    await_quiet(s, 20);
}

static void
say_line(struct side *s)
{
    char text[128];
    int n = snprintf(text, sizeof text, "PRIVMSG #bench0 :%06u %.50s\r\n", s->said++,
                     "the quick brown fox jumps over the lazy dog, again");
    write_end(&s->sender, text, (size_t)n);
}

static void
clear_counts(struct side *s)
{
    for (unsigned i = 0; i < s->row->members; i++) {
        if (s->members[i].left > 0 || s->members[i].in_header > 0)
            die("a member has half a record");
        s->members[i].bytes = s->members[i].lines = 0;
    }
}

/* All members have exactly that many lines. */
static void
check_members(const struct side *s, unsigned lines)
{
    for (unsigned i = 0; i < s->row->members; i++)
        if (s->members[i].bytes != lines * s->line)
            die("member %u has %ju bytes of %u lines with %zu", i,
                (uintmax_t)s->members[i].bytes, lines, s->line);
}

/* One line tells how long the lines are. */
static void
learn_line(struct side *s)
{
    await_quiet(s, QUIET);
    clear_counts(s);
    say_line(s);
    await_quiet(s, QUIET);
    if (s->line == 0)
        die("the first line has not come");
    check_members(s, 1);
}

void
side_gather(struct side *s)
{
    struct epoll_event event = {.events = EPOLLIN};
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    s->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    s->members = calloc(s->row->members, sizeof *s->members);
    if (s->epoll < 0 || s->timer < 0 || s->members == NULL ||
        epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->timer, &event) != 0)
        die("cannot start: %s", strerror(errno));
    for (unsigned i = 0, n = s->row->members; i < n; i += WAVE)
        add_members(s, i, i + WAVE < n ? i + WAVE : n);
    begin_end(s, &s->sender, 's', 0);
    join_end(&s->sender);
    await_text(&s->sender, " 366 ");
    learn_line(s);
}

/* --- a turn --- */

static void
send_due(struct side *s)
{
    while (s->sent < s->lines &&
           nanoseconds(CLOCK_MONOTONIC) >= s->begun + s->sent * s->gap) {
        s->sent++;
        say_line(s);
    }
}

static void
start_timetable(struct side *s)
{
    const struct row *row = s->row;
    s->gap = SECOND / row->rate;
    s->lines = row_lines(row);
    s->sent = s->finished = 0;
    clear_counts(s);
    for (unsigned i = 0; i < s->lines; i++)
        s->lacking[i] = row->members;
    s->begun = nanoseconds(CLOCK_MONOTONIC) + s->gap;
    struct itimerspec t = {
        .it_value = {.tv_sec = s->begun / SECOND, .tv_nsec = s->begun % SECOND},
        .it_interval = {.tv_nsec = s->gap}};
    timerfd_settime(s->timer, TFD_TIMER_ABSTIME, &t, NULL);
}

void
side_turn(struct side *s)
{
    start_timetable(s);
    while (s->finished < s->lines) {
        send_due(s);
        if (!receive_some(s, PATIENCE))
            die("%u of %u lines have come", s->finished, s->lines);
    }
    timerfd_settime(s->timer, 0, &(struct itimerspec){0}, NULL);
    unsigned lines = s->lines;
    s->lines = 0;
    await_quiet(s, 50);
    check_members(s, lines);
    if (s->next != s->said)
        die("the witness has %u lines of %u", s->next, s->said);
}
