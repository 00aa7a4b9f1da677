/* Debts of clients that have left, kept with their host.
 *
 * Each is the buckets of one client and passes as a whole to one client that comes
 * after it: many behind one address, of whom one has spammed, lose one budget and not
 * all of theirs, and who leaves with three connections comes back with three debts. A
 * bucket is the moment at which it is full again, so debts pay themselves off without
 * a timer. Bounded for each host and in all, made only where something is owed, and
 * never stored. */
#include "policy/debt.h"

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

#define DEBTS_MAX 16    /* of one host: the largest ones; a power of two */
#define DEBT_MEMORY 512 /* of all together, for each of strikes.hosts */

/* The counters that are taken over. */
#define LIST_CARRIED(name) COUNTER_##name,
#define LIST_ALONE(name)
#define COUNTER(name, subject, allowance, strike, carried) LIST_##carried(name)
static const enum counter carried[] = {
#include "policy/counters.def"
};
#undef COUNTER
#define CARRIED (sizeof carried / sizeof *carried)

struct debt {
    struct bucket counters[CARRIED];
    struct targets *targets; /* whom they were taken for; NULL: not kept */
};

struct debts {
    size_t n, room; /* of all */
    struct debt all[];
};

/* All of a server. */
struct debt_state {
    struct mem_sum held;
};

static struct mem_sum *
held_of_all(const struct server *srv)
{
    struct debt_state *all = subsystem_state(srv, SUBSYSTEM_debt);
    return &all->held;
}

/* Of a host; NULL: nothing is owed. */
static struct debts **
debts_of(const struct server *srv, const struct host *h)
{
    return host_slot(srv, h, SUBSYSTEM_debt);
}

/* What a client has spent itself since it took over the buckets of another. */
struct carried {
    struct bucket counters[CARRIED];
};

static size_t
block_of(size_t room)
{
    return mem_block(sizeof(struct debts) + room * sizeof(struct debt));
}

static struct mem_sum
debts_held(const struct debts *all)
{
    if (all == NULL)
        return (struct mem_sum){0, 0};
    struct mem_sum held = {all->n, block_of(all->room)};
    for (size_t i = 0; i < all->n; i++)
        held.bytes += targets_memory(all->all[i].targets);
    return held;
}

struct mem_sum
debt_held(const struct server *srv, const struct host *h)
{
    return debts_held(*debts_of(srv, h));
}

struct mem_sum
debt_held_by_all(const struct server *srv)
{
    return *held_of_all(srv);
}

static bool
has_room(const struct server *srv, size_t more)
{
    return held_of_all(srv)->bytes + more <=
           (size_t)srv->config->strikes.hosts * DEBT_MEMORY;
}

static msec
missing(struct bucket b, msec now)
{
    return b.full_at > now ? b.full_at - now : 0;
}

static msec
sum(const struct debt *d, msec now)
{
    msec all = 0;
    for (size_t i = 0; i < CARRIED; i++)
        all += missing(d->counters[i], now);
    return all;
}

static void
drop(struct debts *all, size_t i)
{
    free(all->all[i].targets);
    all->all[i] = all->all[--all->n];
}

static void
drop_paid(struct debts *all, msec now)
{
    for (size_t i = all->n; i-- > 0;)
        if (sum(&all->all[i], now) == 0)
            drop(all, i);
}

/* The largest (1) or the smallest (-1) of them; there is one. */
static size_t
extreme(const struct debts *all, msec now, int sign)
{
    size_t found = 0;
    for (size_t i = 1; i < all->n; i++)
        if ((sum(&all->all[i], now) - sum(&all->all[found], now)) * sign > 0)
            found = i;
    return found;
}

static bool
is_free(const struct client *c)
{
    return class_is_free(c) || class_only_disconnects(policy_of(c)->class);
}

static struct debt
debt_of(const struct client *c)
{
    struct debt d = {.targets = NULL};
    for (size_t i = 0; i < CARRIED; i++)
        d.counters[i] = policy_of(c)->counters[carried[i]];
    return d;
}

/* Room for one debt more of h. */
static bool
make_room(const struct server *srv, const struct host *h)
{
    struct debts **slot = debts_of(srv, h), *all = *slot;
    size_t n = all ? all->n : 0, room = all ? all->room : 0;
    if (n < room)
        return true;
    if (n == DEBTS_MAX)
        return false;
    size_t more = room ? 2 * room : 1;
    if (!has_room(srv, block_of(more)))
        return false;
    all = xrealloc(all, sizeof *all + more * sizeof all->all[0]);
    all->n = n;
    all->room = more;
    *slot = all;
    return true;
}

/* Room for d at the cost of a smaller one of h. */
static bool
displace(const struct server *srv, const struct host *h, const struct debt *d)
{
    struct debts *all = *debts_of(srv, h);
    if (all == NULL || all->n == 0)
        return false;
    size_t least = extreme(all, srv->now, -1);
    if (sum(&all->all[least], srv->now) >= sum(d, srv->now))
        return false;
    drop(all, least);
    return true;
}

static void
keep(const struct server *srv, struct client *c, struct debt d)
{
    const struct host *h = policy_of(c)->host;
    struct debts **slot = debts_of(srv, h);
    if (*slot)
        drop_paid(*slot, srv->now);
    if (!make_room(srv, h) && !displace(srv, h, &d))
        return;
    if (missing(policy_of(c)->counters[COUNTER_target], srv->now) > 0 &&
        has_room(srv, targets_memory(policy_of(c)->targets))) {
        d.targets = policy_of(c)->targets;
        policy_of(c)->targets = NULL;
    }
    (*slot)->all[(*slot)->n++] = d;
}

void
debt_leave(struct server *srv, struct client *c)
{
    struct debt d = debt_of(c);
    if (is_free(c) || sum(&d, srv->now) == 0)
        return;
    struct mem_sum before = debt_held(srv, policy_of(c)->host);
    keep(srv, c, d);
    mem_sum_change(held_of_all(srv), before, debt_held(srv, policy_of(c)->host));
}

static void
add(struct bucket *to, struct bucket owed)
{
    if (owed.full_at > to->full_at)
        *to = owed;
}

/* What c has spent before it takes over more; that of an earlier take is gone with its
 * registration, of which there is one. */
static void
keep_own(struct client *c)
{
    struct debt own = debt_of(c);
    policy_of(c)->carried = xmalloc(sizeof *policy_of(c)->carried);
    memcpy(policy_of(c)->carried->counters, own.counters, sizeof own.counters);
}

/* Nothing that c took over is missing any more in what it has. */
static bool
is_paid_off(const struct client *c, msec now)
{
    const struct carried *own = policy_of(c)->carried;
    for (size_t i = 0; i < CARRIED; i++)
        if (missing(policy_of(c)->counters[carried[i]], now) >
            missing(own->counters[i], now))
            return false;
    return true;
}

/* The one of c's own; NULL: this one is never taken over, or c took over none. */
static struct bucket *
find_own(const struct client *c, enum counter which)
{
    struct carried *own = policy_of(c)->carried;
    for (size_t i = 0; own && i < CARRIED; i++)
        if (carried[i] == which)
            return &own->counters[i];
    return NULL;
}

static bool
take_own(const struct server *srv, const struct client *c, enum counter which,
         struct bucket *own, int more, int cost)
{
    struct allowance a = counter_allowance(srv, policy_of(c)->class, which);
    return bucket_take(own, srv->now, a.burst + more, a.each, cost);
}

bool
debt_explains(const struct server *srv, const struct client *c, enum counter which,
              int more, int cost)
{
    const struct bucket *own = find_own(c, which);
    if (own == NULL || cost <= 0 || is_paid_off(c, srv->now))
        return false;
    struct bucket copy = *own;
    return take_own(srv, c, which, &copy, more, cost);
}

void
debt_spend_own(const struct server *srv, struct client *c, enum counter which, int more,
               int cost)
{
    struct client_policy *p = policy_of(c);
    if (cost <= 0)
        return;
    if (is_paid_off(c, srv->now)) {
        free(p->carried);
        p->carried = NULL;
    }
    struct bucket *own = find_own(c, which);
    if (own)
        take_own(srv, c, which, own, more, cost);
}

size_t
debt_memory(const struct client *c)
{
    return policy_of(c)->carried ? mem_block(sizeof *policy_of(c)->carried) : 0;
}

void
debt_take(struct server *srv, struct client *c)
{
    struct debts *all = *debts_of(srv, policy_of(c)->host);
    if (all == NULL || is_free(c))
        return;
    struct mem_sum before = debt_held(srv, policy_of(c)->host);
    drop_paid(all, srv->now);
    if (all->n > 0) {
        size_t i = extreme(all, srv->now, 1);
        struct debt *d = &all->all[i];
        keep_own(c);
        for (size_t k = 0; k < CARRIED; k++)
            add(&policy_of(c)->counters[carried[k]], d->counters[k]);
        /* Who has lost his connection goes on with those he talked with. */
        if (policy_of(c)->targets == NULL) {
            policy_of(c)->targets = d->targets;
            d->targets = NULL;
        }
        drop(all, i);
    }
    mem_sum_change(held_of_all(srv), before, debt_held(srv, policy_of(c)->host));
    if (all->n == 0)
        debt_forget(srv, policy_of(c)->host);
}

bool
debt_is_paid(const struct server *srv, const struct host *h)
{
    const struct debts *all = *debts_of(srv, h);
    for (size_t i = 0; all && i < all->n; i++)
        if (sum(&all->all[i], srv->now) > 0)
            return false;
    return true;
}

void
debt_forget(struct server *srv, struct host *h)
{
    struct debts **slot = debts_of(srv, h), *all = *slot;
    mem_sum_change(held_of_all(srv), debts_held(all), (struct mem_sum){0, 0});
    for (size_t i = 0; all && i < all->n; i++)
        free(all->all[i].targets);
    free(all);
    *slot = NULL;
}

static void
forget_carried(struct server *srv, struct client *c)
{
    (void)srv;
    free(policy_of(c)->carried);
    policy_of(c)->carried = NULL;
}

static void
count_carried(const struct client *c, struct mem_sum *sum)
{
    sum->bytes += debt_memory(c);
}

static void
add_debts(const struct server *srv, struct census *out)
{
    census_add(out, CENSUS_OF_CLIENTS, "clients", 0,
               out->of_clients[SUBSYSTEM_debt]->bytes);
    census_add(out, CENSUS_OF_HOSTS, "debts of clients that have left",
               held_of_all(srv)->n, held_of_all(srv)->bytes);
}

static void
check_debts(const struct server *srv)
{
    struct mem_sum all = {0, 0};
    for (const struct host *h = srv->policy->hosts; h; h = h->hh.next)
        mem_sum_change(&all, (struct mem_sum){0, 0}, debt_held(srv, h));
    assert(all.n == held_of_all(srv)->n && all.bytes == held_of_all(srv)->bytes);
}

const struct subsystem debt_subsystem = {
    .id = SUBSYSTEM_debt,
    .of_sessions = true,
    .state = sizeof(struct debt_state),
    .host_slot = sizeof(struct debts *),
    .client_registers = debt_take,
    .client_leaves_host = debt_leave,
    .host_is_done = debt_is_paid,
    .host_freed = debt_forget,
    .check = check_debts,
    .client_memory = count_carried,
    .memory = add_debts,
    .client_leaves = forget_carried,
};
