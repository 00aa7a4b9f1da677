/* The send queue of one client: a ring of references to shared buffers that are not
 * sent yet. */
#ifndef BASE_SENDQ_H
#define BASE_SENDQ_H

#include "base/attr.h"
#include "base/sbuf.h"

#include <stddef.h>
#include <stdint.h>

struct iovec;

/* A zeroed struct is an empty queue without memory of its own. */
struct sendq {
    struct sbuf **ring; /* cap slots, a power of two; NULL when cap is 0 */
    uint32_t head;      /* slot of the first buffer */
    uint32_t count;     /* buffers queued */
    uint32_t cap;       /* slots */
    uint32_t offset;    /* bytes of the first buffer already sent */
    uint32_t bytes;     /* unsent bytes in all */
    uint32_t limit;     /* bytes; only the owner of the queue reads and writes it */
};

/* Enlarges the ring, which is full. *home (NULL: none) counts its memory. */
void sendq_grow(struct sendq *q, struct sbuf_home *home);

/* A buffer is queued soon, so the processor may fetch the slot. */
static inline void
sendq_prefetch(const struct sendq *q)
{
    if (q->ring)
        PREFETCH(&q->ring[(q->head + q->count) & (q->cap - 1)]);
}

/* Queues b, which holds at least one byte, and takes over the caller's reference. All
 * buffers of a queue have the same home, which counts the ring as well. */
static inline void
sendq_put(struct sendq *q, struct sbuf *b)
{
    if (q->count == q->cap)
        sendq_grow(q, b->home);
    q->ring[(q->head + q->count) & (q->cap - 1)] = b;
    q->count++;
    q->bytes += b->len;
}

/* Queues b and takes a reference of its own. Inline, because a fan-out consists of this
 * call. */
static inline void
sendq_push(struct sendq *q, struct sbuf *b)
{
    if (b->len > 0) /* an empty buffer would keep the queue from becoming empty */
        sendq_put(q, sbuf_ref(b));
}

/* Queues a copy of n bytes for this client alone (home: see sbuf_new). If the last
 * buffer is unshared and has room, the bytes join it, so that a burst of replies is a
 * few buffers. */
void sendq_append(struct sendq *q, struct sbuf_home *home, const char *bytes, size_t n);

/* Fills at most max iovecs with the unsent bytes, in order, and returns how many it has
 * filled. They are borrowed until the next call on q. */
int sendq_iov(const struct sendq *q, struct iovec *iov, int max);

/* Takes n bytes (<= q->bytes), which have been sent, off the queue, and gives back the
 * references to finished buffers. A queue that becomes empty frees its ring. */
void sendq_consume(struct sendq *q, size_t n);

/* Shrinks the ring to the least power of two that leaves one slot free. Called if the
 * socket takes no more for now. */
void sendq_shrink(struct sendq *q);

/* Drops all buffers; the struct is zeroed then, except its limit. */
void sendq_clear(struct sendq *q);

#endif
