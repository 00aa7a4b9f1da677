/* Admission at accept: may this address have one more connection.
 *
 * The checks stand in one table, cheapest first; each says in words what it refuses.
 * Nothing is allocated for whom the first three refuse. */
#include "policy/throttle.h"
#include "policy/enact.h"

#include "base/str.h"
#include "config/config.h"
#include "policy/ban/ban.h"
#include "policy/class.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "policy/strikes.h"
#include "state/client.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "state/watch.h"

#include <utlist.h>

#define RESERVED 8 /* connections above limits.clients, for loopback */
#define START_GRACE                                                                    \
    MSEC_MINUTE /* everybody reconnects after a restart: no strikes for that */
#define RATE_STRIKE_EVERY (10 * MSEC_SECOND)

/* Of a host. */
struct throttled {
    struct bucket connect;   /* connect_rate */
    struct bucket passwords; /* wrong_passwords */
    msec strikes_from;       /* monotonic: none for connecting too often before */
    uint32_t rate_refused;   /* attempts refused for their rate since one was let in */
    uint16_t checking;       /* server passwords that the worker looks at */
};

static struct throttled *
throttled_of(const struct server *srv, const struct host *h)
{
    return host_slot(srv, h, SUBSYSTEM_throttle);
}

struct applicant {
    const struct addr *addr;
    const struct config_class *class;
    unsigned exempt;
    struct class_limits limits;
};

static bool
not_banned(struct server *srv, const struct applicant *a, char *why, size_t size)
{
    const struct ban *ban = ban_match_addr(srv, BAN_DLINE, a->addr);
    if (ban)
        ban_words(srv, ban, why, size);
    return ban == NULL;
}

static bool
is_loopback(const struct addr *addr)
{
    static const uint8_t one[16] = {[15] = 1};
    return addr_is_v4(addr) ? addr->ip[12] == 127 : memcmp(addr->ip, one, 16) == 0;
}

static bool
not_full(struct server *srv, const struct applicant *a, char *why, size_t size)
{
    size_t limit = (size_t)srv->config->limits.clients;
    if (limit == 0) /* the shell has put no number there */
        return true;
    if (is_loopback(a->addr))
        limit += RESERVED;
    str_format(why, size, "The server is full: it takes %d clients",
               srv->config->limits.clients);
    return srv->n_clients < limit;
}

static bool
host_has_room(struct server *srv, const struct applicant *a, char *why, size_t size)
{
    const struct host *h = host_find(srv, a->addr);
    int limit = a->limits.per_host;
    str_format(why, size, "Too many connections from your host: at most %d at a time",
               limit);
    return h == NULL || h->connections < (uint32_t)limit;
}

static bool
network_has_room(struct server *srv, const struct applicant *a, char *why, size_t size)
{
    const struct network *n = network_find(srv, a->addr);
    int limit = a->limits.per_network;
    str_format(why, size,
               "Too many connections from your network: at most %d at a time", limit);
    return n == NULL || n->connections < (uint32_t)limit;
}

static bool
unregistered_has_room(struct server *srv, const struct applicant *a, char *why,
                      size_t size)
{
    const struct host *h = host_find(srv, a->addr);
    int limit = a->limits.unregistered_per_host;
    str_format(
        why, size,
        "Too many connections from your host that have not registered: at most %d "
        "at a time",
        limit);
    return h == NULL || h->unregistered < (uint32_t)limit;
}

/* As many refusals in a row are only told as the host may have connections: behind a
 * shared address each user's client tries once. Who goes on is struck, once each ten
 * seconds. */
static void
strike_for_rate(struct server *srv, const struct applicant *a, struct host *h)
{
    int users = a->limits.per_host;
    struct throttled *t = throttled_of(srv, h);
    if (t->rate_refused < UINT32_MAX)
        t->rate_refused++;
    if (t->rate_refused <= (uint32_t)users || a->exempt & EXEMPT_STRIKES ||
        srv->now - srv->started < START_GRACE || srv->now < t->strikes_from)
        return;
    t->strikes_from = srv->now + RATE_STRIKE_EVERY;
    enact_strike_host(srv, a->addr, a->class, STRIKE_RATE);
}

static bool
not_too_fast(struct server *srv, const struct applicant *a, char *why, size_t size)
{
    struct host *h = host_get(srv, a->addr);
    struct throttled *t = throttled_of(srv, h);
    struct rate rate = a->limits.connect;
    msec each = rate_interval(&rate);
    bucket_limit(&t->connect, srv->now, rate.count, each);
    if (bucket_take(&t->connect, srv->now, rate.count, each, 1)) {
        t->rate_refused = 0;
        return true;
    }
    char per[DURATION_TEXT], wait[DURATION_TEXT];
    duration_format(rate.per, per, sizeof per);
    duration_format(bucket_wait(&t->connect, srv->now, rate.count, each, 1) + 999, wait,
                    sizeof wait);
    str_format(why, size,
               "Connecting too fast: at most %d connections in %s; try again in %s",
               rate.count, per, wait);
    strike_for_rate(srv, a, h);
    return false;
}

int
throttle_connections_left(const struct server *srv, const struct host *h,
                          const struct class_limits *limits)
{
    struct bucket full = {0};
    return bucket_left(h ? &throttled_of(srv, h)->connect : &full, srv->now,
                       limits->connect.count, limits->each);
}

static const struct {
    const char *limit; /* to a watch */
    unsigned exempt;   /* EXEMPT_* that skips it; 0: nobody skips it */
    bool (*check)(struct server *, const struct applicant *, char *why, size_t size);
} checks[] = {
    {"dline", EXEMPT_BANS, not_banned},
    {"clients", 0, not_full},
    {"per_host", EXEMPT_CONNECTIONS, host_has_room},
    {"per_network", EXEMPT_CONNECTIONS, network_has_room},
    {"unregistered_per_host", EXEMPT_CONNECTIONS, unregistered_has_room},
    {"connect_rate", EXEMPT_THROTTLE, not_too_fast},
};

bool
throttle_admit(struct server *srv, const struct addr *addr, char *why, size_t size)
{
    struct applicant a = {.addr = addr,
                          .class = class_find(srv, addr),
                          .exempt = class_exempt(srv, addr)};
    class_limits(srv, a.class, &a.limits);
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (a.exempt & checks[i].exempt || checks[i].check(srv, &a, why, size))
            continue;
        WATCH(srv, refused, addr, NULL, checks[i].limit);
        return false;
    }
    return true;
}

void
throttle_enter(struct server *srv, struct client *c)
{
    policy_of(c)->class = class_find(srv, &c->session->addr);
    policy_of(c)->exempt = (uint16_t)class_exempt(srv, &c->session->addr);
    policy_of(c)->host = host_get(srv, &c->session->addr);
    policy_of(c)->network = network_get(srv, &c->session->addr);
    DL_APPEND2(policy_of(c)->host->clients, policy_of(c), host_prev, host_next);
    policy_of(c)->host->connections++;
    policy_of(c)->host->unregistered++;
    policy_of(c)->network->connections++;
    host_place(srv, policy_of(c)->host);
}

static void
throttle_registered(struct server *srv, struct client *c)
{
    (void)srv;
    policy_of(c)->host->unregistered--;
}

void
throttle_leave(struct server *srv, struct client *c)
{
    struct host *h = policy_of(c)->host;
    if (h == NULL)
        return;
    if (c->out.flags & CLIENT_REGISTERED)
        subsystems_client_leaves_host(srv, c);
    else
        h->unregistered--;
    if (c->user.oper)
        h->opers--;
    DL_DELETE2(h->clients, policy_of(c), host_prev, host_next);
    h->connections--;
    network_release(srv, policy_of(c)->network);
    policy_of(c)->host = NULL;
    policy_of(c)->network = NULL;
    host_place(srv, h);
}

void
throttle_take_back(struct server *srv, struct client *c)
{
    struct class_limits limits;
    class_limits(srv, policy_of(c)->class, &limits);
    if (!(policy_of(c)->exempt & EXEMPT_THROTTLE))
        bucket_give(&throttled_of(srv, policy_of(c)->host)->connect, limits.each, 1);
    throttle_leave(srv, c);
}

bool
throttle_password(struct server *srv, const struct client *c, struct password_try *out,
                  msec *wait)
{
    const struct rate *rate = &srv->config->limits.wrong_passwords;
    struct throttled *t = throttled_of(srv, policy_of(c)->host);
    struct bucket *b = &t->passwords;
    bucket_limit(b, srv->now, rate->count, rate_interval(rate));
    *wait = bucket_wait(b, srv->now, rate->count, rate_interval(rate), 1);
    if (*wait > 0 && !(policy_of(c)->exempt & EXEMPT_THROTTLE)) {
        if (t->checking > 0)
            *wait = 0;
        return false;
    }
    *out = (struct password_try){.addr = c->session->addr};
    str_format(out->nick, sizeof out->nick, "%s", client_name(c));
    msec before = b->full_at > srv->now ? b->full_at : srv->now;
    bucket_charge(b, srv->now, rate->count, rate_interval(rate), 1);
    out->taken = b->full_at > before ? b->full_at - before : 0;
    t->checking++;
    return true;
}

/* What its host has; NULL: it was forgotten meanwhile, with all that it counted. */
static struct throttled *
end_check(struct server *srv, const struct password_try *try)
{
    const struct host *h = host_find(srv, &try->addr);
    struct throttled *t = h ? throttled_of(srv, h) : NULL;
    if (t == NULL || t->checking == 0)
        return NULL;
    t->checking--;
    return t;
}

void
throttle_password_right(struct server *srv, const struct password_try *try)
{
    struct throttled *t = end_check(srv, try);
    if (t)
        t->passwords.full_at -= try->taken;
}

void
throttle_password_wrong(struct server *srv, const struct password_try *t,
                        struct client *c)
{
    end_check(srv, t);
    if (c)
        enact_strike(srv, c, STRIKE_PASSWORD);
    else
        enact_strike_left(srv, &t->addr, t->nick, STRIKE_PASSWORD);
}

void
throttle_oper(struct client *c, int change)
{
    if (c->session)
        policy_of(c)->host->opers += (uint32_t)change;
}

static void
reconfigure_list(struct server *srv, const struct list *list)
{
    LIST_EACH(list, node) {
        struct client *c = LIST_ENTRY(node, struct client, link);
        policy_of(c)->class = class_find(srv, &c->session->addr);
        policy_of(c)->exempt = (uint16_t)class_exempt(srv, &c->session->addr);
        c->out.sendq.limit = (uint32_t)(c->out.flags & CLIENT_REGISTERED
                                            ? srv->config->limits.sendq
                                            : srv->config->limits.sendq_unregistered);
    }
}

void
throttle_reconfigure(struct server *srv)
{
    class_compile(srv);
    reconfigure_list(srv, &srv->unregistered);
    reconfigure_list(srv, &srv->idle);
    reconfigure_list(srv, &srv->pinged);
}

static bool
throttled_is_over(const struct server *srv, const struct host *h)
{
    const struct throttled *t = throttled_of(srv, h);
    return t->connect.full_at <= srv->now && t->passwords.full_at <= srv->now;
}

static void
init_client_policy(struct server *srv, struct client *c)
{
    policy_of(c)->struck = srv->now - MSEC_DAY;
}

const struct subsystem throttle_subsystem = {
    .id = SUBSYSTEM_throttle,
    .of_sessions = true,
    .host_slot = sizeof(struct throttled),
    .client_made = init_client_policy,
    .client_enters = throttle_enter,
    .client_registers = throttle_registered,
    .client_leaves = throttle_leave,
    .host_is_done = throttled_is_over,
    .configured = throttle_reconfigure,
};
