/* The cache of verdicts on clients outside of a channel: a table of fixed size, in
 * which each verdict has one possible slot.
 *
 * Clients and channels are identified by numbers that are never used again, so no entry
 * need be removed if they leave or change: a verdict under old numbers is never
 * found. */
#include "state/outsider.h"

#include "base/mem.h"
#include "state/census.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/server.h"
#include "state/subsystem.h"

/* Multiplicative hash: 2^64 / golden ratio, and the bits of the product that are left
 * out. */
#define HASH_FACTOR 0x9e3779b97f4a7c15u
#define HASH_SHIFT 40

struct outsider {
    uint64_t client; /* user.id; 0: the slot is empty */
    uint32_t client_stamp, channel_stamp;
    /* the verdict of which `value` is the end; 0: `value` is a verdict */
    uint32_t ends_of;
    msec value;
};

static struct outsider
outsider_of(const struct channel *chan, const struct client *c, unsigned ends_of)
{
    return (struct outsider){.client = c->user.id,
                             .client_stamp = c->user.outside_stamp,
                             .channel_stamp = chan->ban_stamp,
                             .ends_of = ends_of};
}

static size_t
outsider_slot(const struct outsider *o)
{
    uint64_t key = (o->client << 32 ^ o->channel_stamp) + o->ends_of;
    return (size_t)(key * HASH_FACTOR >> HASH_SHIFT) % OUTSIDERS;
}

/* The table; NULL: it is not allocated yet. */
static struct outsider **
outsiders_at(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_outsider);
}

/* The entry with the keys of `asked`; NULL: none. */
static const struct outsider *
find_kept_value(const struct server *srv, const struct outsider *asked)
{
    const struct outsider *all = *outsiders_at(srv);
    if (all == NULL)
        return NULL;
    const struct outsider *o = &all[outsider_slot(asked)];
    bool same = o->client == asked->client && o->client_stamp == asked->client_stamp &&
                o->channel_stamp == asked->channel_stamp &&
                o->ends_of == asked->ends_of;
    return same ? o : NULL;
}

static void
keep_value(struct server *srv, struct outsider o, msec value)
{
    struct outsider **all = outsiders_at(srv);
    if (*all == NULL)
        *all = xcalloc(OUTSIDERS, sizeof **all);
    o.value = value;
    (*all)[outsider_slot(&o)] = o;
}

bool
outsider_find(const struct server *srv, const struct channel *chan,
              const struct client *c, unsigned *verdict)
{
    struct outsider asked = outsider_of(chan, c, 0);
    const struct outsider *o = find_kept_value(srv, &asked);
    if (o)
        *verdict = (unsigned)o->value;
    return o != NULL;
}

void
outsider_keep(struct server *srv, const struct channel *chan, const struct client *c,
              unsigned verdict)
{
    keep_value(srv, outsider_of(chan, c, 0), verdict);
}

bool
outsider_find_ends(const struct server *srv, const struct channel *chan,
                   const struct client *c, unsigned verdict, msec *ends)
{
    struct outsider asked = outsider_of(chan, c, verdict);
    const struct outsider *o = find_kept_value(srv, &asked);
    if (o)
        *ends = o->value;
    return o != NULL;
}

void
outsider_keep_ends(struct server *srv, const struct channel *chan,
                   const struct client *c, unsigned verdict, msec ends)
{
    keep_value(srv, outsider_of(chan, c, verdict), ends);
}

size_t
outsider_memory(const struct server *srv)
{
    return *outsiders_at(srv) ? mem_block(OUTSIDERS * sizeof(struct outsider)) : 0;
}

static void
add_outsider_memory(const struct server *srv, struct census *out)
{
    census_add_self(out, outsider_memory(srv));
}

static void
free_outsiders(struct server *srv)
{
    free(*outsiders_at(srv));
}

const struct subsystem outsider_subsystem = {
    .id = SUBSYSTEM_outsider,
    .state = sizeof(struct outsider *),
    .free = free_outsiders,
    .memory = add_outsider_memory,
};
