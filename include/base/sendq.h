/* What one client still has to be sent: a ring of references to shared bytes. */
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
    uint32_t limit;     /* of bytes; only the owner of the queue reads and writes it */
};

/* Makes room in the ring, which is full. *home (NULL: nothing) counts the ring's memory
 * from now on. */
void sendq_grow(struct sendq *q, struct sbuf_home *home);

/* The next buffer is queued soon: the processor may fetch its slot. */
static inline void
sendq_prefetch(const struct sendq *q)
{
    if (q->ring)
        PREFETCH(&q->ring[(q->head + q->count) & (q->cap - 1)]);
}

/* Queues the bytes of b (some) and takes over the caller's reference. All buffers of a
 * queue have the same home, which counts the queue's ring as well. */
static inline void
sendq_put(struct sendq *q, struct sbuf *b)
{
    if (q->count == q->cap)
        sendq_grow(q, b->home);
    q->ring[(q->head + q->count) & (q->cap - 1)] = b;
    q->count++;
    q->bytes += b->len;
}

/* Queues the bytes of b and takes a reference of its own. Here, because a fan-out does
 * nothing else that takes time. */
static inline void
sendq_push(struct sendq *q, struct sbuf *b)
{
    if (b->len > 0) /* an empty buffer would never be finished */
        sendq_put(q, sbuf_ref(b));
}

/* Queues a copy of n bytes that nobody else receives (home: see sbuf_new); joins them
 * to the last buffer where that is unshared and has room, so that a burst of replies is
 * a few buffers. */
void sendq_append(struct sendq *q, struct sbuf_home *home, const char *bytes, size_t n);

/* Fills at most max iovecs with the unsent bytes in order; returns how many. They are
 * borrowed until the next call on q. */
int sendq_iov(const struct sendq *q, struct iovec *iov, int max);

/* n bytes (<= q->bytes) have been sent: drops references of finished buffers. A queue
 * that becomes empty gives its ring back. */
void sendq_consume(struct sendq *q, size_t n);

/* What is left waits for a socket that takes no more: gives back the slots beyond the
 * least power of two that leaves one free. */
void sendq_shrink(struct sendq *q);

/* Drops everything; the struct is as zeroed, but for its limit. */
void sendq_clear(struct sendq *q);

#endif
