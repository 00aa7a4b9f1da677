/* Flood control: a token bucket a client, a few held lines, then refusal and strikes.
 *
 * Nothing here answers or disconnects; the session acts on the verdict. Held lines keep
 * their order: while one waits, none runs before it. */
#include "policy/flood.h"
#include "policy/enact.h"

#include "config/config.h"
#include "policy/class.h"
#include "policy/client_policy.h"
#include "policy/debt.h"
#include "policy/host.h"
#include "policy/strikes.h"
#include "state/server.h"
#include "state/subsystem.h"

#define PING_BURST 20             /* free commands at once */
#define PING_INTERVAL MSEC_SECOND /* and one more each */
#define HOST_JOINS 60000          /* of one host a minute: the finest there is */

/* The buckets beside the main one: where their rate stands in the configuration and in
 * a class, and what abusing them is. */
#define RATE_OF(option, strike)                                                        \
    {                                                                                  \
        offsetof(struct config, flood.option), offsetof(struct config_class, option),  \
            strike                                                                     \
    }
static const struct {
    size_t rate, of_class;
    enum strike_cause cause;
} rows[BUCKETS] = {
    [BUCKET_NICK] = RATE_OF(nick, STRIKE_NICK),
    [BUCKET_AWAY] = RATE_OF(away, STRIKE_AWAY),
    [BUCKET_INVITE] = RATE_OF(invite, STRIKE_INVITE),
    [BUCKET_JOIN] = RATE_OF(join, STRIKE_JOIN),
    [BUCKET_KNOCK] = RATE_OF(knock, STRIKE_KNOCK),
    [BUCKET_TARGET] = RATE_OF(targets, STRIKE_TARGET),
    [BUCKET_CTCP] = RATE_OF(ctcp, STRIKE_CTCP),
};

static struct rate
rate_of(const struct server *srv, const struct client *c, enum client_bucket which)
{
    struct rate rate = {0};
    if (policy_of(c)->class)
        memcpy(&rate, (const char *)policy_of(c)->class + rows[which].of_class,
               sizeof rate);
    if (rate.count == 0)
        memcpy(&rate, (const char *)srv->config + rows[which].rate, sizeof rate);
    return rate;
}

static int
burst_of(const struct server *srv, const struct client *c)
{
    return policy_of(c)->class && policy_of(c)->class->burst >= 0
               ? policy_of(c)->class->burst
               : srv->config->flood.burst;
}

static msec
token_interval(const struct server *srv, const struct client *c)
{
    return policy_of(c)->class && policy_of(c)->class->interval > 0
               ? policy_of(c)->class->interval
               : srv->config->flood.interval;
}

int
flood_unregistered(const struct server *srv, const struct client *c)
{
    return policy_of(c)->class && policy_of(c)->class->unregistered >= 0
               ? policy_of(c)->class->unregistered
               : srv->config->flood.unregistered;
}

int
flood_hold(const struct server *srv, const struct client *c)
{
    return policy_of(c)->class && policy_of(c)->class->hold >= 0
               ? policy_of(c)->class->hold
               : srv->config->flood.hold;
}

/* A command that costs nothing is free until the ping bucket is empty. */
static int
real_cost(const struct server *srv, struct client *c, int cost)
{
    if (cost != 0)
        return cost > 0 ? cost : 0;
    bool is_free = bucket_take(&policy_of(c)->buckets[BUCKET_PING], srv->now,
                               PING_BURST, PING_INTERVAL, 1);
    return is_free ? 0 : 1;
}

static bool
take(const struct server *srv, struct client *c, int cost)
{
    int real = real_cost(srv, c, cost);
    return real == 0 || bucket_take(&policy_of(c)->flood, srv->now, burst_of(srv, c),
                                    token_interval(srv, c), real);
}

/* The JOIN credit of a host: as its connections may have channels, once a minute. */
static int
host_joins(const struct server *srv, const struct client *c)
{
    struct class_limits limits;
    class_limits(srv, policy_of(c)->class, &limits);
    int64_t all = (int64_t)limits.per_host * srv->config->limits.channels_per_client;
    return all < HOST_JOINS ? (int)all : HOST_JOINS;
}

static void
flood_welcome(struct server *srv, struct client *c)
{
    policy_of(c)->joinable = (uint16_t)srv->config->limits.channels_per_client;
    policy_of(c)->join_until = (uint32_t)(srv->now + FLOOD_WELCOME);
}

bool
flood_take_joins(const struct server *srv, struct client *c, unsigned n)
{
    if (!client_is_registered(c) || n > policy_of(c)->joinable)
        return false;
    uint32_t left = policy_of(c)->join_until - (uint32_t)srv->now;
    if (left == 0 || left > FLOOD_WELCOME) {
        policy_of(c)->joinable = 0;
        return false;
    }
    int burst = host_joins(srv, c);
    msec each = MSEC_MINUTE / burst > 0 ? MSEC_MINUTE / burst : 1;
    struct bucket *joins = host_slot(srv, policy_of(c)->host, SUBSYSTEM_flood);
    bucket_limit(joins, srv->now, burst, each);
    if (!bucket_take(joins, srv->now, burst, each, (int)n))
        return false;
    policy_of(c)->joinable = (uint16_t)(policy_of(c)->joinable - n);
    return true;
}

/* Lines that may wait now, beside those that a credit pays for. A client that waits for
 * a worker or behind a long answer has tokens that it cannot use, so more may. Behind
 * JOINs that wait so may the queries that these JOINs will pay for. More would only be
 * a way around the hold. A client without flood control is bounded by its receive queue
 * alone. */
static int
room(const struct server *srv, const struct client *c)
{
    int lines = flood_hold(srv, c) + JOIN_QUERIES * policy_of(c)->held_joins;
    if (c->out.flags & CLIENT_HELD || client_is_over(c))
        lines += burst_of(srv, c);
    return lines;
}

/* Notes what c spends of its own main bucket. True: the line would run or wait, but for
 * what c took over from another. */
static bool
spend_own(const struct server *srv, struct client *c, int cost)
{
    return cost > 0 &&
           debt_spend(srv, c, BUCKETS, burst_of(srv, c) + flood_hold(srv, c),
                      token_interval(srv, c), cost);
}

enum flood_verdict
flood_line(struct server *srv, struct client *c, int cost)
{
    const struct client_policy *p = policy_of(c);
    bool explained = p->carried && spend_own(srv, c, cost);
    bool must_wait =
        p->held_lines > 0 || c->out.flags & CLIENT_HELD || client_is_over(c);
    if (!must_wait && (class_is_free(c) || take(srv, c, cost)))
        return FLOOD_RUN;
    if (cost < 0 || p->held_lines - p->held_paid < room(srv, c) || class_is_free(c))
        return FLOOD_HOLD;
    /* PING, PONG and QUIT pass even then. */
    if (cost == 0 && real_cost(srv, c, 0) == 0)
        return FLOOD_RUN;
    return explained ? FLOOD_REFUSE_MILD : FLOOD_REFUSE;
}

bool
flood_release(struct server *srv, struct client *c, int cost)
{
    if (c->out.flags & CLIENT_HELD)
        return false;
    return class_is_free(c) || take(srv, c, cost);
}

void
flood_charge(struct server *srv, struct client *c, int cost)
{
    if (class_is_free(c) || cost <= 0)
        return;
    spend_own(srv, c, cost);
    bucket_charge(&policy_of(c)->flood, srv->now, burst_of(srv, c),
                  token_interval(srv, c), cost);
}

/* Takes a token of one of c's own buckets; else *seconds is the wait. */
static bool
take_bucket(const struct server *srv, struct client *c, enum client_bucket which,
            struct rate rate, int *seconds)
{
    msec each = rate_interval(&rate);
    bucket_limit(&policy_of(c)->buckets[which], srv->now, rate.count, each);
    if (bucket_take(&policy_of(c)->buckets[which], srv->now, rate.count, each, 1))
        return true;
    msec wait =
        bucket_wait(&policy_of(c)->buckets[which], srv->now, rate.count, each, 1);
    *seconds = (int)((wait + MSEC_SECOND - 1) / MSEC_SECOND);
    return false;
}

bool
flood_offends(const struct server *srv, struct client *c)
{
    if (srv->now - policy_of(c)->struck < MSEC_SECOND || c->out.flags & CLIENT_STRUCK)
        return false;
    policy_of(c)->struck = srv->now;
    policy_of(c)->held_struck = policy_of(c)->held_lines;
    return true;
}

bool
flood_bucket_mild(const struct server *srv, struct client *c, enum client_bucket which,
                  int *seconds)
{
    struct rate rate = rate_of(srv, c, which);
    if (class_is_free(c))
        return true;
    if (!take_bucket(srv, c, which, rate, seconds))
        return false;
    debt_spend(srv, c, which, rate.count, rate_interval(&rate), 1);
    return true;
}

bool
flood_bucket(struct server *srv, struct client *c, enum client_bucket which,
             int *seconds)
{
    struct rate rate = rate_of(srv, c, which);
    if (class_is_free(c))
        return true;
    /* What was left to c by another of its host makes it wait, but is no offence. */
    bool explained = debt_spend(srv, c, which, rate.count, rate_interval(&rate), 1);
    if (take_bucket(srv, c, which, rate, seconds))
        return true;
    if (!explained && flood_offends(srv, c))
        enact_strike(srv, c, rows[which].cause);
    return false;
}

static bool
joins_are_back(const struct server *srv, const struct host *h)
{
    const struct bucket *joins = host_slot(srv, h, SUBSYSTEM_flood);
    return joins->full_at <= srv->now;
}

const struct subsystem flood_subsystem = {
    .id = SUBSYSTEM_flood,
    .host_slot = sizeof(struct bucket), /* JOINs that cost nothing */
    .client_registers = flood_welcome,
    .host_is_done = joins_are_back,
};
