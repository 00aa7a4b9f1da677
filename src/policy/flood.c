/* Flood control: a token bucket a client, a few held lines, then refusal and strikes.
 *
 * Nothing here answers or disconnects; the session acts on the verdict. Held lines keep
 * their order: while one waits, none runs before it. */
#include "policy/flood.h"

#include "config/config.h"
#include "policy/privs.h"
#include "policy/strikes.h"
#include "state/server.h"

#define CHANNEL_HOLD 3            /* lines: the queries that a JOIN pays for */
#define PING_BURST 20             /* free commands at once */
#define PING_INTERVAL MSEC_SECOND /* and one more each */

/* The buckets beside the main one: where their rate stands, and what abusing them is.
 */
static const struct {
    size_t rate;
    enum strike_cause cause;
} rows[BUCKETS] = {
    [BUCKET_NICK] = {offsetof(struct config, flood.nick), STRIKE_NICK},
    [BUCKET_AWAY] = {offsetof(struct config, flood.away), STRIKE_AWAY},
    [BUCKET_INVITE] = {offsetof(struct config, flood.invite), STRIKE_INVITE},
    [BUCKET_JOIN] = {offsetof(struct config, flood.join), STRIKE_JOIN},
    [BUCKET_KNOCK] = {offsetof(struct config, flood.knock), STRIKE_KNOCK},
    [BUCKET_TARGET] = {offsetof(struct config, flood.targets), STRIKE_TARGET},
    [BUCKET_CTCP] = {offsetof(struct config, flood.ctcp), STRIKE_CTCP},
};

bool
flood_exempt(const struct client *c)
{
    return c->exempt & EXEMPT_FLOOD || c->privileges & PRIV_flood_exempt;
}

static int
burst_of(const struct server *srv, const struct client *c)
{
    return c->class && c->class->burst >= 0 ? c->class->burst
                                            : srv->config->flood.burst;
}

int
flood_hold(const struct server *srv, const struct client *c)
{
    return c->class && c->class->hold >= 0 ? c->class->hold : srv->config->flood.hold;
}

/* A command that costs nothing is free until the ping bucket is empty. */
static int
real_cost(const struct server *srv, struct client *c, int cost)
{
    if (cost != 0)
        return cost > 0 ? cost : 0;
    bool is_free =
        bucket_take(&c->buckets[BUCKET_PING], srv->now, PING_BURST, PING_INTERVAL, 1);
    return is_free ? 0 : 1;
}

static bool
take(const struct server *srv, struct client *c, int cost)
{
    int real = real_cost(srv, c, cost);
    return real == 0 || bucket_take(&c->flood, srv->now, burst_of(srv, c),
                                    srv->config->flood.interval, real);
}

/* Lines that may wait now. Who waits for a worker, or behind a long answer, has tokens
 * he cannot use, so more may. Behind an answer also what his own JOINs have paid for
 * may: a program asks three things about each of its channels at once, and would run
 * all of it for free were the first answer short. More would only be a way around the
 * hold. The exempt are bounded by their receive queue alone. */
static int
room(const struct server *srv, const struct client *c)
{
    int lines = flood_hold(srv, c);
    if (c->flags & CLIENT_HELD)
        lines += burst_of(srv, c);
    if (c->flags & CLIENT_CURSOR)
        lines += CHANNEL_HOLD * (int)c->njoined;
    return lines;
}

enum flood_verdict
flood_line(struct server *srv, struct client *c, int cost)
{
    bool must_wait = c->held_lines > 0 || c->flags & CLIENT_HELD;
    if (!must_wait && (flood_exempt(c) || take(srv, c, cost)))
        return FLOOD_RUN;
    if (c->held_lines < room(srv, c) || flood_exempt(c))
        return FLOOD_HOLD;
    /* PING, PONG and QUIT pass even then. */
    return cost == 0 && real_cost(srv, c, 0) == 0 ? FLOOD_RUN : FLOOD_REFUSE;
}

bool
flood_release(struct server *srv, struct client *c, int cost)
{
    if (c->flags & CLIENT_HELD)
        return false;
    return flood_exempt(c) || take(srv, c, cost);
}

void
flood_charge(struct server *srv, struct client *c, int cost)
{
    if (!flood_exempt(c) && cost > 0 && !(c->flags & CLIENT_PAID))
        bucket_charge(&c->flood, srv->now, burst_of(srv, c),
                      srv->config->flood.interval, cost);
}

bool
flood_bucket_mild(const struct server *srv, struct client *c, enum client_bucket which,
                  int *seconds)
{
    if (flood_exempt(c))
        return true;
    struct rate rate;
    memcpy(&rate, (const char *)srv->config + rows[which].rate, sizeof rate);
    msec each = rate.per / rate.count > 0 ? rate.per / rate.count : 1;
    bucket_limit(&c->buckets[which], srv->now, rate.count, each);
    if (bucket_take(&c->buckets[which], srv->now, rate.count, each, 1))
        return true;
    msec wait = bucket_wait(&c->buckets[which], srv->now, rate.count, each, 1);
    *seconds = (int)((wait + MSEC_SECOND - 1) / MSEC_SECOND);
    return false;
}

bool
flood_bucket(struct server *srv, struct client *c, enum client_bucket which,
             int *seconds)
{
    if (flood_bucket_mild(srv, c, which, seconds))
        return true;
    /* What was left to it by another of its host makes it wait, but is no offence. */
    bool own = which == BUCKET_JOIN || srv->now >= c->owed_until;
    if (own && srv->now - c->struck >= MSEC_SECOND) {
        c->struck = srv->now;
        strike_client(srv, c, rows[which].cause);
    }
    return false;
}
