/* The upgrade is the connect: limits and bans of connections are checked here, not when a
 * page is loaded. A script in a browser learns nothing of an upgrade that fails, so a
 * client that the core refuses gets its WebSocket, the line and the end of it. */
#include "web_upgrade.h"

#include "base/log.h"
#include "base/mem.h"
#include "conn_state.h"
#include "loop_state.h"
#include "proto/http_field.h"
#include "proto/http_host.h"
#include "proto/http_upgrade.h"
#include "state/server.h"
#include "transport_ws.h"
#include "upgrade.h"
#include "web_conn.h"
#include "web_judge.h"

#include <stdlib.h>

/* https://ircv3.net/specs/extensions/websocket; the second one is binary. */
static const char *const protocols[] = {"text.ircv3.net", "binary.ircv3.net"};
#define PROTOCOLS 2

static bool
is_foreign(const struct loop *l, const struct http_request *head)
{
    const struct config *c = l->srv->config;
    return http_origin(head, (const char *const *)c->web.origins, c->web.n_origins) ==
           HTTP_ORIGIN_FOREIGN;
}

enum http_refusal
web_upgrade_begin(struct loop *l, struct web *w, const struct http_request *head,
                  const struct web_verdict *v, struct str *out)
{
    char accept[UPGRADE_ACCEPT];
    struct http_text key;
    struct http_policy policy = web_policy(l, w);
    enum http_refusal refusal = http_upgrade(head, &key);
    if (refusal != HTTP_FINE)
        return refusal;
    if (is_foreign(l, head))
        return HTTP_REFUSED_ORIGIN;
    int chosen =
        http_field_choose(head, "Sec-WebSocket-Protocol", protocols, PROTOCOLS);
    if (!upgrade_accept(key, accept) ||
        !http_upgrade_answer(out, accept, chosen < 0 ? NULL : protocols[chosen],
                             l->log->wall, &policy))
        return HTTP_REFUSED_NO_UPGRADE;
    w->upgrade = xcalloc(1, sizeof *w->upgrade);
    w->upgrade->gateway = v->gateway ? xstrdup(v->gateway) : NULL;
    w->upgrade->secure = v->encrypted;
    w->upgrade->is_binary = chosen == 1;
    return HTTP_FINE;
}

void
web_upgrade_end(struct loop *l, struct web *w)
{
    struct conn_kept *k = w->conn;
    struct web_upgrade u = *w->upgrade;
    char *sni = w->sni;
    struct connection_info info = {.addr = w->from,
                                   .listener = web_listener(w)->text,
                                   .sni = sni,
                                   .gateway = u.gateway,
                                   .secure = u.secure};
    w->upgrade->gateway = NULL;
    w->sni = NULL;
    web_watch(l, w, 0);
    web_forget(l, w);
    set_kept_state(k, CONN_WEB, false);
    ws_begin((struct ws_own *)k->own, u.is_binary);
    conn_adopt(l, k, &info);
    free(u.gateway);
    free(sni);
}
