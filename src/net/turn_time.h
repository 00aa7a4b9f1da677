/* The time that turns of the loop take, without the wait for events. */
#ifndef SRC_NET_TURN_TIME_H
#define SRC_NET_TURN_TIME_H

#include "base/histogram.h"
#include "base/msec.h"

#include <stdbool.h>
#include <stdint.h>

/* A turn is late if it begins more than this after the one before it. The loop has a turn
 * each second at the least. */
#define TURN_LATE (5 * MSEC_SECOND)

/* A zeroed struct is right. */
struct turn_time {
    uint64_t begun; /* monotonic, nanoseconds; 0: no turn is under way */
    msec last;      /* monotonic: begin of the latest turn; 0: there was none */
    msec late_at;   /* monotonic: begin of the latest late turn; 0: there was none */
    bool turned;    /* a turn has ended */
    struct histogram busy;
};

/* The monotonic clock in nanoseconds. */
uint64_t turn_time_now(void);
/* The poll has returned. Returns the monotonic clock, which it reads once. */
msec turn_time_begin(struct turn_time *t);
/* The next poll follows. Reads the clock once; does nothing if no turn is under way. */
void turn_time_end(struct turn_time *t);
/* Whether a turn of the last TURN_LATE was late, that of now included. */
bool turn_time_is_late(const struct turn_time *t, msec now);

#endif
