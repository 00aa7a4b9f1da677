/* Shared buffers. A message to a thousand members is made once and queued a thousand
 * times; its count reaches 0 when the last queue has sent it. The count is not atomic,
 * because one thread owns all state. The length of a buffer must never change while it
 * has more than one reference. */
#include "base/sbuf.h"

#include "base/attr.h"

#include <assert.h>
#include <stdlib.h>

static size_t
count_sbuf_memory(const struct sbuf *b)
{
    return mem_block(sizeof(*b) + b->cap);
}

ATTR_HOT struct sbuf *
sbuf_new(struct sbuf_home *home, size_t cap)
{
    struct sbuf *b;

    assert(cap <= UINT32_MAX / 2);
    b = xmalloc(sizeof(*b) + cap);
    b->refs = 1;
    b->len = 0;
    b->cap = (uint32_t)cap;
    b->own = 0;
    b->stamp = 0;
    b->home = home;
    if (home != NULL) {
        home->made = (home->made + 1) % SBUF_STAMPS;
        b->stamp = home->made;
        home->sum.n++;
        home->sum.bytes += count_sbuf_memory(b);
    }
    return b;
}

ATTR_HOT void
sbuf_unref(struct sbuf *b)
{
    if (b == NULL)
        return;
    assert(b->refs > 0);
    if (--b->refs > 0)
        return;
    if (b->home != NULL) {
        b->home->sum.n--;
        b->home->sum.bytes -= count_sbuf_memory(b);
    }
    free(b);
}
