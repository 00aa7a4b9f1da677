/* Carried buckets: the buckets of a client that has left, kept with its host.
 *
 * They pass as a whole to one later client of the host. If many clients share an
 * address and one of them spams, one later client begins with empty buckets and the
 * others do not. If three clients leave with empty buckets, the next three begin with
 * empty ones. A bucket is the time at which it is full again, so carried buckets fill
 * without a timer. They are bounded for each host and in all, made only if a bucket is
 * not full, and never stored. */
#include "policy/carried_buckets.h"

#include "base/mem.h"
#include "config/config.h"
#include "policy/class.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "policy/targets.h"
#include "state/census.h"
#include "state/client.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <assert.h>
#include <string.h>

/* at most so many sets for one host, the emptiest; a power of two */
#define CARRIED_MAX 16
#define CARRIED_MEMORY 512 /* bytes in all, for each of strikes.hosts */

/* The counters that are carried. */
#define LIST_CARRIED(name) COUNTER_##name,
#define LIST_NOT_CARRIED(name)
#define COUNTER(name, subject, allowance, strike, carried) LIST_##carried(name)
static const enum counter carried[] = {
#include "policy/counters.def"
};
#undef COUNTER
#define CARRIED (sizeof carried / sizeof *carried)

struct carried_buckets {
    struct bucket counters[CARRIED];
    struct targets *targets; /* users that it wrote to; NULL: not kept */
};

struct carried_list {
    size_t n, room; /* used and allocated elements of all */
    struct carried_buckets all[];
};

/* The memory of all carried buckets of the server. */
struct carried_state {
    struct mem_sum held;
};

static struct mem_sum *
carried_total(const struct server *srv)
{
    struct carried_state *all = subsystem_state(srv, SUBSYSTEM_carried_buckets);
    return &all->held;
}

/* The slot of h; it holds NULL if h has no carried buckets. */
static struct carried_list **
carried_of_host(const struct server *srv, const struct host *h)
{
    return host_slot(srv, h, SUBSYSTEM_carried_buckets);
}

/* The own spending of a client since it took over carried buckets. */
struct own_spending {
    struct bucket counters[CARRIED];
};

static size_t
carried_list_bytes(size_t room)
{
    return mem_block(sizeof(struct carried_list) +
                     room * sizeof(struct carried_buckets));
}

static struct mem_sum
carried_sum(const struct carried_list *all)
{
    if (all == NULL)
        return (struct mem_sum){0, 0};
    struct mem_sum held = {all->n, carried_list_bytes(all->room)};
    for (size_t i = 0; i < all->n; i++)
        held.bytes += targets_memory(all->all[i].targets);
    return held;
}

struct mem_sum
carried_held(const struct server *srv, const struct host *h)
{
    return carried_sum(*carried_of_host(srv, h));
}

struct mem_sum
carried_held_by_all(const struct server *srv)
{
    return *carried_total(srv);
}

static bool
has_memory_for(const struct server *srv, size_t more)
{
    return carried_total(srv)->bytes + more <=
           (size_t)srv->config->strikes.hosts * CARRIED_MEMORY;
}

static msec
bucket_time(struct bucket b, msec now)
{
    return b.full_at > now ? b.full_at - now : 0;
}

static msec
time_to_full(const struct carried_buckets *d, msec now)
{
    msec all = 0;
    for (size_t i = 0; i < CARRIED; i++)
        all += bucket_time(d->counters[i], now);
    return all;
}

static void
drop_carried(struct carried_list *all, size_t i)
{
    free(all->all[i].targets);
    all->all[i] = all->all[--all->n];
}

static void
drop_full(struct carried_list *all, msec now)
{
    for (size_t i = all->n; i-- > 0;)
        if (time_to_full(&all->all[i], now) == 0)
            drop_carried(all, i);
}

/* The index of the emptiest set (sign 1) or of the fullest (-1). The list is not empty.
 */
static size_t
find_extreme(const struct carried_list *all, msec now, int sign)
{
    size_t found = 0;
    for (size_t i = 1; i < all->n; i++)
        if ((time_to_full(&all->all[i], now) - time_to_full(&all->all[found], now)) *
                sign >
            0)
            found = i;
    return found;
}

static bool
keeps_no_buckets(const struct client *c)
{
    return class_is_flood_exempt(c) || class_only_disconnects(policy_of(c)->class);
}

static struct carried_buckets
carried_of_client(const struct client *c)
{
    struct carried_buckets d = {.targets = NULL};
    for (size_t i = 0; i < CARRIED; i++)
        d.counters[i] = policy_of(c)->counters[carried[i]];
    return d;
}

/* Makes room for one more set in the list of h. False: there is no room. */
static bool
make_room_for_one(const struct server *srv, const struct host *h)
{
    struct carried_list **slot = carried_of_host(srv, h), *all = *slot;
    size_t n = all ? all->n : 0, room = all ? all->room : 0;
    if (n < room)
        return true;
    if (n == CARRIED_MAX)
        return false;
    size_t more = room ? 2 * room : 1;
    if (!has_memory_for(srv, carried_list_bytes(more)))
        return false;
    all = xrealloc(all, sizeof *all + more * sizeof all->all[0]);
    all->n = n;
    all->room = more;
    *slot = all;
    return true;
}

/* Makes room for d by dropping the fullest set of h. False: no set is fuller than d. */
static bool
displace_fullest(const struct server *srv, const struct host *h,
                 const struct carried_buckets *d)
{
    struct carried_list *all = *carried_of_host(srv, h);
    if (all == NULL || all->n == 0)
        return false;
    size_t least = find_extreme(all, srv->now, -1);
    if (time_to_full(&all->all[least], srv->now) >= time_to_full(d, srv->now))
        return false;
    drop_carried(all, least);
    return true;
}

static void
keep_buckets(const struct server *srv, struct client *c, struct carried_buckets d)
{
    const struct host *h = policy_of(c)->host;
    struct carried_list **slot = carried_of_host(srv, h);
    if (*slot)
        drop_full(*slot, srv->now);
    if (!make_room_for_one(srv, h) && !displace_fullest(srv, h, &d))
        return;
    if (bucket_time(policy_of(c)->counters[COUNTER_target], srv->now) > 0 &&
        has_memory_for(srv, targets_memory(policy_of(c)->targets))) {
        d.targets = policy_of(c)->targets;
        policy_of(c)->targets = NULL;
    }
    (*slot)->all[(*slot)->n++] = d;
}

void
carried_save(struct server *srv, struct client *c)
{
    struct carried_buckets d = carried_of_client(c);
    if (keeps_no_buckets(c) || time_to_full(&d, srv->now) == 0)
        return;
    struct mem_sum before = carried_held(srv, policy_of(c)->host);
    keep_buckets(srv, c, d);
    mem_sum_change(carried_total(srv), before, carried_held(srv, policy_of(c)->host));
}

static void
take_emptier(struct bucket *to, struct bucket carried_bucket)
{
    if (carried_bucket.full_at > to->full_at)
        *to = carried_bucket;
}

/* Begins to count c's own spending, before c takes over carried buckets. A client
 * registers once, so this happens once. */
static void
begin_own_spending(struct client *c)
{
    struct carried_buckets own = carried_of_client(c);
    policy_of(c)->own_spending = xmalloc(sizeof *policy_of(c)->own_spending);
    memcpy(policy_of(c)->own_spending->counters, own.counters, sizeof own.counters);
}

/* True if the buckets that c took over no longer make its own emptier. */
static bool
is_own_spending_alone(const struct client *c, msec now)
{
    const struct own_spending *own = policy_of(c)->own_spending;
    for (size_t i = 0; i < CARRIED; i++)
        if (bucket_time(policy_of(c)->counters[carried[i]], now) >
            bucket_time(own->counters[i], now))
            return false;
    return true;
}

/* The bucket of c's own spending; NULL: the counter is not carried, or c took over
 * none. */
static struct bucket *
find_own_bucket(const struct client *c, enum counter which)
{
    struct own_spending *own = policy_of(c)->own_spending;
    for (size_t i = 0; own && i < CARRIED; i++)
        if (carried[i] == which)
            return &own->counters[i];
    return NULL;
}

static bool
spend_own_bucket(const struct server *srv, const struct client *c, enum counter which,
                 struct bucket *own, int more, int cost)
{
    struct allowance a = counter_allowance(srv, policy_of(c)->class, which);
    return bucket_take(own, srv->now, a.burst + more, a.each, cost);
}

bool
carried_explains(const struct server *srv, const struct client *c, enum counter which,
                 int more, int cost)
{
    const struct bucket *own = find_own_bucket(c, which);
    if (own == NULL || cost <= 0 || is_own_spending_alone(c, srv->now))
        return false;
    struct bucket copy = *own;
    return spend_own_bucket(srv, c, which, &copy, more, cost);
}

void
carried_spend_own(const struct server *srv, struct client *c, enum counter which,
                  int more, int cost)
{
    struct client_policy *p = policy_of(c);
    if (cost <= 0)
        return;
    if (is_own_spending_alone(c, srv->now)) {
        free(p->own_spending);
        p->own_spending = NULL;
    }
    struct bucket *own = find_own_bucket(c, which);
    if (own)
        spend_own_bucket(srv, c, which, own, more, cost);
}

size_t
carried_memory(const struct client *c)
{
    return policy_of(c)->own_spending ? mem_block(sizeof *policy_of(c)->own_spending)
                                      : 0;
}

void
carried_take(struct server *srv, struct client *c)
{
    struct carried_list *all = *carried_of_host(srv, policy_of(c)->host);
    if (all == NULL || keeps_no_buckets(c))
        return;
    struct mem_sum before = carried_held(srv, policy_of(c)->host);
    drop_full(all, srv->now);
    if (all->n > 0) {
        size_t i = find_extreme(all, srv->now, 1);
        struct carried_buckets *d = &all->all[i];
        begin_own_spending(c);
        for (size_t k = 0; k < CARRIED; k++)
            take_emptier(&policy_of(c)->counters[carried[k]], d->counters[k]);
        /* A client that lost its connection still knows the users it wrote to. */
        if (policy_of(c)->targets == NULL) {
            policy_of(c)->targets = d->targets;
            d->targets = NULL;
        }
        drop_carried(all, i);
    }
    mem_sum_change(carried_total(srv), before, carried_held(srv, policy_of(c)->host));
    if (all->n == 0)
        carried_forget(srv, policy_of(c)->host);
}

bool
carried_are_full(const struct server *srv, const struct host *h)
{
    const struct carried_list *all = *carried_of_host(srv, h);
    for (size_t i = 0; all && i < all->n; i++)
        if (time_to_full(&all->all[i], srv->now) > 0)
            return false;
    return true;
}

void
carried_forget(struct server *srv, struct host *h)
{
    struct carried_list **slot = carried_of_host(srv, h), *all = *slot;
    mem_sum_change(carried_total(srv), carried_sum(all), (struct mem_sum){0, 0});
    for (size_t i = 0; all && i < all->n; i++)
        free(all->all[i].targets);
    free(all);
    *slot = NULL;
}

static void
forget_own_spending(struct server *srv, struct client *c)
{
    (void)srv;
    free(policy_of(c)->own_spending);
    policy_of(c)->own_spending = NULL;
}

static void
count_carried(const struct client *c, struct mem_sum *sum)
{
    sum->bytes += carried_memory(c);
}

static void
census_carried(const struct server *srv, struct census *out)
{
    census_add(out, CENSUS_OF_CLIENTS, "clients", 0,
               out->of_clients[SUBSYSTEM_carried_buckets]->bytes);
    census_add(out, CENSUS_OF_HOSTS, "carried buckets of clients that have left",
               carried_total(srv)->n, carried_total(srv)->bytes);
}

static void
check_carried(const struct server *srv)
{
    struct mem_sum all = {0, 0};
    for (const struct host *h = srv->policy->hosts; h; h = h->hh.next)
        mem_sum_change(&all, (struct mem_sum){0, 0}, carried_held(srv, h));
    assert(all.n == carried_total(srv)->n && all.bytes == carried_total(srv)->bytes);
}

const struct subsystem carried_buckets_subsystem = {
    .id = SUBSYSTEM_carried_buckets,
    .of_sessions = true,
    .state = sizeof(struct carried_state),
    .host_slot = sizeof(struct carried_list *),
    .client_registers = carried_take,
    .client_leaves_host = carried_save,
    .host_is_done = carried_are_full,
    .host_freed = carried_forget,
    .check = check_carried,
    .client_memory = count_carried,
    .memory = census_carried,
    .client_leaves = forget_own_spending,
};
