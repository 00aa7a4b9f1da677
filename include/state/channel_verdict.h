/* What the list modes of a channel (b e I q) say of a client. */
#ifndef STATE_CHANNEL_VERDICT_H
#define STATE_CHANNEL_VERDICT_H

#include "base/msec.h"

#include <stdbool.h>

struct channel;
struct client;
struct server;

/* VERDICT_* of c on chan: banned (b) and muted (q, and ~mute: in b), neither where an
 * exception (e) matches, and not muted where one with ~mute: does. Cached, for
 * those that are not on chan in a table of fixed size (state/outsider.h), until a list,
 * the client or (for ~channel:) its memberships change, or a timed entry ends: no
 * message walks the lists.
 */
unsigned channel_verdict(struct server *srv, struct channel *chan,
                         const struct client *c);

/* When the last entry ends that gives c any of this verdict (bits of VERDICT_*) on
 * chan: wall; 0: none does, or one has no end. Kept as the verdict is, so that many
 * refusals walk the lists once. */
msec channel_verdict_ends(struct server *srv, const struct channel *chan,
                          const struct client *c, unsigned verdict);

/* Does an entry of +I let c, who is not on chan, in? */
bool channel_is_invex(struct server *srv, struct channel *chan, const struct client *c);

#endif
