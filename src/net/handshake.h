/* Handshakes of transports: they wait in a line, and a turn makes a few steps. */
#ifndef SRC_NET_HANDSHAKE_H
#define SRC_NET_HANDSHAKE_H

struct loop;

#define HANDSHAKE_STEPS 8 /* in one turn, of all connections together */

/* Makes the steps of this turn, those first that have waited longest (l->handshakes).
 * Call it at the end of a turn. A client can end. */
void handshake_steps(struct loop *l);

#endif
