/* Relays to the peers of a client and to the clients that watch its nick.
 *
 * A client is marked with the epoch of the relay that reached it, so that a walk over
 * all shared channels sends to it once. relay_to has the forms and the queues. */
#include "state/relay_peers.h"

#include "state/channel.h"
#include "state/client.h"
#include "state/monitor.h"
#include "state/server.h"

/* Sends to the members of chan that this epoch has not reached. */
static void
reach_members(struct relay *r, const struct channel *chan, const struct client *c)
{
    uint32_t epoch = r->srv->epoch;
    for (uint32_t m = 0; m < chan->nmembers; m++) {
        struct client *to = chan->members[m].client;
        if (to == c || to->out.epoch == epoch)
            continue;
        to->out.epoch = epoch;
        relay_to(r, to);
    }
}

void
relay_peers(struct relay *r, const struct client *c)
{
    r->srv->epoch++;
    for (uint32_t i = 0; i < c->user.njoined; i++)
        reach_members(r, c->user.joined[i].chan, c);
}

void
relay_peers_withheld(struct relay *r, struct relay *plain, const struct client *c)
{
    r->srv->epoch++;
    for (uint32_t i = 0; i < c->user.njoined; i++)
        if (!c->user.joined[i].withheld)
            reach_members(r, c->user.joined[i].chan, c);
    for (uint32_t i = 0; plain && i < c->user.njoined; i++)
        if (c->user.joined[i].withheld)
            reach_members(plain, c->user.joined[i].chan, c);
}

void
relay_watchers(struct relay *r, const struct client *c)
{
    struct list *watchers = monitor_watchers(r->srv, c->user.nick);
    if (watchers == NULL)
        return;
    LIST_EACH(watchers, node) {
        struct client *to = LIST_ENTRY(node, struct monitor_entry, of_nick)->client;
        if (to == c || to->out.epoch == r->srv->epoch ||
            !(to->out.caps & CAP_EXTENDED_MONITOR))
            continue;
        to->out.epoch = r->srv->epoch;
        relay_to(r, to);
    }
}
