/* Which channels a client has left a moment ago.
 *
 * The list of members and the queries that programs send after a JOIN cost nothing, so
 * that fifty channels are joined at once, also after a reconnect. JOIN, WHO and PART in
 * a circle would make that a hundred megabytes a minute of a large channel: a client
 * that comes back soon pays as for NAMES and WHO. Channels are known by the hash of
 * their name: a mistake costs a few tokens. Made with the first PART, and bounded. */
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
#define LEFT_MAX 32

struct left {
    unsigned next; /* the oldest one, which is replaced */
    struct {
        unsigned name; /* hash */
        uint32_t at;   /* monotonic, in seconds, plus one; 0: free */
    } all[LEFT_MAX];
};

static unsigned
find(const struct left *l, const struct channel *chan)
{
    unsigned i = 0;
    while (i < LEFT_MAX && (l->all[i].at == 0 || l->all[i].name != chan->hh.hashv))
        i++;
    return i;
}

static uint32_t
seconds(const struct server *srv)
{
    return (uint32_t)(srv->now / MSEC_SECOND) + 1;
}

void
rejoin_note(struct server *srv, struct client *c, const struct channel *chan)
{
    if (c->session == NULL)
        return;
    struct client_policy *p = policy_of(c);
    if (p->left == NULL)
        p->left = xcalloc(1, sizeof *p->left);
    unsigned i = find(p->left, chan);
    if (i == LEFT_MAX) {
        i = p->left->next;
        p->left->next = (i + 1) % LEFT_MAX;
    }
    p->left->all[i].name = chan->hh.hashv;
    p->left->all[i].at = seconds(srv);
}

bool
rejoin_is_soon(const struct server *srv, const struct client *c,
               const struct channel *chan)
{
    const struct left *l = c->session ? policy_of(c)->left : NULL;
    unsigned i = l ? find(l, chan) : LEFT_MAX;
    return i < LEFT_MAX && seconds(srv) - l->all[i].at < SOON / MSEC_SECOND;
}

size_t
rejoin_memory(const struct client *c)
{
    return policy_of(c)->left ? mem_block(sizeof *policy_of(c)->left) : 0;
}

static void
forget_left(struct server *srv, struct client *c)
{
    (void)srv;
    free(policy_of(c)->left);
    policy_of(c)->left = NULL;
}

static void
count_left(const struct client *c, struct mem_sum *all)
{
    all->n += policy_of(c)->left != NULL;
    all->bytes += rejoin_memory(c);
}

static void
add_left(const struct server *srv, struct census *out)
{
    const struct mem_sum *all = out->of_clients[SUBSYSTEM_rejoin];
    (void)srv;
    census_add(out, CENSUS_OF_CLIENTS, "clients that have left channels", all->n,
               all->bytes);
}

const struct subsystem rejoin_subsystem = {
    .id = SUBSYSTEM_rejoin,
    .of_sessions = true,
    .client_memory = count_left,
    .memory = add_left,
    .client_leaves = forget_left,
};
