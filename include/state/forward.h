/* Channels that send on to another one (+f), by where they lead. */
#ifndef STATE_FORWARD_H
#define STATE_FORWARD_H

#include <stddef.h>

struct channel;
struct server;

/* Makes chan lead to the channel of this name (copied; NULL: to none any more). */
void forward_set(struct server *srv, struct channel *chan, const char *name);

/* The name of the channel that chan leads to; NULL: none. Borrowed until forward_set.
 */
const char *forward_name(const struct channel *chan);

/* How many channels lead to this name (case-insensitive), and the one that has done so
 * for longest; NULL: none. */
size_t forward_count(const struct server *srv, const char *name);
struct channel *forward_first(const struct server *srv, const char *name);

/* Memory of what chan has, and of the table; sums of mem_block. */
size_t forward_memory(const struct channel *chan);
size_t forward_memory_all(const struct server *srv);

#endif
