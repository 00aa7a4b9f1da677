/* Admission at accept: may this address have one more connection?
 *
 * The checks are in one table, the cheapest first, and each gives its reason in words.
 * A refusal allocates no memory. */
#include "policy/throttle.h"

#include "base/str.h"
#include "config/config.h"
#include "policy/ban/ban.h"
#include "policy/class.h"
#include "policy/class_count.h"
#include "policy/client_policy.h"
#include "policy/counter.h"
#include "policy/gateway.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "state/client.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <string.h>
#include <utlist.h>

#define RESERVED 8 /* connections above limits.clients for loopback addresses */
/* All clients connect again after a restart; this gives no strikes. */
#define START_GRACE MSEC_MINUTE
#define RATE_STRIKE_EVERY (10 * MSEC_SECOND)
/* A client that acts for the owner or an oper block. It is not counted for a class. */
#define EXEMPT_OF_ACTING                                                               \
    (EXEMPT_CONNECTIONS | EXEMPT_THROTTLE | EXEMPT_FLOOD | EXEMPT_STRIKES | EXEMPT_BANS)

/* The slot of this file in each host. */
struct throttled {
    msec strikes_from; /* monotonic: no strike by connect_rate before this time */
    /* attempts refused by connect_rate since one was admitted */
    uint32_t rate_refused;
    uint16_t checking; /* server passwords that a worker is checking */
};

static struct throttled *
throttled_of(const struct server *srv, const struct host *h)
{
    return host_slot(srv, h, SUBSYSTEM_throttle);
}

struct applicant {
    const struct addr *addr;
    const char *gateway; /* that has told the address; NULL: none */
    const struct config_class *class;
    unsigned exempt;
    struct class_limits limits;
};

static bool
is_not_banned(const struct server *srv, const struct applicant *a,
              struct throttle_refusal *out)
{
    out->ban = ban_match_addr(srv, BAN_DLINE, a->addr);
    if (out->ban)
        ban_words(srv, out->ban, out->why, sizeof out->why);
    return out->ban == NULL;
}

static bool
server_has_room(const struct server *srv, const struct applicant *a,
                struct throttle_refusal *out)
{
    size_t limit = (size_t)srv->config->limits.clients;
    if (limit == 0) /* no limit is set */
        return true;
    if (a->gateway == NULL && addr_is_loopback(a->addr))
        limit += RESERVED;
    str_format(out->why, sizeof out->why, "The server is full: it takes %d clients",
               srv->config->limits.clients);
    return srv->n_clients - srv->n_acting < limit;
}

static bool
its_gateway_has_room(const struct server *srv, const struct applicant *a,
                     struct throttle_refusal *out)
{
    int limit;
    if (gateway_has_room(srv, a->gateway, a->addr, &limit))
        return true;
    str_format(out->why, sizeof out->why,
               "Too many connections from your gateway: at most %d at a time", limit);
    return false;
}

static bool
its_class_has_room(const struct server *srv, const struct applicant *a,
                   struct throttle_refusal *out)
{
    if (class_count_has_room(srv, a->class))
        return true;
    str_format(out->why, sizeof out->why,
               "Too many connections of class \"%s\": at most %d at a time",
               a->class->name, a->class->connections);
    return false;
}

/* The clients of h that act for the owner or an oper block; no limit counts them. */
static uint32_t
count_acting(const struct server *srv, const struct host *h)
{
    uint32_t n = 0;
    struct client_policy *c = srv->n_acting > 0 ? h->clients : NULL;
    for (; c; c = c->host_next)
        n += (policy_client(c)->out.flags & CLIENT_ACTING) != 0;
    return n;
}

static bool
host_has_room(const struct server *srv, const struct applicant *a,
              struct throttle_refusal *out)
{
    const struct host *h = host_find(srv, a->addr);
    int limit = a->limits.per_host;
    str_format(out->why, sizeof out->why,
               "Too many connections from your host: at most %d at a time", limit);
    return h == NULL || h->connections - count_acting(srv, h) < (uint32_t)limit;
}

static bool
network_has_room(const struct server *srv, const struct applicant *a,
                 struct throttle_refusal *out)
{
    const struct network *n = network_find(srv, a->addr);
    int limit = a->limits.per_network;
    str_format(out->why, sizeof out->why,
               "Too many connections from your network: at most %d at a time", limit);
    /* The calls of other networks are few. */
    return n == NULL || n->connections < (uint32_t)limit + srv->n_acting;
}

static bool
unregistered_has_room(const struct server *srv, const struct applicant *a,
                      struct throttle_refusal *out)
{
    const struct host *h = host_find(srv, a->addr);
    int limit = a->limits.unregistered_per_host;
    str_format(
        out->why, sizeof out->why,
        "Too many connections from your host that have not registered: at most %d "
        "at a time",
        limit);
    return h == NULL || h->unregistered < (uint32_t)limit;
}

static bool
is_not_too_fast(const struct server *srv, const struct applicant *a,
                struct throttle_refusal *out)
{
    const struct host *h = host_find(srv, a->addr);
    if (h == NULL)
        return true;
    struct subject s = subject_host(srv, h, a->class);
    msec missing = counter_wait(srv, &s, COUNTER_connection, 1);
    if (missing == 0)
        return true;
    char per[DURATION_TEXT], wait[DURATION_TEXT];
    duration_format(a->limits.connect.per, per, sizeof per);
    duration_format(msec_seconds_up(missing) * MSEC_SECOND, wait, sizeof wait);
    str_format(out->why, sizeof out->why,
               "Connecting too fast: at most %d connections in %s; try again in %s",
               a->limits.connect.count, per, wait);
    out->too_fast = true;
    return false;
}

int
throttle_connections_left(const struct server *srv, const struct host *h,
                          const struct config_class *class)
{
    if (h == NULL)
        return counter_allowance(srv, class, COUNTER_connection).burst;
    struct subject s = subject_host(srv, h, class);
    return counter_left(srv, &s, COUNTER_connection);
}

static const struct {
    const char *limit; /* its name for a watch */
    unsigned exempt;   /* the EXEMPT_* that skips the check; 0: none does */
    bool (*check)(const struct server *, const struct applicant *,
                  struct throttle_refusal *out);
} checks[THROTTLE_LIMITS] = {
    [THROTTLE_DLINE] = {"dline", EXEMPT_BANS, is_not_banned},
    [THROTTLE_CLIENTS] = {"clients", 0, server_has_room},
    [THROTTLE_GATEWAY] = {"gateway", 0, its_gateway_has_room},
    [THROTTLE_CLASS] = {"class", EXEMPT_GATEWAY, its_class_has_room},
    [THROTTLE_PER_HOST] = {"per_host", EXEMPT_CONNECTIONS, host_has_room},
    [THROTTLE_PER_NETWORK] = {"per_network", EXEMPT_CONNECTIONS, network_has_room},
    [THROTTLE_UNREGISTERED] = {"unregistered_per_host", EXEMPT_CONNECTIONS,
                               unregistered_has_room},
    [THROTTLE_CONNECT_RATE] = {"connect_rate", EXEMPT_THROTTLE, is_not_too_fast},
};

static struct applicant
make_applicant(const struct server *srv, const struct addr *addr,
               const struct connection_facts *facts)
{
    struct applicant a = {.addr = addr,
                          .gateway = facts ? facts->gateway : NULL,
                          .class = class_find(srv, addr, facts),
                          .exempt = class_exempt(srv, addr)};
    class_limits(srv, a.class, &a.limits);
    return a;
}

bool
throttle_judge(const struct server *srv, const struct addr *addr,
               const struct connection_facts *facts, struct throttle_refusal *out)
{
    struct applicant a = make_applicant(srv, addr, facts);
    out->ban = NULL;
    out->too_fast = false;
    if (connection_acts(facts))
        return true;
    for (int i = 0; i < THROTTLE_LIMITS; i++) {
        if (a.exempt & checks[i].exempt || checks[i].check(srv, &a, out))
            continue;
        out->which = (enum throttle_limit)i;
        out->limit = checks[i].limit;
        return false;
    }
    return true;
}

bool
throttle_is_banned(const struct server *srv, const struct addr *addr, char *why,
                   size_t size)
{
    const struct ban *ban = class_exempt(srv, addr) & EXEMPT_BANS
                                ? NULL
                                : ban_match_addr(srv, BAN_DLINE, addr);
    if (ban)
        ban_words(srv, ban, why, size);
    return ban != NULL;
}

void
throttle_take(struct server *srv, const struct addr *addr,
              const struct connection_facts *facts)
{
    if (connection_acts(facts) || class_exempt(srv, addr) & EXEMPT_THROTTLE)
        return;
    const struct host *h = host_get(srv, addr);
    struct subject s = subject_host(srv, h, class_find(srv, addr, facts));
    counter_take(srv, &s, COUNTER_connection, 1);
    throttled_of(srv, h)->rate_refused = 0;
}

bool
throttle_note_too_fast(struct server *srv, const struct addr *addr,
                       const struct connection_facts *facts)
{
    struct applicant a = make_applicant(srv, addr, facts);
    const struct host *h = host_get(srv, addr);
    struct throttled *t = throttled_of(srv, h);
    struct subject s = subject_host(srv, h, a.class);
    counter_settle(srv, &s, COUNTER_connection);
    if (t->rate_refused < UINT32_MAX)
        t->rate_refused++;
    if (t->rate_refused <= (uint32_t)a.limits.per_host || a.exempt & EXEMPT_STRIKES ||
        srv->now - srv->started < START_GRACE || srv->now < t->strikes_from)
        return false;
    t->strikes_from = srv->now + RATE_STRIKE_EVERY;
    return true;
}

/* Sets the class and the exemptions of c. */
static void
set_class(const struct server *srv, struct client *c)
{
    policy_of(c)->class = class_of_client(srv, c);
    policy_of(c)->exempt = (uint16_t)class_exempt(srv, &c->session->addr);
    if (c->out.flags & CLIENT_ACTING) {
        policy_of(c)->class = NULL;
        policy_of(c)->exempt |= EXEMPT_OF_ACTING;
    }
}

/* Adds c to the clients of h, which are ordered by id. Only a client that comes from
 * another host (session_rehome) is not the last one. */
static void
add_to_host(struct host *h, struct client *c)
{
    struct client_policy *before = h->clients ? h->clients->host_prev : NULL;
    while (before && policy_client(before)->user.id > c->user.id)
        before = before == h->clients ? NULL : before->host_prev;
    DL_APPEND_ELEM2(h->clients, before, policy_of(c), host_prev, host_next);
}

void
throttle_enter(struct server *srv, struct client *c)
{
    set_class(srv, c);
    policy_of(c)->host = host_get(srv, &c->session->addr);
    policy_of(c)->network = network_get(srv, &c->session->addr);
    add_to_host(policy_of(c)->host, c);
    policy_of(c)->host->connections++;
    policy_of(c)->host->unregistered++;
    policy_of(c)->network->connections++;
    host_place(srv, policy_of(c)->host);
    gateway_enter(srv, c);
    class_count_enter(srv, c);
}

static void
count_registration(struct server *srv, struct client *c)
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
    gateway_leave(srv, c);
    class_count_leave(srv, c);
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
    struct subject s = subject_host(srv, policy_of(c)->host, policy_of(c)->class);
    if (!(policy_of(c)->exempt & EXEMPT_THROTTLE))
        counter_give(srv, &s, COUNTER_connection, 1);
    throttle_leave(srv, c);
}

bool
throttle_password(struct server *srv, const struct client *c, struct password_try *out,
                  msec *wait)
{
    struct throttled *t = throttled_of(srv, policy_of(c)->host);
    struct subject s = subject_host(srv, policy_of(c)->host, policy_of(c)->class);
    *wait = counter_wait(srv, &s, COUNTER_password, 1);
    if (*wait > 0 && !(policy_of(c)->exempt & EXEMPT_THROTTLE)) {
        counter_settle(srv, &s, COUNTER_password);
        if (t->checking > 0)
            *wait = 0;
        return false;
    }
    *out = (struct password_try){.addr = c->session->addr};
    class_write_name(c, out->class);
    str_format(out->nick, sizeof out->nick, "%s", client_name(c));
    out->taken = counter_charge(srv, &s, COUNTER_password, 1);
    t->checking++;
    return true;
}

/* Ends one check of a password. Returns the host; NULL: it was forgotten meanwhile with
 * its counters. */
static const struct host *
end_password_check(struct server *srv, const struct password_try *try)
{
    const struct host *h = host_find(srv, &try->addr);
    struct throttled *t = h ? throttled_of(srv, h) : NULL;
    if (t == NULL || t->checking == 0)
        return NULL;
    t->checking--;
    return h;
}

void
throttle_password_right(struct server *srv, const struct password_try *try)
{
    const struct host *h = end_password_check(srv, try);
    if (h == NULL)
        return;
    struct subject s = subject_host(srv, h, NULL);
    counter_give_back(&s, COUNTER_password, try->taken);
}

void
throttle_password_wrong(struct server *srv, const struct password_try *try)
{
    end_password_check(srv, try);
}

void
throttle_count_oper(struct client *c, int change)
{
    if (c->session)
        policy_of(c)->host->opers += (uint32_t)change;
}

/* c changes to another host if its class now has other prefixes for hosts. */
static void
change_host(struct server *srv, struct client *c)
{
    struct prefix key;
    if (policy_of(c)->host == NULL)
        return;
    host_prefix(srv, &c->session->addr, &key);
    if (memcmp(&key, &policy_of(c)->host->key, sizeof key) == 0)
        return;
    throttle_leave(srv, c);
    throttle_enter(srv, c);
    policy_of(c)->host->opers += c->user.oper != NULL;
    if (c->out.flags & CLIENT_REGISTERED)
        policy_of(c)->host->unregistered--;
}

static void
reconfigure_list(struct server *srv, const struct list *list)
{
    LIST_EACH(list, node) {
        struct client *c = LIST_ENTRY(node, struct client, link);
        set_class(srv, c);
        change_host(srv, c);
        c->out.sendq.limit = (uint32_t)(c->out.flags & CLIENT_REGISTERED
                                            ? srv->config->limits.sendq
                                            : srv->config->limits.sendq_unregistered);
    }
}

void
throttle_reconfigure(struct server *srv)
{
    class_count_begin(srv);
    for (size_t i = 0; i < SERVER_LISTS; i++)
        reconfigure_list(srv, server_list(srv, i));
    class_count_all(srv);
}

const struct subsystem throttle_subsystem = {
    .id = SUBSYSTEM_throttle,
    .of_sessions = true,
    .host_slot = sizeof(struct throttled),
    .client_enters = throttle_enter,
    .client_registers = count_registration,
    .client_leaves = throttle_leave,
    .configured = throttle_reconfigure,
};
