/* Checks a message or a topic against the modes of a channel, and answers its sender if
 * it is refused.
 *
 * Called once for each message and channel, after all other checks: a message that
 * passes is recorded for slow mode. */
#include "speak.h"

#include "base/str.h"
#include "cmd/command.h"
#include "enact/spend.h"
#include "lines.h"
#include "policy/access.h"
#include "policy/targets.h"
#include "proto/mode.h"
#include "state/channel.h"
#include "talk.h"

static void
refuse_message(const struct talk *t, const struct channel *chan, const char *why)
{
    if (!t->quiet)
        reply(t->req, ERR_CANNOTSENDTOCHAN, chan->name, why);
}

/* Slow mode: the sender is told once for each wait; later messages get no reply. */
static void
refuse_slow_message(const struct talk *t, const struct channel *chan, const char *why)
{
    struct joined *j = channel_joined(chan, t->req->client);
    /* A TAGMSG (typing) gets no reply either; but each label must be answered. */
    bool told = j->slow & SLOW_TOLD || t->text == NULL;
    if (t->quiet || (told && t->req->label == NULL))
        return;
    j->slow |= SLOW_TOLD;
    refuse_message(t, chan, why);
}

/* Slow mode: the wait begins. */
static void
note_message(const struct talk *t, const struct channel *chan)
{
    struct joined *j = channel_joined(chan, t->req->client);
    if (j == NULL || t->text == NULL)
        return;
    j->slow = SLOW_SPOKE;
    j->spoke = (uint32_t)t->req->srv->now;
}

/* The verdict on the text, or on the first of several lines that is refused. */
static enum access_speak
judge_message(const struct talk *t, struct channel *chan, char *why)
{
    const char *text = t->text;
    enum access_speak verdict =
        access_speak(t->req->srv, chan, t->req->client, text, why);
    while (t->lines && verdict != SPEAK_REFUSED &&
           (text = lines_next(t->lines, text)) != NULL)
        verdict = access_speak(t->req->srv, chan, t->req->client, text, why);
    return verdict;
}

static const char *
next_line_text(const struct talk *t, const char *text)
{
    return t->lines ? lines_next(t->lines, text) : NULL;
}

void
speak_refuse_notice(const struct talk *t, const char *target, int seconds)
{
    if (t->quiet && targets_may_tell(t->req->srv, t->req->client))
        reply_notice(
            t->req,
            "NOTICE %s was refused: you send too many; try again in %ds. Refused "
            "NOTICEs are told once a minute",
            target, seconds);
}

/* True if the sender may send the CTCP lines of the message: they have a limit of their
 * own, since the clients of all members answer them by themselves. */
static bool
pass_ctcp(const struct talk *t, const struct channel *chan)
{
    int seconds;
    char why[64];
    for (const char *text = t->text; text; text = next_line_text(t, text)) {
        if (!access_is_ctcp(text) ||
            enact_spend(t->req->srv, t->req->client, COUNTER_ctcp, &seconds))
            continue;
        str_format(why, sizeof why, "CTCP comes too fast; try again in %ds", seconds);
        refuse_message(t, chan, why);
        speak_refuse_notice(t, chan->name, seconds);
        return false;
    }
    return true;
}

bool
speak_pass_topic(struct request *req, struct channel *chan, const char *text)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    char why[ACCESS_WHY];
    const struct talk t = {.req = req, .text = text};
    bool may = access_may_remark(srv, chan, c, text, why);
    if (may)
        note_message(&t, chan);
    else
        refuse_message(&t, chan, why);
    return may;
}

bool
speak_pass(const struct talk *t, struct channel *chan, uint32_t *ranks)
{
    char why[ACCESS_WHY];
    uint32_t high = CHAN_OP | CHAN_HALFOP;
    switch (judge_message(t, chan, t->quiet ? NULL : why)) {
    case SPEAK_REFUSED:
        refuse_message(t, chan, why);
        return false;
    case SPEAK_SLOW:
        refuse_slow_message(t, chan, why);
        return false;
    case SPEAK_TO_OPS:
        *ranks = *ranks ? *ranks & high : high;
        break;
    case SPEAK_OK:
        break;
    }
    if (!pass_ctcp(t, chan))
        return false;
    note_message(t, chan);
    return true;
}
