/* What a service manager is told (sd_notify(3)): datagrams to the socket that
 * NOTIFY_SOCKET names. */
#ifndef SRC_MAIN_NOTIFY_H
#define SRC_MAIN_NOTIFY_H

#include "base/msec.h"

#include <stdbool.h>
#include <stddef.h>

#define NOTIFY_STATUS 200 /* room for a status: one line, no LF */

struct notify {
    int fd;         /* connected and non-blocking; -1: no manager listens */
    msec every;     /* between two signs of life; 0: the manager has no watchdog */
    msec alive_at;  /* monotonic: when the next one is due */
    msec status_at; /* monotonic: when the next status is due */
    bool unsent;    /* the socket was full: notify_tick says READY again */
};

/* Connects to the socket of the environment, and reads how often the watchdog wants a
 * sign of life. Without NOTIFY_SOCKET it does nothing, and so do all calls below. False
 * with a sentence if the socket cannot be used; then the same holds. Call it before the
 * sandbox, in which a process can neither make nor connect a socket. */
bool notify_open(struct notify *n, char *err, size_t errlen);

/* The server serves with the configuration that it read last. */
void notify_ready(struct notify *n, const char *status);

/* The server begins to read the configuration, or to restart; notify_ready follows. */
void notify_reloading(struct notify *n);

/* The server begins to end. */
void notify_stopping(struct notify *n, const char *status);

/* Tells the manager that the loop runs, and the status once a minute, if they are due.
 * Returns the time until the next call. now: monotonic. */
msec notify_tick(struct notify *n, msec now, const char *status);

void notify_close(struct notify *n);

#endif
