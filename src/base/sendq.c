/* The send queue of one client: a ring of references. A fan-out costs one pointer for
 * each member, and one writev takes many messages. An empty queue has no ring: twenty
 * thousand clients keep no memory after a burst, and to allocate a small ring again in
 * the next turn costs too little to measure. This file must never copy bytes that were
 * pushed, never add to a buffer that another queue may hold, and never end the client:
 * the layers above decide about a queue that is too long. */
#include "base/sendq.h"

#include "base/attr.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#define FIRST_CAP 8u /* slots of a new ring */
/* factor; the ring of a burst of hundreds is copied three times */
#define GROWTH 4u
#define LARGE_RING 512u  /* slots; from here on a ring only doubles */
#define SMALL_JOIN 240u  /* bytes: a reply or two; 272 with the header */
#define LARGE_JOIN 1024u /* bytes: behind a small one that is full */
#define BURST_JOIN 4096u /* bytes: a long list */

/* mem_block of a ring of cap slots, without a division: every turn makes and frees
 * rings, and their size is a multiple of 16 bytes. */
static inline size_t
count_ring_memory(uint32_t cap)
{
    return cap > 0 ? cap * sizeof(struct sbuf *) + 16 : 0;
}

/* Moves the queued buffers to a new ring of cap slots, at least as many as they are. */
static void
replace_ring(struct sendq *q, uint32_t cap)
{
    struct sbuf **ring = xmalloc(cap * sizeof(struct sbuf *));
    uint32_t first = q->cap - q->head; /* slots before the wrap */

    if (first > q->count)
        first = q->count;
    memcpy(ring, q->ring + q->head, first * sizeof(struct sbuf *));
    memcpy(ring + first, q->ring, (q->count - first) * sizeof(struct sbuf *));
    free(q->ring);
    q->ring = ring;
    q->cap = cap;
    q->head = 0;
}

ATTR_HOT void
sendq_grow(struct sendq *q, struct sbuf_home *home)
{
    size_t before = count_ring_memory(q->cap);

    if (q->cap > 0) {
        replace_ring(q, q->cap * (q->cap < LARGE_RING ? GROWTH : 2));
    } else {
        q->ring = xmalloc(FIRST_CAP * sizeof(struct sbuf *));
        q->cap = FIRST_CAP;
    }
    if (home != NULL)
        home->sum.bytes += count_ring_memory(q->cap) - before;
}

/* The last buffer, if bytes may be added to it; else NULL. */
static struct sbuf *
find_joinable(const struct sendq *q)
{
    struct sbuf *last;

    if (q->count == 0)
        return NULL;
    last = q->ring[(q->head + q->count - 1) & (q->cap - 1)];
    return last->own && last->refs == 1 ? last : NULL;
}

/* Bytes of room for a new buffer behind last (NULL: the last buffer cannot be joined).
 * The limit of a queue counts bytes and not room. A client that gets replies and
 * messages by turns and reads nothing has many such buffers, so their room must not be
 * many times their bytes. */
static size_t
choose_room(const struct sendq *q, const struct sbuf *last)
{
    if (last == NULL)
        return SMALL_JOIN;
    return q->count == 1 || last->cap >= LARGE_JOIN ? BURST_JOIN : LARGE_JOIN;
}

ATTR_HOT void
sendq_append(struct sendq *q, struct sbuf_home *home, const char *bytes, size_t n)
{
    struct sbuf *last = find_joinable(q);
    size_t cap;

    if (n == 0)
        return;
    if (last != NULL && last->cap - last->len >= n) {
        memcpy(last->data + last->len, bytes, n);
        last->len += (uint32_t)n;
        q->bytes += (uint32_t)n;
        return;
    }
    cap = choose_room(q, last);
    last = sbuf_new(home, n > cap ? n : cap);
    last->own = 1;
    memcpy(last->data, bytes, n);
    last->len = (uint32_t)n;
    sendq_put(q, last);
}

int
sendq_iov(const struct sendq *q, struct iovec *iov, int max)
{
    uint32_t skip = q->offset;
    int n = 0;

    while (n < max && (uint32_t)n < q->count) {
        struct sbuf *b = q->ring[(q->head + (uint32_t)n) & (q->cap - 1)];

        iov[n].iov_base = b->data + skip;
        iov[n].iov_len = b->len - skip;
        skip = 0;
        n++;
    }
    return n;
}

/* The home of the buffers of q; NULL: they have none, or q is empty. */
static struct sbuf_home *
find_home(const struct sendq *q)
{
    return q->count > 0 ? q->ring[q->head]->home : NULL;
}

static void
drop_ring(struct sendq *q, struct sbuf_home *home)
{
    free(q->ring);
    if (home != NULL)
        home->sum.bytes -= count_ring_memory(q->cap);
    q->ring = NULL;
    q->head = q->cap = 0;
}

ATTR_HOT void
sendq_consume(struct sendq *q, size_t n)
{
    struct sbuf_home *home = find_home(q);

    assert(n <= q->bytes);
    q->bytes -= (uint32_t)n;
    n += q->offset;
    while (q->count > 0) {
        struct sbuf *b = q->ring[q->head];

        if (n < b->len)
            break;
        n -= b->len;
        q->head = (q->head + 1) & (q->cap - 1);
        q->count--;
        if (b->refs > 1)
            b->refs--; /* the usual case after a fan-out, without a call */
        else
            sbuf_unref(b);
    }
    q->offset = (uint32_t)n;
    if (q->count == 0)
        drop_ring(q, home);
}

void
sendq_shrink(struct sendq *q)
{
    struct sbuf_home *home = find_home(q);
    uint32_t cap = FIRST_CAP;
    size_t before = count_ring_memory(q->cap);

    while (cap <= q->count)
        cap *= 2;
    if (q->count == 0 || cap >= q->cap)
        return;
    replace_ring(q, cap);
    if (home != NULL)
        home->sum.bytes -= before - count_ring_memory(q->cap);
}

void
sendq_clear(struct sendq *q)
{
    struct sbuf_home *home = find_home(q);

    for (uint32_t i = 0; i < q->count; i++)
        sbuf_unref(q->ring[(q->head + i) & (q->cap - 1)]);
    drop_ring(q, home);
    *q = (struct sendq){.limit = q->limit};
}
