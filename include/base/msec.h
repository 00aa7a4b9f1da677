/* Milliseconds: of the monotonic clock (rates, deadlines) or since 1970 (wall time). */
#ifndef BASE_MSEC_H
#define BASE_MSEC_H

#include <stdint.h>

typedef int64_t msec;

#define MSEC_SECOND ((msec)1000)
#define MSEC_MINUTE (60 * MSEC_SECOND)
#define MSEC_HOUR (60 * MSEC_MINUTE)
#define MSEC_DAY (24 * MSEC_HOUR)

/* The latest wall time that is accepted: 9999-12-31 23:59:59.999. */
#define WALL_MAX ((msec)253402300799999)

/* A wait in whole seconds, rounded up; 0 if it is not positive. */
static inline int
msec_seconds_up(msec wait)
{
    return wait > 0 ? (int)((wait + MSEC_SECOND - 1) / MSEC_SECOND) : 0;
}

#endif
