/* Flat bytes of send queues.
 *
 * The kernel takes one flat piece faster than many vectors of a line each, and after a
 * fan-out most queues of a turn hold the very same buffers: then the copy that was made
 * for the first serves the others. That it is the same is judged by the buffers
 * themselves; g holds references, so that none of them can be freed, changed or
 * replaced at its address meanwhile. Must never copy large buffers. */
#include "base/gather.h"

#include "base/attr.h"
#include "base/sbuf.h"
#include "base/sendq.h"

#include <stdbool.h>
#include <string.h>
#include <sys/uio.h>

#define SMALL                                                                          \
    1024 /* bytes of a buffer, on the average: above it, vectors are cheaper */

void
gather_release(struct gather *g)
{
    for (uint32_t i = 0; i < g->count; i++)
        sbuf_unref(g->held[i]);
    g->count = 0;
    g->bytes = 0;
}

static uint32_t
slots_before_wrap(const struct sendq *q, uint32_t count)
{
    uint32_t n = q->cap - q->head;
    return n < count ? n : count;
}

/* q holds what was gathered last, and nothing behind it that would have had room. */
static bool
is_gathered(const struct gather *g, const struct sendq *q)
{
    bool is_whole = g->count == q->count && g->bytes == q->bytes;
    bool is_full = g->count == GATHER_BUFFERS && q->count > GATHER_BUFFERS;
    if (!is_whole && !is_full)
        return false;
    uint32_t first = slots_before_wrap(q, g->count);
    return memcmp(g->held, q->ring + q->head, first * sizeof *g->held) == 0 &&
           memcmp(g->held + first, q->ring, (g->count - first) * sizeof *g->held) == 0;
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

static bool
is_worth_copying(const struct sendq *q)
{
    return q->count > 1 && q->offset == 0 && q->bytes / q->count <= SMALL;
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
