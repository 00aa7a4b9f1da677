/* The cache of verdicts: whether the lists of a channel ban, mute or invite a client
 * that is not on it. It also caches the time at which a verdict on any client ends.
 * With the cache, a message, JOIN or refusal need not walk the lists again. */
#ifndef STATE_OUTSIDER_H
#define STATE_OUTSIDER_H

#include "base/msec.h"

#include <stdbool.h>
#include <stddef.h>

struct channel;
struct client;
struct server;

/* Writes the cached verdict (VERDICT_* bits) on c. False: no verdict is cached, or it
 * no longer holds. A verdict holds until the lists of the channel change or an entry
 * ends (channel.ban_stamp), and until c or its memberships change
 * (user.outside_stamp). */
bool outsider_find(const struct server *srv, const struct channel *chan,
                   const struct client *c, unsigned *verdict);

/* Caches a verdict. It may replace another one, because the cache has OUTSIDERS
 * slots. */
void outsider_keep(struct server *srv, const struct channel *chan,
                   const struct client *c, unsigned verdict);

/* The same for the time at which a verdict on c ends (channel_verdict_ends). c may be a
 * member. verdict must not be 0. */
bool outsider_find_ends(const struct server *srv, const struct channel *chan,
                        const struct client *c, unsigned verdict, msec *ends);
void outsider_keep_ends(struct server *srv, const struct channel *chan,
                        const struct client *c, unsigned verdict, msec ends);

#define OUTSIDERS 4096 /* verdicts and ends cached at a time */

/* Memory of the cache, as mem_block counts it; 0 before the first verdict. */
size_t outsider_memory(const struct server *srv);

#endif
