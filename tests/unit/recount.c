/* Sums that the server keeps, counted anew from the objects themselves. */
#include "recount.h"

static int
compare_pointers(const void *a, const void *b)
{
    const void *const *left = a, *const *right = b;
    return *left < *right ? -1 : *left > *right;
}

struct mem_sum
recount_queues(const struct world *w)
{
    const struct server *srv = w->srv;
    const struct sbuf **all = NULL, *last = NULL;
    size_t n = 0, cap = 0;
    struct mem_sum sum = {0};
    for (size_t i = 0; i < SERVER_LISTS; i++)
        LIST_EACH(server_list(srv, i), node) {
            const struct sendq *q = &LIST_ENTRY(node, struct client, link)->out.sendq;
            sum.bytes += mem_block(q->cap * sizeof *q->ring);
            if (n + q->count > cap)
                all = xrealloc(all, (cap = 2 * (n + q->count)) * sizeof *all);
            for (uint32_t k = 0; k < q->count; k++)
                all[n++] = q->ring[(q->head + k) & (q->cap - 1)];
        }
    if (n > 0)
        qsort(all, n, sizeof *all, compare_pointers);
    for (size_t i = 0; i < n; last = all[i++])
        if (all[i] != last) {
            sum.n++;
            sum.bytes += mem_block(sizeof **all + all[i]->cap);
        }
    free(all);
    return sum;
}
