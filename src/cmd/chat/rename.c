/* RENAME (IRCv3 draft/channel-rename): gives a channel another name; all else stays.
 *
 * A member without the capability reads that it parts and joins, and gets the list of
 * all members. Because of these lists, a channel can be renamed once a minute, a large
 * one not at all, and the sender pays by the number of members. */
#include "base/mem.h"
#include "base/str.h"
#include "cmd/command.h"
#include "cmd/names.h"
#include "cmd/override.h"
#include "cmd/reserved.h"
#include "policy/access.h"
#include "policy/ban/ban.h"
#include "policy/flood.h"
#include "proto/casemap.h"
#include "proto/name.h"
#include "proto/utf8.h"
#include "state/channel.h"
#include "state/channel_mode.h"
#include "state/channel_record.h"
#include "state/forward.h"
#include "state/irc_event.h"
#include "state/text_limit.h"
#include "topic.h"

/* Between two renames of a channel. */
#define RENAME_EVERY MSEC_MINUTE
/* Members of the channel for one token of the sender. */
#define MEMBERS_A_TOKEN 20
/* Added to srv->work for each channel that forwards to the renamed one. */
#define FORWARD_WORK 1000
/* Names in all the lists that one RENAME may send. */
#define LISTED_MAX 250000

/* True if the members without the capability would be sent more than LISTED_MAX names
 * together (channel-rename, "Security considerations"). */
static bool
is_rename_too_large(const struct channel *chan)
{
    size_t moved = 0;
    for (uint32_t i = 0; i < chan->nmembers; i++)
        moved += !(chan->members[i].client->out.caps & CAP_CHANNEL_RENAME);
    return moved * chan->nmembers > LISTED_MAX;
}

/* The reason why chan cannot take this name, with the code for FAIL; or NULL. */
static const char *
find_rename_refusal(const struct server *srv, const struct client *c,
                    const struct channel *chan, const char *name, const char **code)
{
    const struct channel *other = channel_find(srv, name);
    *code = "CANNOT_RENAME";
    if (!name_is_channel(name))
        return "The new name is not a channel name; these begin with #, as in #tea";
    if (strcmp(chan->name, name) == 0)
        return "The channel has that name already";
    if (other && other != chan) {
        *code = "CHANNEL_NAME_IN_USE";
        return "The channel name is already taken";
    }
    if (chan->modes & CHAN_PERMANENT && !access_has(c, PRIV_override))
        return "Only the privilege override may rename a permanent channel";
    if (chan->renamed && srv->now - chan->renamed < RENAME_EVERY &&
        !access_has(c, PRIV_override))
        return "The channel has been renamed in the last minute";
    if (!name_equal(chan->name, name) && is_rename_too_large(chan))
        return "The channel has too many members without draft/channel-rename";
    return NULL;
}

/* Sends the topic and the names, as a JOIN does, and renews the free queries of `to`. */
static void
show_channel(struct server *srv, struct client *to, struct channel *chan)
{
    channel_joined(chan, to)->credit = JOIN_CREDIT_ALL;
    topic_send(srv, to, chan);
    if (!(to->out.caps & CAP_NO_IMPLICIT_NAMES))
        names_send(srv, to, chan, false);
}

static void
announce_rename(struct request *req, struct channel *chan, const char *old,
                const char *why)
{
    struct irc_event e = {.kind = IRC_RENAME,
                          .source = req->client,
                          .channel = chan,
                          .param = old,
                          .text = why};
    irc_event_emit(req->srv, &e);
    if (name_equal(old, chan->name))
        return; /* only the case differs: no client was sent a JOIN */
    for (uint32_t i = 0; i < chan->nmembers; i++)
        if (!(chan->members[i].client->out.caps & CAP_CHANNEL_RENAME))
            show_channel(req->srv, chan->members[i].client, chan);
}

/* A MODE of the server that changes +f. */
static void
announce_forward(struct server *srv, struct channel *chan, const char *change)
{
    struct irc_event e = {.kind = IRC_MODE, .channel = chan, .param = change};
    irc_event_emit(srv, &e);
}

/* Channels that forward to the old name of chan (+f) forward to its new one. */
static void
redirect_forwards(struct server *srv, const struct channel *chan, const char *old)
{
    char change[NAME_CHANNEL_MAX + 8];
    str_format(change, sizeof change, "+f %s", chan->name);
    /* The loop counts, since all names still match if only the case has changed. */
    for (size_t n = forward_count(srv, old); n > 0; n--) {
        struct channel *from = forward_first(srv, old);
        srv->work += FORWARD_WORK;
        forward_set(srv, from, chan->name);
        channel_record_save(srv, from);
        announce_forward(srv, from, change);
    }
}

/* A channel that takes the name that it forwards to would forward to itself. */
static void
clear_own_forward(struct server *srv, struct channel *chan, const char *name)
{
    if (chan->forward == NULL || !name_equal(forward_name(chan), name))
        return;
    channel_param_clear(srv, chan, mode_find_channel('f'));
    announce_forward(srv, chan, "-f");
}

static void
rename_channel(struct request *req, struct channel *chan, const char *name,
               const char *text)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    char old[NAME_CHANNEL_MAX + 1], why[MESSAGE_LINE];
    struct str s;
    size_t max = text_limit_kick(srv);
    str_init(&s, why, sizeof why);
    if (access_may_remark(srv, chan, c, text, NULL))
        str_addn(&s, text, utf8_cut(text, strlen(text), max));
    str_format(old, sizeof old, "%s", chan->name);
    store_begin(srv->store); /* one group with the channels that forward to this one */
    clear_own_forward(srv, chan, name);
    channel_rename(srv, chan, name);
    chan->renamed = srv->now;
    announce_rename(req, chan, old, why);
    redirect_forwards(srv, chan, old);
    store_commit(srv->store);
    flood_charge(srv, c, (int)(chan->nmembers / MEMBERS_A_TOKEN));
}

static bool
may_rename(struct request *req, const struct channel *chan)
{
    struct client *c = req->client;
    if (!channel_member(chan, c) && !access_has(c, PRIV_override))
        reply(req, ERR_NOTONCHANNEL, chan->name);
    else if (!access_is_op(chan, c))
        reply(req, ERR_CHANOPRIVSNEEDED, chan->name);
    else
        return true;
    return false;
}

/* True if the new name is reserved; the client is told. A name that differs only in case
 * from the old one is not new. */
static bool
is_rename_reserved(struct request *req, const struct channel *chan, const char *name)
{
    char why[BAN_WHY], context[2 * MESSAGE_LINE];
    if (name_equal(chan->name, name) ||
        !reserved_refuses(req->srv, req->client, name, why))
        return false;
    str_format(context, sizeof context, "%s %s", chan->name, name);
    reply_standard(req, "FAIL", "RENAME", "CANNOT_RENAME", context,
                   "The channel name is reserved %s", why);
    return true;
}

static void
rename_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    char context[2 * MESSAGE_LINE];
    const char *code, *name = m->params[1];
    struct channel *chan = command_find_channel(req, m->params[0]);
    if (chan == NULL || !may_rename(req, chan))
        return;
    const char *why = find_rename_refusal(srv, c, chan, name, &code);
    if (why == NULL && is_rename_reserved(req, chan, name))
        return;
    if (why == NULL && access_overrides(chan, c))
        override_report(srv, c, "RENAME", chan->name, NULL, name);
    if (why == NULL) {
        if (!channel_member(chan, c))
            reply_notice(req, "RENAME: %s is now %s", chan->name, name);
        rename_channel(req, chan, name, m->nparams > 2 ? m->params[2] : "");
        return;
    }
    str_format(context, sizeof context, "%s %s", chan->name, command_echo(name));
    reply_standard(req, "FAIL", "RENAME", code, context, "%s", why);
}

const struct command commands_rename[] = {
    {
        .name = "RENAME",
        .run = rename_run,
        .min_params = 2,
        .when = WHEN_REGISTERED,
        .cost = 2,
        .group = GROUP_CHANNEL,
        .syntax = "<#channel> <#new name> [:<reason>]",
        .help = "give your channel another name",
        .example = "RENAME #tea #coffee :we have changed",
    },
    {.name = NULL},
};
