/* Cached verdicts of channel lists on clients that are not on the channel, and cached
 * ends of verdicts on any client, so that no message, JOIN or refusal walks the lists
 * again. */
#ifndef STATE_OUTSIDER_H
#define STATE_OUTSIDER_H

#include "base/msec.h"

#include <stdbool.h>
#include <stddef.h>

struct channel;
struct client;
struct server;

/* The cached verdict (VERDICT_*) on c. False: none is cached that still holds. A
 * verdict holds until the lists of the channel change or an entry ends
 * (channel.ban_stamp), and until c or its memberships change (user.outside_stamp). */
bool outsider_find(const struct server *srv, const struct channel *chan,
                   const struct client *c, unsigned *verdict);

/* Caches a verdict, perhaps in the place of another: there is room for OUTSIDERS. */
void outsider_keep(struct server *srv, const struct channel *chan,
                   const struct client *c, unsigned verdict);

/* The same for the end of a verdict on c, which may be a member (channel_verdict_ends).
 * verdict is not 0. */
bool outsider_find_ends(const struct server *srv, const struct channel *chan,
                        const struct client *c, unsigned verdict, msec *ends);
void outsider_keep_ends(struct server *srv, const struct channel *chan,
                        const struct client *c, unsigned verdict, msec ends);

#define OUTSIDERS 4096 /* verdicts and ends cached at a time */

/* Memory of the cache, as mem_block counts it; 0 before the first verdict. */
size_t outsider_memory(const struct server *srv);

#endif
