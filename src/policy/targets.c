/* Targets of private messages: the last clients that a client wrote to, and the last
 * that wrote to it.
 *
 * A client is remembered by the number of its connection, which is never used again, so
 * a new nick changes nothing. There are two lists, so a crowd that writes to a client
 * does not replace the clients that it writes to. Both are made with the first message,
 * grow with the number of clients that write, and are bounded. Clients with a common
 * channel are found in the channel lists of both, which are short; nothing here walks
 * the members of a channel. */
#include "policy/targets.h"

#include "base/attr.h"
#include "base/mem.h"
#include "base/msec.h"
#include "policy/client_policy.h"
#include "policy/rejoin.h"
#include "proto/mode.h"
#include "state/census.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <stdint.h>
#include <string.h>

#define WROTE 16  /* more than the default burst of COUNTER_target */
#define HEARD 512 /* a client that helps a crowd answers each of them without cost */
#define HEARD_FIRST 8
#define TOLD_EVERY MSEC_MINUTE

/* Connection numbers, the latest first; 0: free. */
struct targets {
    uint64_t wrote[WROTE];
    msec told; /* monotonic: the last report of a refused NOTICE; 0: none */
    /* size of heard; it grows with the number of writers, up to HEARD */
    uint32_t n_heard;
    uint64_t heard[];
};

/* Moves or adds id to the front of the list; a new id replaces the last one. */
static void
move_id_first(uint64_t *list, size_t n, uint64_t id)
{
    size_t at = 0;
    if (list[0] == id) /* fast: most messages go to the same client as before */
        return;
    while (at < n - 1 && list[at] != id)
        at++;
    memmove(list + 1, list, at * sizeof *list);
    list[0] = id;
}

static bool
has_id(const uint64_t *list, size_t n, uint64_t id)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == id)
            return true;
    return false;
}

static struct targets *
resize_targets(struct targets *t, uint32_t n)
{
    uint32_t before = t ? t->n_heard : 0;
    struct targets *new = xrealloc(t, sizeof *t + n * sizeof t->heard[0]);
    if (t == NULL)
        *new = (struct targets){.n_heard = 0};
    memset(new->heard + before, 0, (n - before) * sizeof new->heard[0]);
    new->n_heard = n;
    return new;
}

static struct targets *
make_targets(struct client *c)
{
    if (policy_of(c)->targets == NULL)
        policy_of(c)->targets = resize_targets(NULL, 0);
    return policy_of(c)->targets;
}

/* Makes room for a new writer (its connection number) to c. A full list is doubled. */
static void
make_heard_room(struct client *c, uint64_t id)
{
    const struct targets *t = make_targets(c);
    uint32_t n = t->n_heard;
    if (n > 0 && (t->heard[n - 1] == 0 || n == HEARD || has_id(t->heard, n, id)))
        return;
    policy_of(c)->targets =
        resize_targets(policy_of(c)->targets, n ? n * 2 : HEARD_FIRST);
}

static ATTR_HOT bool
knows_target(const struct client *c, const struct client *to)
{
    const struct targets *t = policy_of(c)->targets;
    return t && (has_id(t->wrote, WROTE, to->user.id) ||
                 has_id(t->heard, t->n_heard, to->user.id));
}

/* True if `to` has just left a channel on which `from` has a status. A program that
 * greets new members must not pay for those that have left already. */
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
targets_judge(const struct server *srv, const struct client *from,
              const struct client *to)
{
    if (from == to)
        return TARGET_FREE;
    if (knows_target(from, to))
        return TARGET_KNOWN;
    /* Not noted: clients of common channels would replace the others. */
    return has_met(srv, from, to) ? TARGET_FREE : TARGET_NEW;
}

ATTR_HOT void
targets_wrote(struct client *from, const struct client *to)
{
    move_id_first(make_targets(from)->wrote, WROTE, to->user.id);
}

bool
targets_may_tell(const struct server *srv, struct client *from)
{
    struct targets *t = make_targets(from);
    if (t->told && srv->now - t->told < TOLD_EVERY)
        return false;
    t->told = srv->now;
    return true;
}

size_t
targets_memory(const struct targets *t)
{
    return t ? mem_block(sizeof *t + t->n_heard * sizeof t->heard[0]) : 0;
}

ATTR_HOT void
targets_heard(struct client *from, struct client *to)
{
    if (from == to || to->session == NULL)
        return;
    make_heard_room(to, from->user.id);
    move_id_first(policy_of(to)->targets->heard, policy_of(to)->targets->n_heard,
                  from->user.id);
}

static void
forget_targets(struct server *srv, struct client *c)
{
    (void)srv;
    free(policy_of(c)->targets);
    policy_of(c)->targets = NULL;
}

static void
count_targets_memory(const struct client *c, struct mem_sum *all)
{
    all->n += policy_of(c)->targets != NULL;
    all->bytes += targets_memory(policy_of(c)->targets);
}

static void
add_targets(const struct server *srv, struct census *out)
{
    const struct mem_sum *all = out->of_clients[SUBSYSTEM_targets];
    (void)srv;
    census_add(out, CENSUS_OF_CLIENTS, "clients that talk in private", all->n,
               all->bytes);
}

const struct subsystem targets_subsystem = {
    .id = SUBSYSTEM_targets,
    .of_sessions = true,
    .client_memory = count_targets_memory,
    .memory = add_targets,
    .client_leaves = forget_targets,
};
