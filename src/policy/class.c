/* Classes and exemptions of addresses, and the limits that a class changes.
 *
 * The prefixes of a configuration are compiled into maps, so the cost of a look-up does
 * not depend on their number. Classes of certificates are searched one by one, and only
 * for clients with a certificate. This file counts nothing. */
#include "policy/class.h"

#include "base/mem.h"
#include "base/prefix_map.h"
#include "base/str.h"
#include "config/config.h"
#include "policy/client_policy.h"
#include "policy/privs.h"
#include "state/census.h"
#include "state/client.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <string.h>

/* The address of a gateway is no host. Bans on it hold: only an operator sets one. */
#define EXEMPT_OF_GATEWAYS                                                             \
    (EXEMPT_GATEWAY | EXEMPT_CONNECTIONS | EXEMPT_THROTTLE | EXEMPT_STRIKES)

/* The compiled configuration. */
struct class_state {
    /* They map to the index of the first matching class: of those for any client, and of
     * those with tls = true. Classes with certfp are in neither. */
    struct prefix_map classes, tls;
    /* maps to the EXEMPT_* bits of all matching blocks, gateways included */
    struct prefix_map exempts;
};

static struct class_state *
class_state(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_class);
}

static uint32_t
merge_first_class(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t
merge_exempt_bits(uint32_t a, uint32_t b)
{
    return a | b;
}

/* The match of a class without `match`: all addresses. */
static void
add_all_addresses(struct prefix_map *map, uint32_t value)
{
    static const char *const all[] = {"0.0.0.0/0", "::/0"};
    char err[100];
    struct prefix p;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (prefix_parse(all[i], &p, err, sizeof err))
            prefix_map_add(map, &p, value);
}

static void
compile_class(struct class_state *p, const struct config_class *class, uint32_t i)
{
    struct prefix_map *map = class->tls ? &p->tls : &p->classes;
    if (class->n_certfp > 0)
        return;
    for (size_t m = 0; m < class->n_match; m++)
        prefix_map_add(map, &class->match[m], i);
    if (class->n_match == 0)
        add_all_addresses(map, i);
}

void
class_compile(struct server *srv)
{
    struct class_state *p = class_state(srv);
    class_forget(srv);
    for (size_t i = 0; i < srv->config->n_class; i++)
        compile_class(p, &srv->config->class[i], (uint32_t)i);
    for (size_t i = 0; i < srv->config->n_exempt; i++)
        prefix_map_add(&p->exempts, &srv->config->exempt[i].prefix,
                       srv->config->exempt[i].from);
    for (size_t i = 0; i < srv->config->n_proxy; i++)
        for (size_t m = 0; m < srv->config->proxy[i].n_match; m++)
            prefix_map_add(&p->exempts, &srv->config->proxy[i].match[m],
                           EXEMPT_OF_GATEWAYS);
    prefix_map_build(&p->classes, merge_first_class);
    prefix_map_build(&p->tls, merge_first_class);
    prefix_map_build(&p->exempts, merge_exempt_bits);
}

void
class_forget(struct server *srv)
{
    prefix_map_clear(&class_state(srv)->classes);
    prefix_map_clear(&class_state(srv)->tls);
    prefix_map_clear(&class_state(srv)->exempts);
}

static bool
has_class_certfp(const struct config_class *class, const char *certfp)
{
    for (size_t i = 0; i < class->n_certfp; i++)
        if (strcmp(class->certfp[i], certfp) == 0)
            return true;
    return false;
}

static bool
has_class_address(const struct config_class *class, const struct addr *addr)
{
    for (size_t i = 0; i < class->n_match; i++)
        if (prefix_match(&class->match[i], addr))
            return true;
    return class->n_match == 0;
}

/* The first class before number n that wants the certificate of a client; n: there is
 * none. */
static uint32_t
find_certified_class(const struct config *config, const struct addr *addr,
                     const struct connection_facts *facts, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct config_class *class = &config->class[i];
        if (has_class_certfp(class, facts->certfp) && (facts->secure || !class->tls) &&
            has_class_address(class, addr))
            return i;
    }
    return n;
}

static const struct config_class *
find_listener_class(const struct server *srv, const struct connection_facts *facts)
{
    const struct config *config = srv->config;
    const char *name = NULL;
    for (size_t i = 0; facts && facts->listener && i < config->n_listen; i++)
        if (config->listen[i].class &&
            strcmp(config->listen[i].text, facts->listener) == 0)
            name = config->listen[i].class;
    for (size_t i = 0; name && i < config->n_class; i++)
        if (strcmp(config->class[i].name, name) == 0)
            return &config->class[i];
    return NULL;
}

const struct config_class *
class_find(const struct server *srv, const struct addr *addr,
           const struct connection_facts *facts)
{
    const struct class_state *p = class_state(srv);
    const struct config_class *own = find_listener_class(srv, facts);
    if (own)
        return own;
    uint32_t none = (uint32_t)srv->config->n_class, first = none, tls;
    prefix_map_find(&p->classes, addr, &first);
    if (facts && facts->secure && prefix_map_find(&p->tls, addr, &tls) && tls < first)
        first = tls;
    if (facts && facts->certfp)
        first = find_certified_class(srv->config, addr, facts, first);
    return first < none ? &srv->config->class[first] : NULL;
}

const struct config_class *
class_of_client(const struct server *srv, const struct client *c)
{
    struct connection_facts facts = client_facts(c);
    return class_find(srv, &c->session->addr, &facts);
}

bool
class_is_of_listener(const struct server *srv, const char *listener)
{
    const struct connection_facts facts = {.listener = listener};
    return find_listener_class(srv, &facts) != NULL;
}

const struct config_class *
class_named(const struct server *srv, const char *name)
{
    for (size_t i = 0; i < srv->config->n_class; i++)
        if (strcmp(srv->config->class[i].name, name) == 0)
            return &srv->config->class[i];
    return NULL;
}

void
class_write_name(const struct client *c, char out[static CONFIG_NAME])
{
    const struct config_class *class = policy_of(c)->class;
    str_format(out, CONFIG_NAME, "%s", class ? class->name : "");
}

unsigned
class_exempt(const struct server *srv, const struct addr *addr)
{
    uint32_t from;
    return prefix_map_find(&class_state(srv)->exempts, addr, &from) ? from : 0;
}

static int
choose_limit(int of_class, int of_limits)
{
    return of_class >= 0 ? of_class : of_limits;
}

void
class_limits(const struct server *srv, const struct config_class *class,
             struct class_limits *out)
{
    const struct config *config = srv->config;
    out->per_host = choose_limit(class ? class->per_host : -1, config->limits.per_host);
    out->per_network =
        choose_limit(class ? class->per_network : -1, config->limits.per_network);
    out->unregistered_per_host = choose_limit(class ? class->unregistered_per_host : -1,
                                              config->limits.unregistered_per_host);
    out->connect = class && class->connect_rate.count > 0 ? class->connect_rate
                                                          : config->limits.connect_rate;
    out->each = rate_interval(&out->connect);
}

bool
class_only_disconnects(const struct config_class *class)
{
    return class && class->strikes == STRIKES_DISCONNECT;
}

static void
compile_classes(struct server *srv, const struct server_start *start)
{
    (void)start;
    class_compile(srv);
}

static void
add_class_memory(const struct server *srv, struct census *out)
{
    const struct class_state *p = class_state(srv);
    census_add_self(out, mem_block(p->classes.room * sizeof *p->classes.at) +
                             mem_block(p->tls.room * sizeof *p->tls.at) +
                             mem_block(p->exempts.room * sizeof *p->exempts.at));
}

const struct subsystem class_subsystem = {
    .id = SUBSYSTEM_class,
    .state = sizeof(struct class_state),
    .memory = add_class_memory,
    .init = compile_classes,
    .configured = class_compile,
    .free = class_forget,
};
