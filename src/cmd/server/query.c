/* MOTD, LUSERS, VERSION (RFC 2812 3.4.1 to 3.4.3). */
#include "base/duration.h"
#include "base/str.h"
#include "cmd/command.h"
#include "cmd/isupport.h"
#include "cmd/place.h"
#include "lusers.h"
#include "policy/flood.h"

#define MOTD_A_TOKEN 1024 /* bytes for one token */

void
lusers_send(struct server *srv, struct client *c)
{
    size_t n = srv->n_registered, max = srv->max_registered, local = srv->n_local;
    out_numeric(srv, c, RPL_LUSERCLIENT, n - srv->n_invisible, srv->n_invisible);
    if (srv->n_opers)
        out_numeric(srv, c, RPL_LUSEROP, srv->n_opers);
    if (srv->n_clients > local)
        out_numeric(srv, c, RPL_LUSERUNKNOWN, srv->n_clients - local);
    if (srv->n_channels)
        out_numeric(srv, c, RPL_LUSERCHANNELS, srv->n_channels);
    out_numeric(srv, c, RPL_LUSERME, local);
    out_numeric(srv, c, RPL_LOCALUSERS, local, srv->max_local, local, srv->max_local);
    out_numeric(srv, c, RPL_GLOBALUSERS, n, max, n, max);
}

void
motd_send(struct server *srv, struct client *c)
{
    const char *at = srv->motd;
    char line[MESSAGE_LINE];
    if (at == NULL) {
        out_numeric(srv, c, ERR_NOMOTD);
        return;
    }
    out_numeric(srv, c, RPL_MOTDSTART, srv->me.name);
    while (*at) {
        size_t n = strcspn(at, "\r\n");
        struct str s;
        str_init(&s, line, sizeof line);
        str_addn(&s, at, n);
        out_numeric(srv, c, RPL_MOTD, line);
        at += n;
        at += *at == '\r';
        at += *at == '\n';
    }
    out_numeric(srv, c, RPL_ENDOFMOTD);
}

static void
lusers_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    if (place_is_here(req, m->nparams > 1 ? m->params[1] : NULL))
        lusers_send(srv, c);
}

static void
motd_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    if (!place_is_here(req, m->params[0]))
        return;
    motd_send(srv, c);
    flood_charge(srv, c, srv->motd ? (int)(strlen(srv->motd) / MOTD_A_TOKEN) : 0);
}

static void
version_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    if (!place_is_here(req, m->params[0]))
        return;
    reply(req, RPL_VERSION, IRCD_VERSION, srv->me.name,
          srv->config->server.description);
    isupport_send(srv, c);
}

const struct command commands_query[] = {
    {
        .name = "MOTD",
        .run = motd_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .group = GROUP_SERVER,
        .syntax = "",
        .help = "the message of the day",
    },
    {
        .name = "LUSERS",
        .run = lusers_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .group = GROUP_SERVER,
        .syntax = "",
        .help = "how many are on",
    },
    {
        .name = "VERSION",
        .run = version_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .group = GROUP_SERVER,
        .syntax = "",
        .help = "what this server is and does",
    },
    {.name = NULL},
};
