/* The last events of the core, for the table of the log (TABLE log).
 *
 * Events of the levels error, warn and info are kept, whatever log.level is, so that a
 * core that plays a journal keeps the same ones. Events of the shell (files, listeners,
 * the start) are in the log alone. */
#ifndef STATE_EVENT_RING_H
#define STATE_EVENT_RING_H

#include "base/event.h"
#include "base/msec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct server;

#define EVENT_RING 1000      /* events that are kept */
#define EVENT_RING_TEXT 2000 /* bytes of the values of one event at most */

struct kept_event {
    uint64_t seq; /* 1, 2, 3, …: never again since the start */
    msec wall;
    enum event event;
    /* events of this row that were left out since the last one that was kept */
    unsigned suppressed;
    /* The values of the fields with a key, in their order, each with a NUL; '\n' alone:
     * no value. Owned. */
    char *values;
    size_t size; /* bytes of values */
};

/* LOG_EVENT for the core: NOTE_EVENT(srv, kill, .by = name, …) keeps the event as
 * well. */
#define NOTE_EVENT(srv, name, ...)                                                     \
    event_note((srv), EVENT_##name, NULL, &(struct event_##name){__VA_ARGS__})

/* event_log (base/event.h) that keeps the event as well. An event that outsiders can
 * cause at will is kept at a limited rate, so that they cannot push out the others. */
void event_note(struct server *srv, enum event event, const struct log_rate *rate,
                const void *fields);

/* As event_wants_line: false if the event would neither be kept nor written. */
bool event_note_wanted(struct server *srv, enum event event);

/* The first event that is kept with this number or a higher one; NULL: none. Borrowed
 * until the next event. */
const struct kept_event *event_ring_find(const struct server *srv, uint64_t seq);

/* The value of the key of a kept event; NULL: none. Borrowed from it. */
const char *event_ring_value(const struct kept_event *e, const char *key);

#endif
