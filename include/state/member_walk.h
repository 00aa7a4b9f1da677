/* A walk over the members of a channel that may pause between two of them.
 *
 * A member that is on the channel at the start and stays is met exactly once, although
 * other clients join and leave meanwhile. A member that has left is not met. A client
 * that joins later may be met. */
#ifndef STATE_MEMBER_WALK_H
#define STATE_MEMBER_WALK_H

#include "base/list.h"

#include <stdint.h>

struct channel;
struct member;

struct member_walk {
    struct list link;     /* in channel.walks while chan is not NULL */
    struct channel *chan; /* NULL: the walk has ended or the channel was freed */
    uint32_t next;        /* index of the next member */
    uint32_t end;         /* no member at or after this index is met */
    /* bits of `due` that are set, and all bits; 0: not allocated */
    uint32_t n_due, room;
    uint32_t due_from; /* no bit of `due` before this one is set */
    /* bit set: this index is before `next`, but is still to be met */
    uint8_t *due;
};

/* Begins a walk over chan; member_walk_end must follow. The struct must not move
 * meanwhile. */
void member_walk_begin(struct member_walk *w, struct channel *chan);

/* The next member, borrowed until a client joins or parts; NULL: there is none. */
const struct member *member_walk_next(struct member_walk *w);

/* Ends a walk at any point. A walk that has ended, or is zeroed, is fine. */
void member_walk_end(struct member_walk *w);

/* For channel.c: the member at index `at` leaves, and the last member, at index `last`,
 * takes its index. */
void member_walk_part(struct channel *chan, uint32_t at, uint32_t last);
/* For channel.c: chan is about to be freed. */
void member_walk_lose(struct channel *chan);

#endif
