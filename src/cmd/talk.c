/* PRIVMSG, NOTICE, TAGMSG (Modern IRC "Sending messages", IRCv3 message-tags,
 * echo-message).
 *
 * The hot path: one relay a target, built once for each set of tags, pushed to each
 * member. NOTICE never answers; TAGMSG tells errors, but not who is away. */
#include "base/str.h"
#include "command.h"
#include "policy/access.h"
#include "proto/casemap.h"
#include "proto/name.h"
#include "state/channel.h"

#define TARGETS_MAX 20 /* the upper end of limits.targets */

/* One command on its way to its targets. */
struct talk {
    struct server *srv;
    struct client *from;
    const char *verb;
    const char *text; /* NULL: TAGMSG */
    const char *tags; /* client-only tags, or NULL */
    bool quiet;       /* never answers */
};

/* Keeps the client-only tags ("+…") of a raw tag section; NULL when none are left. */
static const char *
client_tags(const struct client *c, const char *raw, char *out, size_t size)
{
    struct str s;
    struct tag tag;
    if (raw == NULL || !(c->caps & CAP_MESSAGE_TAGS))
        return NULL;
    str_init(&s, out, size);
    while (tag_next(&raw, &tag)) {
        if (tag.key[0] != '+' || tag.key_len < 2)
            continue;
        if (s.len)
            str_addc(&s, ';');
        str_addn(&s, tag.key, tag.key_len);
        if (tag.value_len) {
            str_addc(&s, '=');
            str_addn(&s, tag.value, tag.value_len);
        }
    }
    return s.len ? out : NULL;
}

static void
begin(const struct talk *t, struct relay *r, const char *target)
{
    if (t->text)
        relay_begin(r, t->srv, t->from, "%s %s :%s", t->verb, target, t->text);
    else
        relay_begin(r, t->srv, t->from, "%s %s", t->verb, target);
    r->tags = t->tags;
    r->need = t->text ? 0 : CAP_MESSAGE_TAGS;
}

static void
to_channel(const struct talk *t, struct channel *chan)
{
    struct relay r;
    const char *why = access_speak(chan, t->from);
    if (why) {
        if (!t->quiet)
            reply(t->srv, t->from, ERR_CANNOTSENDTOCHAN, chan->name, why);
        return;
    }
    begin(t, &r, chan->name);
    relay_channel(&r, chan, t->from);
    if (t->from->caps & CAP_ECHO_MESSAGE)
        relay_to(&r, t->from);
    relay_end(&r);
}

static void
to_client(const struct talk *t, struct client *to)
{
    struct relay r;
    begin(t, &r, to->nick);
    relay_to(&r, to);
    if (t->from->caps & CAP_ECHO_MESSAGE && t->from != to)
        relay_to(&r, t->from);
    relay_end(&r);
    if (to->away && t->text && !t->quiet)
        reply(t->srv, t->from, RPL_AWAY, to->nick, to->away);
}

static void
to_target(const struct talk *t, const char *target)
{
    if (name_has_channel_prefix(target)) {
        struct channel *chan = channel_find(t->srv, target);
        if (chan &&
            (access_sees_channel(chan, t->from) || !(chan->modes & CHAN_NO_EXTERNAL)))
            to_channel(t, chan);
        else if (!t->quiet)
            reply(t->srv, t->from, ERR_NOSUCHCHANNEL, target);
        return;
    }
    struct client *to = client_find_registered(t->srv, target);
    if (to)
        to_client(t, to);
    else if (!t->quiet)
        reply(t->srv, t->from, ERR_NOSUCHNICK, target);
}

static bool
seen_before(char *const *seen, int n, const char *target)
{
    for (int i = 0; i < n; i++)
        if (name_equal(seen[i], target))
            return true;
    return false;
}

/* One delivery a target, duplicates folded, at most limits.targets. */
static void
to_all(const struct talk *t, char *targets)
{
    char *seen[TARGETS_MAX], *target;
    int n = 0, max = t->srv->config->limits.targets;
    while ((target = command_next_item(&targets)) != NULL) {
        if (seen_before(seen, n, target))
            continue;
        if (n == max) {
            if (!t->quiet)
                reply(t->srv, t->from, ERR_TOOMANYTARGETS, target, max);
            return;
        }
        seen[n++] = target;
        to_target(t, target);
    }
}

static void
talk(struct server *srv, struct client *c, struct message *m, const char *verb,
     bool quiet)
{
    char tags[MESSAGE_CLIENT_TAGS + 1];
    if (m->nparams == 0 || m->params[0][0] == '\0') {
        if (!quiet)
            reply(srv, c, ERR_NORECIPIENT, verb);
        return;
    }
    if (m->nparams == 1 || m->params[1][0] == '\0') {
        if (!quiet)
            reply(srv, c, ERR_NOTEXTTOSEND);
        return;
    }
    struct talk t = {
        srv, c, verb, m->params[1], client_tags(c, m->tags, tags, sizeof tags), quiet};
    c->talked = srv->now;
    to_all(&t, m->params[0]);
}

static void
privmsg_run(struct server *srv, struct client *c, struct message *m)
{
    talk(srv, c, m, "PRIVMSG", false);
}

static void
notice_run(struct server *srv, struct client *c, struct message *m)
{
    talk(srv, c, m, "NOTICE", true);
}

static void
tagmsg_run(struct server *srv, struct client *c, struct message *m)
{
    char tags[MESSAGE_CLIENT_TAGS + 1];
    if (!(c->caps & CAP_MESSAGE_TAGS)) {
        reply(srv, c, ERR_UNKNOWNCOMMAND, m->verb);
        return;
    }
    struct talk t = {
        srv, c, "TAGMSG", NULL, client_tags(c, m->tags, tags, sizeof tags), false};
    if (t.tags)
        to_all(&t, m->params[0]);
}

const struct command commands_talk[] = {
    {"PRIVMSG", privmsg_run, 0, WHEN_REGISTERED, 1, PRIV_NONE, COMMAND_TARGETS,
     "<#channel | nick>[,…] :<text>", "send a message"},
    {"NOTICE", notice_run, 0, WHEN_REGISTERED, 1, PRIV_NONE, COMMAND_TARGETS,
     "<#channel | nick>[,…] :<text>",
     "send a message that is never answered by a machine"},
    {"TAGMSG", tagmsg_run, 1, WHEN_REGISTERED, 1, PRIV_NONE, COMMAND_TARGETS,
     "<#channel | nick>[,…]", "send client-only tags without a text (message-tags)"},
    {NULL, NULL, 0, WHEN_ANY, 0, PRIV_NONE, 0, NULL, NULL},
};
