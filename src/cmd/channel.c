/* JOIN, PART, TOPIC, NAMES, KICK, INVITE (RFC 2812 3.2, Modern IRC "Channel
 * operations").
 *
 * Lists are split in place and every item is answered on its own; a channel pointer
 * never outlives a part, since the last one to leave takes the channel along. */
#include "state/channel.h"

#include "base/mem.h"
#include "base/str.h"
#include "command.h"
#include "names.h"
#include "policy/access.h"
#include "policy/flood.h"
#include "proto/name.h"
#include "proto/utf8.h"

/* The channel of this name if c may know of it; else 403. */
static struct channel *
find_channel(struct server *srv, struct client *c, const char *name)
{
    struct channel *chan = channel_find(srv, name);
    if (chan && access_sees_channel(chan, c))
        return chan;
    reply(srv, c, ERR_NOSUCHCHANNEL, name);
    return NULL;
}

static void
send_topic(struct server *srv, struct client *c, const struct channel *chan)
{
    if (chan->topic == NULL)
        return;
    reply(srv, c, RPL_TOPIC, chan->name, chan->topic);
    reply(srv, c, RPL_TOPICWHOTIME, chan->name, chan->topic_by,
          (long long)(chan->topic_at / MSEC_SECOND));
}

/* The invisible are shown to those inside, and to operators who may see them. */
static bool
is_shown(const struct client *c, const struct client *member, bool inside)
{
    return inside || !(member->modes & USER_INVISIBLE) ||
           access_has(c, PRIV_see_address);
}

void
names_send(struct server *srv, struct client *c, const struct channel *chan)
{
    char line[MESSAGE_LINE], prefix[8];
    struct str s;
    bool inside = channel_member(chan, c) != NULL;
    size_t room = MESSAGE_LINE - 2 - strlen(srv->config->server.name) - c->nick_len -
                  strlen(chan->name) - sizeof ":  353  =  :";
    str_init(&s, line, sizeof line);
    char symbol = chan->modes & CHAN_SECRET ? '@' : '=';
    for (uint32_t i = 0; access_sees_channel(chan, c) && i < chan->nmembers; i++) {
        const struct member *m = &chan->members[i];
        if (!is_shown(c, m->client, inside))
            continue;
        channel_prefix(m, c->caps & CAP_MULTI_PREFIX, prefix);
        if (s.len + strlen(prefix) + m->client->nick_len + 1 > room) {
            reply(srv, c, RPL_NAMREPLY, symbol, chan->name, line);
            str_init(&s, line, sizeof line);
        }
        str_addf(&s, "%s%s%s", s.len ? " " : "", prefix, m->client->nick);
    }
    if (s.len)
        reply(srv, c, RPL_NAMREPLY, symbol, chan->name, line);
    reply(srv, c, RPL_ENDOFNAMES, chan->name);
}

static void
refuse_join(struct server *srv, struct client *c, const struct channel *chan,
            enum access_join verdict)
{
    switch (verdict) {
    case JOIN_INVITE_ONLY:
        reply(srv, c, ERR_INVITEONLYCHAN, chan->name);
        break;
    case JOIN_BANNED:
        reply(srv, c, ERR_BANNEDFROMCHAN, chan->name);
        break;
    case JOIN_BAD_KEY:
        reply(srv, c, ERR_BADCHANNELKEY, chan->name);
        break;
    case JOIN_FULL:
        reply(srv, c, ERR_CHANNELISFULL, chan->name);
        break;
    case JOIN_OK:
        break;
    }
}

static void
enter(struct server *srv, struct client *c, struct channel *chan)
{
    struct relay r;
    channel_join(srv, chan, c, chan->nmembers == 0 ? CHAN_OP : 0);
    channel_joined(chan, c)->credit =
        JOIN_CREDIT_MODE | JOIN_CREDIT_BANS | JOIN_CREDIT_WHO;
    relay_begin(&r, srv, c, "JOIN :%s", chan->name);
    relay_channel(&r, chan, NULL);
    relay_end(&r);
    send_topic(srv, c, chan);
    names_send(srv, c, chan);
}

/* May c join one channel more at all? */
static bool
has_room(struct server *srv, struct client *c, const char *name)
{
    int seconds, max = srv->config->limits.channels_per_client;
    if (c->njoined >= (uint32_t)max) {
        reply(srv, c, ERR_TOOMANYCHANNELS, name, max);
        return false;
    }
    if (flood_bucket(srv, c, BUCKET_JOIN, &seconds))
        return true;
    out_notice(srv, c, "JOIN %s refused: you join too fast; try again in %ds", name,
               seconds);
    return false;
}

static void
join_one(struct server *srv, struct client *c, const char *name, const char *key)
{
    if (!name_is_channel(name)) {
        if (name_has_channel_prefix(name))
            reply(srv, c, ERR_BADCHANMASK, name);
        else
            reply(srv, c, ERR_NOSUCHCHANNEL, name);
        return;
    }
    struct channel *chan = channel_find(srv, name);
    if ((chan && channel_member(chan, c)) || !has_room(srv, c, name))
        return;
    if (chan) {
        enum access_join verdict = access_join(chan, c, key);
        if (verdict != JOIN_OK) {
            refuse_join(srv, c, chan, verdict);
            return;
        }
    } else if (srv->n_channels >= (size_t)srv->config->limits.channels) {
        out_notice(srv, c, "JOIN %s refused: this server holds at most %d channels",
                   name, srv->config->limits.channels);
        return;
    } else {
        chan = channel_new(srv, name);
    }
    enter(srv, c, chan);
}

static void
leave(struct server *srv, struct client *c, struct channel *chan, const char *why)
{
    struct relay r;
    if (*why)
        relay_begin(&r, srv, c, "PART %s :%s", chan->name, why);
    else
        relay_begin(&r, srv, c, "PART %s", chan->name);
    relay_channel(&r, chan, NULL);
    relay_end(&r);
    channel_part(srv, chan, c);
}

static void
join_run(struct server *srv, struct client *c, struct message *m)
{
    static char none[1];
    char *names = m->params[0], *keys = m->nparams > 1 ? m->params[1] : none, *name;
    if (strcmp(names, "0") == 0) {
        while (c->njoined > 0)
            leave(srv, c, c->joined[c->njoined - 1].chan, "");
        return;
    }
    for (int n = 0; (name = command_next_item(&names)) != NULL;) {
        const char *key = command_next_item(&keys);
        if (command_is_repeat(m->params[0], name))
            continue;
        if (n++ == srv->config->limits.channels_per_client) {
            reply(srv, c, ERR_TOOMANYCHANNELS, name, n - 1);
            return;
        }
        join_one(srv, c, name, key);
    }
}

static void
part_one(struct server *srv, struct client *c, const char *name, const char *why)
{
    struct channel *chan = find_channel(srv, c, name);
    if (chan == NULL)
        return;
    if (channel_member(chan, c))
        leave(srv, c, chan, why);
    else
        reply(srv, c, ERR_NOTONCHANNEL, chan->name);
}

static void
part_run(struct server *srv, struct client *c, struct message *m)
{
    char why[MESSAGE_LINE], *names = m->params[0], *name;
    utf8_copy(why, sizeof why, m->nparams > 1 ? m->params[1] : "",
              (size_t)srv->config->limits.kick_length);
    for (int n = 0; (name = command_next_item(&names)) != NULL;) {
        if (command_is_repeat(m->params[0], name))
            continue;
        if (n++ == srv->config->limits.channels_per_client) {
            reply(srv, c, ERR_TOOMANYTARGETS, name, n - 1);
            return;
        }
        part_one(srv, c, name, why);
    }
}

/* An operator who acts on a channel from outside sees what he did. */
static void
relay_outsider(struct relay *r, const struct channel *chan, struct client *c)
{
    if (!channel_member(chan, c))
        relay_to(r, c);
}

static void
set_topic(struct server *srv, struct client *c, struct channel *chan, const char *text)
{
    char topic[MESSAGE_LINE], source[MASK_TEXT];
    struct relay r;
    utf8_copy(topic, sizeof topic, text, (size_t)srv->config->limits.topic_length);
    client_source(c, source, sizeof source);
    xreplace(&chan->topic, *topic ? topic : NULL);
    xreplace(&chan->topic_by, source);
    chan->topic_at = srv->wall;
    relay_begin(&r, srv, c, "TOPIC %s :%s", chan->name, topic);
    relay_channel(&r, chan, NULL);
    relay_outsider(&r, chan, c);
    relay_end(&r);
}

static void
topic_run(struct server *srv, struct client *c, struct message *m)
{
    struct channel *chan = find_channel(srv, c, m->params[0]);
    if (chan == NULL)
        return;
    if (m->nparams == 1) {
        if (chan->topic == NULL)
            reply(srv, c, RPL_NOTOPIC, chan->name);
        send_topic(srv, c, chan);
        return;
    }
    if (!channel_member(chan, c) && !access_has(c, PRIV_override))
        reply(srv, c, ERR_NOTONCHANNEL, chan->name);
    else if (chan->modes & CHAN_TOPIC_OPS && !access_is_op(chan, c))
        reply(srv, c, ERR_CHANOPRIVSNEEDED, chan->name);
    else
        set_topic(srv, c, chan, m->params[1]);
}

static void
names_run(struct server *srv, struct client *c, struct message *m)
{
    if (m->nparams == 0) {
        reply(srv, c, RPL_ENDOFNAMES, "*");
        return;
    }
    char *names = m->params[0], *name = command_next_item(&names);
    const struct channel *chan = name ? channel_find(srv, name) : NULL;
    if (chan == NULL || !access_sees_channel(chan, c)) {
        reply(srv, c, RPL_ENDOFNAMES, name ? name : "*");
        return;
    }
    names_send(srv, c, chan);
    flood_charge(srv, c, (int)(chan->nmembers / 100));
}

static void
kick_one(struct server *srv, struct client *c, struct channel *chan, const char *nick,
         const char *why)
{
    struct client *target = client_find_registered(srv, nick);
    struct relay r;
    if (target == NULL) {
        reply(srv, c, ERR_NOSUCHNICK, nick);
        return;
    }
    if (!channel_member(chan, target)) {
        reply(srv, c, ERR_USERNOTINCHANNEL, target->nick, chan->name);
        return;
    }
    relay_begin(&r, srv, c, "KICK %s %s :%s", chan->name, target->nick, why);
    relay_channel(&r, chan, NULL);
    relay_outsider(&r, chan, c);
    relay_end(&r);
    channel_part(srv, chan, target);
}

static bool
may_kick(struct server *srv, struct client *c, const struct channel *chan)
{
    if (!channel_member(chan, c) && !access_has(c, PRIV_override))
        reply(srv, c, ERR_NOTONCHANNEL, chan->name);
    else if (!access_is_op(chan, c))
        reply(srv, c, ERR_CHANOPRIVSNEEDED, chan->name);
    else
        return true;
    return false;
}

static void
kick_run(struct server *srv, struct client *c, struct message *m)
{
    char why[MESSAGE_LINE], *nicks = m->params[1], *nick;
    struct channel *chan = find_channel(srv, c, m->params[0]);
    if (chan == NULL || !may_kick(srv, c, chan))
        return;
    const char *text = m->nparams > 2 && m->params[2][0] ? m->params[2] : c->nick;
    utf8_copy(why, sizeof why, text, (size_t)srv->config->limits.kick_length);
    for (int n = 0; (nick = command_next_item(&nicks)) != NULL;) {
        if (command_is_repeat(m->params[1], nick))
            continue;
        if (n++ == srv->config->limits.targets) {
            reply(srv, c, ERR_TOOMANYTARGETS, nick, n - 1);
            return;
        }
        /* Kicking the last member takes the channel along, kicking oneself the right.
         */
        chan = channel_find(srv, m->params[0]);
        if (chan == NULL || !access_is_op(chan, c))
            return;
        kick_one(srv, c, chan, nick, why);
    }
}

static void
list_invites(struct server *srv, struct client *c)
{
    LIST_EACH(&c->invites, node)
        reply(srv, c, RPL_INVITELIST,
              LIST_ENTRY(node, struct invite, of_client)->chan->name);
    reply(srv, c, RPL_ENDOFINVITELIST);
}

static bool
may_invite(struct server *srv, struct client *c, const struct channel *chan,
           const struct client *target)
{
    int seconds;
    if (!channel_member(chan, c) && !access_has(c, PRIV_override))
        reply(srv, c, ERR_NOTONCHANNEL, chan->name);
    else if (channel_member(chan, target))
        reply(srv, c, ERR_USERONCHANNEL, target->nick, chan->name);
    else if (chan->modes & CHAN_INVITE_ONLY && !access_is_op(chan, c))
        reply(srv, c, ERR_CHANOPRIVSNEEDED, chan->name);
    else if (!flood_bucket(srv, c, BUCKET_INVITE, &seconds))
        out_notice(srv, c, "INVITE refused: you invite too often; try again in %ds",
                   seconds);
    else
        return true;
    return false;
}

static void
invite_run(struct server *srv, struct client *c, struct message *m)
{
    struct relay r;
    if (m->nparams == 0) {
        list_invites(srv, c);
        return;
    }
    if (m->nparams == 1 || m->params[1][0] == '\0') {
        reply(srv, c, ERR_NEEDMOREPARAMS, "INVITE");
        return;
    }
    struct client *target = client_find_registered(srv, m->params[0]);
    if (target == NULL) {
        reply(srv, c, ERR_NOSUCHNICK, m->params[0]);
        return;
    }
    struct channel *chan = find_channel(srv, c, m->params[1]);
    if (chan == NULL || !may_invite(srv, c, chan, target))
        return;
    /* Opening the door (bans and keys too) is an operator's right. */
    if (access_is_op(chan, c))
        channel_invite(srv, chan, target);
    reply(srv, c, RPL_INVITING, target->nick, chan->name);
    if (target->away)
        reply(srv, c, RPL_AWAY, target->nick, target->away);
    relay_begin(&r, srv, c, "INVITE %s :%s", target->nick, chan->name);
    relay_to(&r, target);
    relay_end(&r);
}

const struct command commands_channel[] = {
    {"JOIN", join_run, 1, WHEN_REGISTERED, 1, PRIV_NONE, 0,
     "<#channel>[,<#channel>…] [<key>[,<key>…]]", "go on channels; 0 leaves all"},
    {"PART", part_run, 1, WHEN_REGISTERED, 1, PRIV_NONE, 0,
     "<#channel>[,<#channel>…] [:<reason>]", "leave channels"},
    {"TOPIC", topic_run, 1, WHEN_REGISTERED, 1, PRIV_NONE, 0, "<#channel> [:<topic>]",
     "show, set or (empty) clear the topic"},
    {"NAMES", names_run, 0, WHEN_REGISTERED, 1, PRIV_NONE, 0, "<#channel>",
     "who is on a channel"},
    {"KICK", kick_run, 2, WHEN_REGISTERED, 1, PRIV_NONE, 0,
     "<#channel> <nick>[,<nick>…] [:<reason>]", "remove somebody from a channel"},
    {"INVITE", invite_run, 0, WHEN_REGISTERED, 1, PRIV_NONE, 0, "[<nick> <#channel>]",
     "invite somebody, or list your own invitations"},
    {NULL, NULL, 0, WHEN_ANY, 0, PRIV_NONE, 0, NULL, NULL},
};
