/* The last events of the core, in a ring.
 *
 * A client can choose texts of an event, so the memory of each is limited, and a text
 * that does not fit is cut. */
#include "state/event_ring.h"

#include "base/bucket.h"
#include "base/mem.h"
#include "base/str.h"
#include "state/census.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <assert.h>
#include <string.h>

#define RING_BURST 10 /* events of a row with a limited rate that are kept at once */
#define RING_INTERVAL MSEC_SECOND /* time until one more is kept */
#define NO_VALUE "\n"             /* no text of a client has a line end */

struct event_ring {
    uint64_t last; /* the number of the last event; 0: there was none */
    size_t bytes;  /* memory of all values, a sum of mem_block */
    struct kept_event kept[EVENT_RING]; /* event n is in kept[n % EVENT_RING] */
    struct ring_limit {
        struct bucket bucket;
        unsigned suppressed;
    } limits[EVENTS];
};

/* NULL: a server with a part of the subsystems alone (`ircd --load-bans`) has none. */
static struct event_ring *
find_ring(const struct server *srv)
{
    return srv->places ? subsystem_state(srv, SUBSYSTEM_event_ring) : NULL;
}

/* That of a server that has one. */
static struct event_ring *
ring_of(const struct server *srv)
{
    struct event_ring *ring = find_ring(srv);
    assert(ring != NULL);
    return ring;
}

/* Whether the event only tells that a program reads tables, perhaps each second. */
static bool
is_reading(enum event event, const void *fields)
{
    const struct event_control *control = fields;
    const struct event_api *api = fields;
    const char *command = NULL;
    if (event == EVENT_control)
        command = control->command;
    if (event == EVENT_api)
        command = api->command;
    return command && strcmp(command, "TABLE") == 0;
}

static bool
is_kept_level(enum event event)
{
    const struct event_row *row = &event_rows[event];
    return row->rate != EVENT_NEVER && row->level <= LOG_LEVEL_INFO;
}

/* Writes the values of the fields into room. Returns the bytes. */
static size_t
pack_values(enum event event, const void *fields, char room[EVENT_RING_TEXT])
{
    struct str s;
    size_t left = 0;
    str_init(&s, room, EVENT_RING_TEXT);
    for (const struct event_field *f = event_rows[event].fields(); f->name; f++)
        left += f->key ? sizeof NO_VALUE : 0;
    for (const struct event_field *f = event_rows[event].fields(); f->name; f++) {
        char digits[EVENT_ROOM];
        if (f->key == NULL)
            continue;
        const char *value =
            event_value(event, fields, f->name, strlen(f->name), digits);
        left -= sizeof NO_VALUE;
        size_t n = value ? strlen(value) : 0, most = EVENT_RING_TEXT - s.len - 2 - left;
        /* A number is never cut, because that would make it another number. */
        if (value && (n <= most || !f->number))
            str_addn(&s, value, str_cut(value, n, n < most ? n : most));
        else
            str_add(&s, NO_VALUE);
        str_addc(&s, '\0');
    }
    assert(!s.cut);
    return s.len;
}

static void
drop_kept(struct event_ring *ring, struct kept_event *e)
{
    ring->bytes -= mem_block(e->size);
    free(e->values);
    memset(e, 0, sizeof *e);
}

static void
keep_event(struct server *srv, enum event event, const void *fields,
           unsigned suppressed)
{
    struct event_ring *ring = ring_of(srv);
    struct kept_event *e = &ring->kept[++ring->last % EVENT_RING];
    char room[EVENT_RING_TEXT];
    drop_kept(ring, e);
    *e = (struct kept_event){.seq = ring->last,
                             .wall = srv->wall,
                             .event = event,
                             .suppressed = suppressed,
                             .size = pack_values(event, fields, room)};
    e->values = xmalloc(e->size);
    memcpy(e->values, room, e->size);
    ring->bytes += mem_block(e->size);
}

void
event_note(struct server *srv, enum event event, const struct log_rate *rate,
           const void *fields)
{
    bool limited = rate || event_rows[event].rate == EVENT_LIMITED;
    event_log(srv->log, event, rate, fields);
    if (find_ring(srv) == NULL || !is_kept_level(event) || is_reading(event, fields))
        return;
    struct ring_limit *limit = &ring_of(srv)->limits[event];
    if (limited &&
        !bucket_take(&limit->bucket, srv->now, RING_BURST, RING_INTERVAL, 1)) {
        limit->suppressed++;
        return;
    }
    keep_event(srv, event, fields, limit->suppressed);
    limit->suppressed = 0;
}

bool
event_note_wanted(struct server *srv, enum event event)
{
    return is_kept_level(event) || event_wants_line(srv->log, event);
}

const struct kept_event *
event_ring_find(const struct server *srv, uint64_t seq)
{
    const struct event_ring *ring = ring_of(srv);
    uint64_t first = ring->last > EVENT_RING ? ring->last - EVENT_RING + 1 : 1;
    seq = seq > first ? seq : first;
    return seq <= ring->last ? &ring->kept[seq % EVENT_RING] : NULL;
}

const char *
event_ring_value(const struct kept_event *e, const char *key)
{
    const char *at = e->values;
    for (const struct event_field *f = event_rows[e->event].fields(); f->name; f++) {
        if (f->key == NULL)
            continue;
        if (strcmp(f->key, key) == 0)
            return strcmp(at, NO_VALUE) == 0 ? NULL : at;
        at += strlen(at) + 1;
    }
    return NULL;
}

static void
add_ring_memory(const struct server *srv, struct census *out)
{
    const struct event_ring *ring = ring_of(srv);
    size_t n = ring->last < EVENT_RING ? (size_t)ring->last : EVENT_RING;
    census_add(out, CENSUS_OF_SERVER, "kept events", n, ring->bytes);
}

static void
check_ring(const struct server *srv)
{
    const struct event_ring *ring = ring_of(srv);
    size_t bytes = 0;
    for (size_t i = 0; i < EVENT_RING; i++) {
        const struct kept_event *e = &ring->kept[i];
        bytes += mem_block(e->size);
        assert(e->seq == 0 || (e->seq % EVENT_RING == i && e->seq <= ring->last &&
                               e->seq + EVENT_RING > ring->last));
    }
    assert(bytes == ring->bytes);
}

static void
free_ring(struct server *srv)
{
    for (size_t i = 0; i < EVENT_RING; i++)
        drop_kept(ring_of(srv), &ring_of(srv)->kept[i]);
}

const struct subsystem event_ring_subsystem = {
    .id = SUBSYSTEM_event_ring,
    .state = sizeof(struct event_ring),
    .memory = add_ring_memory,
    .check = check_ring,
    .free = free_ring,
};
