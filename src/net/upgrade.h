/* The digest that answers the key of a request for a WebSocket (RFC 6455 4.2.2). */
#ifndef SRC_NET_UPGRADE_H
#define SRC_NET_UPGRADE_H

#include "proto/http_text.h"

#include <stdbool.h>

#define UPGRADE_ACCEPT 29 /* room for a value of Sec-WebSocket-Accept */

/* Writes the value of Sec-WebSocket-Accept for a key that http_upgrade has given.
 * False: the library has no SHA-1; then out is empty. */
bool upgrade_accept(struct http_text key, char out[UPGRADE_ACCEPT]);

#endif
