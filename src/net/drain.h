/* Sockets that were told their last line: closing one with unread input makes the
 * kernel send a reset, which destroys that line on its way. So they are drained for a
 * moment first. */
#ifndef SRC_NET_DRAIN_H
#define SRC_NET_DRAIN_H

#include "base/msec.h"

#include <stdbool.h>
#include <stddef.h>

#define DRAIN_MAX 64                  /* sockets at a time; more close the oldest */
#define DRAIN_REFUSED (DRAIN_MAX / 2) /* of these, for such as were never let in */
#define DRAIN_TIME 1000               /* ms a peer has to close its side */

struct drain {
    struct draining {
        int fd;
        msec until; /* monotonic */
    } * entries;    /* oldest first */
    size_t count, room;
    bool unbounded; /* at the end of the server, when nobody new can come */
};

/* Takes over fd, on which sending has ended (socket_finish); closes it as soon as the
 * peer has closed its side, or at the deadline. buffer: size bytes of scratch. */
void drain_add(struct drain *d, int fd, msec now, char *buffer, size_t size);

/* Drains all; call some times a second while count > 0. */
void drain_sweep(struct drain *d, msec now, char *buffer, size_t size);

/* Closes all at once. True when there were any. */
bool drain_clear(struct drain *d);

#endif
