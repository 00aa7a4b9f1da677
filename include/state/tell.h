/* Telling an event: its log line, its counter and the notice to operators, all by its
 * row of base/events.def. */
#ifndef STATE_TELL_H
#define STATE_TELL_H

#include "base/event.h"
#include "proto/snomask.h"

#include <stdbool.h>
#include <stdint.h>

struct client;
struct server;

/* The readers of a notice. */
struct tell_to {
    const struct client *actor; /* reads its own answer instead; NULL: none */
    uint64_t privileges;        /* operators with any of them read the open form */
};
#define TELL_ALL ((struct tell_to){NULL, 0})
#define TELL_FORMS(privileges) ((struct tell_to){NULL, (privileges)})
#define TELL_OTHERS(actor, privileges) ((struct tell_to){(actor), (privileges)})

/* TELL(srv, TELL_OTHERS(c, PRIV_see_address), pardon, .by = c->oper, .host = host): the
 * compiler refuses a field that the event lacks, and a value of another type. */
#define TELL(srv, to, name, ...)                                                       \
    tell_event((srv), (to), EVENT_##name, &(struct event_##name){__VA_ARGS__})

/* The same for `event`, a row LIKE this one; it aborts if it is none. */
#define TELL_LIKE(srv, to, event, name, ...)                                           \
    tell_event((srv), (to), event_like((event), EVENT_##name),                         \
               &(struct event_##name){__VA_ARGS__})

/* fields: the struct of the event. Nothing is kept. */
void tell_event(struct server *srv, struct tell_to to, enum event event,
                const void *fields);

/* False: its level is dropped and no operator wants its notice. Then it is counted
 * here, and the caller need not make up its fields. */
bool tell_wants(struct server *srv, enum event event);

struct notice_row {
    uint16_t kind;    /* SNO_* */
    bool limited;     /* at most 10 of a kind at once and one a second */
    const char *text; /* with the fields in braces; NULL: no notice */
};
extern const struct notice_row notice_rows[EVENTS];

#endif
