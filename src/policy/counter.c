/* The functions of all counters, and their allowances.
 *
 * A counter holds only the time at which it is full again (base/bucket.h), so it has
 * eight bytes and needs no tick. A verdict works on a copy and never changes the
 * counter. */
#include "policy/counter.h"

#include "base/attr.h"
#include "config/config.h"
#include "policy/class.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <assert.h>
#include <string.h>

#define FREE_LINES 20             /* tokens at once, and one more each second */
#define FREE_JOINS_A_MINUTE 60000 /* at most: one a millisecond */

/* The option of the class if that has it, else that of the configuration. */
static struct rate
choose_rate(const struct config *config, const struct config_class *class,
            size_t option, size_t of_class)
{
    struct rate rate = {0};
    if (class)
        memcpy(&rate, (const char *)class + of_class, sizeof rate);
    if (rate.count == 0)
        memcpy(&rate, (const char *)config + option, sizeof rate);
    return rate;
}

static struct allowance
allow_rate(struct rate rate)
{
    return (struct allowance){.burst = rate.count, .each = rate_interval(&rate)};
}

static struct allowance
allow_lines(const struct config *config, const struct config_class *class)
{
    return (struct allowance){
        .burst = class && class->burst >= 0 ? class->burst : config->flood.burst,
        .each = class && class->interval > 0 ? class->interval : config->flood.interval,
        .owes = true,
    };
}

static struct allowance
allow_free_lines(const struct config *config, const struct config_class *class)
{
    (void)config;
    (void)class;
    return (struct allowance){.burst = FREE_LINES, .each = MSEC_SECOND};
}

/* In each minute, as many channels as all connections of a host may have. */
static struct allowance
allow_free_joins(const struct config *config, const struct config_class *class)
{
    int hosts =
        class && class->per_host >= 0 ? class->per_host : config->limits.per_host;
    int64_t all = (int64_t)hosts * config->limits.channels_per_client;
    int burst = all < FREE_JOINS_A_MINUTE ? (int)all : FREE_JOINS_A_MINUTE;
    msec each = MSEC_MINUTE / burst;
    return (struct allowance){.burst = burst, .each = each > 0 ? each : 1};
}

static struct allowance
allow_connections(const struct config *config, const struct config_class *class)
{
    bool own = class && class->connect_rate.count > 0;
    return allow_rate(own ? class->connect_rate : config->limits.connect_rate);
}

static struct allowance
allow_passwords(const struct config *config, const struct config_class *class)
{
    (void)class;
    return allow_rate(config->limits.wrong_passwords);
}

struct counter_row {
    /* NULL: the allowance is an option. */
    struct allowance (*compute)(const struct config *, const struct config_class *);
    size_t option, of_class; /* offsets of a struct rate */
    enum strike_cause cause;
};

#define COMPUTED(function) .compute = function
#define RATE(name)                                                                     \
    .option = offsetof(struct config, flood.name),                                     \
    .of_class = offsetof(struct config_class, name)
#define COUNTER(name, subject, allowance, strike, carried)                             \
    [COUNTER_##name] = {allowance, .cause = STRIKE_##strike},
static const struct counter_row counter_rows[COUNTERS] = {
#include "policy/counters.def"
};
#undef COUNTER
#define COUNTER(name, subject, allowance, strike, carried)                             \
    _Static_assert(COUNTER_IS_##subject == ((int)COUNTER_##name < SESSION_COUNTERS),   \
                   "counters of sessions come first");
#include "policy/counters.def"
#undef COUNTER

static ATTR_INLINE struct allowance
find_allowance(const struct server *srv, const struct config_class *class,
               enum counter which)
{
    const struct counter_row *row = &counter_rows[which];
    if (which == COUNTER_lines) /* asked for each line: a direct call is faster */
        return allow_lines(srv->config, class);
    if (row->compute)
        return row->compute(srv->config, class);
    return allow_rate(choose_rate(srv->config, class, row->option, row->of_class));
}

struct allowance
counter_allowance(const struct server *srv, const struct config_class *class,
                  enum counter which)
{
    return find_allowance(srv, class, which);
}

struct subject
subject_host(const struct server *srv, const struct host *h,
             const struct config_class *class)
{
    return (struct subject){.counters = host_slot(srv, h, SUBSYSTEM_counter),
                            .first = SESSION_COUNTERS,
                            .class = class};
}

static struct bucket *
find_counter(const struct subject *s, enum counter which)
{
    assert(((int)which < SESSION_COUNTERS) == (s->first == 0));
    return &s->counters[which - s->first];
}

/* A copy of the counter under this allowance, which may be stricter than before. */
static struct bucket
copy_limited(const struct server *srv, const struct subject *s, enum counter which,
             struct allowance a)
{
    struct bucket copy = *find_counter(s, which);
    if (!a.owes)
        bucket_limit(&copy, srv->now, a.burst, a.each);
    return copy;
}

bool
counter_has(const struct server *srv, const struct subject *s, enum counter which,
            int n)
{
    if (find_counter(s, which)->full_at <= srv->now) /* a full one has enough */
        return true;
    struct allowance a = find_allowance(srv, s->class, which);
    struct bucket copy = copy_limited(srv, s, which, a);
    return bucket_take(&copy, srv->now, a.burst, a.each, n);
}

msec
counter_wait(const struct server *srv, const struct subject *s, enum counter which,
             int n)
{
    struct allowance a = find_allowance(srv, s->class, which);
    struct bucket copy = copy_limited(srv, s, which, a);
    return bucket_wait(&copy, srv->now, a.burst, a.each, n);
}

int
counter_left(const struct server *srv, const struct subject *s, enum counter which)
{
    struct allowance a = find_allowance(srv, s->class, which);
    return bucket_left(find_counter(s, which), srv->now, a.burst, a.each);
}

msec
counter_full_at(const struct subject *s, enum counter which)
{
    return find_counter(s, which)->full_at;
}

bool
counter_take(const struct server *srv, const struct subject *s, enum counter which,
             int n)
{
    struct allowance a = find_allowance(srv, s->class, which);
    struct bucket *own = find_counter(s, which);
    *own = copy_limited(srv, s, which, a);
    return bucket_take(own, srv->now, a.burst, a.each, n);
}

void
counter_settle(const struct server *srv, const struct subject *s, enum counter which)
{
    struct allowance a = find_allowance(srv, s->class, which);
    *find_counter(s, which) = copy_limited(srv, s, which, a);
}

msec
counter_charge(const struct server *srv, const struct subject *s, enum counter which,
               int n)
{
    struct allowance a = find_allowance(srv, s->class, which);
    struct bucket *own = find_counter(s, which);
    *own = copy_limited(srv, s, which, a);
    msec before = own->full_at > srv->now ? own->full_at : srv->now;
    bucket_charge(own, srv->now, a.burst, a.each, n);
    return own->full_at > before ? own->full_at - before : 0;
}

void
counter_give(const struct server *srv, const struct subject *s, enum counter which,
             int n)
{
    struct allowance a = find_allowance(srv, s->class, which);
    bucket_give(find_counter(s, which), a.each, n);
}

void
counter_give_back(const struct subject *s, enum counter which, msec charged)
{
    find_counter(s, which)->full_at -= charged;
}

enum strike_cause
counter_cause(enum counter which)
{
    return counter_rows[which].cause;
}

/* True if all counters of the host are full. */
static bool
counters_are_full(const struct server *srv, const struct host *h)
{
    const struct bucket *kept = host_slot(srv, h, SUBSYSTEM_counter);
    for (size_t i = 0; i < KEPT_COUNTERS; i++)
        if (kept[i].full_at > srv->now)
            return false;
    return true;
}

const struct subsystem counter_subsystem = {
    .id = SUBSYSTEM_counter,
    .host_slot = KEPT_COUNTERS * sizeof(struct bucket),
    .host_is_done = counters_are_full,
};
