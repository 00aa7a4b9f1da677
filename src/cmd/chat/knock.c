/* KNOCK: asks the operators of a closed channel for an invitation.
 *
 * A channel that the client may not see (+p, +s) is answered as if it did not exist. */
#include "cmd/command.h"
#include "enact/spend.h"
#include "policy/access.h"
#include "state/channel.h"
#include "state/channel_list.h"
#include "state/channel_mode.h"
#include "state/channel_verdict.h"

static bool
is_channel_closed(const struct server *srv, const struct channel *chan)
{
    return chan->modes & (CHAN_INVITE_ONLY | CHAN_KEY) ||
           (chan->modes & CHAN_LIMIT && chan->nmembers >= chan->limit) ||
           channel_join_wait(srv, chan) > 0;
}

static bool
may_knock(struct request *req, struct channel *chan)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    int seconds;
    char why[ACCESS_WHY];
    unsigned verdict = channel_verdict(srv, chan, c);
    if (verdict)
        access_verdict_words(srv, chan, c, verdict, why);
    if (channel_member(chan, c))
        reply(req, ERR_KNOCKONCHAN, chan->name);
    else if (!is_channel_closed(srv, chan))
        reply(req, ERR_CHANOPEN, chan->name);
    else if (verdict)
        reply(req, ERR_CANNOTSENDTOCHAN, chan->name, why);
    else if (!enact_spend(srv, c, COUNTER_knock, &seconds))
        reply(req, ERR_TOOMANYKNOCK, chan->name, seconds);
    else
        return true;
    return false;
}

static void
knock_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    char source[MASK_TEXT];
    struct channel *chan = channel_find(srv, m->params[0]);
    if (chan == NULL || !access_sees_channel(chan, c)) {
        command_no_channel(req, m->params[0]);
        return;
    }
    if (!may_knock(req, chan))
        return;
    client_source(c, source, sizeof source);
    for (uint32_t i = 0; i < chan->nmembers; i++)
        if (chan->members[i].modes & (CHAN_OP | CHAN_HALFOP))
            out_numeric(srv, chan->members[i].client, RPL_KNOCK, chan->name, source);
    reply(req, RPL_KNOCKDLVR, chan->name);
}

const struct command commands_knock[] = {
    {
        .name = "KNOCK",
        .run = knock_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .group = GROUP_CHAT,
        .syntax = "<#channel>",
        .help = "ask the operators of a closed channel for an invitation",
        .example = "KNOCK #tea",
    },
    {.name = NULL},
};
