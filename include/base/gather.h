/* Copies the small buffers of a send queue into one piece for one write. Queues that
 * hold the same buffers share the piece. */
#ifndef BASE_GATHER_H
#define BASE_GATHER_H

#include <stddef.h>
#include <stdint.h>

struct iovec;
struct sbuf;
struct sendq;

#define GATHER_BUFFERS 1024 /* buffers in one piece at most */
#define GATHER_BYTES 65536  /* bytes in one piece at most */

/* A zeroed struct holds nothing. */
struct gather {
    uint32_t count; /* buffers in the piece, with one reference to each */
    uint32_t bytes; /* of the piece */
    uint64_t made;  /* pieces copied so far (for tests and profiles) */
    struct sbuf *held[GATHER_BUFFERS];
    char piece[GATHER_BYTES];
};

/* Fills at most max iovecs with the first unsent bytes of q, in order, and returns how
 * many it has filled. If the buffers are small, there is one iovec: the piece. If they
 * are large, few or partly sent, the iovecs are the buffers of q. The bytes are
 * borrowed until the next call on g or q. */
int gather_iov(struct gather *g, const struct sendq *q, struct iovec *iov, int max);

/* Gives the references back. Called at the end of each turn: g must not keep the
 * buffers of a turn longer. */
void gather_release(struct gather *g);

#endif
