/* A histogram has few bounds, and most durations are below the first ones: a walk finds
 * the place. */
#include "base/histogram.h"

#define MICROSECOND UINT64_C(1000)
#define MILLISECOND (1000 * MICROSECOND)

const uint64_t histogram_of_turns[HISTOGRAM_BOUNDS] = {
    100 * MICROSECOND,  250 * MICROSECOND, 500 * MICROSECOND, 1 * MILLISECOND,
    2500 * MICROSECOND, 5 * MILLISECOND,   10 * MILLISECOND,  25 * MILLISECOND,
    50 * MILLISECOND,   100 * MILLISECOND, 250 * MILLISECOND, 1000 * MILLISECOND};

const uint64_t histogram_of_saves[HISTOGRAM_BOUNDS] = {
    1 * MILLISECOND,    5 * MILLISECOND,    10 * MILLISECOND,   25 * MILLISECOND,
    50 * MILLISECOND,   100 * MILLISECOND,  250 * MILLISECOND,  500 * MILLISECOND,
    1000 * MILLISECOND, 2500 * MILLISECOND, 5000 * MILLISECOND, 10000 * MILLISECOND};

void
histogram_add(struct histogram *h, uint64_t duration)
{
    size_t i = 0;
    while (i < HISTOGRAM_BOUNDS && duration > h->bounds[i])
        i++;
    h->counts[i]++;
    h->sum += duration;
}
