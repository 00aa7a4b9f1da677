/* Sums that the server keeps, counted anew from the objects themselves. */
#ifndef TESTS_RECOUNT_H
#define TESTS_RECOUNT_H

#include "base/mem.h"
#include "world.h"

/* Buffers of all queues, and the memory of these and of the rings; a shared buffer
 * counts once. */
struct mem_sum recount_queues(const struct world *w);

#endif
