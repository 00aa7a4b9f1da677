/* AWAY, ISON, USERHOST, WHOIS, WHOWAS (RFC 2812 3.6, 4.1, 4.8, 4.9). */
#include "base/mem.h"
#include "base/str.h"
#include "command.h"
#include "policy/access.h"
#include "policy/flood.h"
#include "proto/utf8.h"
#include "state/channel.h"
#include "state/whowas.h"

#define USERHOST_MAX 5
#define WHOWAS_A_TOKEN 10 /* entries for one token */

static void
away_run(struct server *srv, struct client *c, struct message *m)
{
    char text[MESSAGE_LINE];
    struct str s;
    int seconds;
    if (m->nparams == 0 || m->params[0][0] == '\0') {
        xreplace(&c->away, NULL);
        reply(srv, c, RPL_UNAWAY);
        return;
    }
    if (!flood_bucket(srv, c, BUCKET_AWAY, &seconds)) {
        out_notice(srv, c, "AWAY refused: you change it too often; try again in %ds",
                   seconds);
        return;
    }
    size_t max = (size_t)srv->config->limits.away_length;
    str_init(&s, text, sizeof text);
    str_addn(&s, m->params[0], utf8_cut(m->params[0], strlen(m->params[0]), max));
    xreplace(&c->away, text);
    reply(srv, c, RPL_NOWAWAY);
}

/* The nicks of all parameters, which may also stand in one, blanks between. */
static const char *
next_nick(struct message *m, int *param, char **at)
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

/* Bytes that ":server 303 nick :" leaves in a line. */
static size_t
reply_room(const struct server *srv, const struct client *c)
{
    return MESSAGE_LINE - 2 - strlen(srv->config->server.name) - c->nick_len -
           (sizeof ":  303  :" - 1);
}

/* Adds a word whole or not at all: half a nick is somebody else's. */
static void
add_word(struct str *s, size_t room, const char *word)
{
    if (s->len + strlen(word) + 1 <= room)
        str_addf(s, "%s%s", s->len ? " " : "", word);
}

static void
ison_run(struct server *srv, struct client *c, struct message *m)
{
    char line[MESSAGE_LINE], *at = NULL;
    const char *nick;
    struct str s;
    int param = 0;
    str_init(&s, line, sizeof line);
    while ((nick = next_nick(m, &param, &at)) != NULL) {
        const struct client *other = client_find_registered(srv, nick);
        if (other)
            add_word(&s, reply_room(srv, c), other->nick);
    }
    reply(srv, c, RPL_ISON, line);
}

static void
userhost_run(struct server *srv, struct client *c, struct message *m)
{
    char line[MESSAGE_LINE], word[NAME_NICK_MAX + NAME_USER_MAX + NAME_HOST_MAX + 8];
    char *at = NULL;
    const char *nick;
    struct str s;
    int param = 0;
    str_init(&s, line, sizeof line);
    for (int n = 0; n < USERHOST_MAX && (nick = next_nick(m, &param, &at)); n++) {
        const struct client *other = client_find_registered(srv, nick);
        if (other == NULL)
            continue;
        str_format(word, sizeof word, "%s%s=%c%s@%s", other->nick,
                   other->oper ? "*" : "", other->away ? '-' : '+', other->user,
                   other->hostname);
        add_word(&s, reply_room(srv, c), word);
    }
    reply(srv, c, RPL_USERHOST, line);
}

/* 319: the channels that both may be told of, with the prefixes there. */
static void
whois_channels(struct server *srv, struct client *c, const struct client *who)
{
    char line[MESSAGE_LINE], prefix[8];
    struct str s;
    size_t room = MESSAGE_LINE - 100 - NAME_HOST_MAX - NAME_NICK_MAX;
    bool sees = access_sees_client(c, who);
    str_init(&s, line, sizeof line);
    for (uint32_t i = 0; i < who->njoined; i++) {
        const struct channel *chan = who->joined[i].chan;
        bool shared =
            c == who || channel_member(chan, c) || access_has(c, PRIV_see_address);
        if (!shared && (!sees || !access_sees_channel(chan, c)))
            continue;
        if (s.len + strlen(chan->name) + 9 > room) {
            reply(srv, c, RPL_WHOISCHANNELS, who->nick, line);
            str_init(&s, line, sizeof line);
        }
        channel_prefix(&chan->members[who->joined[i].slot], c->caps & CAP_MULTI_PREFIX,
                       prefix);
        str_addf(&s, "%s%s%s", s.len ? " " : "", prefix, chan->name);
    }
    if (s.len)
        reply(srv, c, RPL_WHOISCHANNELS, who->nick, line);
}

static void
whois_client(struct server *srv, struct client *c, const struct client *who)
{
    reply(srv, c, RPL_WHOISUSER, who->nick, who->user, who->hostname, who->realname);
    whois_channels(srv, c, who);
    reply(srv, c, RPL_WHOISSERVER, who->nick, srv->config->server.name,
          srv->config->server.description);
    if (who->oper)
        reply(srv, c, RPL_WHOISOPERATOR, who->nick);
    if (who->away)
        reply(srv, c, RPL_AWAY, who->nick, who->away);
    if (c == who || access_has(c, PRIV_see_address)) {
        char address[ADDR_TEXT + 1] = "0";
        addr_format(&who->addr, address + 1, sizeof address - 1);
        const char *shown = address[1] == ':' ? address : address + 1;
        reply(srv, c, RPL_WHOISACTUALLY, who->nick, who->user, shown, shown);
    }
    reply(srv, c, RPL_WHOISIDLE, who->nick,
          (long long)((srv->now - who->talked) / MSEC_SECOND),
          (long long)(who->signon / MSEC_SECOND));
}

static void
whois_run(struct server *srv, struct client *c, struct message *m)
{
    /* "WHOIS server nick": the server is this one, whatever it says. */
    char *list = m->params[m->nparams > 1 ? 1 : 0], *nick;
    char asked[MESSAGE_LINE];
    str_format(asked, sizeof asked, "%s", list);
    char *first = list;
    for (int n = 0; (nick = command_next_item(&list)) != NULL;) {
        if (command_is_repeat(first, nick))
            continue;
        if (n++ == srv->config->limits.targets) {
            reply(srv, c, ERR_TOOMANYTARGETS, nick, n - 1);
            break;
        }
        const struct client *who = client_find_registered(srv, nick);
        if (who)
            whois_client(srv, c, who);
        else
            reply(srv, c, ERR_NOSUCHNICK, nick);
    }
    reply(srv, c, RPL_ENDOFWHOIS, asked);
}

static void
whowas_run(struct server *srv, struct client *c, struct message *m)
{
    uint64_t count = WHOWAS_ENTRIES;
    const struct whowas_entry *e;
    unsigned i;
    if (m->nparams > 1 && !str_to_uint(m->params[1], 1, WHOWAS_ENTRIES, &count))
        count = WHOWAS_ENTRIES;
    for (i = 0; i < count; i++) {
        e = whowas_find(srv, m->params[0], i);
        if (e == NULL && i == 0)
            reply(srv, c, ERR_WASNOSUCHNICK, m->params[0]);
        if (e == NULL)
            break;
        char left[MOMENT_TEXT];
        moment_format(e->left, left, sizeof left);
        reply(srv, c, RPL_WHOWASUSER, e->nick, e->user, e->host, e->real);
        reply(srv, c, RPL_WHOISSERVER, e->nick, srv->config->server.name, left);
    }
    reply(srv, c, RPL_ENDOFWHOWAS, m->params[0]);
    flood_charge(srv, c, (int)(i / WHOWAS_A_TOKEN));
}

const struct command commands_user[] = {
    {"AWAY", away_run, 0, WHEN_REGISTERED, 1, PRIV_NONE, 0, "[:<text>]",
     "be away with a text, or back without"},
    {"ISON", ison_run, 1, WHEN_REGISTERED, 1, PRIV_NONE, 0, "<nick> [<nick>…]",
     "which of these are on"},
    {"USERHOST", userhost_run, 1, WHEN_REGISTERED, 1, PRIV_NONE, 0, "<nick> [<nick>…]",
     "user and host of up to five"},
    {"WHOIS", whois_run, 1, WHEN_REGISTERED, 1, PRIV_NONE, COMMAND_TARGETS,
     "<nick>[,<nick>…]", "all about somebody"},
    {"WHOWAS", whowas_run, 1, WHEN_REGISTERED, 2, PRIV_NONE, 0, "<nick> [<count>]",
     "who had this nick"},
    {NULL, NULL, 0, WHEN_ANY, 0, PRIV_NONE, 0, NULL, NULL},
};
