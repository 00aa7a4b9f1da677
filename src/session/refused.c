/* Connections that the shell refuses: the core counts them and tells of them.
 *
 * The shell refuses a connection before the core has a client of it, or ends one in its
 * handshake. The counts stand in STATS t, beside those of the core. */
#include "policy/privs.h"
#include "session/journal.h"
#include "session/session.h"
#include "state/event_ring.h"
#include "state/server.h"
#include "state/tell.h"

static void
tell_refused_proxy(struct server *srv, const char *host, const struct refused *r)
{
    TELL(srv, TELL_FORMS(PRIV_see_address), proxy_refused, .host = host,
         .listen = r->listener, .why = r->why, .hidden = "a host");
}

static void
log_refused_handshake(struct server *srv, const char *host, const struct refused *r)
{
    NOTE_EVENT(srv, tls_failed, .host = host, .why = r->why);
}

static void
log_refused_hello(struct server *srv, const char *host, const struct refused *r)
{
    NOTE_EVENT(srv, tls_on_plain_port, .host = host, .listen = r->listener);
}

static void
log_refused_http(struct server *srv, const char *host, const struct refused *r)
{
    LOG_EVENT(srv->log, http_refused, .host = host, .listen = r->listener,
              .why = r->why);
}

static void (*const tellers[REFUSALS])(struct server *, const char *,
                                       const struct refused *) = {
    [REFUSAL_proxy] = tell_refused_proxy,     [REFUSAL_tls] = log_refused_handshake,
    [REFUSAL_plain_port] = log_refused_hello, [REFUSAL_origin] = log_refused_http,
    [REFUSAL_http] = log_refused_http,
};

void
session_refused(struct server *srv, const struct refused *r)
{
    char host[ADDR_TEXT];
    journal_refused(srv, r);
    srv->refusals[r->kind]++;
    addr_format(&r->addr, host, sizeof host);
    if (tellers[r->kind]) /* WEBIRC is told by its command */
        tellers[r->kind](srv, host, r);
}
