/* Token buckets as one moment in time (GCRA). A bucket that lacks k tokens is full
 * again k intervals from now, so that moment is its whole state: no timer refills it,
 * and fractions of a token are exact. This file must never read a clock; times are
 * monotonic and not negative. */
#include "base/bucket.h"

/* bursts that refill the largest deficit: ten, and one for the empty bucket */
#define WORST_BURSTS 11
#define SPAN_MAX ((msec)1 << 60) /* sums of a few of these do not overflow */

/* The time in which this number of tokens comes back, at most SPAN_MAX. */
static msec
find_refill_time(int tokens, msec interval)
{
    if (tokens <= 0 || interval <= 0)
        return 0;
    /* the usual case: no overflow, so no division to find one */
    if (tokens < 1 << 20 && interval < (msec)1 << 40)
        return interval * tokens;
    return interval > SPAN_MAX / tokens ? SPAN_MAX : interval * tokens;
}

static msec
choose_later(msec a, msec b)
{
    return a > b ? a : b;
}

msec
bucket_wait(const struct bucket *b, msec now, int burst, msec interval, int cost)
{
    msec missing;

    if (cost <= 0)
        return 0; /* a cost of 0 passes, however large the deficit is */
    burst = burst > 0 ? burst : 1;
    cost = cost < burst ? cost : burst;
    missing = choose_later(b->full_at - now, 0);
    return choose_later(missing - find_refill_time(burst - cost, interval), 0);
}

bool
bucket_take(struct bucket *b, msec now, int burst, msec interval, int cost)
{
    burst = burst > 0 ? burst : 1;
    cost = cost < burst ? cost : burst;
    if (cost <= 0)
        return true; /* a cost of 0 passes, however large the deficit is */
    msec missing = choose_later(b->full_at - now, 0);
    if (missing > find_refill_time(burst - cost, interval))
        return false;
    b->full_at = now + missing + find_refill_time(cost, interval);
    return true;
}

void
bucket_charge(struct bucket *b, msec now, int burst, msec interval, int cost)
{
    msec most, missing;

    burst = burst > 0 ? burst : 1;
    most = find_refill_time(burst, interval);
    most = most > SPAN_MAX / WORST_BURSTS ? SPAN_MAX : most * WORST_BURSTS;
    missing = choose_later(b->full_at - now, 0);
    if (cost <= 0 || missing >= most)
        return;
    missing += find_refill_time(cost, interval);
    b->full_at = now + (missing < most ? missing : most);
}

void
bucket_give(struct bucket *b, msec interval, int cost)
{
    b->full_at -= find_refill_time(cost, interval);
}

void
bucket_limit(struct bucket *b, msec now, int burst, msec interval)
{
    msec most = find_refill_time(burst > 0 ? burst : 1, interval);
    if (b->full_at - now > most)
        b->full_at = now + most;
}

int
bucket_left(const struct bucket *b, msec now, int burst, msec interval)
{
    msec missing = choose_later(b->full_at - now, 0);
    if (missing == 0 || interval <= 0)
        return burst;
    msec taken = (missing - 1) / interval + 1;
    return taken >= burst ? 0 : burst - (int)taken;
}
