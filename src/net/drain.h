/* Sockets that got their last line. Closing a socket with unread input makes the kernel
 * send a reset, which destroys a line that is on its way. So the input is read and
 * dropped for a moment first. */
#ifndef SRC_NET_DRAIN_H
#define SRC_NET_DRAIN_H

#include "base/msec.h"

#include <stdbool.h>
#include <stddef.h>

#define DRAIN_MAX 64 /* sockets at a time; one more closes the oldest */
#define DRAIN_REFUSED (DRAIN_MAX / 2) /* of these, for refused connections */
#define DRAIN_TIME 1000               /* ms that a peer has to close its side */

struct draining {
    int fd;
    msec until; /* monotonic */
};

struct drain {
    struct draining *entries; /* oldest first */
    size_t count, room;
    /* More than DRAIN_MAX: at the end, when no connection is accepted. */
    bool unbounded;
};

/* Takes over fd, on which sending has ended (socket_finish). It is closed as soon as
 * the peer has closed its side, or at the deadline. buffer: size bytes of scratch. */
void drain_add(struct drain *d, int fd, msec now, char *buffer, size_t size);

/* Drains all sockets. Call it several times a second while count > 0. */
void drain_sweep(struct drain *d, msec now, char *buffer, size_t size);

/* Closes all sockets. True if there were any. */
bool drain_clear(struct drain *d);

#endif
