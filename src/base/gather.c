/* Copies small buffers of send queues together.
 *
 * The kernel takes one piece faster than many iovecs of one line each. After a fan-out
 * most queues of a turn hold the same buffers, and the copy that was made for the first
 * queue serves the others. Two queues have the same bytes if they hold the same
 * pointers: g has a reference to each buffer, so none of them can be freed, changed or
 * replaced at its address meanwhile. Large buffers must never be copied. */
#include "base/gather.h"

#include "base/attr.h"
#include "base/sbuf.h"
#include "base/sendq.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>
#include <sys/uio.h>

/* Bytes of the average buffer of a queue; above, iovecs are faster than a copy. */
#define COPIED_MEAN_MAX 1024

void
gather_release(struct gather *g)
{
    for (uint32_t i = 0; i < g->count; i++)
        sbuf_unref(g->held[i]);
    g->count = 0;
    g->bytes = 0;
}

static uint32_t
count_slots_before_wrap(const struct sendq *q, uint32_t count)
{
    uint32_t n = q->cap - q->head;
    return n < count ? n : count;
}

/* True if the piece holds all buffers of q, or the first ones and has no room for
 * more. */
static bool
is_gathered(const struct gather *g, const struct sendq *q)
{
    bool is_whole = g->count == q->count && g->bytes == q->bytes;
    bool is_full = g->count == GATHER_BUFFERS && q->count > GATHER_BUFFERS;
    if (!is_whole && !is_full)
        return false;
    uint32_t first = count_slots_before_wrap(q, g->count);
    return memcmp(g->held, q->ring + q->head, first * sizeof *g->held) == 0 &&
           memcmp(g->held + first, q->ring, (g->count - first) * sizeof *g->held) == 0;
}

static const struct sbuf *
queued_buffer(const struct sendq *q, uint32_t i)
{
    return q->ring[(q->head + i) & (q->cap - 1)];
}

static void
gather_buffers(struct gather *g, const struct sendq *q)
{
    gather_release(g);
    while (g->count < q->count && g->count < GATHER_BUFFERS) {
        struct sbuf *b = q->ring[(q->head + g->count) & (q->cap - 1)];
        if (b->len > GATHER_BYTES - g->bytes)
            break;
        memcpy(g->piece + g->bytes, b->data, b->len);
        g->bytes += b->len;
        g->held[g->count++] = sbuf_ref(b);
    }
    g->made++;
}

/* Copies a queue with a first buffer that is partly sent. No other queue shares the
 * piece, so g holds no buffer afterwards. Returns the number of bytes. */
static size_t
copy_begun(struct gather *g, const struct sendq *q)
{
    size_t n = 0, skip = q->offset;
    gather_release(g);
    for (uint32_t i = 0; i < q->count && i < GATHER_BUFFERS; i++) {
        const struct sbuf *b = queued_buffer(q, i);
        size_t len = b->len - skip;
        if (len > GATHER_BYTES - n)
            break;
        memcpy(g->piece + n, b->data + skip, len);
        n += len;
        skip = 0;
    }
    g->made++;
    return n;
}

static bool
is_worth_copying(const struct sendq *q)
{
    return q->count > 1 && q->offset == 0 && q->bytes / q->count <= COPIED_MEAN_MAX;
}

ATTR_HOT int
gather_iov(struct gather *g, const struct sendq *q, struct iovec *iov, int max)
{
    if (max < 1 || !is_worth_copying(q))
        return sendq_iov(q, iov, max);
    if (!is_gathered(g, q))
        gather_buffers(g, q);
    if (g->count < 2)
        return sendq_iov(q, iov, max);
    iov->iov_base = g->piece;
    iov->iov_len = g->bytes;
    return 1;
}

ATTR_HOT const char *
gather_flat(struct gather *g, const struct sendq *q, size_t *n)
{
    *n = 0;
    if (q->count == 0)
        return NULL;
    const struct sbuf *first = queued_buffer(q, 0);
    *n = first->len - q->offset;
    if (q->count == 1 || *n >= GATHER_FLAT_LEAST)
        return first->data + q->offset;
    if (q->offset > 0) {
        *n = copy_begun(g, q);
        return g->piece;
    }
    if (!is_gathered(g, q))
        gather_buffers(g, q);
    *n = g->bytes;
    return g->piece;
}

/* Makes the piece. It holds the buffers, so that it is shared, only if no buffer is partly
 * sent and each one is whole in the piece. */
static void
form_buffers(struct gather *g, gather_form *form, const struct sendq *q)
{
    size_t skip = q->offset, n = 0, lines = 0, taken;
    gather_release(g);
    for (uint32_t i = 0; i < q->count && i < GATHER_BUFFERS; i++) {
        struct sbuf *b = q->ring[(q->head + i) & (q->cap - 1)];
        size_t len = b->len - skip;
        size_t made = form(b->data + skip, len, g->piece + n, GATHER_BYTES - n, &taken);
        if (taken == len || n == 0) {
            n += made;
            lines += taken;
        }
        if (taken < len)
            break;
        if (q->offset == 0) {
            g->bytes += b->len;
            g->held[g->count++] = sbuf_ref(b);
        }
        skip = 0;
    }
    assert(n > 0);
    g->formed = (uint32_t)n;
    g->taken = (uint32_t)lines;
    g->made++;
}

ATTR_HOT const char *
gather_formed(struct gather *g, gather_form *form, const struct sendq *q, size_t *n,
              size_t *lines)
{
    *n = *lines = 0;
    if (q->count == 0)
        return NULL;
    if (q->offset > 0 || !is_gathered(g, q))
        form_buffers(g, form, q);
    *n = g->formed;
    *lines = g->taken;
    return g->piece;
}
