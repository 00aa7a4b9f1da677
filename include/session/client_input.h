/* Input of a session that is not run yet. */
#ifndef SESSION_CLIENT_INPUT_H
#define SESSION_CLIENT_INPUT_H

#include "base/linebuf.h"
#include "base/list.h"
#include "state/client.h"
#include "state/subsystem.h"

#include <stdint.h>

struct held;

struct client_input {
    struct linebuf in;   /* the unfinished line */
    struct held *held;   /* one block: lines that wait; NULL: none */
    struct list holding; /* on holding_of while it has held lines or untold refusals */
    msec refused_at;     /* monotonic: first of `refused` */
    uint16_t refused;    /* lines refused, and told so, since refused_at */
    uint16_t untold;     /* lines refused without a word so far */
    uint16_t lines;      /* received before registration */
};
_Static_assert(sizeof(struct client_input) == SESSION_INPUT, "state/client.h");

static inline struct client_input *
input_of(const struct client *c)
{
    return (struct client_input *)(void *)c->session->input;
}

/* The clients that have held lines or untold refusals. */
static inline struct list *
holding_of(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_held);
}

/* The client whose `holding` this is. */
static inline struct client *
input_holder(struct list *holding)
{
    struct client_input *input = LIST_ENTRY(holding, struct client_input, holding);
    return LIST_ENTRY((void *)input, struct session, input)->client;
}

#endif
