/* JOIN, PART, TOPIC, KICK (RFC 2812 3.2, Modern IRC "Channel operations").
 *
 * Lists are split in place, and each item is answered on its own. A pointer to a channel
 * is not used after a member has parted: the channel may have gone with its last member.
 */
#include "state/channel.h"

#include "base/mem.h"
#include "base/str.h"
#include "cmd/announce.h"
#include "cmd/command.h"
#include "cmd/join.h"
#include "cmd/names.h"
#include "cmd/override.h"
#include "cmd/reserved.h"
#include "enact/spend.h"
#include "policy/access.h"
#include "policy/rejoin.h"
#include "proto/name.h"
#include "proto/utf8.h"
#include "speak.h"
#include "state/channel_mode.h"
#include "state/channel_record.h"
#include "state/forward.h"
#include "state/irc_event.h"
#include "state/tell.h"
#include "state/text_limit.h"

/* The channel of this name, if the client may act on it; else NULL and 403. */
static struct channel *
find_channel(struct request *req, const char *name)
{
    struct channel *chan = channel_find(req->srv, name);
    if (chan && access_finds_channel(chan, req->client))
        return chan;
    command_no_channel(req, name);
    return NULL;
}

void
topic_send(struct server *srv, struct client *c, const struct channel *chan)
{
    if (chan->topic == NULL)
        return;
    out_numeric(srv, c, RPL_TOPIC, chan->name, chan->topic);
    out_numeric(srv, c, RPL_TOPICWHOTIME, chan->name, chan->topic_by,
                (long long)(chan->topic_at / MSEC_SECOND));
}

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

/* True if the client may join one channel more; takes one of the counter of joins. */
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
    /* A line that a credit pays for takes nothing of the counter either. */
    if (req->paid || enact_spend(srv, c, COUNTER_join, &seconds))
        return true;
    reply_notice(req, "JOIN %s refused: you join too fast; try again in %ds", name,
                 seconds);
    return false;
}

static bool
is_join_reserved(struct request *req, const char *name)
{
    char why[RESERVED_WHY];
    if (!reserved_refuses(req->srv, req->client, name, why))
        return false;
    reply(req, ERR_BADCHANNAME, name, why);
    return true;
}

/* The channel that a client refused by chan joins instead (+f); NULL: none. Its own +f
 * is not followed. */
static struct channel *
find_forward_target(struct server *srv, const struct client *c,
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
    struct channel *to = verdict == JOIN_OK ? NULL : find_forward_target(srv, c, chan);
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
    struct channel *chan = find_channel(req, name);
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

/* True if only the privilege override allows c to set this topic. */
static bool
overrides_topic(struct server *srv, const struct client *c, struct channel *chan,
                const char *text)
{
    return access_overrides(chan, c) &&
           (chan->modes & CHAN_TOPIC_OPS || !channel_member(chan, c) ||
            access_speak(srv, chan, c, text, NULL) != SPEAK_OK);
}

static void
set_topic(struct request *req, struct channel *chan, const char *text, bool overrides)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    char topic[MESSAGE_LINE], source[MASK_TEXT];
    struct irc_event e = {
        .kind = IRC_TOPIC, .source = c, .channel = chan, .text = topic};
    utf8_copy(topic, sizeof topic, text, text_limit_topic(srv));
    client_source(c, source, sizeof source);
    xreplace(&chan->topic, *topic ? topic : NULL);
    xreplace(&chan->topic_by, source);
    chan->topic_at = srv->wall;
    channel_record_save(srv, chan);
    if (overrides)
        override_report(srv, c, "TOPIC", chan->name, NULL, *topic ? topic : "(none)");
    irc_event_emit(srv, &e);
}

static void
topic_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    struct channel *chan = find_channel(req, m->params[0]);
    if (chan == NULL)
        return;
    if (m->nparams == 1) {
        if (chan->topic == NULL)
            reply(req, RPL_NOTOPIC, chan->name);
        topic_send(srv, c, chan);
        return;
    }
    bool overrides = overrides_topic(srv, c, chan, m->params[1]);
    if (!channel_member(chan, c) && !access_has(c, PRIV_override))
        reply(req, ERR_NOTONCHANNEL, chan->name);
    else if (chan->modes & CHAN_TOPIC_OPS && !access_is_halfop(chan, c))
        reply(req, ERR_CHANOPRIVSNEEDED, chan->name);
    else if (speak_pass_topic(req, chan, m->params[1]))
        set_topic(req, chan, m->params[1], overrides);
}

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
        why = c->user.nick;
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
    struct channel *chan = find_channel(req, name);
    if (chan == NULL || !may_kick(req, chan))
        return;
    for (int n = 0; (nick = command_next_item(&nicks)) != NULL;) {
        if (command_is_repeat(first, nick))
            continue;
        if (n++ == srv->config->limits.targets) {
            reply(req, ERR_TOOMANYTARGETS, nick, n - 1);
            return;
        }
        /* The last kick may have removed the channel, or the client itself. */
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
        struct channel *chan = find_channel(req, name);
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

/* RFC 2812 3.2.8: one channel, or as many as there are nicks. */
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
    const char *text = m->nparams > 2 && m->params[2][0] ? m->params[2] : c->user.nick;
    utf8_copy(why, sizeof why, text, text_limit_kick(srv));
    if (n_names == 1)
        kick_several(req, command_next_item(&names), nicks, why);
    else
        kick_pairs(req, names, nicks, why);
}

const struct command commands_channel[] = {
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
    {
        .name = "TOPIC",
        .run = topic_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .credit = CREDIT_TOPIC,
        .group = GROUP_CHANNEL,
        .syntax = "<#channel> [:<topic>]",
        .help = "show or set the topic; an empty text clears it",
        .example = "TOPIC #tea :Green or black?",
    },
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
