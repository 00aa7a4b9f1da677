/* References of batches. */
#ifndef STATE_REFERENCE_H
#define STATE_REFERENCE_H

#include "state/origin.h"

#define REFERENCE_TEXT (8 + ORIGIN_NODE_TEXT) /* room for a reference */

struct server;

/* A reference that differs from the last 2^32 - 1, in hex digits. A client cannot tell
 * from it how many there were before. */
void reference_next(struct server *srv, char out[REFERENCE_TEXT]);

#endif
