/* The message ids have a clock that never goes back. It follows the wall clock while
 * that is ahead. If the wall clock is set back, the clock of the ids continues at half
 * speed until the wall clock is ahead again. (If it stopped, each message would raise
 * the id by one, so clients could count the messages of the server.)
 *
 * Once a mark is saved, this file must never give an id at or above the last saved
 * mark. If the disk fails for so long that the clock comes within ten seconds of the
 * mark, the clock stops and each id is the last one plus 1. There is room for 2^20 ids
 * in each of the 10,000 milliseconds below the mark. */
#include "state/msgid.h"

#include "base/attr.h"
#include "base/str.h"
#include "state/record.h"
#include "state/server.h"
#include "state/subsystem.h"

#define SPARE (10 * MSEC_SECOND) /* reserve below the mark, used if the disk fails */
/* the year 2527: the last moment that fits into an id */
#define LATEST (((msec)1 << 44) - 1)

static uint64_t
first_id(msec at)
{
    return (uint64_t)at << MSGID_SEQUENCE_BITS;
}

static msec
moment_of_id(uint64_t id)
{
    return (msec)(id >> MSGID_SEQUENCE_BITS);
}

static msec
clamp_moment(msec at)
{
    return at < 0 ? 0 : at > LATEST ? LATEST : at;
}

static msec
read_clock(const struct server *srv, struct msgid_clock *m)
{
    msec at = m->led + (srv->now - m->led_at) / 2, wall = clamp_moment(srv->wall);
    if (wall < at)
        return clamp_moment(at);
    m->led = wall;
    m->led_at = srv->now;
    return wall;
}

static store_ticket
store_mark(struct server *srv, msec mark)
{
    static const char key = MSGID_RECORD;
    struct record r;
    record_begin(&r, MSGID_RECORD);
    record_add_number(&r, (uint64_t)mark);
    /* never too long */
    return record_put(srv, "message id mark", &r, &key, sizeof key);
}

static void
take_saved_mark(struct server *srv, struct saved_wait *wait, const char *why)
{
    (void)wait;
    if (why == NULL)
        msgid_of(srv)->mark = msgid_of(srv)->asked;
}

static void
reserve_ids(struct server *srv, msec now)
{
    struct msgid_clock *m = msgid_of(srv);
    msec last = moment_of_id(m->last);
    m->asked = clamp_moment((now > last ? now : last) + MSGID_AHEAD);
    on_saved(srv, store_mark(srv, m->asked), &m->wait, take_saved_mark);
}

static bool
is_reserve_short(const struct msgid_clock *m, msec now)
{
    return m->wait.ticket == 0 && m->mark - now < MSGID_RENEW && m->mark < LATEST;
}

void
msgid_begin(struct server *srv)
{
    struct msgid_clock *m = msgid_of(srv);
    m->led = clamp_moment(srv->wall);
    m->led_at = srv->now;
    if (m->last > first_id(m->led))
        m->led = moment_of_id(m->last) + 1;
    if (srv->store->durable)
        reserve_ids(srv, m->led);
}

static bool
load_mark_record(struct server *srv, struct record_reader *in, const void *key,
                 size_t len)
{
    (void)key;
    (void)len;
    if (in->at == in->end)
        return false;
    msec mark = clamp_moment(record_moment(in));
    msgid_of(srv)->last = mark > 0 ? first_id(mark) - 1 : 0;
    return true;
}

const struct record_kind msgid_records[] = {
    {.letter = MSGID_RECORD, .name = "message id mark", .load = load_mark_record},
    {0},
};

bool
msgid_is_ready(const struct server *srv)
{
    return !srv->store->durable || msgid_of(srv)->mark != 0;
}

ATTR_HOT uint64_t
msgid_next(struct server *srv)
{
    struct msgid_clock *m = msgid_of(srv);
    msec at = read_clock(srv, m);
    if (m->mark != 0) {
        if (is_reserve_short(m, at))
            reserve_ids(srv, at);
        if (at > m->mark - SPARE)
            at = m->mark - SPARE;
    }
    uint64_t id = first_id(at);
    m->last = id > m->last ? id : m->last + 1;
    m->given++;
    return m->last;
}

void
msgid_text(const struct origin *o, uint64_t id, char out[MSGID_TEXT])
{
    char node[ORIGIN_NODE_TEXT];
    origin_node_text(o, node);
    str_format(out, MSGID_TEXT, "%016llx%s", (unsigned long long)id, node);
}

void
msgid_tick(struct server *srv)
{
    struct msgid_clock *m = msgid_of(srv);
    msec at = read_clock(srv, m);
    if (m->mark != 0 && is_reserve_short(m, at))
        reserve_ids(srv, at);
}

void
msgid_end(struct server *srv)
{
    if (srv->store->durable && msgid_of(srv)->last != 0)
        store_mark(srv, clamp_moment(moment_of_id(msgid_of(srv)->last) + 1));
}

static void
begin_ids(struct server *srv, const struct server_start *start)
{
    (void)start;
    msgid_begin(srv);
}

const struct subsystem msgid_subsystem = {
    .id = SUBSYSTEM_msgid,
    .state = sizeof(struct msgid_clock),
    .records = msgid_records,
    .loaded = begin_ids,
    .tick = msgid_tick,
    .free = msgid_end,
};
