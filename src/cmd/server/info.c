/* Facts about the server: MOTD, LUSERS, VERSION, TIME, ADMIN, INFO, LINKS, MAP (RFC
 * 2812 3.4), and USERS and SUMMON, which are disabled (4.5, 4.6).
 *
 * There is one server: LINKS and MAP show it alone, and a request for another server is
 * answered with 402. */
#include "cmd/info.h"

#include "base/duration.h"
#include "base/str.h"
#include "cmd/command.h"
#include "isupport.h"
#include "policy/flood.h"
#include "proto/mask.h"

#define MOTD_A_TOKEN 1024 /* bytes for one token */

bool
info_is_this_server(struct request *req, const char *target)
{
    struct server *srv = req->srv;
    if (target == NULL || *target == '\0' || mask_glob(target, srv->me.name) ||
        client_find_registered(srv, target))
        return true;
    reply(req, ERR_NOSUCHSERVER, command_echo(target));
    return false;
}

void
info_send_lusers(struct server *srv, struct client *c)
{
    size_t n = srv->n_registered, max = srv->max_registered, local = srv->n_local;
    out_numeric(srv, c, RPL_LUSERCLIENT, n - srv->n_invisible, srv->n_invisible);
    size_t opers = client_count_opers(srv);
    if (opers)
        out_numeric(srv, c, RPL_LUSEROP, opers);
    if (srv->n_clients - srv->n_acting > local)
        out_numeric(srv, c, RPL_LUSERUNKNOWN, srv->n_clients - srv->n_acting - local);
    if (srv->n_channels)
        out_numeric(srv, c, RPL_LUSERCHANNELS, srv->n_channels);
    out_numeric(srv, c, RPL_LUSERME, local);
    out_numeric(srv, c, RPL_LOCALUSERS, local, srv->max_local, local, srv->max_local);
    out_numeric(srv, c, RPL_GLOBALUSERS, n, max, n, max);
}

void
info_send_motd(struct server *srv, struct client *c)
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
    if (info_is_this_server(req, m->nparams > 1 ? m->params[1] : NULL))
        info_send_lusers(srv, c);
}

static void
motd_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    if (!info_is_this_server(req, m->params[0]))
        return;
    info_send_motd(srv, c);
    flood_charge(srv, c, srv->motd ? (int)(strlen(srv->motd) / MOTD_A_TOKEN) : 0);
}

static void
version_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    if (!info_is_this_server(req, m->params[0]))
        return;
    reply(req, RPL_VERSION, IRCD_VERSION, srv->me.name,
          srv->config->server.description);
    isupport_send(srv, c);
}

static void
time_run(struct request *req)
{
    struct server *srv = req->srv;
    struct message *m = req->message;
    char text[MOMENT_TEXT];
    if (!info_is_this_server(req, m->params[0]))
        return;
    moment_format(srv->wall, text, sizeof text);
    reply(req, RPL_TIME, srv->me.name, text);
}

static void
admin_run(struct request *req)
{
    struct server *srv = req->srv;
    struct message *m = req->message;
    const char *location = srv->config->admin.location,
               *description = srv->config->admin.description,
               *email = srv->config->admin.email;
    if (!info_is_this_server(req, m->params[0]))
        return;
    if (*location == '\0' && *description == '\0' && *email == '\0') {
        reply(req, ERR_NOADMININFO, srv->me.name);
        return;
    }
    reply(req, RPL_ADMINME, srv->me.name);
    reply(req, RPL_ADMINLOC1, location);
    reply(req, RPL_ADMINLOC2, description);
    reply(req, RPL_ADMINEMAIL, email);
}

static void
info_run(struct request *req)
{
    struct server *srv = req->srv;
    struct message *m = req->message;
    static const char *const lines[] = {
        "ircd-" IRCD_VERSION ", an IRC server for communities that run their own",
        "Free software under the GNU General Public License, version 3 or later",
        "HELP lists the commands, ADMIN shows the administrators",
    };
    char text[MESSAGE_LINE];
    if (!info_is_this_server(req, m->params[0]))
        return;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        reply(req, RPL_INFO, lines[i]);
    str_format(text, sizeof text, "On-line since %s", srv->started_text);
    reply(req, RPL_INFO, text);
    reply(req, RPL_ENDOFINFO);
}

/* LINKS [[<server>] <mask>] */
static void
links_run(struct request *req)
{
    struct server *srv = req->srv;
    struct message *m = req->message;
    const char *name = srv->me.name, *mask = "*";
    if (m->nparams > 1 && !info_is_this_server(req, m->params[0]))
        return;
    if (m->nparams > 0 && m->params[m->nparams > 1][0])
        mask = m->params[m->nparams > 1];
    if (mask_glob(mask, name))
        reply(req, RPL_LINKS, name, name, srv->config->server.description);
    reply(req, RPL_ENDOFLINKS, command_echo(mask));
}

static void
map_run(struct request *req)
{
    struct server *srv = req->srv;
    char text[MESSAGE_LINE];
    str_format(text, sizeof text, "%s | Users: %zu (100.0%%)", srv->me.name,
               srv->n_registered);
    reply(req, RPL_MAP, text);
    reply(req, RPL_MAPEND);
}

static void
users_run(struct request *req)
{
    struct message *m = req->message;
    if (info_is_this_server(req, m->params[0]))
        reply(req, ERR_USERSDISABLED);
}

static void
summon_run(struct request *req)
{
    reply(req, ERR_SUMMONDISABLED);
}

const struct command commands_info[] = {
    {
        .name = "MOTD",
        .run = motd_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .group = GROUP_SERVER,
        .syntax = "",
        .help = "show the message of the day",
    },
    {
        .name = "LUSERS",
        .run = lusers_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .group = GROUP_SERVER,
        .syntax = "",
        .help = "show how many users and channels there are",
    },
    {
        .name = "VERSION",
        .run = version_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .group = GROUP_SERVER,
        .syntax = "",
        .help = "show the version of the server, and what it supports",
    },
    {
        .name = "TIME",
        .run = time_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .group = GROUP_SERVER,
        .syntax = "",
        .help = "show the clock of the server",
    },
    {
        .name = "ADMIN",
        .run = admin_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .group = GROUP_SERVER,
        .syntax = "",
        .help = "show the administrators of this server",
    },
    {
        .name = "INFO",
        .run = info_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .group = GROUP_SERVER,
        .syntax = "",
        .help = "show information about the program of this server",
    },
    {
        .name = "LINKS",
        .run = links_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .group = GROUP_SERVER,
        .syntax = "[<mask>]",
        .help = "list the servers of the network: only this one",
        .example = "LINKS *.example.org",
    },
    {
        .name = "MAP",
        .run = map_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .group = GROUP_SERVER,
        .syntax = "",
        .help = "show the servers of the network as a tree: only this one",
    },
    {
        .name = "USERS",
        .run = users_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .group = GROUP_SERVER,
        .syntax = "",
        .help = "disabled (would list users of the machine)",
    },
    {
        .name = "SUMMON",
        .run = summon_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .group = GROUP_SERVER,
        .syntax = "<user>",
        .help = "disabled (would call a user of the machine)",
        .example = "SUMMON bob",
    },
    {.name = NULL},
};
