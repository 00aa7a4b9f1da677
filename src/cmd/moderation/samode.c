/* SAMODE and SAJOIN: an operator with the privilege override acts on a channel without
 * regard to its modes and its members.
 *
 * An act is told and logged (cmd/override.h) when it is done, and not if it is refused.
 */
#include "cmd/command.h"
#include "cmd/join.h"
#include "cmd/mode_channel.h"
#include "cmd/override.h"
#include "proto/name.h"
#include "state/channel.h"

static void
samode_run(struct request *req)
{
    struct server *srv = req->srv;
    struct message *m = req->message;
    if (channel_find(srv, m->params[0]) == NULL) {
        command_no_channel(req, m->params[0]);
        return;
    }
    mode_channel_run(req, true);
}

/* The channel of this name, which is made if it is not there. NULL: it cannot be made,
 * and the operator is told why. */
static struct channel *
find_or_make_channel(struct request *req, const char *name)
{
    struct server *srv = req->srv;
    struct channel *chan = channel_find(srv, name);
    if (chan)
        return chan;
    if (!name_is_channel(name)) {
        reply(req, ERR_BADCHANMASK, command_echo(name));
        return NULL;
    }
    if (srv->n_channels < (size_t)srv->config->limits.channels)
        return channel_new(srv, name);
    reply_notice(req, "SAJOIN refused: this server holds at most %d channels",
                 srv->config->limits.channels);
    return NULL;
}

/* SAJOIN [<nick>] <#channel> */
static void
sajoin_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    const char *name = m->params[m->nparams > 1];
    struct client *target =
        m->nparams > 1 ? client_find_registered(srv, m->params[0]) : c;
    int max = srv->config->limits.channels_per_client;
    if (target == NULL) {
        reply(req, ERR_NOSUCHNICK, command_echo(m->params[0]));
        return;
    }
    if (target->user.njoined >= (uint32_t)max) {
        reply(req, ERR_TOOMANYCHANNELS, command_echo(name), max);
        return;
    }
    const struct channel *there = channel_find(srv, name);
    if (there && channel_member(there, target)) {
        reply(req, ERR_USERONCHANNEL, target->user.nick, there->name);
        return;
    }
    struct channel *chan = find_or_make_channel(req, name);
    if (chan == NULL)
        return;
    override_report(srv, c, "SAJOIN", chan->name, target->user.nick, NULL);
    if (target != c && !channel_member(chan, c))
        reply_notice(req, "SAJOIN: %s joins %s", target->user.nick, chan->name);
    join_enter(srv, target, chan);
}

const struct command commands_samode[] = {
    {
        .name = "SAMODE",
        .run = samode_run,
        .min_params = 2,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .priv = PRIV_override,
        .group = GROUP_OVERRIDE,
        .syntax = "<#channel> <changes> [<parameters>]",
        .help = "change the modes of a channel without being its operator",
        .example = "SAMODE #tea +o bob",
    },
    {
        .name = "SAJOIN",
        .run = sajoin_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .priv = PRIV_override,
        .group = GROUP_OVERRIDE,
        .syntax = "[<nick>] <#channel>",
        .help = "put a user, or yourself, on a channel",
        .example = "SAJOIN bob #tea",
    },
    {.name = NULL},
};
