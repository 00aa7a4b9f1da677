/* Acknowledgements: an operator reads «saved» only once the store has confirmed it. */
#ifndef CMD_ACK_H
#define CMD_ACK_H

#include "state/store.h"

#include <stdbool.h>

/* Acknowledgements that may wait at a time: a disk may be full for days. */
#define ACKS_MAX 1000

struct client;
struct server;

/* Sends `to` the notice "<text>, saved" once the ticket is on disk for good. If writing
 * fails, it sends "<text>, NOT saved: <why>" first, and ", saved" once a retry succeeds.
 * Without a database, for STORE_REFUSED, and if ACKS_MAX acknowledgements wait already,
 * it sends ", NOT saved" with the reason at once, and nothing later. The text is copied.
 * «NOT saved» is the standard reply WARN * NOT_SAVED to a client with standard-replies,
 * else a notice as well. */
void ack_when_saved(struct server *srv, struct client *to, store_ticket ticket,
                    const char *text);

/* True if an acknowledgement waits. */
bool ack_waits(const struct server *srv);
/* True if a client that has not left waits for the first notice of one. */
bool ack_is_owed(const struct server *srv);
#endif
