/* Whether a request of HTTP is answered, and from where it comes. */
#ifndef SRC_NET_WEB_JUDGE_H
#define SRC_NET_WEB_JUDGE_H

#include "net/web.h"

#include <stdbool.h>

struct listener;
struct loop;
struct web;

struct web_verdict {
    enum http_refusal refusal; /* HTTP_FINE: it is answered, unless it is banned */
    bool banned;               /* a D-line covers its address: `why` has its sentence */
    bool ends;                 /* its answer ends the connection: no host pays for it */
    bool encrypted;            /* the whole way from the client */
    const char *gateway; /* the proxy block with `forwarded`; borrowed; NULL: none */
    char why[400];
};

/* Judges a whole head: the requests of the host (429), the name of the server (421), the
 * list of proxies (400), D-lines (403), the path (404) and the method (405), in this
 * order. Sets w->from and w->route. *out are the facts for its route, without the body.
 * The request counts once for its host, however often it is judged (w->charged). */
void web_judge(struct loop *l, struct web *w, const struct http_request *head,
               struct web_request *out, struct web_verdict *v);

/* Takes the request at work from the budget of w->from, once. False: the budget is empty. */
bool web_charge(struct loop *l, struct web *w);
/* Whether the budget of an address is empty now. */
bool web_is_spent(const struct loop *l, const struct listener *at,
                  const struct addr *addr);

/* How many connections an address may have on this listener, and how many requests it
 * may send in a minute. A class with a higher per_host raises both. */
struct web_allowance {
    unsigned connections, requests;
};
struct web_allowance web_allowed(const struct loop *l, const struct listener *at,
                                 const struct addr *addr);

/* Whether the address is that of a proxy block with `forwarded`: its requests count for
 * the clients that it tells. */
bool web_is_forwarder(const struct loop *l, const struct addr *addr);

/* The host of an address, as limits count it. */
void web_host_of(const struct loop *l, const struct addr *addr, struct prefix *out);

#endif
