/* JOIN and PART (RFC 2812 3.2, Modern IRC "Channel operations").
 *
 * Lists are split in place, and each item is answered on its own. A pointer to a channel
 * is not used after a member has parted: the channel may have gone with its last member.
 */
#include "cmd/join.h"

#include "cmd/announce.h"
#include "cmd/command.h"
#include "cmd/names.h"
#include "cmd/override.h"
#include "cmd/reserved.h"
#include "enact/spend.h"
#include "policy/access.h"
#include "policy/rejoin.h"
#include "proto/name.h"
#include "proto/utf8.h"
#include "state/channel.h"
#include "state/channel_mode.h"
#include "state/forward.h"
#include "state/irc_event.h"
#include "state/tell.h"
#include "state/text_limit.h"
#include "topic.h"

static void
refuse_join(struct request *req, const struct channel *chan, enum access_join verdict)
{
    struct server *srv = req->srv;
    char until[ACCESS_UNTIL];
    switch (verdict) {
    case JOIN_INVITE_ONLY:
        reply(req, ERR_INVITEONLYCHAN, chan->name);
        break;
    case JOIN_BANNED:
        access_until(srv, chan, req->client, VERDICT_BANNED, until);
        reply(req, ERR_BANNEDFROMCHAN, chan->name, until);
        break;
    case JOIN_BAD_KEY:
        reply(req, ERR_BADCHANNELKEY, chan->name);
        break;
    case JOIN_FULL:
        reply(req, ERR_CHANNELISFULL, chan->name);
        break;
    case JOIN_THROTTLED:
        reply(req, ERR_THROTTLE, chan->name, channel_join_wait(srv, chan));
        break;
    case JOIN_OK:
        break;
    }
}

void
join_enter(struct server *srv, struct client *c, struct channel *chan)
{
    /* An empty permanent channel is not new: the client did not make it. */
    bool is_new = chan->nmembers == 0 && !(chan->modes & CHAN_PERMANENT);
    channel_join(srv, chan, c, is_new ? CHAN_OP : 0);
    channel_join_count(srv, chan);
    bool again = rejoin_is_soon(srv, c, chan);
    channel_joined(chan, c)->credit = again ? 0 : JOIN_CREDIT_ALL;
    announce_join(srv, c, chan);
    topic_send(srv, c, chan);
    if (!(c->out.caps & CAP_NO_IMPLICIT_NAMES))
        names_send(srv, c, chan, again);
}

/* True if the client may join one channel more; the attempt counts as a join. */
static bool
may_join_another(struct request *req, const char *name)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    int seconds, max = srv->config->limits.channels_per_client;
    if (c->user.njoined >= (uint32_t)max) {
        reply(req, ERR_TOOMANYCHANNELS, name, max);
        return false;
    }
    /* A JOIN that a credit pays for does not count. */
    if (req->paid || enact_spend(srv, c, COUNTER_join, &seconds))
        return true;
    reply_notice(req, "JOIN %s refused: you join too fast; try again in %ds", name,
                 seconds);
    return false;
}

static bool
is_join_reserved(struct request *req, const char *name)
{
    char why[BAN_WHY];
    if (!reserved_refuses(req->srv, req->client, name, why))
        return false;
    reply(req, ERR_BADCHANNAME, name, why);
    return true;
}

/* The channel that a client refused by chan joins instead (+f); NULL: none. Its own +f
 * is not followed. */
static struct channel *
find_join_forward(struct server *srv, const struct client *c,
                  const struct channel *chan)
{
    const char *name = forward_name(chan);
    struct channel *to = name ? channel_find(srv, name) : NULL;
    if (to == NULL || channel_member(to, c) ||
        access_join(srv, to, c, NULL) != JOIN_OK || ban_reserves(srv, c, to->name))
        return NULL;
    return to;
}

/* The client joins chan or the channel that it forwards to, or is refused. */
static void
try_join(struct request *req, struct channel *chan, const char *key)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    enum access_join verdict = access_join(srv, chan, c, key);
    struct channel *to = verdict == JOIN_OK ? NULL : find_join_forward(srv, c, chan);
    if (to) {
        reply(req, ERR_LINKCHANNEL, chan->name, to->name);
        join_enter(srv, c, to);
    } else if (verdict != JOIN_OK) {
        refuse_join(req, chan, verdict);
    } else {
        if (access_overrides_join(srv, chan, c, key))
            override_report(srv, c, "JOIN", chan->name, NULL, NULL);
        join_enter(srv, c, chan);
    }
}

/* limits.channels is reached: no new channel can be made, so operators are told. */
static void
refuse_new_channel(struct request *req, const char *name)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    char source[MASK_TEXT];
    int max = srv->config->limits.channels;
    reply_notice(req, "JOIN %s refused: this server holds at most %d channels", name,
                 max);
    client_real_source(c, source, sizeof source);
    TELL(srv, TELL_FORMS(PRIV_see_address), channels_full, .client = source,
         .channel = name, .hidden = c->user.nick, .channels = srv->n_channels,
         .most = (uint64_t)max);
}

static void
join_one(struct request *req, const char *name, const char *key)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    if (!name_is_channel(name)) {
        if (name_has_channel_prefix(name))
            reply(req, ERR_BADCHANMASK, name);
        else
            command_no_channel(req, name);
        return;
    }
    struct channel *chan = channel_find(srv, name);
    if ((chan && channel_member(chan, c)) || !may_join_another(req, name) ||
        is_join_reserved(req, name))
        return;
    if (chan)
        try_join(req, chan, key);
    else if (srv->n_channels >= (size_t)srv->config->limits.channels)
        refuse_new_channel(req, name);
    else
        join_enter(srv, c, channel_new(srv, name));
}

/* A reason that chan would refuse as a message is left out. */
static void
leave_channel(struct request *req, struct channel *chan, const char *why)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    bool shown = *why && access_may_remark(srv, chan, c, why, NULL);
    struct irc_event e = {
        .kind = IRC_PART, .source = c, .channel = chan, .text = shown ? why : NULL};
    irc_event_emit(srv, &e);
    rejoin_note(srv, c, chan);
    channel_part(srv, chan, c);
}

static void
join_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    static char none[1];
    char *names = m->params[0], *keys = m->nparams > 1 ? m->params[1] : none, *name;
    if (strcmp(names, "0") == 0) {
        while (c->user.njoined > 0)
            leave_channel(req, c->user.joined[c->user.njoined - 1].chan, "");
        return;
    }
    if (c->out.flags & CLIENT_ACTING) {
        reply_notice(req, "JOIN refused: a client of the control socket is hidden, so "
                          "it joins no channel");
        return;
    }
    for (int n = 0; (name = command_next_item(&names)) != NULL;) {
        const char *key = command_next_item(&keys);
        if (command_is_repeat(m->params[0], name))
            continue;
        if (n++ == srv->config->limits.channels_per_client) {
            reply(req, ERR_TOOMANYCHANNELS, name, n - 1);
            return;
        }
        join_one(req, name, key);
    }
}

static void
part_one(struct request *req, const char *name, const char *why)
{
    struct channel *chan = command_find_channel(req, name);
    if (chan == NULL)
        return;
    if (channel_member(chan, req->client))
        leave_channel(req, chan, why);
    else
        reply(req, ERR_NOTONCHANNEL, chan->name);
}

static void
part_run(struct request *req)
{
    struct server *srv = req->srv;
    struct message *m = req->message;
    char why[MESSAGE_LINE], *names = m->params[0], *name;
    utf8_copy(why, sizeof why, m->nparams > 1 ? m->params[1] : "",
              text_limit_kick(srv));
    for (int n = 0; (name = command_next_item(&names)) != NULL;) {
        if (command_is_repeat(m->params[0], name))
            continue;
        if (n++ == srv->config->limits.channels_per_client) {
            reply(req, ERR_TOOMANYTARGETS, name, n - 1);
            return;
        }
        part_one(req, name, why);
    }
}

const struct command commands_join[] = {
    {
        .name = "JOIN",
        .run = join_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .credit = CREDIT_JOIN,
        .group = GROUP_CHAT,
        .syntax = "<#channel>[,<#channel>…] [<key>[,<key>…]]",
        .help = "join channels; JOIN 0 leaves all",
        .example = "JOIN #tea,#staff secret",
    },
    {
        .name = "PART",
        .run = part_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .flags = COMMAND_TARGETS,
        .group = GROUP_CHAT,
        .syntax = "<#channel>[,<#channel>…] [:<reason>]",
        .help = "leave channels",
        .example = "PART #tea :until tomorrow",
    },
    {.name = NULL},
};
