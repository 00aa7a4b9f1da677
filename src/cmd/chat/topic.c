/* TOPIC (RFC 2812 3.2.4): shows, sets or clears the topic of a channel. */
#include "topic.h"

#include "base/mem.h"
#include "cmd/command.h"
#include "cmd/override.h"
#include "policy/access.h"
#include "proto/utf8.h"
#include "speak.h"
#include "state/channel.h"
#include "state/channel_record.h"
#include "state/irc_event.h"
#include "state/text_limit.h"

void
topic_send(struct server *srv, struct client *c, const struct channel *chan)
{
    if (chan->topic == NULL)
        return;
    out_numeric(srv, c, RPL_TOPIC, chan->name, chan->topic);
    out_numeric(srv, c, RPL_TOPICWHOTIME, chan->name, chan->topic_by,
                (long long)(chan->topic_at / MSEC_SECOND));
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
    client_author_source(srv, c, source, sizeof source);
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
    struct channel *chan = command_find_channel(req, m->params[0]);
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

const struct command commands_topic[] = {
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
    {.name = NULL},
};
