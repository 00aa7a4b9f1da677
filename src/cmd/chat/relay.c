/* Events as lines to clients: for each kind, a row has the pieces of its line and the
 * function that chooses the receivers.
 *
 * Each line is one relay: its bytes are made once for each form that a client needs. A
 * client without extended-join, chghost or channel-rename (IRCv3) gets older lines with
 * the same meaning. The caller has decided that the change is allowed. */
#include "cmd/relay.h"

#include "base/attr.h"
#include "base/str.h"
#include "lines.h"
#include "policy/access.h"
#include "proto/casemap.h"
#include "proto/mode.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/relay.h"
#include "state/relay_peers.h"
#include "state/server.h"

#include <string.h>

/* Away without a text (pre-away): for channels that may not read the client's text. */
#define AWAY_PLAIN "*"

/* A part of an event that a line has: its target, param or text, the nick of its client,
 * the user name or the real name of its source. */
enum event_field {
    FIELD_NONE,
    FIELD_TARGET,
    FIELD_PARAM,
    FIELD_TEXT,
    FIELD_NICK,
    FIELD_USER,
    FIELD_REAL
};

/* A piece of a line: a text, then a field of the event. The source stands before the
 * first piece. */
#define PIECES_MAX 3
struct piece {
    const char *text; /* NULL: the line has no more pieces */
    uint8_t len, field;
};
#define PIECE(text, field)                                                             \
    {                                                                                  \
        text, sizeof text - 1, FIELD_##field                                           \
    }

struct relay_row {
    struct piece line[PIECES_MAX];
    /* The line of an event without a text; empty: such an event has `line`, too. */
    struct piece bare[PIECES_MAX];
    /* CAP_* of each receiver; 0: all get it. */
    uint64_t need;
    /* Sends the line to its receivers, and the lines that other clients get instead. */
    void (*send)(struct server *srv, const struct irc_event *e);
};

static const struct relay_row relay_rows[IRC_EVENT_KINDS];

static const struct piece extended_join[PIECES_MAX] = {PIECE("JOIN ", TARGET),
                                                       PIECE(" * :", REAL)};

static const char *
find_rare_field(const struct irc_event *e, uint8_t field)
{
    switch ((enum event_field)field) {
    case FIELD_PARAM:
        return e->param;
    case FIELD_NICK:
        return e->client->user.nick;
    case FIELD_USER:
        return e->source->user.username;
    case FIELD_REAL:
        return e->source->user.realname;
    default:
        return "";
    }
}

/* Messages, the hot path, have these two fields alone. */
static const char *
find_field(const struct irc_event *e, uint8_t field)
{
    if (field == FIELD_TARGET)
        return e->target;
    return field == FIELD_TEXT ? e->text : find_rare_field(e, field);
}

static ATTR_HOT void
write_pieces(struct str *out, const struct irc_event *e,
             const struct piece line[PIECES_MAX])
{
    for (int i = 0; i < PIECES_MAX && line[i].text; i++) {
        str_addn(out, line[i].text, line[i].len);
        str_add(out, find_field(e, line[i].field));
    }
}

static void
write_event(struct str *out, const struct irc_event *e)
{
    const struct relay_row *row = &relay_rows[e->kind];
    write_pieces(out, e, e->text == NULL && row->bare->text ? row->bare : row->line);
}

static ATTR_HOT void
begin_event(struct relay *r, struct server *srv, const struct irc_event *e)
{
    struct str s = relay_open(r, srv, e->source, e->mask);
    write_event(&s, e);
    relay_close(r, &s);
    r->need = relay_rows[e->kind].need;
    r->tagging.msgid = e->id;
    r->tagging.client = e->tags;
}

/* The same with this text in place of the event's. */
static void
begin_event_with(struct relay *r, struct server *srv, const struct irc_event *e,
                 const char *text)
{
    struct irc_event other = *e;
    other.text = text;
    begin_event(r, srv, &other);
}

static void
send_to_channel(struct server *srv, const struct irc_event *e)
{
    struct relay r;
    begin_event(&r, srv, e);
    relay_channel(&r, e->channel, NULL);
    relay_end(&r);
}

/* To the channel, and to the source if it is no member. */
static void
send_channel_act(struct server *srv, const struct irc_event *e)
{
    struct relay r;
    begin_event(&r, srv, e);
    relay_channel(&r, e->channel, NULL);
    if (e->source && !channel_member(e->channel, e->source))
        relay_to(&r, e->source);
    relay_end(&r);
}

static void
send_mode(struct server *srv, const struct irc_event *e)
{
    struct relay r;
    if (e->channel) {
        send_channel_act(srv, e);
        return;
    }
    begin_event(&r, srv, e);
    relay_to(&r, e->client);
    relay_end(&r);
}

/* JOIN, and AWAY if the source is away, to the members other than `except` that have
 * none of the capabilities `lack`. */
static void
send_join_to_members(struct server *srv, const struct irc_event *join, uint64_t lack,
                     const struct client *except)
{
    struct relay r;
    const struct client *c = join->source;
    begin_event(&r, srv, join);
    struct str s = relay_open_alt(&r, CAP_EXTENDED_JOIN);
    write_pieces(&s, join, extended_join);
    relay_close_alt(&r, &s);
    r.lack = lack;
    relay_channel(&r, join->channel, except);
    relay_end(&r);
    if (c->user.away == NULL)
        return;
    bool shown = access_may_remark(srv, join->channel, c, c->user.away, NULL);
    begin_event(&r, srv,
                &(struct irc_event){.kind = IRC_AWAY,
                                    .source = join->source,
                                    .text = shown ? c->user.away : AWAY_PLAIN});
    r.lack = lack;
    relay_channel(&r, join->channel, c);
    relay_end(&r);
}

static void
send_join(struct server *srv, const struct irc_event *e)
{
    send_join_to_members(srv, e, 0, NULL);
}

/* A peer gets a plain reason if none of the channels that it shares with the source may
 * read the client's own one. */
static void
send_quit(struct server *srv, const struct irc_event *e)
{
    struct relay r, plain;
    if (e->source->user.njoined == 0)
        return;
    begin_event(&r, srv, e);
    if (e->withheld) {
        begin_event_with(&plain, srv, e, "Client quit");
        relay_peers_withheld(&r, &plain, e->source);
        relay_end(&plain);
    } else {
        relay_peers(&r, e->source);
    }
    relay_end(&r);
}

static void
send_nick(struct server *srv, const struct irc_event *e)
{
    struct relay r;
    begin_event(&r, srv, e);
    relay_peers(&r, e->source);
    relay_to(&r, e->source);
    relay_end(&r);
}

static void
send_away(struct server *srv, const struct irc_event *e)
{
    struct relay r, plain;
    begin_event(&r, srv, e);
    begin_event_with(&plain, srv, e, AWAY_PLAIN);
    relay_peers_withheld(&r, &plain, e->source);
    relay_watchers(&r, e->source);
    relay_end(&r);
    relay_end(&plain);
}

static void
send_setname(struct server *srv, const struct irc_event *e)
{
    struct relay r;
    begin_event(&r, srv, e);
    relay_to(&r, e->source);
    relay_peers_withheld(&r, NULL, e->source);
    relay_watchers(&r, e->source);
    relay_end(&r);
}

/* A MODE of the server that gives c its prefix modes on the channel again: for members
 * without chghost, which have read its JOIN. */
static void
send_prefix_modes(struct server *srv, struct client *c, const struct joined *j)
{
    char given[CHAN_MODE_COUNT + 1 + CHAN_MODE_COUNT * (NAME_NICK_MAX + 1) + 1];
    struct str s;
    struct relay r;
    uint32_t modes = j->chan->members[j->slot].modes;
    size_t n = 0;
    str_init(&s, given, sizeof given);
    str_addc(&s, '+');
    for (size_t i = 0; i < CHAN_MODE_COUNT; i++)
        if (mode_channel[i].type == MODE_PREFIX && modes & mode_channel[i].bit) {
            str_addc(&s, mode_channel[i].letter);
            n++;
        }
    if (n == 0)
        return;
    for (; n > 0; n--)
        str_addf(&s, " %s", c->user.nick);
    begin_event(&r, srv,
                &(struct irc_event){.kind = IRC_MODE,
                                    .channel = j->chan,
                                    .target = j->chan->name,
                                    .param = given});
    r.lack = CAP_CHGHOST;
    relay_channel(&r, j->chan, c);
    relay_end(&r);
}

/* For clients without chghost: the source quits and joins its channels again. */
static void
send_host_rejoin(struct server *srv, const struct irc_event *e)
{
    struct client *c = e->source;
    struct irc_event quit = {
        .kind = IRC_QUIT, .source = c, .mask = e->mask, .text = "Changing host"};
    struct relay gone;
    begin_event(&gone, srv, &quit);
    gone.lack = CAP_CHGHOST;
    relay_peers(&gone, c);
    relay_end(&gone);
    for (uint32_t i = 0; i < c->user.njoined; i++) {
        struct channel *chan = c->user.joined[i].chan;
        struct irc_event join = {
            .kind = IRC_JOIN, .source = c, .channel = chan, .target = chan->name};
        send_join_to_members(srv, &join, CAP_CHGHOST, c);
        send_prefix_modes(srv, c, &c->user.joined[i]);
    }
}

static void
send_chghost(struct server *srv, const struct irc_event *e)
{
    struct relay r;
    begin_event(&r, srv, e);
    relay_to(&r, e->source);
    relay_peers(&r, e->source);
    relay_watchers(&r, e->source);
    relay_end(&r);
    send_host_rejoin(srv, e);
}

/* To the invited client, and to the members with invite-notify that are at least
 * half-operators. */
static void
send_invite(struct server *srv, const struct irc_event *e)
{
    struct relay r;
    begin_event(&r, srv, e);
    relay_to(&r, e->client);
    r.need = CAP_INVITE_NOTIFY;
    for (uint32_t i = 0; i < e->channel->nmembers; i++) {
        struct client *to = e->channel->members[i].client;
        if (to != e->source && access_is_halfop(e->channel, to))
            relay_to(&r, to);
    }
    relay_end(&r);
}

/* For a member without channel-rename: it parts from the old name and joins the new one
 * (channel-rename, "Fallback"). */
static void
send_member_move(struct server *srv, struct client *to, const struct irc_event *e)
{
    struct relay r;
    struct irc_event part = {
        .kind = IRC_PART, .source = to, .target = e->param, .text = e->text};
    struct irc_event join = {.kind = IRC_JOIN, .source = to, .target = e->target};
    begin_event(&r, srv, &part);
    relay_to(&r, to);
    relay_end(&r);
    begin_event(&r, srv, &join);
    struct str s = relay_open_alt(&r, CAP_EXTENDED_JOIN);
    write_pieces(&s, &join, extended_join);
    relay_close_alt(&r, &s);
    relay_to(&r, to);
    relay_end(&r);
}

static void
send_rename(struct server *srv, const struct irc_event *e)
{
    const struct channel *chan = e->channel;
    send_channel_act(srv, e);
    if (name_equal(e->param, chan->name))
        return; /* only the case differs: the name is the same to clients */
    for (uint32_t i = 0; i < chan->nmembers; i++)
        if (!(client_form(chan->members[i].client) & CAP_CHANNEL_RENAME))
            send_member_move(srv, chan->members[i].client, e);
}

struct broadcast {
    struct relay *relay;
    const struct client *except;
};

static bool
relay_if_other(struct server *srv, struct client *c, void *ctx)
{
    const struct broadcast *b = ctx;
    (void)srv;
    if (c != b->except)
        relay_to(b->relay, c);
    return true;
}

/* A message of a client to itself has its label only on the echo (labeled-response,
 * "Tags"). */
static void
send_private(struct relay *r, const struct irc_event *e)
{
    const struct request *request = r->request;
    if (e->client == e->source)
        r->request = NULL;
    relay_only(r, e->client);
    r->request = request;
}

/* The hot path: one relay for a message, to each receiver and as the echo. */
static ATTR_HOT void
send_message(struct server *srv, const struct irc_event *e)
{
    struct relay r;
    bool echo = e->source->out.caps & CAP_ECHO_MESSAGE;
    begin_event(&r, srv, e);
    if (e->lines)
        lines_form(e->lines, &r, e, write_event);
    if (e->client) {
        send_private(&r, e);
    } else if (e->channel && e->ranks) {
        relay_ranked(&r, e->channel, e->ranks, e->source);
    } else if (e->channel) {
        relay_channel(&r, e->channel, e->source);
    } else {
        struct broadcast all = {&r, e->source};
        client_each(srv, relay_if_other, &all);
    }
    if (echo)
        relay_to(&r, e->source);
    relay_end(&r);
}

/* clang-format off */
static const struct relay_row relay_rows[IRC_EVENT_KINDS] = {
    [IRC_JOIN] = {.line = {PIECE("JOIN :", TARGET)}, .send = send_join},
    [IRC_PART] = {.line = {PIECE("PART ", TARGET), PIECE(" :", TEXT)}, .bare = {PIECE("PART ", TARGET)}, .send = send_to_channel},
    [IRC_QUIT] = {.line = {PIECE("QUIT :", TEXT)}, .send = send_quit},
    [IRC_NICK] = {.line = {PIECE("NICK :", PARAM)}, .send = send_nick},
    [IRC_KICK] = {.line = {PIECE("KICK ", TARGET), PIECE(" ", NICK), PIECE(" :", TEXT)}, .send = send_channel_act},
    [IRC_MODE] = {.line = {PIECE("MODE ", TARGET), PIECE(" :", TEXT)}, .bare = {PIECE("MODE ", TARGET), PIECE(" ", PARAM)}, .send = send_mode},
    [IRC_TOPIC] = {.line = {PIECE("TOPIC ", TARGET), PIECE(" :", TEXT)}, .send = send_channel_act},
    [IRC_PRIVMSG] = {.line = {PIECE("PRIVMSG ", TARGET), PIECE(" :", TEXT)}, .send = send_message},
    [IRC_NOTICE] = {.line = {PIECE("NOTICE ", TARGET), PIECE(" :", TEXT)}, .send = send_message},
    [IRC_TAGMSG] = {.line = {PIECE("TAGMSG ", TARGET)}, .need = CAP_MESSAGE_TAGS, .send = send_message},
    [IRC_INVITE] = {.line = {PIECE("INVITE ", NICK), PIECE(" :", TARGET)}, .send = send_invite},
    [IRC_AWAY] = {.line = {PIECE("AWAY :", TEXT)}, .bare = {PIECE("AWAY", NONE)}, .need = CAP_AWAY_NOTIFY, .send = send_away},
    [IRC_SETNAME] = {.line = {PIECE("SETNAME :", TEXT)}, .need = CAP_SETNAME, .send = send_setname},
    [IRC_CHGHOST] = {.line = {PIECE("CHGHOST ", USER), PIECE(" ", PARAM)}, .need = CAP_CHGHOST, .send = send_chghost},
    [IRC_RENAME] = {.line = {PIECE("RENAME ", PARAM), PIECE(" ", TARGET), PIECE(" :", TEXT)}, .need = CAP_CHANNEL_RENAME, .send = send_rename},
};
/* clang-format on */

static ATTR_HOT void
relay_event(struct server *srv, const struct irc_event *e)
{
    relay_rows[e->kind].send(srv, e);
}

const struct observer relay_observer = {"relay", relay_event};
