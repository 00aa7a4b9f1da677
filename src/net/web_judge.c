/* The checks of a request, before its route sees it.
 *
 * Behind a proxy with `forwarded` all checks are of the address that the proxy tells. If
 * it tells none, the request is refused: the address of the proxy must never take its
 * place. A refusal costs as much as an answer. A proxy has no budget, so a refusal that
 * no client pays for ends its connection. */
#include "web_judge.h"

#include "listener.h"
#include "loop_state.h"
#include "policy/class.h"
#include "policy/gateway.h"
#include "policy/throttle.h"
#include "proto/forwarded.h"
#include "proto/http_host.h"
#include "session/session.h"
#include "state/server.h"
#include "web_conn.h"
#include "web_route.h"

#include <limits.h>

static bool
is_trusted_proxy(void *ctx, const struct addr *addr)
{
    return web_is_forwarder(ctx, addr);
}

bool
web_is_forwarder(const struct loop *l, const struct addr *addr)
{
    return gateway_find(l->srv, addr, ACCEPTS_FORWARDED) != NULL;
}

void
web_host_of(const struct loop *l, const struct addr *addr, struct prefix *out)
{
    addr_prefix(addr, l->explain.prefix_v4, l->explain.prefix_v6, out);
}

struct web_allowance
web_allowed(const struct loop *l, const struct listener *at, const struct addr *addr)
{
    const char *listener = class_is_of_listener(l->srv, at->text) ? at->text : NULL;
    struct connection_facts facts = {.listener = listener};
    unsigned exempt = class_exempt(l->srv, addr), most;
    struct class_limits limits;
    class_limits(l->srv, class_find(l->srv, addr, &facts), &limits);
    most = limits.per_host > WEB_PER_HOST ? (unsigned)limits.per_host : WEB_PER_HOST;
    return (struct web_allowance){
        .connections = exempt & EXEMPT_CONNECTIONS ? UINT_MAX : most,
        .requests =
            exempt & EXEMPT_THROTTLE ? INT_MAX : WEB_REQUESTS * most / WEB_PER_HOST};
}

/* A listener on a loopback address serves the programs of its own machine. A browser is
 * one of them, and runs the scripts of foreign pages. */
static bool
is_for_this_server(const struct loop *l, const struct listener *at,
                   const struct http_request *head)
{
    const struct config *c = l->srv->config;
    return at->path || !addr_is_loopback(&at->addr) ||
           http_host_is_local(head, (const char *const *)c->web.hosts, c->web.n_hosts);
}

/* Finds the client of a request that a trusted proxy has passed on. */
static bool
find_forwarded(struct loop *l, struct web *w, const struct http_request *head,
               struct web_verdict *v)
{
    const struct listener *at = web_listener(w);
    struct addr from;
    enum forwarded_kind kind = forwarded_client(head, is_trusted_proxy, l, &from);
    if (kind != FORWARDED_CLIENT && kind != FORWARDED_TRUSTED)
        return false;
    bool private = at->transport->encrypts || at->path || addr_is_loopback(&w->addr);
    v->encrypted = private && forwarded_is_secure(head);
    w->from = from;
    return true;
}

/* Finds from where the request comes. */
static bool
find_sender(struct loop *l, struct web *w, const struct http_request *head,
            struct web_request *out, struct web_verdict *v)
{
    const struct listener *at = web_listener(w);
    const struct config_proxy *p = gateway_find(l->srv, &w->addr, ACCEPTS_FORWARDED);
    v->encrypted = w->secure;
    v->gateway = p ? p->name : w->gateway;
    if (p && !find_forwarded(l, w, head, v))
        return false;
    out->addr = w->from;
    out->secure = v->encrypted || (at->path && !p && !w->gateway);
    out->local =
        addr_is_loopback(&w->from) && addr_is_loopback(&w->addr) && w->gateway == NULL;
    return true;
}

/* A WebSocket of a banned address is refused by the core, so that a page of another server
 * can show why (web_upgrade.c). */
static bool
is_banned(const struct loop *l, const struct web *w, const struct http_request *head,
          struct web_verdict *v)
{
    enum web_route route = web_route_find(head->path, web_listener(w)->serves);
    bool upgrades = route != WEB_ROUTES && web_route_kind(route) == WEB_UPGRADE;
    return !upgrades && throttle_is_banned(l->srv, &w->from, v->why, sizeof v->why);
}

bool
web_charge(struct loop *l, struct web *w)
{
    struct prefix host;
    int most = (int)web_allowed(l, web_listener(w), &w->from).requests;
    if (w->charged)
        return true;
    web_host_of(l, &w->from, &host);
    w->charged = web_hosts_request(&l->webs.hosts, &host, most, l->now);
    return w->charged;
}

bool
web_is_spent(const struct loop *l, const struct listener *at, const struct addr *addr)
{
    struct prefix host;
    int most = (int)web_allowed(l, at, addr).requests;
    web_host_of(l, addr, &host);
    return web_hosts_is_spent(&l->webs.hosts, &host, most, l->now);
}

static enum http_refusal
find_route(struct web *w, const struct http_request *head, unsigned serves)
{
    enum web_route route = web_route_find(head->path, serves);
    w->route = (uint8_t)route;
    if (route == WEB_ROUTES)
        return HTTP_REFUSED_NOT_FOUND;
    bool posts = head->method == HTTP_POST;
    return web_route_methods(route) & (posts ? WEB_POSTS : WEB_READS)
               ? HTTP_FINE
               : HTTP_REFUSED_POST;
}

void
web_judge(struct loop *l, struct web *w, const struct http_request *head,
          struct web_request *out, struct web_verdict *v)
{
    const struct listener *at = web_listener(w);
    *v = (struct web_verdict){.refusal = HTTP_FINE};
    *out =
        (struct web_request){.head = head, .listener = at->text, .serves = at->serves};
    bool known = find_sender(l, w, head, out, v);
    bool charged = web_charge(l, w);
    v->ends = !known || !charged;
    if (!charged)
        v->refusal = HTTP_REFUSED_MANY_REQUESTS;
    else if (!is_for_this_server(l, at, head))
        v->refusal = HTTP_REFUSED_MISDIRECTED;
    else if (!known)
        v->refusal = HTTP_REFUSED_FORWARDED;
    else if (is_banned(l, w, head, v))
        v->banned = true;
    else
        v->refusal = find_route(w, head, at->serves);
}
