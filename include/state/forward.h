/* Channel forwards (+f): a client that may not join a channel is sent to its target.
 * The forwards are indexed by target. */
#ifndef STATE_FORWARD_H
#define STATE_FORWARD_H

#include <stddef.h>

struct channel;
struct server;

/* Sets the target of chan to the channel of this name (copied); NULL: to none. */
void forward_set(struct server *srv, struct channel *chan, const char *name);

/* The name of the target of chan; NULL: none. Borrowed until forward_set. */
const char *forward_name(const struct channel *chan);

/* The number of channels that have this target (case-insensitive); and the one that has
 * had it for the longest time; NULL: none. */
size_t forward_count(const struct server *srv, const char *name);
struct channel *forward_first(const struct server *srv, const char *name);

/* Memory of the forward of chan, and of the table of targets; sums of mem_block. */
size_t forward_memory(const struct channel *chan);
size_t forward_memory_all(const struct server *srv);

#endif
