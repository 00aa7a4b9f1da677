/* What the lists of a channel say of a client that is not on it, and when a verdict on
 * any client ends: kept, so that no message, JOIN or refusal walks the lists again. */
#ifndef STATE_OUTSIDER_H
#define STATE_OUTSIDER_H

#include "base/msec.h"

#include <stdbool.h>
#include <stddef.h>

struct channel;
struct client;
struct server;

/* The verdict (VERDICT_*) that was kept for c; false: none that still holds. One holds
 * until the channel's lists change or an entry ends (channel.ban_stamp), and until c,
 * or the channels that it is on, change (client.outside_stamp). */
bool outsider_find(const struct server *srv, const struct channel *chan,
                   const struct client *c, unsigned *verdict);

/* Keeps it, perhaps in the place of another one: there are OUTSIDERS in all. */
void outsider_keep(struct server *srv, const struct channel *chan,
                   const struct client *c, unsigned verdict);

/* The same for the end of a verdict on c, member or not (channel_verdict_ends); verdict
 * is not 0. */
bool outsider_find_ends(const struct server *srv, const struct channel *chan,
                        const struct client *c, unsigned verdict, msec *ends);
void outsider_keep_ends(struct server *srv, const struct channel *chan,
                        const struct client *c, unsigned verdict, msec ends);

#define OUTSIDERS 4096 /* a power of two */

/* Its memory, as mem_block has it; 0 before the first is kept. */
size_t outsider_memory(const struct server *srv);

#endif
