/* A token bucket in eight bytes: it stores only the time at which it is full again
 * (GCRA). */
#ifndef BASE_BUCKET_H
#define BASE_BUCKET_H

#include "base/msec.h"

#include <stdbool.h>

/* A zeroed struct is a full bucket. A bucket holds at most `burst` tokens, and one
 * token comes back in each `interval`. */
struct bucket {
    msec full_at; /* monotonic: when the bucket is full again */
};

/* Takes `cost` tokens and returns true. If the bucket has fewer, it takes none and
 * returns false. A cost above burst counts as burst. */
bool bucket_take(struct bucket *b, msec now, int burst, msec interval, int cost);

/* Takes `cost` tokens even if the bucket has fewer: the difference becomes its deficit,
 * which is at most 10 times burst. */
void bucket_charge(struct bucket *b, msec now, int burst, msec interval, int cost);

/* Gives back `cost` tokens that bucket_take has taken. Tokens that have come back by
 * time since then do not come back twice: the bucket is full at most. */
void bucket_give(struct bucket *b, msec interval, int cost);

/* Makes a bucket with a deficit an empty one. For a bucket that bucket_charge never
 * touches: its deficit comes from a stricter limit that was in force before. */
void bucket_limit(struct bucket *b, msec now, int burst, msec interval);

/* Milliseconds until bucket_take would succeed; 0: now. */
msec bucket_wait(const struct bucket *b, msec now, int burst, msec interval, int cost);

/* The whole tokens in the bucket; 0 also if it has a deficit. */
int bucket_left(const struct bucket *b, msec now, int burst, msec interval);

#endif
