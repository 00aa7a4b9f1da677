/* SAMODE and SAJOIN: an operator acts on a channel whatever its modes say (policy.md 7,
 * privilege override).
 *
 * Each is one log event and one notice to the operators before anything is done. */
#include "override.h"
#include "base/str.h"
#include "command.h"
#include "dispatch.h"
#include "join.h"
#include "proto/name.h"
#include "state/channel.h"

void
override_report(struct server *srv, const struct client *c, const char *what,
                const char *channel)
{
    out_opers(srv, SNO_OPERS, "%s used %s: %s", c->nick, what, channel);
    log_event(srv->log, LOG_LEVEL_INFO, "override", "by", c->oper, "command", what,
              "channel", channel, NULL);
}

static void
samode_run(struct server *srv, struct client *c, struct message *m)
{
    char text[MESSAGE_LINE];
    struct str s;
    const struct channel *chan = channel_find(srv, m->params[0]);
    if (chan == NULL) {
        reply(srv, c, ERR_NOSUCHCHANNEL, command_echo(m->params[0]));
        return;
    }
    str_init(&s, text, sizeof text);
    /* A key is a secret: then the letters alone are told. */
    int told = strchr(m->params[1], 'k') ? 2 : m->nparams;
    for (int i = 1; i < told; i++)
        str_addf(&s, "%s%s", i > 1 ? " " : "", m->params[i]);
    out_opers(srv, SNO_OPERS, "%s used SAMODE: %s %s", c->nick, chan->name, text);
    log_event(srv->log, LOG_LEVEL_INFO, "override", "by", c->oper, "command", "SAMODE",
              "channel", chan->name, "text", text, NULL);
    /* MODE itself asks for the privilege; it is the same change, and by its verb it
     * knows that this was reported. */
    dispatch_find(srv, "MODE", 4)->run(srv, c, m);
}

/* The channel to join: this one, or a new one; NULL, and c is told why. */
static struct channel *
find_or_make(struct server *srv, struct client *c, const char *name)
{
    struct channel *chan = channel_find(srv, name);
    if (chan)
        return chan;
    if (!name_is_channel(name)) {
        reply(srv, c, ERR_BADCHANMASK, command_echo(name));
        return NULL;
    }
    if (srv->n_channels < (size_t)srv->config->limits.channels)
        return channel_new(srv, name);
    out_notice(srv, c, "SAJOIN refused: this server holds at most %d channels",
               srv->config->limits.channels);
    return NULL;
}

/* SAJOIN [<nick>] <#channel> */
static void
sajoin_run(struct server *srv, struct client *c, struct message *m)
{
    const char *name = m->params[m->nparams > 1];
    struct client *target =
        m->nparams > 1 ? client_find_registered(srv, m->params[0]) : c;
    int max = srv->config->limits.channels_per_client;
    if (target == NULL) {
        reply(srv, c, ERR_NOSUCHNICK, command_echo(m->params[0]));
        return;
    }
    if (target->njoined >= (uint32_t)max) {
        reply(srv, c, ERR_TOOMANYCHANNELS, command_echo(name), max);
        return;
    }
    const struct channel *there = channel_find(srv, name);
    if (there && channel_member(there, target)) {
        reply(srv, c, ERR_USERONCHANNEL, target->nick, there->name);
        return;
    }
    struct channel *chan = find_or_make(srv, c, name);
    if (chan == NULL)
        return;
    out_opers(srv, SNO_OPERS, "%s used SAJOIN: %s %s", c->nick, target->nick,
              chan->name);
    log_event(srv->log, LOG_LEVEL_INFO, "override", "by", c->oper, "command", "SAJOIN",
              "channel", chan->name, "nick", target->nick, NULL);
    join_enter(srv, target, chan);
}

const struct command commands_override[] = {
    {"SAMODE", samode_run, 2, WHEN_REGISTERED, 1, PRIV_override, 0,
     "<#channel> <changes> [<parameters>]",
     "change a channel's modes from outside; for example SAMODE #tea +o bob"},
    {"SAJOIN", sajoin_run, 1, WHEN_REGISTERED, 1, PRIV_override, 0,
     "[<nick>] <#channel>",
     "put somebody, or yourself, on a channel; for example SAJOIN bob #tea"},
    {NULL, NULL, 0, WHEN_ANY, 0, PRIV_NONE, 0, NULL, NULL},
};
