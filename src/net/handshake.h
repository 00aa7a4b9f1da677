/* Handshakes of transports. Due steps wait in a list, and a turn makes a few of
 * them. */
#ifndef SRC_NET_HANDSHAKE_H
#define SRC_NET_HANDSHAKE_H

#include "base/msec.h"

struct loop;

#define HANDSHAKE_STEPS 8 /* steps in one turn, of all connections together */

/* Makes the steps of this turn, the longest waiting first (l->handshakes). Call it at
 * the end of a turn. A client can end in it. */
void handshake_steps(struct loop *l);

/* Ends the connections that have been in their handshake for
 * tls_limits.handshake_timeout. Returns the ms until the next one ends, at most `most`. */
msec handshake_expire(struct loop *l, msec most);

/* Ends the connections without a client: the loop ends. */
void handshake_drop_all(struct loop *l);

#endif
