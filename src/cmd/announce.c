/* State notifications: away-notify, chghost, setname, extended-join (IRCv3).
 *
 * Each message is one relay, built once for each form that somebody asked for, however
 * many get it. Who watches a nick without sharing a channel (extended-monitor) is told
 * as well. Nothing here decides whether a change may be made. */
#include "cmd/announce.h"

#include "base/str.h"
#include "policy/access.h"
#include "policy/privs.h"
#include "proto/mode.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/out.h"
#include "state/request.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <string.h>

/* Away without a text to show (pre-away): for channels that would not take the text. */
#define AWAY_PLAIN "*"

/* To all who know c's state, each once; not to c. Ends the relay. */
static void
tell_others(struct relay *r, const struct client *c)
{
    relay_peers(r, c);
    relay_watchers(r, c);
    relay_end(r);
}

void
announce_connect(struct server *srv, const struct client *c, bool comes)
{
    char shown[MASK_TEXT], real[MASK_TEXT];
    if (!out_opers_due(srv, SNO_CONNECTS))
        return;
    client_source(c, shown, sizeof shown);
    client_real_source(c, real, sizeof real);
    out_opers_both(srv, SNO_CONNECTS, PRIV_see_address, real, shown,
                   "%s: " OUT_EITHER "%s%s%s",
                   comes ? "Client connecting" : "Client exiting", comes ? "" : " (",
                   comes ? "" : c->quit, comes ? "" : ")");
}

/* text NULL: c is back. */
static void
begin_away(struct relay *r, struct server *srv, const struct client *c,
           const char *text)
{
    if (text)
        relay_begin(r, srv, c, "AWAY :%s", text);
    else
        relay_begin(r, srv, c, "AWAY");
    r->need = CAP_AWAY_NOTIFY;
}

/* JOIN, and AWAY where it applies, to those members who lack some capabilities. */
static void
join(struct server *srv, struct client *c, struct channel *chan, uint32_t lack,
     const struct client *except)
{
    struct relay r;
    relay_begin(&r, srv, c, "JOIN :%s", chan->name);
    relay_alt(&r, CAP_EXTENDED_JOIN, "JOIN %s * :%s", chan->name, c->user.realname);
    r.lack = lack;
    relay_channel(&r, chan, except);
    relay_end(&r);
    if (c->user.away == NULL)
        return;
    bool shown = access_may_remark(srv, chan, c, c->user.away, NULL);
    begin_away(&r, srv, c, shown ? c->user.away : AWAY_PLAIN);
    r.lack = lack;
    relay_channel(&r, chan, c);
    relay_end(&r);
}

void
announce_join(struct server *srv, struct client *c, struct channel *chan)
{
    join(srv, c, chan, 0, NULL);
}

void
announce_away(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct relay r, plain;
    access_hush(srv, c, c->user.away ? c->user.away : "");
    begin_away(&r, srv, c, c->user.away);
    begin_away(&plain, srv, c, AWAY_PLAIN);
    relay_peers_hushed(&r, &plain, c);
    relay_watchers(&r, c);
    relay_end(&r);
    relay_end(&plain);
}

void
announce_realname(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct relay r;
    access_hush(srv, c, c->user.realname);
    relay_begin(&r, srv, c, "SETNAME :%s", c->user.realname);
    r.need = CAP_SETNAME;
    relay_to(&r, c);
    relay_peers_hushed(&r, NULL, c);
    relay_watchers(&r, c);
    relay_end(&r);
}

/* The prefix modes that c has on chan, given again by the server. */
static void
grant_again(struct request *req, const struct joined *j)
{
    struct client *c = req->client;
    char letters[CHAN_MODE_COUNT + 1], nicks[CHAN_MODE_COUNT * (NAME_NICK_MAX + 1) + 1];
    struct str l, n;
    struct relay r;
    uint32_t modes = j->chan->members[j->slot].modes;
    str_init(&l, letters, sizeof letters);
    str_init(&n, nicks, sizeof nicks);
    for (size_t i = 0; i < CHAN_MODE_COUNT; i++) {
        if (mode_channel[i].type != MODE_PREFIX || !(modes & mode_channel[i].bit))
            continue;
        str_addc(&l, mode_channel[i].letter);
        str_addf(&n, " %s", c->user.nick);
    }
    if (l.len == 0)
        return;
    relay_begin(&r, req->srv, NULL, "MODE %s +%s%s", j->chan->name, letters, nicks);
    r.lack = CAP_CHGHOST;
    relay_channel(&r, j->chan, c);
    relay_end(&r);
}

void
announce_host(struct request *req, const char *host)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct relay changed, gone;
    if (strcmp(c->user.host, host) == 0)
        return;
    relay_begin(&changed, srv, c, "CHGHOST %s %s", c->user.username, host);
    changed.need = CAP_CHGHOST;
    relay_begin(&gone, srv, c, "QUIT :Changing host");
    gone.lack = CAP_CHGHOST;
    client_set_host(c, host);
    relay_to(&changed, c);
    tell_others(&changed, c);
    relay_peers(&gone, c);
    relay_end(&gone);
    for (uint32_t i = 0; i < c->user.njoined; i++) {
        join(srv, c, c->user.joined[i].chan, CAP_CHGHOST, c);
        grant_again(req, &c->user.joined[i]);
    }
    reply(req, RPL_VISIBLEHOST, c->user.host);
}

static void
announce_exit(struct server *srv, struct client *c)
{
    if (c->out.flags & CLIENT_REGISTERED)
        announce_connect(srv, c, false);
}

const struct subsystem announce_subsystem = {
    .id = SUBSYSTEM_announce,
    .client_leaves = announce_exit,
};
