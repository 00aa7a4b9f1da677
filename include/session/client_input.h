/* The input of a client that was not run yet: the unfinished line, the held lines, and
 * the counts of refused lines. */
#ifndef SESSION_CLIENT_INPUT_H
#define SESSION_CLIENT_INPUT_H

#include "base/linebuf.h"
#include "base/list.h"
#include "state/client.h"
#include "state/subsystem.h"

#include <stdint.h>

struct held;

struct client_input {
    struct linebuf in; /* the unfinished line */
    struct held *held; /* held lines, in one block; NULL: none */
    /* Node of holding_of while there are held lines or untold refusals. */
    struct list holding;
    msec refused_at;  /* monotonic: when the first of the `refused` lines came */
    uint16_t refused; /* refused lines since refused_at that the client was told of */
    uint16_t untold;  /* refused lines that the client was not told of yet */
    uint16_t lines;   /* lines received before registration */
};
_Static_assert(sizeof(struct client_input) == SESSION_INPUT, "state/client.h");

static inline struct client_input *
input_of(const struct client *c)
{
    return (struct client_input *)(void *)c->session->input;
}

/* The list of clients that have held lines or untold refusals. */
static inline struct list *
holding_of(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_held);
}

/* The client that this node of holding_of belongs to. */
static inline struct client *
input_holder(struct list *holding)
{
    struct client_input *input = LIST_ENTRY(holding, struct client_input, holding);
    return LIST_ENTRY((void *)input, struct session, input)->client;
}

#endif
