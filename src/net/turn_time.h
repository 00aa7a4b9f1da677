/* The time that turns of the loop take, without the wait for events. */
#ifndef SRC_NET_TURN_TIME_H
#define SRC_NET_TURN_TIME_H

#include "base/histogram.h"
#include "base/msec.h"

#include <stdint.h>

/* A zeroed struct is right. */
struct turn_time {
    uint64_t begun; /* monotonic, nanoseconds; 0: no turn is under way */
    struct histogram busy;
};

/* The poll has returned. Returns the monotonic clock, which it reads once. */
msec turn_time_begin(struct turn_time *t);
/* The next poll follows. Reads the clock once; does nothing if no turn is under way. */
void turn_time_end(struct turn_time *t);

#endif
