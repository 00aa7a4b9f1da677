/* PRIVMSG, NOTICE, TAGMSG (Modern IRC "Sending messages", IRCv3 message-tags,
 * echo-message).
 *
 * The hot path: one event for each target. A NOTICE is never answered. A TAGMSG is
 * answered by errors alone, and not by 301 for a target that is away. */
#include "talk.h"

#include "base/attr.h"
#include "base/str.h"
#include "callerid.h"
#include "cmd/command.h"
#include "enact/spend.h"
#include "enact/wave.h"
#include "lines.h"
#include "policy/access.h"
#include "policy/targets.h"
#include "proto/casemap.h"
#include "proto/mask.h"
#include "proto/mode.h"
#include "proto/name.h"
#include "speak.h"
#include "state/channel.h"
#include "state/label.h"
#include "state/tell.h"

/* A reply to the sender, unless its message is a NOTICE. */
#define reply_unless_quiet(t, ...)                                                     \
    do {                                                                               \
        if (!(t)->quiet)                                                               \
            reply((t)->req, __VA_ARGS__);                                              \
    } while (0)

/* The largest value of limits.targets. */
#define TARGETS_MAX 20
/* Tags of a message that are read; more are ignored. */
#define TAGS_MAX 64

/* True for "[vendor/]key" (message-tags, "Format"). */
static bool
is_tag_key(const char *key, size_t n)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    const char *slash = memchr(key, '/', n);
    size_t vendor = slash ? (size_t)(slash - key) : 0;
    size_t at = slash ? vendor + 1 : 0;
    for (size_t i = 0; i < vendor; i++)
        if (key[i] != '.' && strchr(plain, key[i]) == NULL)
            return false;
    for (size_t i = at; i < n; i++)
        if (strchr(plain, key[i]) == NULL)
            return false;
    return at < n && (slash == NULL || vendor > 0);
}

/* True if a tag in `rest` has the same key: the last one is the valid one. */
static bool
has_later_tag(const char *rest, const struct tag *tag)
{
    struct tag other;
    while (tag_next(&rest, &other))
        if (other.key_len == tag->key_len &&
            memcmp(other.key, tag->key, tag->key_len) == 0)
            return true;
    return false;
}

ATTR_HOT const char *
talk_tags(const struct server *srv, const struct client *c, const char *raw, char *out,
          size_t size)
{
    struct str s;
    struct tag tag;
    if (raw == NULL || !(c->out.caps & CAP_MESSAGE_TAGS))
        return NULL;
    str_init(&s, out, size);
    for (int n = 0; n < TAGS_MAX && tag_next(&raw, &tag); n++) {
        if (tag.key[0] != '+' || !is_tag_key(tag.key + 1, tag.key_len - 1) ||
            !access_allows_tag(srv, tag.key + 1, tag.key_len - 1) ||
            has_later_tag(raw, &tag))
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

/* The event of the message to one target. */
static struct irc_event
message_event(const struct talk *t)
{
    return (struct irc_event){.kind = t->kind,
                              .source = t->req->client,
                              .text = t->text,
                              .tags = t->tags,
                              .lines = t->lines};
}

/* To the members of chan with any of these member modes; 0: to all. */
static void
talk_to_channel(const struct talk *t, struct channel *chan, uint32_t ranks,
                const char *target)
{
    struct irc_event e = message_event(t);
    char high[NAME_CHANNEL_MAX + 2];
    uint32_t asked = ranks;
    if (!speak_pass(t, chan, &ranks))
        return;
    if (ranks != asked) {
        /* +z applies: the receivers read a message to "%#channel". */
        str_format(high, sizeof high, "%%%s", chan->name);
        target = high;
    }
    t->req->srv->counts.messages[MESSAGE_CHANNEL]++;
    e.channel = chan;
    e.ranks = ranks;
    e.target = target;
    irc_event_emit(t->req->srv, &e);
}

/* To a channel; with `symbol` ("@#channel", STATUSMSG) to its members that have this
 * prefix mode or a higher one. */
static void
talk_to_channel_name(const struct talk *t, const char *name, char symbol)
{
    char shown[NAME_CHANNEL_MAX + 2];
    struct channel *chan = channel_find(t->req->srv, name);
    if (chan == NULL || (!access_sees_channel(chan, t->req->client) &&
                         chan->modes & CHAN_NO_EXTERNAL)) {
        reply_unless_quiet(t, ERR_NOSUCHCHANNEL, command_echo(name));
        return;
    }
    if (symbol == 0) {
        talk_to_channel(t, chan, 0, chan->name);
        return;
    }
    str_format(shown, sizeof shown, "%c%s", symbol, chan->name);
    talk_to_channel(t, chan, mode_at_least(symbol), shown);
}

/* True if the limit of new targets lets the sender write to `to`. A TAGMSG is refused
 * without a reply or a strike, since clients send it every few seconds (typing); but a
 * label must be answered. */
static bool
may_talk_to_client(const struct talk *t, struct client *to)
{
    int seconds;
    if (enact_target(t->req->srv, t->req->client, to, t->text != NULL, &seconds))
        return true;
    speak_refuse_notice(t, to->user.nick, seconds);
    if (t->text || t->req->label)
        reply_unless_quiet(t, ERR_TARGCHANGE, to->user.nick, seconds);
    return false;
}

static void
talk_to_client(const struct talk *t, struct client *to)
{
    struct irc_event e = message_event(t);
    if (!may_talk_to_client(t, to))
        return;
    if (!access_accepts(to, t->req->client)) {
        callerid_refuse(t->req, to, t->quiet, t->text != NULL);
        return;
    }
    bool tells = to->user.away && t->text && !t->quiet;
    /* If the echo is a batch, 301 comes first: the label stands on the first line of the
     * answer. */
    if (tells && t->lines)
        reply(t->req, RPL_AWAY, to->user.nick, to->user.away);
    if (t->text || to->out.caps & CAP_MESSAGE_TAGS)
        targets_heard(t->req->client, to);
    t->req->srv->counts.messages[MESSAGE_PRIVATE]++;
    e.client = to;
    irc_event_emit(t->req->srv, &e);
    if (tells && !t->lines)
        reply(t->req, RPL_AWAY, to->user.nick, to->user.away);
}

/* "$$mask" (RFC 2812 3.3.1): to all clients, if the mask matches the name of this
 * server. The mask has a dot, and no wildcard behind the last one. */
static void
broadcast_message(const struct talk *t, const char *target)
{
    struct irc_event e = message_event(t);
    const char *mask = target + 2, *top = strrchr(mask, '.');
    if (!access_has(t->req->client, PRIV_wallops)) {
        reply_unless_quiet(t, ERR_NOPRIVILEGES, "you need the privilege 'wallops'");
    } else if (top == NULL) {
        reply_unless_quiet(t, ERR_NOTOPLEVEL, target);
    } else if (strpbrk(top, "*?")) {
        reply_unless_quiet(t, ERR_WILDTOPLEVEL, target);
    } else if (!mask_glob(mask, t->req->srv->me.name)) {
        reply_unless_quiet(t, ERR_NOSUCHNICK, target);
    } else {
        t->req->srv->counts.messages[MESSAGE_OTHER]++;
        e.target = target;
        irc_event_emit(t->req->srv, &e);
        TELL(t->req->srv, TELL_ALL, broadcast, .by = t->req->client->user.oper,
             .command = irc_event_name(t->kind), .target = target, .text = t->text);
    }
}

ATTR_HOT void
talk_to(const struct talk *t, const char *target)
{
    if (name_has_channel_prefix(target)) {
        talk_to_channel_name(t, target, 0);
        return;
    }
    if (name_has_channel_prefix(target + 1) && mode_at_least(*target)) {
        talk_to_channel_name(t, target + 1, *target);
        return;
    }
    if (target[0] == '$' && target[1] == '$') {
        broadcast_message(t, target);
        return;
    }
    struct client *to = client_find_registered(t->req->srv, target);
    if (to)
        talk_to_client(t, to);
    else
        reply_unless_quiet(t, ERR_NOSUCHNICK, command_echo(target));
}

static bool
is_target_seen(char *const *seen, int n, const char *target)
{
    for (int i = 0; i < n; i++)
        if (name_equal(seen[i], target))
            return true;
    return false;
}

/* To each target once, at most limits.targets of them. */
static ATTR_HOT void
talk_to_targets(const struct talk *t, char *targets)
{
    char *seen[TARGETS_MAX], *target;
    int n = 0, max = t->req->srv->config->limits.targets;
    while ((target = command_next_item(&targets)) != NULL) {
        if (is_target_seen(seen, n, target))
            continue;
        if (n == max) {
            reply_unless_quiet(t, ERR_TOOMANYTARGETS, command_echo(target), max);
            return;
        }
        seen[n++] = target;
        talk_to(t, target);
    }
}

static ATTR_HOT void
talk_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    const struct message *m = req->message;
    char tags[MESSAGE_CLIENT_TAGS + 1];
    bool quiet = req->row->arg == IRC_NOTICE;
    if (m->nparams == 0 || m->params[0][0] == '\0') {
        if (!quiet)
            reply(req, ERR_NORECIPIENT, req->row->name);
        return;
    }
    if (m->nparams == 1 || m->params[1][0] == '\0') {
        if (!quiet)
            reply(req, ERR_NOTEXTTOSEND);
        return;
    }
    struct talk t = {.req = req,
                     .kind = (enum irc_event_kind)req->row->arg,
                     .text = m->params[1],
                     .tags = talk_tags(srv, c, m->tags, tags, sizeof tags),
                     .quiet = quiet};
    c->user.talked = srv->now;
    if (!quiet || !access_is_ctcp(m->params[1])) /* CTCP NOTICEs are automatic */
        enact_wave_text(srv, c, m->params[1]);
    talk_to_targets(&t, m->params[0]);
}

static void
tagmsg_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    char tags[MESSAGE_CLIENT_TAGS + 1];
    if (!(c->out.caps & CAP_MESSAGE_TAGS)) {
        reply(req, ERR_UNKNOWNCOMMAND, m->verb);
        return;
    }
    struct talk t = {.req = req,
                     .kind = IRC_TAGMSG,
                     .tags = talk_tags(srv, c, m->tags, tags, sizeof tags)};
    /* If server.client_tag_deny is set, a TAGMSG without an allowed tag is not sent. */
    if (t.tags || *srv->config->server.client_tag_deny == '\0')
        talk_to_targets(&t, m->params[0]);
}

const struct command commands_talk[] = {
    {
        .name = "PRIVMSG",
        .run = talk_run,
        .arg = IRC_PRIVMSG,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .flags = COMMAND_TARGETS | COMMAND_LINE,
        .group = GROUP_CHAT,
        .syntax = "<#channel | @#channel | nick>[,…] :<text>",
        .help = "send a message; @#channel reaches its operators, +#channel all with a "
                "status",
        .example = "PRIVMSG #tea :hello",
    },
    {
        .name = "NOTICE",
        .run = talk_run,
        .arg = IRC_NOTICE,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .flags = COMMAND_TARGETS | COMMAND_LINE,
        .group = GROUP_CHAT,
        .syntax = "<#channel | nick>[,…] :<text>",
        .help = "send a message that programs never answer",
        .example = "NOTICE bob :the build is done",
    },
    {
        .name = "TAGMSG",
        .run = tagmsg_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .flags = COMMAND_TARGETS,
        .group = GROUP_CHAT,
        .syntax = "<#channel | nick>[,…]",
        .help = "send client-only tags without a text (capability message-tags)",
        .example = "@+typing=active TAGMSG #tea",
    },
    {.name = NULL},
};
