/* Input of clients that is not run yet: lines that are held or unfinished, and batches
 * that are open. What one client may have is limits.recvq; this is about all of them.
 */
#ifndef SRC_SESSION_RECVQ_H
#define SRC_SESSION_RECVQ_H

#include <stddef.h>

struct client;
struct server;

/* The memory that c's input takes, a sum of mem_block. */
size_t recvq_memory(const struct client *c);

/* Drops all input of c. */
void recvq_clear(struct server *srv, struct client *c);

/* limits.recvq_total: while the input of all clients takes more, the clients with the
 * most are ended. Returns how many; they are doomed then. Call once a turn. */
size_t recvq_judge_all(struct server *srv);

/* Asserts that srv->input_bytes is right. */
void recvq_check(const struct server *srv);

#endif
