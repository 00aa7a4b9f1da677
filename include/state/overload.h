/* Ends clients if a limit on the memory of all queues is exceeded. */
#ifndef STATE_OVERLOAD_H
#define STATE_OVERLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct server;

/* A limit on the memory of all clients together. */
struct overload {
    /* The weight of c; the heaviest client is ended first. 0: c is not ended, because
     * that would free nothing. */
    uint64_t (*weigh)(const struct client *c);
    bool (*is_over)(const struct server *srv);
    /* Ends c and frees its limited memory at once. */
    void (*end)(struct server *srv, struct client *c);
};

/* Ends clients, the heaviest first, while the limit is exceeded; returns their number.
 * It walks all clients once, however many it ends. A command must not call it. */
size_t overload_relieve(struct server *srv, const struct overload *o);

/* True if the buffers and rings of all queues take more than limits.sendq_total plus
 * the bytes of overload_spare. */
bool overload_queues_are_over(const struct server *srv);

/* Enforces limits.sendq_total: ends the clients with the oldest buffers while
 * overload_queues_are_over is true. Returns the number of these clients; they are
 * doomed, and all that their queues may still contain is the end of a line that was
 * sent in part. Call it once a turn, after the writes. */
size_t overload_judge_queues(struct server *srv);

/* Call it after the clients that overload_judge_queues ended have left: the lines that
 * tell other clients of it (QUIT) must not end more clients. Adds the bytes of these
 * lines, which are the growth of all queues since `before` (bytes), to the limit until
 * they are sent. At most limits.sendq_total bytes are added. The growth includes that
 * of the rings. */
void overload_spare(struct server *srv, size_t before);

#endif
