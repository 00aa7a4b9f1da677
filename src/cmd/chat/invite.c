/* INVITE (RFC 2812 3.2.7, IRCv3 invite-notify): invites a client, or lists the
 * invitations of the client itself.
 *
 * Its target reads it like a message, so caller-id and the limit of new targets apply.
 */
#include "callerid.h"
#include "cmd/command.h"
#include "cmd/override.h"
#include "enact/spend.h"
#include "policy/access.h"
#include "policy/targets.h"
#include "state/channel.h"
#include "state/irc_event.h"

static void
list_invites(struct request *req)
{
    LIST_EACH(&client_lists(req->client)->invites, node)
        reply(req, RPL_INVITELIST,
              LIST_ENTRY(node, struct invite, of_client)->chan->name);
    reply(req, RPL_ENDOFINVITELIST);
}

static bool
may_invite(struct request *req, const struct channel *chan, struct client *target)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    int seconds;
    if (!channel_member(chan, c) && !access_has(c, PRIV_override))
        reply(req, ERR_NOTONCHANNEL, chan->name);
    else if (channel_member(chan, target))
        reply(req, ERR_USERONCHANNEL, target->user.nick, chan->name);
    else if (chan->modes & CHAN_INVITE_ONLY && !access_is_halfop(chan, c))
        reply(req, ERR_CHANOPRIVSNEEDED, chan->name);
    else if (!enact_spend(srv, c, COUNTER_invite, &seconds))
        reply_notice(req, "INVITE refused: you invite too often; try again in %ds",
                     seconds);
    else if (!enact_target(srv, c, target, true, &seconds))
        reply(req, ERR_TARGCHANGE, target->user.nick, seconds);
    else if (!access_accepts(target, c))
        callerid_refuse(req, target, false, true);
    else
        return true;
    return false;
}

static void
invite_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    if (m->nparams == 0) {
        list_invites(req);
        return;
    }
    if (m->nparams == 1 || m->params[1][0] == '\0') {
        command_too_few(req);
        return;
    }
    struct client *target = client_find_registered(srv, m->params[0]);
    if (target == NULL) {
        reply(req, ERR_NOSUCHNICK, m->params[0]);
        return;
    }
    struct channel *chan = command_find_channel(req, m->params[1]);
    if (chan == NULL || !may_invite(req, chan, target))
        return;
    /* Only the invitation of a half-operator or operator lets the target join in spite
     * of modes, bans and keys. */
    if (access_is_halfop(chan, c))
        channel_invite(srv, chan, target);
    if (access_overrides(chan, c))
        override_report(srv, c, "INVITE", chan->name, target->user.nick, NULL);
    reply(req, RPL_INVITING, target->user.nick, chan->name);
    if (target->user.away)
        reply(req, RPL_AWAY, target->user.nick, target->user.away);
    targets_heard(c, target);
    struct irc_event e = {
        .kind = IRC_INVITE, .source = c, .channel = chan, .client = target};
    irc_event_emit(srv, &e);
}

const struct command commands_invite[] = {
    {
        .name = "INVITE",
        .run = invite_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .group = GROUP_CHAT,
        .syntax = "[<nick> <#channel>]",
        .help = "invite a user, or list your own invitations",
        .example = "INVITE bob #tea",
    },
    {.name = NULL},
};
