/* ISON, USERHOST, USERIP, WHOIS, WHOWAS (RFC 2812 3.6, 4.8, 4.9). */
#include "base/mem.h"
#include "base/str.h"
#include "cmd/command.h"
#include "cmd/info.h"
#include "policy/access.h"
#include "policy/flood.h"
#include "proto/casemap.h"
#include "proto/utf8.h"
#include "state/channel.h"
#include "state/whowas.h"

#define USERHOST_MAX 5
#define WHOWAS_A_TOKEN 10 /* entries for one token */
/* Bytes of channel names in a 319 line, less than fit beside the longest names. */
#define CHANNELS_ROOM (MESSAGE_LINE - 100 - NAME_HOST_MAX - NAME_NICK_MAX)

/* The next nick of all parameters, or NULL. One parameter may hold several nicks with
 * blanks between them. *param and *at are the position; they start as 0 and NULL. */
static const char *
take_next_nick(struct message *m, int *param, char **at)
{
    while (*param < m->nparams) {
        if (*at == NULL)
            *at = m->params[*param];
        *at += strspn(*at, " ");
        if (**at) {
            char *nick = *at;
            size_t n = strcspn(nick, " ");
            *at = nick[n] ? nick + n + 1 : nick + n;
            nick[n] = '\0';
            return nick;
        }
        *at = NULL;
        (*param)++;
    }
    return NULL;
}

/* The bytes of text that fit in a line behind ":server 303 nick :". */
static size_t
count_reply_room(const struct server *srv, const struct client *c)
{
    return MESSAGE_LINE - 2 - srv->me.name_len - c->user.nick_len -
           (sizeof ":  303  :" - 1);
}

/* Adds a word if all of it fits: a part of a nick may be the nick of another client. */
static void
add_whole_word(struct str *s, size_t room, const char *word)
{
    if (s->len + strlen(word) + 1 <= room)
        str_addf(s, "%s%s", s->len ? " " : "", word);
}

static void
ison_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    char line[MESSAGE_LINE], *at = NULL;
    const char *nick;
    struct str s;
    int param = 0;
    str_init(&s, line, sizeof line);
    while ((nick = take_next_nick(m, &param, &at)) != NULL) {
        const struct client *other = client_find_registered(srv, nick);
        if (other)
            add_whole_word(&s, count_reply_room(srv, c), other->user.nick);
    }
    reply(req, RPL_ISON, line);
}

/* The answer to USERHOST or USERIP. host_of returns the text behind the '@'. */
static void
write_hosts(struct request *req, struct message *m, char out[MESSAGE_LINE],
            const char *(*host_of)(const struct client *c, const struct client *other,
                                   char *room))
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    char word[NAME_NICK_MAX + NAME_USER_MAX + NAME_HOST_MAX + 8];
    char room[CLIENT_HOST_TEXT], *at = NULL;
    const char *nick;
    struct str s;
    int param = 0;
    str_init(&s, out, MESSAGE_LINE);
    for (int n = 0; n < USERHOST_MAX && (nick = take_next_nick(m, &param, &at)); n++) {
        const struct client *other = client_find_registered(srv, nick);
        if (other == NULL)
            continue;
        str_format(word, sizeof word, "%s%s=%c%s@%s", other->user.nick,
                   other->user.oper ? "*" : "", other->user.away ? '-' : '+',
                   other->user.username, host_of(c, other, room));
        add_whole_word(&s, count_reply_room(srv, c), word);
    }
}

static const char *
choose_shown_host(const struct client *c, const struct client *other, char *room)
{
    (void)c, (void)room;
    return other->user.host;
}

static void
userhost_run(struct request *req)
{
    struct message *m = req->message;
    char line[MESSAGE_LINE];
    write_hosts(req, m, line, choose_shown_host);
    reply(req, RPL_USERHOST, line);
}

static void
userip_run(struct request *req)
{
    struct message *m = req->message;
    char line[MESSAGE_LINE];
    write_hosts(req, m, line, access_shown_address);
    reply(req, RPL_USERIP, line);
}

/* 319: the channels of `other` that the asking client may see, with prefixes. */
static void
send_whois_channels(struct request *req, const struct client *other)
{
    struct client *c = req->client;
    char line[MESSAGE_LINE], prefix[8];
    struct str s;
    str_init(&s, line, sizeof line);
    for (uint32_t i = 0; i < other->user.njoined; i++) {
        const struct channel *chan = other->user.joined[i].chan;
        if (!access_sees_member(chan, c, other))
            continue;
        if (s.len + strlen(chan->name) + sizeof prefix + 1 > CHANNELS_ROOM) {
            reply(req, RPL_WHOISCHANNELS, other->user.nick, line);
            str_init(&s, line, sizeof line);
        }
        channel_prefix(&chan->members[other->user.joined[i].slot],
                       c->out.caps & CAP_MULTI_PREFIX, prefix);
        str_addf(&s, "%s%s%s", s.len ? " " : "", prefix, chan->name);
    }
    if (s.len)
        reply(req, RPL_WHOISCHANNELS, other->user.nick, line);
}

/* 320, to operators: a ban on the gateway would hit other users. */
static void
send_whois_gateway(struct request *req, const struct client *other)
{
    char text[100];
    const char *gateway = other->session ? client_gateway(other) : NULL;
    if (gateway == NULL || !access_has(req->client, PRIV_OPER))
        return;
    str_format(text, sizeof text, "is connected through the gateway %s",
               SHOWN(gateway));
    reply(req, RPL_WHOISSPECIAL, other->user.nick, text);
}

static void
send_whois_client(struct request *req, const struct client *other)
{
    struct server *srv = req->srv;
    const char *certfp = client_certfp(other);
    char room[CLIENT_HOST_TEXT];
    reply(req, RPL_WHOISUSER, other->user.nick, other->user.username, other->user.host,
          other->user.realname);
    send_whois_channels(req, other);
    reply(req, RPL_WHOISSERVER, other->user.nick, srv->me.name,
          srv->config->server.description);
    if (other->user.oper)
        reply(req, RPL_WHOISOPERATOR, other->user.nick);
    if (other->user.away)
        reply(req, RPL_AWAY, other->user.nick, other->user.away);
    if (other->user.modes & USER_BOT)
        reply(req, RPL_WHOISBOT, other->user.nick);
    if (other->user.modes & USER_SECURE)
        reply(req, RPL_WHOISSECURE, other->user.nick);
    if (certfp && (other == req->client || req->client->user.oper))
        reply(req, RPL_WHOISCERTFP, other->user.nick, certfp);
    if (other->session && access_sees_address(req->client, other)) {
        const char *host = client_real_host(other, room);
        reply(req, RPL_WHOISACTUALLY, other->user.nick, other->user.username, host,
              host);
    }
    send_whois_gateway(req, other);
    reply(req, RPL_WHOISIDLE, other->user.nick,
          (long long)((srv->now - other->user.talked) / MSEC_SECOND),
          (long long)(other->user.signon / MSEC_SECOND));
}

/* The next nick of a list that is not a repeat, or NULL. *n counts the nicks; beyond
 * limits.targets the client is told 407, and the rest is ignored. */
static const char *
take_next_target(struct request *req, const char *first, char **list, int *n)
{
    int max = req->srv->config->limits.targets;
    const char *nick;
    while ((nick = command_next_item(list)) != NULL && command_is_repeat(first, nick))
        ;
    if (nick == NULL || (*n)++ < max)
        return nick;
    reply(req, ERR_TOOMANYTARGETS, command_echo(nick), max);
    return NULL;
}

static void
whois_run(struct request *req)
{
    struct server *srv = req->srv;
    struct message *m = req->message;
    char *list = m->params[m->nparams > 1 ? 1 : 0];
    const char *first = list, *nick;
    int n = 0;
    char asked[MESSAGE_LINE];
    /* "WHOIS server nick", or "WHOIS nick nick": the server of that nick. */
    if (m->nparams > 1 && !name_equal(m->params[0], list) &&
        !info_is_this_server(req, m->params[0]))
        return;
    str_format(asked, sizeof asked, "%s", command_echo(list));
    while ((nick = take_next_target(req, first, &list, &n)) != NULL) {
        const struct client *other = client_find_registered(srv, nick);
        if (other)
            send_whois_client(req, other);
        else
            reply(req, ERR_NOSUCHNICK, command_echo(nick));
    }
    reply(req, RPL_ENDOFWHOIS, asked);
}

/* Sends the last `count` clients that had this nick. Returns how many it has sent. */
static unsigned
send_whowas_nick(struct request *req, const char *nick, uint64_t count)
{
    struct server *srv = req->srv;
    unsigned i;
    char left[MOMENT_TEXT], address[ADDR_TEXT];
    const struct whowas_entry *e;
    for (i = 0; i < count && (e = whowas_find(srv, nick, i)) != NULL; i++) {
        reply(req, RPL_WHOWASUSER, e->nick, e->user, e->host, e->real);
        if (e->connected && access_has(req->client, PRIV_see_address)) {
            char text[CLIENT_HOST_TEXT];
            addr_format(&e->addr, address, sizeof address);
            str_format(text, sizeof text, "%s%s", *address == ':' ? "0" : "", address);
            reply(req, RPL_WHOISACTUALLY, e->nick, e->user, text, text);
        }
        moment_format(e->left, left, sizeof left);
        reply(req, RPL_WHOISSERVER, e->nick, srv->me.name, left);
    }
    if (i == 0)
        reply(req, ERR_WASNOSUCHNICK, command_echo(nick));
    return i;
}

/* WHOWAS <nick>[,<nick>…] [<count> [<server>]]. All entries are sent if the count is
 * missing or not valid. */
static void
whowas_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    uint64_t count = WHOWAS_ENTRIES;
    char asked[MESSAGE_LINE], *list = m->params[0];
    const char *nick;
    int n = 0;
    unsigned found = 0;
    if (m->nparams > 2 && !info_is_this_server(req, m->params[2]))
        return;
    if (m->nparams > 1 && !str_to_uint(m->params[1], 1, WHOWAS_ENTRIES, &count))
        count = WHOWAS_ENTRIES;
    str_format(asked, sizeof asked, "%s", command_echo(list));
    while ((nick = take_next_target(req, m->params[0], &list, &n)) != NULL)
        found += send_whowas_nick(req, nick, count);
    reply(req, RPL_ENDOFWHOWAS, asked);
    flood_charge(srv, c, (int)(found / WHOWAS_A_TOKEN));
}

const struct command commands_whois[] = {
    {
        .name = "ISON",
        .run = ison_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .group = GROUP_LOOK,
        .syntax = "<nick> [<nick>…]",
        .help = "show which of these nicks are on",
        .example = "ISON bob carol",
    },
    {
        .name = "USERHOST",
        .run = userhost_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .group = GROUP_LOOK,
        .syntax = "<nick> [<nick>…]",
        .help = "show user name and host of up to five nicks",
        .example = "USERHOST bob",
    },
    {
        .name = "USERIP",
        .run = userip_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .group = GROUP_LOOK,
        .syntax = "<nick> [<nick>…]",
        .help = "show user name and address of up to five nicks; of other users only "
                "with see_address",
        .example = "USERIP bob",
    },
    {
        .name = "WHOIS",
        .run = whois_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .flags = COMMAND_TARGETS | COMMAND_SECOND | COMMAND_WEIGHED,
        .group = GROUP_LOOK,
        .syntax = "[<server>] <nick>[,<nick>…]",
        .help = "show all about a user",
        .example = "WHOIS bob",
    },
    {
        .name = "WHOWAS",
        .run = whowas_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 2,
        .flags = COMMAND_TARGETS,
        .group = GROUP_LOOK,
        .syntax = "<nick>[,<nick>…] [<count>]",
        .help = "show users that had this nick",
        .example = "WHOWAS bob",
    },
    {.name = NULL},
};
