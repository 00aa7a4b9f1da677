/* The waiting input of all clients together: held lines, unfinished lines and open
 * batches. The limit of one client is limits.recvq. */
#ifndef SRC_SESSION_RECVQ_H
#define SRC_SESSION_RECVQ_H

#include <stddef.h>

struct client;
struct server;

/* The memory of the waiting input of c, a sum of mem_block. */
size_t recvq_memory(const struct client *c);

/* Drops the waiting input of c. */
void recvq_clear(struct server *srv, struct client *c);

/* Ends clients, those with the most input first, until the input of all clients is
 * within limits.recvq_total. Returns how many were ended; they are doomed then. Call it
 * once a turn. */
size_t recvq_judge_all(struct server *srv);

/* Asserts that srv->input_bytes is right. */
void recvq_check(const struct server *srv);

#endif
