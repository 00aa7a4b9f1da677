/* KICK (RFC 2812 3.2.8): removes members from channels.
 *
 * Lists are split in place, and each item has its own reply. A pointer to a channel
 * must not be used after a kick, because the channel may be freed with its last
 * member. */
#include "cmd/command.h"
#include "cmd/override.h"
#include "policy/access.h"
#include "policy/rejoin.h"
#include "proto/utf8.h"
#include "state/channel.h"
#include "state/irc_event.h"
#include "state/text_limit.h"

static void
kick_one(struct request *req, struct channel *chan, const char *nick, const char *why)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct client *target = client_find_registered(srv, nick);
    if (target == NULL) {
        reply(req, ERR_NOSUCHNICK, nick);
        return;
    }
    if (!channel_member(chan, target)) {
        reply(req, ERR_USERNOTINCHANNEL, target->user.nick, chan->name);
        return;
    }
    if (!access_may_kick(chan, c, target)) {
        reply(req, ERR_CHANOPRIVSNEEDED, chan->name);
        return;
    }
    if (!access_may_remark(srv, chan, c, why, NULL))
        why = client_author(srv, c);
    if (access_overrides(chan, c))
        override_report(srv, c, "KICK", chan->name, target->user.nick, why);
    struct irc_event e = {
        .kind = IRC_KICK, .source = c, .channel = chan, .client = target, .text = why};
    irc_event_emit(srv, &e);
    rejoin_note(srv, target, chan);
    channel_part(srv, chan, target);
}

static bool
may_kick(struct request *req, const struct channel *chan)
{
    struct client *c = req->client;
    if (!channel_member(chan, c) && !access_has(c, PRIV_override))
        reply(req, ERR_NOTONCHANNEL, chan->name);
    else if (!access_is_halfop(chan, c))
        reply(req, ERR_CHANOPRIVSNEEDED, chan->name);
    else
        return true;
    return false;
}

/* "KICK #channel nick,nick". */
static void
kick_several(struct request *req, const char *name, char *nicks, const char *why)
{
    struct server *srv = req->srv;
    const char *first = nicks, *nick;
    struct channel *chan = command_find_channel(req, name);
    if (chan == NULL || !may_kick(req, chan))
        return;
    for (int n = 0; (nick = command_next_item(&nicks)) != NULL;) {
        if (command_is_repeat(first, nick))
            continue;
        if (n++ == srv->config->limits.targets) {
            reply(req, ERR_TOOMANYTARGETS, nick, n - 1);
            return;
        }
        /* The previous kick may have removed the channel, or this client from it. */
        chan = channel_find(srv, name);
        if (chan == NULL || !access_is_halfop(chan, req->client))
            return;
        kick_one(req, chan, nick, why);
    }
}

/* "KICK #a,#b nick,other": the first nick from the first channel, and so on. */
static void
kick_pairs(struct request *req, char *names, char *nicks, const char *why)
{
    const char *name, *nick;
    for (int n = 0; (name = command_next_item(&names)) != NULL &&
                    (nick = command_next_item(&nicks)) != NULL;) {
        if (n++ == req->srv->config->limits.targets) {
            reply(req, ERR_TOOMANYTARGETS, nick, n - 1);
            return;
        }
        struct channel *chan = command_find_channel(req, name);
        if (chan && may_kick(req, chan))
            kick_one(req, chan, nick, why);
    }
}

static size_t
count_items(const char *list)
{
    size_t n = 0;
    for (const char *at = list; *at; at++)
        n += *at != ',' && (at[1] == ',' || at[1] == '\0');
    return n;
}

/* The list of channels must have one item, or as many items as the list of nicks. */
static void
kick_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    char why[MESSAGE_LINE], *names = m->params[0], *nicks = m->params[1];
    size_t n_names = count_items(names), n_nicks = count_items(nicks);
    if (n_nicks == 0 || (n_names != 1 && n_names != n_nicks)) {
        command_too_few(req);
        return;
    }
    const char *text =
        m->nparams > 2 && m->params[2][0] ? m->params[2] : client_author(req->srv, c);
    utf8_copy(why, sizeof why, text, text_limit_kick(srv));
    if (n_names == 1)
        kick_several(req, command_next_item(&names), nicks, why);
    else
        kick_pairs(req, names, nicks, why);
}

const struct command commands_kick[] = {
    {
        .name = "KICK",
        .run = kick_run,
        .min_params = 2,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .flags = COMMAND_TARGETS | COMMAND_SECOND,
        .group = GROUP_CHANNEL,
        .syntax = "<#channel>[,<#channel>…] <nick>[,<nick>…] [:<reason>]",
        .help =
            "remove a user from a channel; with several channels, one nick for each",
        .example = "KICK #tea bob :enough",
    },
    {.name = NULL},
};
