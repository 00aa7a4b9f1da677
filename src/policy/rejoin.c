/* The channels that a client left a short time ago.
 *
 * After a JOIN, the list of members and the queries that programs send cost nothing, so
 * that a program can join fifty channels at once, also after a reconnect. Without a
 * limit, a loop of JOIN, WHO and PART on a large channel would cost a hundred megabytes
 * a minute. So a client that returns soon pays as for NAMES and WHO. A channel is known
 * by the hash of its name; a collision costs a few tokens. The list is made with the
 * first PART and is bounded. */
#include "policy/rejoin.h"

#include "base/mem.h"
#include "policy/client_policy.h"
#include "state/census.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <stdint.h>

#define SOON (5 * MSEC_MINUTE)
#define PARTED_MAX 32

struct parted {
    unsigned next; /* the index of the oldest entry, which is replaced next */
    struct {
        unsigned name; /* hash of the channel's name */
        uint32_t at;   /* monotonic, in seconds, plus one; 0: free */
    } all[PARTED_MAX];
};

static unsigned
find_parted_channel(const struct parted *l, const struct channel *chan)
{
    unsigned i = 0;
    while (i < PARTED_MAX && (l->all[i].at == 0 || l->all[i].name != chan->hh.hashv))
        i++;
    return i;
}

static uint32_t
parted_seconds(const struct server *srv)
{
    return (uint32_t)(srv->now / MSEC_SECOND) + 1;
}

void
rejoin_note(struct server *srv, struct client *c, const struct channel *chan)
{
    if (c->session == NULL)
        return;
    struct client_policy *p = policy_of(c);
    if (p->parted == NULL)
        p->parted = xcalloc(1, sizeof *p->parted);
    unsigned i = find_parted_channel(p->parted, chan);
    if (i == PARTED_MAX) {
        i = p->parted->next;
        p->parted->next = (i + 1) % PARTED_MAX;
    }
    p->parted->all[i].name = chan->hh.hashv;
    p->parted->all[i].at = parted_seconds(srv);
}

bool
rejoin_is_soon(const struct server *srv, const struct client *c,
               const struct channel *chan)
{
    const struct parted *l = c->session ? policy_of(c)->parted : NULL;
    unsigned i = l ? find_parted_channel(l, chan) : PARTED_MAX;
    return i < PARTED_MAX && parted_seconds(srv) - l->all[i].at < SOON / MSEC_SECOND;
}

size_t
rejoin_memory(const struct client *c)
{
    return policy_of(c)->parted ? mem_block(sizeof *policy_of(c)->parted) : 0;
}

static void
forget_parted(struct server *srv, struct client *c)
{
    (void)srv;
    free(policy_of(c)->parted);
    policy_of(c)->parted = NULL;
}

static void
count_parted(const struct client *c, struct mem_sum *all)
{
    all->n += policy_of(c)->parted != NULL;
    all->bytes += rejoin_memory(c);
}

static void
census_parted(const struct server *srv, struct census *out)
{
    const struct mem_sum *all = out->of_clients[SUBSYSTEM_rejoin];
    (void)srv;
    census_add(out, CENSUS_OF_CLIENTS, "clients that have left channels", all->n,
               all->bytes);
}

const struct subsystem rejoin_subsystem = {
    .id = SUBSYSTEM_rejoin,
    .of_sessions = true,
    .client_memory = count_parted,
    .memory = census_parted,
    .client_leaves = forget_parted,
};
