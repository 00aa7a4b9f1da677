/* Telling an event: its log line, its counter and its notice to operators, all from its
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
    const struct client *actor; /* gets no notice, but its own answer; NULL: none */
    uint64_t privileges;        /* operators with any of them get the open form */
};
#define TELL_ALL ((struct tell_to){NULL, 0})
#define TELL_FORMS(privileges) ((struct tell_to){NULL, (privileges)})
#define TELL_OTHERS(actor, privileges) ((struct tell_to){(actor), (privileges)})

/* TELL(srv, TELL_OTHERS(c, PRIV_see_address), pardon, .by = c->oper, .host = host): the
 * compiler refuses a field that the event lacks, and a value of another type. */
#define TELL(srv, to, name, ...)                                                       \
    tell_event((srv), (to), EVENT_##name, &(struct event_##name){__VA_ARGS__})

/* The same for `event`, a row LIKE `name`; aborts if it is not. */
#define TELL_LIKE(srv, to, event, name, ...)                                           \
    tell_event((srv), (to), event_like((event), EVENT_##name),                         \
               &(struct event_##name){__VA_ARGS__})

/* fields: the struct of the event, borrowed for the call. */
void tell_event(struct server *srv, struct tell_to to, enum event event,
                const void *fields);

/* False: its level is not logged and no operator wants its notice. The event is counted
 * then, and the caller need not fill its fields. */
bool tell_wants(struct server *srv, enum event event);

struct notice_row {
    uint16_t kind;    /* SNO_* */
    bool limited;     /* the rate of notices of its kind is limited */
    const char *text; /* with fields in braces; NULL: no notice */
};
extern const struct notice_row notice_rows[EVENTS];

#endif
