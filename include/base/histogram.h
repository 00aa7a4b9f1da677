/* A histogram of durations: how many of them were not above each of a few bounds. */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_BOUNDS 12

/* A zeroed struct is empty, once it has its bounds. */
struct histogram {
    const uint64_t *bounds; /* HISTOGRAM_BOUNDS of them, nanoseconds, rising; static */
    /* Durations above the bound before and not above this one; the last entry: above
     * all bounds. */
    uint64_t counts[HISTOGRAM_BOUNDS + 1];
    uint64_t sum; /* nanoseconds of all durations */
};

/* Bounds from 0.1 ms to 1 s, for turns of the event loop; and from 1 ms to 10 s, for
 * saves of the store. */
extern const uint64_t histogram_of_turns[HISTOGRAM_BOUNDS];
extern const uint64_t histogram_of_saves[HISTOGRAM_BOUNDS];

/* Counts one duration, in nanoseconds. */
void histogram_add(struct histogram *h, uint64_t duration);

#endif
