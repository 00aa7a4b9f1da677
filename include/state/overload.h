/* What is ended when a limit on the memory of queues is exceeded. */
#ifndef STATE_OVERLOAD_H
#define STATE_OVERLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct server;

/* One limit on memory of all clients together. */
struct overload {
    /* The client with the most is ended first; 0: ending it frees nothing. */
    uint64_t (*weigh)(const struct client *c);
    bool (*is_over)(const struct server *srv);
    /* Ends c and frees what is limited at once. */
    void (*end)(struct server *srv, struct client *c);
};

/* Ends clients in the order of their weight while the limit is exceeded; returns how
 * many. One walk over all clients, however many are ended. Not within a command. */
size_t overload_relieve(struct server *srv, const struct overload *o);

/* Whether the buffers and rings of all queues take more than limits.sendq_total, and
 * what overload_spare has added to it. */
bool overload_queues_are_over(const struct server *srv);

/* limits.sendq_total: while the buffers and rings of all queues take more, the clients
 * that keep the oldest buffers are ended. Returns how many; they are doomed then, their
 * queues empty. Call once a turn, after the writes. */
size_t overload_judge_queues(struct server *srv);

/* What is queued about clients that overload_judge_queues has ended ends no other
 * client, unless it takes limits.sendq_total once more: all queues took `before` bytes
 * until these clients were taken out of everything. Rings may double for it. */
void overload_spare(struct server *srv, size_t before);

#endif
