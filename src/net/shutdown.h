/* The end of the server, after loop_end was called. */
#ifndef SRC_NET_SHUTDOWN_H
#define SRC_NET_SHUTDOWN_H

#include <stdbool.h>

struct loop;

/* Whether shutdown_begin is due: loop_end was called, and no client waits for the disk any
 * more, or the time for that is over. */
bool shutdown_is_due(const struct loop *l);

/* Stops to accept, ends the connections of HTTP and tells all clients. Call it once,
 * at the end of a turn. */
void shutdown_begin(struct loop *l);

/* Whether all clients are told and freed, or the time for it is over. False before
 * shutdown_begin. */
bool shutdown_is_over(const struct loop *l);

#endif
