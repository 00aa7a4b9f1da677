/* The clocks of the loop. */
#include "net/loop.h"

#include <time.h>

static msec
read_posix_clock(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (msec)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

msec
loop_monotonic(void)
{
    return read_posix_clock(CLOCK_MONOTONIC);
}

msec
loop_wall(void)
{
    return read_posix_clock(CLOCK_REALTIME);
}
