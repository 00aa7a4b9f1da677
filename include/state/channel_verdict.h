/* The verdict of the list modes of a channel (+b, +e, +I, +q) on a client. */
#ifndef STATE_CHANNEL_VERDICT_H
#define STATE_CHANNEL_VERDICT_H

#include "base/msec.h"

#include <stdbool.h>

struct channel;
struct client;
struct server;

/* The verdict (VERDICT_BANNED, VERDICT_MUTED) on c in chan. An entry of +b bans c; an
 * entry of +q, or an entry ~mute: of +b, mutes it. An exception (+e) lifts both; an
 * exception ~mute: lifts a mute only.
 *
 * The verdict is cached until a list of chan changes, a timed entry ends, c changes, or
 * (for ~channel:) the memberships of c change, so that no message walks the lists. For
 * a client that is not on chan, a table of fixed size caches it (state/outsider.h). */
unsigned channel_verdict(struct server *srv, struct channel *chan,
                         const struct client *c);

/* Wall: the end of the last entry that gives c one of the bits of this verdict on chan;
 * 0: no entry does, or one of them has no end. Cached as the verdict is, so that many
 * refusals walk the lists once. */
msec channel_verdict_ends(struct server *srv, const struct channel *chan,
                          const struct client *c, unsigned verdict);

/* True if an entry of +I matches c. False for a member of chan. */
bool channel_is_invex(struct server *srv, struct channel *chan, const struct client *c);

#endif
