/* AWAY and SETNAME: texts of a client about itself (RFC 2812 4.1, IRCv3 pre-away and
 * setname).
 *
 * An AWAY that repeats the present text is not sent to other clients. */
#include "base/mem.h"
#include "base/str.h"
#include "cmd/announce.h"
#include "cmd/command.h"
#include "enact/spend.h"
#include "policy/access.h"
#include "policy/ban/ban.h"
#include "policy/counts.h"
#include "proto/utf8.h"
#include "state/channel.h"
#include "state/channel_list.h"
#include "state/text_limit.h"

static void
set_away(struct request *req, const char *text)
{
    struct client *c = req->client;
    bool same =
        text && c->user.away ? strcmp(text, c->user.away) == 0 : text == c->user.away;
    if (!same)
        xreplace(&c->user.away, text);
    if (text)
        reply(req, RPL_NOWAWAY);
    else
        reply(req, RPL_UNAWAY);
    if (!same && client_is_registered(c))
        announce_away(req);
}

/* "AWAY *" (pre-away) means away without a text; the "*" is kept like any text. */
static void
away_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    char text[MESSAGE_LINE];
    struct str s;
    int seconds;
    if (!client_is_registered(c) && !(c->out.caps & CAP_PRE_AWAY)) {
        reply(req, ERR_NOTREGISTERED);
        return;
    }
    if (m->nparams == 0 || m->params[0][0] == '\0') {
        set_away(req, NULL);
        return;
    }
    if (!enact_spend(srv, c, COUNTER_away, &seconds)) {
        reply_notice(req, "AWAY refused: you change it too often; try again in %ds",
                     seconds);
        return;
    }
    size_t max = text_limit_away(srv);
    str_init(&s, text, sizeof text);
    str_addn(&s, m->params[0], utf8_cut(m->params[0], strlen(m->params[0]), max));
    set_away(req, text);
}

/* True if an X-line matches the name; the client is told. */
static bool
is_banned_name(struct request *req, const char *name)
{
    struct server *srv = req->srv;
    char why[BAN_WHY];
    const struct ban *ban = ban_match_text(srv, BAN_XLINE, req->client, name);
    if (ban == NULL)
        return false;
    srv->policy->counts->ban_refused[BAN_XLINE]++;
    ban_why(ban, srv->wall, why, sizeof why);
    reply_standard(req, "FAIL", "SETNAME", "CANNOT_CHANGE_REALNAME", "",
                   "That real name is banned (%s) %s", ban_kinds[BAN_XLINE].name, why);
    return true;
}

static bool
may_change_realname(struct request *req, const char *name)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    static const char cannot[] = "CANNOT_CHANGE_REALNAME";
    char until[ACCESS_UNTIL];
    bool is_spent = access_verdicts_are_spent(srv);
    const struct channel *chan = is_spent ? NULL : access_nick_forbidden(srv, c, until);
    int seconds = 1;
    if (*name == '\0' || strlen(name) > NAME_REAL_MAX)
        reply_standard(req, "FAIL", "SETNAME", "INVALID_REALNAME", "",
                       "A real name has 1 to %d bytes", NAME_REAL_MAX);
    else if (chan)
        reply_standard(req, "FAIL", "SETNAME", cannot, "",
                       "Your real name cannot change while you are banned on %s%s",
                       chan->name, until);
    else if (is_spent || !enact_spend(srv, c, COUNTER_nick, &seconds))
        reply_standard(req, "FAIL", "SETNAME", cannot, "",
                       "You change your names too often; try again in %ds", seconds);
    else
        return true;
    return false;
}

static void
setname_run(struct request *req)
{
    struct client *c = req->client;
    struct message *m = req->message;
    if (m->nparams == 0) {
        command_too_few(req);
        return;
    }
    if (!may_change_realname(req, m->params[0]) || is_banned_name(req, m->params[0]))
        return;
    xreplace(&c->user.realname, m->params[0]);
    /* Channel bans may match the new name. */
    channel_forget_verdicts(c);
    announce_realname(req);
}

const struct command commands_away[] = {
    {
        .name = "AWAY",
        .run = away_run,
        .when = WHEN_ANY,
        .cost = 1,
        .group = GROUP_CHAT,
        .syntax = "[:<text>]",
        .help = "mark yourself as away, or without a text as back",
        .example = "AWAY :back at nine",
    },
    {
        .name = "SETNAME",
        .run = setname_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .group = GROUP_CHAT,
        .syntax = ":<real name>",
        .help = "change your real name (capability setname)",
        .example = "SETNAME :Ann Example",
    },
    {.name = NULL},
};
