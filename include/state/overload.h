/* The clients that are ended if a limit on the memory of all queues is exceeded. */
#ifndef STATE_OVERLOAD_H
#define STATE_OVERLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct server;

/* A limit on the memory of all clients together. */
struct overload {
    /* The weight of c: the heaviest client is ended first. 0: to end it frees
     * nothing. */
    uint64_t (*weigh)(const struct client *c);
    bool (*is_over)(const struct server *srv);
    /* Ends c and frees its limited memory at once. */
    void (*end)(struct server *srv, struct client *c);
};

/* Ends clients, the heaviest first, while the limit is exceeded; returns their number.
 * Walks all clients once, however many are ended. Not for use within a command. */
size_t overload_relieve(struct server *srv, const struct overload *o);

/* True if the buffers and rings of all queues take more than limits.sendq_total plus
 * the bytes of overload_spare. */
bool overload_queues_are_over(const struct server *srv);

/* Enforces limits.sendq_total: while the buffers and rings of all queues take more,
 * ends the clients with the oldest buffers. Returns their number; they are doomed then,
 * and their queues are empty. Call it once a turn, after the writes. */
size_t overload_judge_queues(struct server *srv);

/* The lines that tell of clients ended by overload_judge_queues end no other client,
 * unless they take limits.sendq_total once more. `before`: bytes of all queues before
 * the ended clients left. Rings that grew for these lines are included. */
void overload_spare(struct server *srv, size_t before);

#endif
