/* References of batches. */
#ifndef STATE_REFERENCE_H
#define STATE_REFERENCE_H

#include "state/origin.h"

#define REFERENCE_TEXT (8 + ORIGIN_NODE_TEXT) /* room for a reference */

struct server;

/* Writes a reference, in hex digits, that differs from the last 2^32 - 1. A client
 * cannot tell from it how many references there were before. */
void reference_next(struct server *srv, char out[REFERENCE_TEXT]);

#endif
