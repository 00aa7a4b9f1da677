/* A walk over the members of a channel that may pause between two of them.
 *
 * A member that is on the channel at the start and stays is met exactly once, although
 * other clients join and leave meanwhile. A member that has left is not met. A client
 * that joins later may be met. */
#ifndef STATE_WALK_H
#define STATE_WALK_H

#include "base/list.h"

#include <stdint.h>

struct channel;
struct member;

struct walk {
    struct list link;     /* in channel.walks while chan is not NULL */
    struct channel *chan; /* NULL: the walk has ended or the channel was freed */
    uint32_t next;        /* index of the next member */
    uint32_t end;         /* the walk ends before this index */
    /* bits of `due` that are set, and all bits; 0: not allocated */
    uint32_t n_due, room;
    uint32_t due_from; /* no bit of `due` before this one is set */
    /* bit set: this index is before `next`, but is still to be met */
    uint8_t *due;
};

/* Begins a walk over chan; walk_end must follow. The struct must not move meanwhile. */
void walk_begin(struct walk *w, struct channel *chan);

/* The next member, borrowed until a client joins or parts; NULL: there is none. */
const struct member *walk_next(struct walk *w);

/* Ends a walk at any point. A walk that has ended, or is zeroed, is fine. */
void walk_end(struct walk *w);

/* For channel.c: the member at index `at` leaves, and the last member, at index `last`,
 * takes its index. */
void walk_part(struct channel *chan, uint32_t at, uint32_t last);
/* For channel.c: chan is about to be freed. */
void walk_lose(struct channel *chan);

#endif
