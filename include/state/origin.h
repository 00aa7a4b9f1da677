/* A server as clients see it: its name, the source of its own lines; and its node
 * number, a part of the ids and batch references that it gives out. There is one today,
 * srv->me. */
#ifndef STATE_ORIGIN_H
#define STATE_ORIGIN_H

#include "base/str.h"
#include "proto/name.h"

#include <stdint.h>

struct server;

struct origin {
    char name[NAME_HOST_MAX + 1]; /* server.name */
    uint16_t name_len;
    uint16_t node; /* 0: the only server */
};

#define ORIGIN_COUNTER_BITS 48          /* low bits of an id; the node is above them */
#define ORIGIN_NODE_TEXT sizeof "-ffff" /* room for origin_node_text */
#define ORIGIN_REFERENCE_TEXT (8 + ORIGIN_NODE_TEXT) /* room for a batch reference */

/* The id of a counter (below 2^48) of this node. No other node gives the same id. */
static inline uint64_t
origin_id(const struct origin *o, uint64_t counter)
{
    return (uint64_t)o->node << ORIGIN_COUNTER_BITS | counter;
}

/* The node that gave an id. */
static inline uint16_t
origin_node_of(uint64_t id)
{
    return (uint16_t)(id >> ORIGIN_COUNTER_BITS);
}

/* Writes the text that makes an id of this node unique as text: "-" and the node in hex
 * digits, or "" on the only server. */
static inline void
origin_node_text(const struct origin *o, char out[static ORIGIN_NODE_TEXT])
{
    out[0] = '\0';
    if (o->node)
        str_format(out, ORIGIN_NODE_TEXT, "-%x", o->node);
}

/* Writes the reference of a new batch, in hex digits. It differs from the last 2^32 - 1
 * references. A client cannot tell from it how many there were before. */
void origin_reference_next(struct server *srv, char out[ORIGIN_REFERENCE_TEXT]);

#endif
