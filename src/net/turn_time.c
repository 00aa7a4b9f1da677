/* Two reads of the clock a turn, without a system call where the kernel maps the clock;
 * the first of them is the clock of the turn. */
#include "turn_time.h"

#include <time.h>

#define NANOSECONDS UINT64_C(1000000000)
#define NANOSECONDS_OF_MSEC UINT64_C(1000000)

uint64_t
turn_time_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NANOSECONDS + (uint64_t)t.tv_nsec;
}

msec
turn_time_begin(struct turn_time *t)
{
    t->busy.bounds = histogram_of_turns;
    t->begun = turn_time_now();
    msec now = (msec)(t->begun / NANOSECONDS_OF_MSEC);
    if (t->last > 0 && now - t->last > TURN_LATE)
        t->late_at = now;
    t->last = now;
    return now;
}

void
turn_time_end(struct turn_time *t)
{
    if (t->begun == 0)
        return;
    histogram_add(&t->busy, turn_time_now() - t->begun);
    t->turned = true;
    t->begun = 0;
}

bool
turn_time_is_late(const struct turn_time *t, msec now)
{
    return t->late_at > 0 && now - t->late_at <= TURN_LATE;
}
