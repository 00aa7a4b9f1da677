/* Verdicts on clients from outside: a table of fixed size, each with one place.
 *
 * Clients and channels are named by numbers that no other has, so nothing needs to be
 * taken out when they go or change: what is there under old numbers is never found. */
#include "state/outsider.h"

#include "base/mem.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/server.h"

struct outsider {
    uint64_t client; /* client.id; 0: nothing is kept here */
    uint32_t client_stamp, channel_stamp;
    uint32_t verdict;
};

static struct outsider
outsider_of(const struct channel *chan, const struct client *c)
{
    return (struct outsider){.client = c->id,
                             .client_stamp = c->outside_stamp,
                             .channel_stamp = chan->ban_stamp};
}

static size_t
slot_of(const struct outsider *o)
{
    uint64_t n = (o->client << 32 ^ o->channel_stamp) * 0x9e3779b97f4a7c15u;
    return (size_t)(n >> 40) % OUTSIDERS;
}

bool
outsider_find(const struct server *srv, const struct channel *chan,
              const struct client *c, unsigned *verdict)
{
    struct outsider asked = outsider_of(chan, c);
    if (srv->outsiders == NULL)
        return false;
    const struct outsider *o = &srv->outsiders[slot_of(&asked)];
    *verdict = o->verdict;
    return o->client == asked.client && o->client_stamp == asked.client_stamp &&
           o->channel_stamp == asked.channel_stamp;
}

void
outsider_keep(struct server *srv, const struct channel *chan, const struct client *c,
              unsigned verdict)
{
    struct outsider o = outsider_of(chan, c);
    if (srv->outsiders == NULL)
        srv->outsiders = xcalloc(OUTSIDERS, sizeof *srv->outsiders);
    o.verdict = verdict;
    srv->outsiders[slot_of(&o)] = o;
}

size_t
outsider_memory(const struct server *srv)
{
    return srv->outsiders ? mem_block(OUTSIDERS * sizeof *srv->outsiders) : 0;
}
