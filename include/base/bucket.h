/* A token bucket in eight bytes: it remembers only when it will be full again (GCRA).
 */
#ifndef BASE_BUCKET_H
#define BASE_BUCKET_H

#include "base/msec.h"

#include <stdbool.h>

/* A zeroed struct is a full bucket. `burst` tokens at most, one comes back each
 * `interval`. */
struct bucket {
    msec full_at; /* monotonic time at which it is full again */
};

/* Takes `cost` tokens if that many are there: true. A cost above burst counts as burst.
 * False takes nothing. */
bool bucket_take(struct bucket *b, msec now, int burst, msec interval, int cost);

/* Takes `cost` tokens even if they are not there (debt); the debt is at most 10 times
 * burst. */
void bucket_charge(struct bucket *b, msec now, int burst, msec interval, int cost);

/* Gives back `cost` tokens that bucket_take has taken; what has come back since by time
 * alone does not come twice, so the bucket is full at most. */
void bucket_give(struct bucket *b, msec interval, int cost);

/* Forgets what is missing beyond an empty bucket: of a bucket without debts, what was
 * taken while its limit was a stricter one. */
void bucket_limit(struct bucket *b, msec now, int burst, msec interval);

/* Milliseconds until bucket_take would succeed; 0 = now. */
msec bucket_wait(const struct bucket *b, msec now, int burst, msec interval, int cost);

/* Whole tokens that are there; 0 also in debt. */
int bucket_left(const struct bucket *b, msec now, int burst, msec interval);

#endif
