/* Flat bytes of send queues: many small buffers become one piece to write, and queues
 * that hold the same buffers share that piece. */
#ifndef BASE_GATHER_H
#define BASE_GATHER_H

#include <stddef.h>
#include <stdint.h>

struct iovec;
struct sbuf;
struct sendq;

#define GATHER_BUFFERS 1024 /* buffers in one piece at most */
#define GATHER_BYTES 65536  /* bytes in one piece at most */

/* Zeroed: nothing gathered. */
struct gather {
    uint32_t count; /* buffers in the piece; each holds a reference */
    uint32_t bytes; /* of the piece */
    uint64_t made;  /* pieces copied together so far (tests, profiles) */
    struct sbuf *held[GATHER_BUFFERS];
    char piece[GATHER_BYTES];
};

/* Fills at most max iovecs with the first unsent bytes of q in order; returns how many.
 * One flat piece where the buffers are small, q's own buffers where they are large, few
 * or begun. They are borrowed until the next call on g or q. */
int gather_iov(struct gather *g, const struct sendq *q, struct iovec *iov, int max);

/* Gives the references back. The buffers of a turn must not outlive it. */
void gather_release(struct gather *g);

#endif
