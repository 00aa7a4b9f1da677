/* The send queue of one client: a ring of references, so that fan-out costs a pointer a
 * member and one writev can take many messages. A drained queue has no ring: memory
 * that a burst has left with twenty thousand silent clients is never used, and to take
 * a small block again for the next turn costs nothing that can be measured. Must never
 * copy bytes that were pushed, never add to a buffer that another queue may hold, and
 * never free its owner: what to do about a queue that grows too long is decided above.
 */
#include "base/sendq.h"

#include "base/attr.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#define FIRST_CAP 8u
#define GROWTH 4u        /* a burst of hundreds is copied three times */
#define LARGE_RING 512u  /* slots from which a ring only doubles */
#define SMALL_JOIN 240u  /* a reply or two; with its header 272 bytes */
#define LARGE_JOIN 1024u /* once a small one is full */
#define BURST_JOIN 4096u /* a long list, and whatever follows in a queue of one */

/* mem_block of a ring, which every turn makes and frees: its slots are a multiple of 16
 * bytes. */
static inline size_t
ring_memory(uint32_t cap)
{
    return cap > 0 ? cap * sizeof(struct sbuf *) + 16 : 0;
}

/* Moves what is queued to a ring of cap slots, which are enough. */
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
    size_t before = ring_memory(q->cap);

    if (q->cap > 0) {
        replace_ring(q, q->cap * (q->cap < LARGE_RING ? GROWTH : 2));
    } else {
        q->ring = xmalloc(FIRST_CAP * sizeof(struct sbuf *));
        q->cap = FIRST_CAP;
    }
    if (home != NULL)
        home->sum.bytes += ring_memory(q->cap) - before;
}

/* The last buffer, if it is one that may be added to. */
static struct sbuf *
find_joinable(const struct sendq *q)
{
    struct sbuf *last;

    if (q->count == 0)
        return NULL;
    last = q->ring[(q->head + q->count - 1) & (q->cap - 1)];
    return last->own && last->refs == 1 ? last : NULL;
}

/* Room of the buffer behind last (NULL: that one cannot be joined). One who asks, is
 * spoken to and reads nothing gets many of the second size: limits count bytes, so it
 * must not be many times as large as what makes a client need it. */
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

/* Where the buffers of q are counted. */
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
        home->sum.bytes -= ring_memory(q->cap);
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
            b->refs--; /* the common case of fan-out, without a call */
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
    size_t before = ring_memory(q->cap);

    while (cap <= q->count)
        cap *= 2;
    if (q->count == 0 || cap >= q->cap)
        return;
    replace_ring(q, cap);
    if (home != NULL)
        home->sum.bytes -= before - ring_memory(q->cap);
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
