/* Handshakes of transports. Due steps wait in a list, and a turn makes a few of
 * them. */
#ifndef SRC_NET_HANDSHAKE_H
#define SRC_NET_HANDSHAKE_H

struct loop;

#define HANDSHAKE_STEPS 8 /* steps in one turn, of all connections together */

/* Makes the steps of this turn, the longest waiting first (l->handshakes). Call it at
 * the end of a turn. A client can end in it. */
void handshake_steps(struct loop *l);

#endif
