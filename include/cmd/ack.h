/* Acknowledgements: an oper reads «saved» only once the store says so. */
#ifndef CMD_ACK_H
#define CMD_ACK_H

#include "state/store.h"

#include <stdbool.h>

#define ACKS_MAX 1000 /* that wait at a time: a disk may be full for days */

struct client;
struct server;

/* Tells `to` the text with ", saved" behind it once the ticket is on disk for good, or
 * with
 * ", NOT saved: why" when it fails (at once for STORE_REFUSED), and ", saved" when a
 * retry succeeds. Text is copied. No more wait than ACKS_MAX: who is one too many is
 * told so, and that no word will follow. */
void ack_when_saved(struct server *srv, struct client *to, store_ticket ticket,
                    const char *text);

/* c goes: nobody is told any more. */
void ack_cancel(struct server *srv, const struct client *c);
/* Whether any waits. */
bool ack_waits(const struct server *srv);
void ack_free_all(struct server *srv);

/* Memory of those that wait, with their labels, a sum of mem_block. Walks them. */
size_t ack_memory(const struct server *srv);

#endif
