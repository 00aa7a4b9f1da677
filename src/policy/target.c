/* Which others a client may write to: those it talked with (policy/targets.h) and those
 * it meets on channels.
 *
 * Meeting is looked up in the channels of both, which are few; nothing here walks the
 * members of a channel. */
#include "policy/target.h"

#include "base/attr.h"
#include "policy/client_policy.h"
#include "policy/rejoin.h"
#include "policy/targets.h"
#include "proto/mode.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/server.h"

/* to has left a channel a moment ago where from has a status: a program that greets
 * those who come is not at fault when one has gone already. */
static bool
has_left_channel(const struct server *srv, const struct client *from,
                 const struct client *to)
{
    bool parted = to->session && policy_of(to)->parted;
    for (uint32_t i = 0; parted && i < from->user.njoined; i++) {
        const struct joined *j = &from->user.joined[i];
        if (j->chan->members[j->slot].modes & CHAN_STATUS &&
            rejoin_is_soon(srv, to, j->chan))
            return true;
    }
    return false;
}

static bool
has_met(const struct server *srv, const struct client *from, const struct client *to)
{
    bool fewer = from->user.njoined <= to->user.njoined;
    return channel_shared(fewer ? from : to, fewer ? to : from) ||
           has_left_channel(srv, from, to);
}

ATTR_HOT enum target_verdict
target_judge(const struct server *srv, const struct client *from,
             const struct client *to)
{
    if (from == to)
        return TARGET_FREE;
    if (targets_know(from, to))
        return TARGET_KNOWN;
    /* Not remembered: those met on a channel would push out the others. */
    return has_met(srv, from, to) ? TARGET_FREE : TARGET_NEW;
}
