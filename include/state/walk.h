/* A walk over the members of a channel that may rest between two of them.
 *
 * Whoever was on the channel when it began and stays is met exactly once, whoever joins
 * or leaves meanwhile; who has left is not met any more; who joins later may be. */
#ifndef STATE_WALK_H
#define STATE_WALK_H

#include "base/list.h"

#include <stdint.h>

struct channel;
struct member;

struct walk {
    struct list link;     /* channel.walks; alone: there is no channel any more */
    struct channel *chan; /* NULL: it has gone */
    uint32_t next;        /* members from this index on are to come */
    uint32_t end;         /* and before this one */
    uint32_t n_due, room; /* bits set in due, and all of them; 0: none needed so far */
    uint32_t due_from;    /* no bit before this one is set */
    uint8_t *due;         /* bits: stands before next, and is to come all the same */
};

/* Begins a walk of chan; walk_end follows. The walk must not move meanwhile. */
void walk_begin(struct walk *w, struct channel *chan);

/* The next member, borrowed until anybody joins or parts; NULL: there is none. */
const struct member *walk_next(struct walk *w);

/* Ends it, anywhere; a second time and a zeroed one are fine. */
void walk_end(struct walk *w);

/* For channel.c: the member at index `at` leaves, and the last one, at index `last`,
 * takes its place. */
void walk_part(struct channel *chan, uint32_t at, uint32_t last);
/* For channel.c: chan goes. */
void walk_lose(struct channel *chan);

#endif
