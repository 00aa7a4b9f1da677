/* The tokens of 005, one row each (Modern IRC "RPL_ISUPPORT"); values come from where
 * they are enforced, so that a token cannot say what is not so. */
#include "isupport.h"

#include "base/str.h"
#include "command.h"
#include "policy/ban.h"
#include "proto/mode.h"
#include "proto/name.h"

#define TOKENS_PER_LINE 13
#define KEY_MAX 23

static void
chanmodes(const struct server *srv, struct str *s)
{
    static const enum mode_type types[] = {MODE_LIST, MODE_KEY, MODE_NUMBER, MODE_FLAG};
    char letters[32];
    (void)srv;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        mode_letters(types[i], letters, sizeof letters);
        str_addf(s, "%s%s", i ? "," : "", letters);
    }
}

static void
prefix(const struct server *srv, struct str *s)
{
    char letters[32];
    (void)srv;
    mode_letters(MODE_PREFIX, letters, sizeof letters);
    str_addf(s, "(%s)", letters);
    for (size_t i = 0; i < CHAN_MODE_COUNT; i++)
        if (mode_channel[i].type == MODE_PREFIX)
            str_addc(s, mode_channel[i].symbol);
}

static void
chanlimit(const struct server *srv, struct str *s)
{
    str_addf(s, "#:%d", srv->config->limits.channels_per_client);
}

static void
maxlist(const struct server *srv, struct str *s)
{
    char letters[32];
    mode_letters(MODE_LIST, letters, sizeof letters);
    str_addf(s, "%s:%d", letters, srv->config->limits.bans_per_channel);
}

static void
network(const struct server *srv, struct str *s)
{
    str_add(s, srv->config->server.network);
}

static void
targmax(const struct server *srv, struct str *s)
{
    int n = srv->config->limits.targets;
    str_addf(s, "PRIVMSG:%d,NOTICE:%d,TAGMSG:%d,KICK:%d,WHOIS:%d,JOIN:,PART:,NAMES:1",
             n, n, n, n, n);
}

/* A number from the limits (offset) or a fixed one (offset 0), or a function; else no
 * value. */
static const struct {
    const char *name;
    void (*write)(const struct server *, struct str *);
    size_t limit;
    int fixed;
} tokens[] = {
    {"AWAYLEN", NULL, offsetof(struct config, limits.away_length), 0},
    {"CASEMAPPING=ascii", NULL, 0, 0},
    {"CHANLIMIT", chanlimit, 0, 0},
    {"CHANMODES", chanmodes, 0, 0},
    {"CHANNELLEN", NULL, 0, NAME_CHANNEL_MAX},
    {"CHANTYPES=#", NULL, 0, 0},
    {"HOSTLEN", NULL, 0, NAME_HOST_MAX},
    {"KEYLEN", NULL, 0, KEY_MAX},
    {"KICKLEN", NULL, offsetof(struct config, limits.kick_length), 0},
    {"LINELEN", NULL, 0, MESSAGE_LINE},
    {"MAXLIST", maxlist, 0, 0},
    {"MAXTARGETS", NULL, offsetof(struct config, limits.targets), 0},
    {"MODES", NULL, 0, MODES_MAX},
    {"NAMELEN", NULL, 0, NAME_REAL_MAX},
    {"NETWORK", network, 0, 0},
    {"NICKLEN", NULL, offsetof(struct config, limits.nick_length), 0},
    {"PREFIX", prefix, 0, 0},
    {"TARGMAX", targmax, 0, 0},
    {"TOPICLEN", NULL, offsetof(struct config, limits.topic_length), 0},
    {"USERLEN", NULL, 0, NAME_USER_MAX},
    {"UTF8ONLY", NULL, 0, 0},
};

static void
write_token(const struct server *srv, size_t i, struct str *s)
{
    int number = tokens[i].fixed;
    if (tokens[i].limit)
        memcpy(&number, (const char *)srv->config + tokens[i].limit, sizeof number);
    str_add(s, tokens[i].name);
    if (tokens[i].write) {
        str_addc(s, '=');
        tokens[i].write(srv, s);
    } else if (number) {
        str_addf(s, "=%d", number);
    }
    str_addc(s, ' ');
}

void
isupport_send(struct server *srv, struct client *c)
{
    char line[MESSAGE_LINE];
    struct str s;
    size_t n = sizeof tokens / sizeof *tokens;
    str_init(&s, line, sizeof line);
    for (size_t i = 0; i < n; i++) {
        write_token(srv, i, &s);
        if ((i + 1) % TOKENS_PER_LINE && i + 1 < n)
            continue;
        reply(srv, c, RPL_ISUPPORT, line);
        str_init(&s, line, sizeof line);
    }
}
