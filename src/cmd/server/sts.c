/* The capability sts: a client without TLS reads the port with TLS, and a client with TLS
 * reads for how long it must use TLS for the name that it asked for.
 *
 * A client acts on a port or a duration until the duration has ended. So nothing is
 * offered that may be wrong: nothing over WebSocket, whose port is none of IRC,
 * without TLS only on listeners for other machines and not through a gateway,
 * with TLS only for a name that a block of the configuration has, and never for the
 * certificate that the server made itself, which no block names. No client can request
 * the capability, and it is never withdrawn by CAP DEL: a duration of 0 ends it. */
#include "sts.h"

#include "base/str.h"
#include "config/config.h"
#include "proto/mode.h"
#include "state/client.h"
#include "state/relay.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <string.h>

#define STS_NAME "sts" /* https://ircv3.net/specs/extensions/sts */

/* While a configuration replaces another. */
struct sts_state {
    const struct config *old; /* borrowed until sts_subsystem.configured */
    unsigned old_port;
};

/* The port that clients without TLS read; 0: none. One block with a duration is enough,
 * because such a client has named no server. */
static unsigned
find_offered_port(const struct config *config)
{
    for (size_t i = 0; i < config->n_tls; i++)
        if (config->tls[i].sts > 0)
            return config_public_tls_port(config);
    return 0;
}

/* In seconds, rounded up: only "0s" ends a policy. */
static void
write_duration(const struct config *config, const char *sni, struct str *s)
{
    const struct config_tls *tls = sni ? config_tls_find(config, sni) : NULL;
    if (tls && tls->sts >= 0)
        str_addf(s, STS_NAME "=duration=%lld%s",
                 (long long)((tls->sts + MSEC_SECOND - 1) / MSEC_SECOND),
                 tls->preload ? ",preload" : "");
}

static bool
is_plain_and_direct(const struct client *c)
{
    return c->out.flags & CLIENT_PUBLIC && client_gateway(c) == NULL &&
           !addr_is_loopback(&c->session->addr);
}

static void
write_sts(const struct config *config, unsigned port, const struct client *c, char *out,
          size_t size)
{
    struct str s;
    str_init(&s, out, size);
    if (c->out.flags & (CLIENT_UNIX | CLIENT_WEB))
        return;
    if (c->user.modes & USER_SECURE)
        write_duration(config, client_facts(c).sni, &s);
    else if (port && is_plain_and_direct(c))
        str_addf(&s, STS_NAME "=port=%u", port);
}

void
sts_write(const struct server *srv, const struct client *c, char *out, size_t size)
{
    write_sts(srv->config, find_offered_port(srv->config), c, out, size);
}

/* Tells c its new value, if that has changed. An option that was left out is no news:
 * clients keep to the old value for its time. */
static bool
tell_sts_change(struct server *srv, struct client *c, void *ctx)
{
    const struct sts_state *own = ctx;
    char before[STS_TEXT], now[STS_TEXT];
    struct relay r;
    if (!(c->out.flags & CLIENT_CAP_302))
        return true;
    write_sts(own->old, own->old_port, c, before, sizeof before);
    sts_write(srv, c, now, sizeof now);
    if (*now == '\0' || strcmp(now, before) == 0)
        return true;
    relay_begin(&r, srv, NULL, "CAP %s NEW :%s", client_name(c), now);
    relay_reply(&r, c);
    relay_end(&r);
    return true;
}

static void
keep_old_sts(struct server *srv, const struct config *config)
{
    struct sts_state *own = subsystem_state(srv, SUBSYSTEM_sts);
    (void)config;
    own->old = srv->config;
    own->old_port = find_offered_port(srv->config);
}

static void
tell_sts_changes(struct server *srv)
{
    struct sts_state *own = subsystem_state(srv, SUBSYSTEM_sts);
    client_each(srv, tell_sts_change, own);
    LIST_EACH(&srv->unregistered, node)
        tell_sts_change(srv, LIST_ENTRY(node, struct client, link), own);
    own->old = NULL;
}

const struct subsystem sts_subsystem = {
    .id = SUBSYSTEM_sts,
    .state = sizeof(struct sts_state),
    .config_changes = keep_old_sts,
    .configured = tell_sts_changes,
};
