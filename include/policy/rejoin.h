/* Channels that a client left a short time ago. A client that joins such a channel
 * again pays for the list of members and for its queries, and a member with a status
 * (voice or higher) may write to the client as if it were still there. */
#ifndef POLICY_REJOIN_H
#define POLICY_REJOIN_H

#include <stdbool.h>
#include <stddef.h>

struct channel;
struct client;
struct server;

/* Notes that c parts from chan or is kicked. Call it while c is still on chan. */
void rejoin_note(struct server *srv, struct client *c, const struct channel *chan);

/* The bytes of c's notes, as mem_block; 0: none. */
size_t rejoin_memory(const struct client *c);

/* True if c left chan within the last 5 minutes and has not left 32 other channels
 * since. */
bool rejoin_is_soon(const struct server *srv, const struct client *c,
                    const struct channel *chan);

#endif
