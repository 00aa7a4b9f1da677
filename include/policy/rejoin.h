/* Channels that a client was on a moment ago: what a JOIN brings for free comes once in
 * some minutes, and a client that has just left is no stranger there. */
#ifndef POLICY_REJOIN_H
#define POLICY_REJOIN_H

#include <stdbool.h>
#include <stddef.h>

struct channel;
struct client;
struct server;

/* c parts from chan, or is kicked; it is still on it. */
void rejoin_note(struct server *srv, struct client *c, const struct channel *chan);

/* Memory of what is noted of c, as mem_block; 0: nothing. */
size_t rejoin_memory(const struct client *c);

/* True if c has left chan within the last 5 minutes, and 32 other channels have not
 * been left since. */
bool rejoin_is_soon(const struct server *srv, const struct client *c,
                    const struct channel *chan);

#endif
