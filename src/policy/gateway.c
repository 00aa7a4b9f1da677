/* Gateways: which proxy block an address belongs to, and how many clients each block
 * has.
 *
 * A client counts for the gateway that has told its address, or for the gateway that
 * has its address. Which block that is follows from the client and the configuration
 * alone, so a new configuration counts all clients again. There are a few blocks, and
 * only addresses with EXEMPT_GATEWAY are searched for: other clients cost one bit. */
#include "policy/gateway.h"

#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "policy/class.h"
#include "policy/client_policy.h"
#include "proto/mask.h"
#include "state/census.h"
#include "state/client.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct gateway_state {
    uint32_t *clients; /* of each block of srv->config->proxy */
    size_t n;          /* the number of blocks */
};

static struct gateway_state *
gateway_state(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_gateway);
}

static bool
matches_proxy(const struct config_proxy *p, const struct addr *addr)
{
    for (size_t i = 0; i < p->n_match; i++)
        if (prefix_match(&p->match[i], addr))
            return true;
    return false;
}

const struct config_proxy *
gateway_find(const struct server *srv, const struct addr *addr, unsigned accepts)
{
    const struct config *config = srv->config;
    if (!gateway_is(srv, addr))
        return NULL;
    for (size_t i = 0; i < config->n_proxy; i++)
        if (config->proxy[i].accepts & accepts &&
            matches_proxy(&config->proxy[i], addr))
            return &config->proxy[i];
    return NULL;
}

bool
gateway_is(const struct server *srv, const struct addr *addr)
{
    return srv->config->n_proxy > 0 && class_exempt(srv, addr) & EXEMPT_GATEWAY;
}

static bool
is_token_of(const struct config_proxy *p, const char *token)
{
    unsigned char sum[crypto_hash_sha256_BYTES];
    char hash[2 * sizeof sum + 1];
    if (p->token == NULL)
        return false;
    crypto_hash_sha256(sum, (const unsigned char *)token, strlen(token));
    sodium_bin2hex(hash, sizeof hash, sum, sizeof sum);
    /* The parser has checked the length. */
    return sodium_memcmp(hash, p->token + strlen("sha256:"), sizeof hash - 1) == 0;
}

static bool
is_certificate_of(const struct config_proxy *p, const char *certfp)
{
    for (size_t i = 0; certfp && i < p->n_certfp; i++)
        if (strcmp(p->certfp[i], certfp) == 0)
            return true;
    return false;
}

const struct config_proxy *
gateway_proven(const struct server *srv, const struct client *c, const char *token)
{
    const struct config *config = srv->config;
    if (!gateway_is(srv, &c->session->addr))
        return NULL;
    for (size_t i = 0; i < config->n_proxy; i++) {
        const struct config_proxy *p = &config->proxy[i];
        if (p->accepts & ACCEPTS_WEBIRC && matches_proxy(p, &c->session->addr) &&
            (is_token_of(p, token) || is_certificate_of(p, client_certfp(c))))
            return p;
    }
    return NULL;
}

/* Whether a mask and a prefix have an address in common. A glob is compared with the
 * first address only. */
static bool
mask_meets_prefix(const struct mask *mask, const struct prefix *prefix)
{
    char text[ADDR_TEXT];
    if (mask->is_prefix)
        return prefix_match(&mask->prefix, &prefix->addr) ||
               prefix_match(prefix, &mask->prefix.addr);
    addr_format(&prefix->addr, text, sizeof text);
    return mask_glob(mask->host, text);
}

bool
gateway_needs_force(const struct server *srv, enum ban_kind kind,
                    const struct mask *mask, char *why, size_t size)
{
    const struct config *config = srv->config;
    if (!ban_is_of_hosts(kind))
        return false;
    for (size_t i = 0; i < config->n_proxy; i++)
        for (size_t m = 0; m < config->proxy[i].n_match; m++) {
            if (!mask_meets_prefix(mask, &config->proxy[i].match[m]))
                continue;
            str_format(why, size,
                       "covers the proxy '%s'; the clients behind it have other "
                       "addresses, and CHECK shows them",
                       config->proxy[i].name);
            return true;
        }
    return false;
}

static const struct config_proxy *
find_named_gateway(const struct server *srv, const char *name)
{
    for (size_t i = 0; i < srv->config->n_proxy; i++)
        if (strcmp(srv->config->proxy[i].name, name) == 0)
            return &srv->config->proxy[i];
    return NULL;
}

/* The block that a client counts for; NULL: none. */
static const struct config_proxy *
find_counting_gateway(const struct server *srv, const char *name,
                      const struct addr *addr)
{
    return name ? find_named_gateway(srv, name) : gateway_find(srv, addr, ~0u);
}

static uint32_t *
clients_of_gateway(const struct server *srv, const struct config_proxy *p)
{
    return &gateway_state(srv)->clients[p - srv->config->proxy];
}

unsigned
gateway_clients(const struct server *srv, const struct config_proxy *p)
{
    return *clients_of_gateway(srv, p);
}

static bool
has_block_room(const struct server *srv, const struct config_proxy *p, int *most)
{
    *most = p->connections;
    return *most == 0 || *clients_of_gateway(srv, p) < (uint32_t)*most;
}

/* A connection that has sent nothing may be of any block that has its address. */
static bool
has_any_block_room(const struct server *srv, const struct addr *addr, int *most)
{
    const struct config *config = srv->config;
    bool any = false;
    *most = 0;
    for (size_t i = 0; i < config->n_proxy; i++) {
        if (!matches_proxy(&config->proxy[i], addr))
            continue;
        if (has_block_room(srv, &config->proxy[i], most))
            return true;
        any = true;
    }
    return !any;
}

bool
gateway_has_room(const struct server *srv, const char *name, const struct addr *addr,
                 int *most)
{
    const struct config_proxy *p = name ? find_named_gateway(srv, name) : NULL;
    if (p)
        return has_block_room(srv, p, most);
    *most = 0;
    return name || !gateway_is(srv, addr) || has_any_block_room(srv, addr, most);
}

static const struct config_proxy *
find_client_gateway(const struct server *srv, const struct client *c)
{
    if (srv->config->n_proxy == 0)
        return NULL;
    return find_counting_gateway(srv, client_gateway(c), &c->session->addr);
}

void
gateway_enter(struct server *srv, const struct client *c)
{
    const struct config_proxy *p = find_client_gateway(srv, c);
    if (p)
        ++*clients_of_gateway(srv, p);
}

void
gateway_leave(struct server *srv, const struct client *c)
{
    const struct config_proxy *p = find_client_gateway(srv, c);
    if (p)
        --*clients_of_gateway(srv, p);
}

static void
count_gateway_client(const struct client *c, void *ctx)
{
    struct server *srv = ctx;
    if (policy_of(c)->host) /* NULL: it has left */
        gateway_enter(srv, c);
}

static void
recount_gateways(struct server *srv)
{
    struct gateway_state *s = gateway_state(srv);
    free(s->clients);
    s->n = srv->config->n_proxy;
    s->clients = s->n ? xcalloc(s->n, sizeof *s->clients) : NULL;
    if (s->n > 0)
        census_each_session(srv, count_gateway_client, srv);
}

static void
init_gateways(struct server *srv, const struct server_start *start)
{
    (void)start;
    recount_gateways(srv);
}

static void
add_gateways(const struct server *srv, struct census *out)
{
    const struct gateway_state *s = gateway_state(srv);
    census_add_self(out, mem_block(s->n * sizeof *s->clients));
}

/* Counts in a copy of what is counted. */
struct gateway_recount {
    const struct server *srv;
    uint32_t *clients;
};

static void
recount_gateway_client(const struct client *c, void *ctx)
{
    const struct gateway_recount *r = ctx;
    const struct config_proxy *p = find_client_gateway(r->srv, c);
    if (p && policy_of(c)->host)
        r->clients[p - r->srv->config->proxy]++;
}

static void
check_gateways(const struct server *srv)
{
    const struct gateway_state *s = gateway_state(srv);
    assert(s->n == srv->config->n_proxy);
    if (s->n == 0)
        return;
    struct gateway_recount r = {srv, xcalloc(s->n, sizeof *r.clients)};
    census_each_session(srv, recount_gateway_client, &r);
    for (size_t i = 0; i < s->n; i++)
        assert(r.clients[i] == s->clients[i]);
    free(r.clients);
}

static void
free_gateways(struct server *srv)
{
    free(gateway_state(srv)->clients);
}

const struct subsystem gateway_subsystem = {
    .id = SUBSYSTEM_gateway,
    .state = sizeof(struct gateway_state),
    .memory = add_gateways,
    .init = init_gateways,
    .configured = recount_gateways,
    .check = check_gateways,
    .free = free_gateways,
};
