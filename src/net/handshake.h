/* Handshakes of transports: they wait in a line, and a turn makes a few steps. */
#ifndef SRC_NET_HANDSHAKE_H
#define SRC_NET_HANDSHAKE_H

#include <ev.h>

struct loop;

#define HANDSHAKE_STEPS 8 /* in one turn, of all connections together */

/* The watcher of a connection in its handshake has an event. */
void handshake_ready(struct ev_loop *ev, struct ev_io *io, int events);

/* Makes the steps of this turn, those first that have waited longest (l->handshakes).
 * Call it at the end of a turn. A client can end. */
void handshake_steps(struct loop *l);

#endif
