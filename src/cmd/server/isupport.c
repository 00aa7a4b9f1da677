/* The tokens of 005, one row each (Modern IRC "RPL_ISUPPORT"). A value is read from the
 * place that enforces it, so that a token cannot be wrong. */
#include "isupport.h"

#include "base/mem.h"
#include "base/str.h"
#include "cmd/command.h"
#include "policy/ban/ban.h"
#include "proto/extban.h"
#include "proto/mode.h"
#include "proto/name.h"
#include "state/accept.h"
#include "state/census.h"
#include "state/channel_mode.h"
#include "state/monitor.h"
#include "state/subsystem.h"
#include "state/text_limit.h"

#include <assert.h>
#include <string.h>

#define TOKENS_PER_LINE 13
#define LINES_MAX 8
#define SERVER_NAME_MAX 63
/* Bytes of a line that are neither names nor tokens, with some reserve. */
#define FRAME 50
/* The bytes of tokens that fit in a line with the longest server name and nick. */
#define LINE_ROOM (MESSAGE_LINE - 2 - SERVER_NAME_MAX - FRAME - NAME_NICK_MAX)

static void
write_chanmodes(const struct server *srv, struct str *s)
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
write_symbols(const struct server *srv, struct str *s)
{
    (void)srv;
    for (size_t i = 0; i < CHAN_MODE_COUNT; i++)
        if (mode_channel[i].type == MODE_PREFIX)
            str_addc(s, mode_channel[i].symbol);
}

static void
write_prefix(const struct server *srv, struct str *s)
{
    char letters[32];
    mode_letters(MODE_PREFIX, letters, sizeof letters);
    str_addf(s, "(%s)", letters);
    write_symbols(srv, s);
}

static void
write_chanlimit(const struct server *srv, struct str *s)
{
    str_addf(s, "#:%d", srv->config->limits.channels_per_client);
}

static void
write_maxlist(const struct server *srv, struct str *s)
{
    char letters[32];
    mode_letters(MODE_LIST, letters, sizeof letters);
    for (const char *at = letters; *at; at++)
        str_addf(s, "%s%c:%d", at > letters ? "," : "", *at,
                 srv->config->limits.bans_per_channel);
}

static void
write_user_letter(uint32_t bit, struct str *s)
{
    for (size_t i = 0; i < USER_MODE_COUNT; i++)
        if (mode_user[i].bit == bit)
            str_addc(s, mode_user[i].letter);
}

static void
write_bot_letter(const struct server *srv, struct str *s)
{
    (void)srv;
    write_user_letter(USER_BOT, s);
}

static void
write_callerid_letter(const struct server *srv, struct str *s)
{
    (void)srv;
    write_user_letter(USER_CALLERID, s);
}

/* Writes nothing if all client-only tags are relayed: there is no token then. */
static void
write_clienttagdeny(const struct server *srv, struct str *s)
{
    str_add(s, srv->config->server.client_tag_deny);
}

static void
write_network(const struct server *srv, struct str *s)
{
    str_add(s, srv->config->server.network);
}

static void
write_targmax(const struct server *srv, struct str *s)
{
    int n = srv->config->limits.targets;
    str_addf(s,
             "PRIVMSG:%d,NOTICE:%d,TAGMSG:%d,KICK:%d,WHOIS:%d,NAMES:%d,JOIN:,PART:", n,
             n, n, n, n, n);
}

static void
write_awaylen(const struct server *srv, struct str *s)
{
    str_addf(s, "%zu", text_limit_away(srv));
}

static void
write_kicklen(const struct server *srv, struct str *s)
{
    str_addf(s, "%zu", text_limit_kick(srv));
}

static void
write_topiclen(const struct server *srv, struct str *s)
{
    str_addf(s, "%zu", text_limit_topic(srv));
}

/* A row has one of write, limit and fixed, or none if the token has no value. */
static const struct {
    const char *name;
    /* Writes the value. */
    void (*write)(const struct server *srv, struct str *s);
    size_t limit; /* offset of the value in struct config */
    int fixed;    /* the value */
} tokens[] = {
    {"ACCEPT", NULL, 0, ACCEPT_MAX},
    {"AWAYLEN", write_awaylen, 0, 0},
    {"BOT", write_bot_letter, 0, 0},
    {"CALLERID", write_callerid_letter, 0, 0},
    {"CASEMAPPING=ascii", NULL, 0, 0},
    {"CHANLIMIT", write_chanlimit, 0, 0},
    {"CHANMODES", write_chanmodes, 0, 0},
    {"CHANNELLEN", NULL, 0, NAME_CHANNEL_MAX},
    {"CHANTYPES=#", NULL, 0, 0},
    {"CLIENTTAGDENY", write_clienttagdeny, 0, 0},
    {"ELIST=CMNTU", NULL, 0, 0},
    {"EXCEPTS=e", NULL, 0, 0},
    {"EXTBAN=~," EXTBAN_LETTERS, NULL, 0, 0},
    {"HOSTLEN", NULL, 0, NAME_HOST_MAX},
    {"INVEX=I", NULL, 0, 0},
    {"KEYLEN", NULL, 0, CHANNEL_KEY_MAX},
    {"KICKLEN", write_kicklen, 0, 0},
    {"LINELEN", NULL, 0, MESSAGE_LINE},
    {"MAXLIST", write_maxlist, 0, 0},
    {"MAXTARGETS", NULL, offsetof(struct config, limits.targets), 0},
    {"MODES", NULL, 0, MODES_MAX},
    {"MONITOR", NULL, 0, MONITOR_MAX},
    {"NAMELEN", NULL, 0, NAME_REAL_MAX},
    {"NETWORK", write_network, 0, 0},
    {"NICKLEN", NULL, offsetof(struct config, limits.nick_length), 0},
    {"PREFIX", write_prefix, 0, 0},
    {"SAFELIST", NULL, 0, 0},
    {"STATUSMSG", write_symbols, 0, 0},
    {"TARGMAX", write_targmax, 0, 0},
    {"TOPICLEN", write_topiclen, 0, 0},
    {"USERLEN", NULL, 0, NAME_USER_MAX},
    {"UTF8ONLY", NULL, 0, 0},
    {"WHOX", NULL, 0, 0},
};
#define N_TOKENS (sizeof tokens / sizeof *tokens)

/* Writes the token of row i; "" if its function writes an empty value. */
static void
write_isupport_token(const struct server *srv, size_t i, char token[MESSAGE_LINE])
{
    struct str s;
    int number = tokens[i].fixed;
    if (tokens[i].limit)
        memcpy(&number, (const char *)srv->config + tokens[i].limit, sizeof number);
    str_init(&s, token, MESSAGE_LINE);
    str_addf(&s, tokens[i].write ? "%s=" : "%s", tokens[i].name);
    size_t named = s.len;
    if (tokens[i].write)
        tokens[i].write(srv, &s);
    else if (number)
        str_addf(&s, "=%d", number);
    if (tokens[i].write && s.len == named)
        token[0] = '\0';
}

/* The lines of 005. A blank stands behind each token. */
struct isupport_page {
    size_t n;        /* lines begun */
    int on_line;     /* tokens in the last line */
    struct str last; /* the last line */
    char line[LINES_MAX][MESSAGE_LINE];
};

struct isupport {
    struct isupport_page *page; /* of the present configuration; NULL: not made yet */
    char *before; /* the tokens of the old configuration, while it is being replaced */
};

static void
add_isupport_token(struct isupport_page *p, const char *token)
{
    size_t len = strlen(token) + 1;
    if (len == 1)
        return;
    if (p->n == 0 || p->on_line == TOKENS_PER_LINE || p->last.len + len > LINE_ROOM) {
        assert(p->n < LINES_MAX);
        str_init(&p->last, p->line[p->n++], MESSAGE_LINE);
        p->on_line = 0;
    }
    str_addf(&p->last, "%s ", token);
    p->on_line++;
}

static void
send_isupport_page(struct server *srv, struct client *c, const struct isupport_page *p)
{
    struct request page = {.srv = srv, .client = c};
    if (c->out.caps & CAP_EXTENDED_ISUPPORT)
        request_batch_begin(&page, "draft/isupport");
    for (size_t i = 0; i < p->n; i++)
        reply(&page, RPL_ISUPPORT, p->line[i]);
    request_batch_end(&page);
}

/* The lines are the same for all clients until the configuration changes. */
void
isupport_send(struct server *srv, struct client *c)
{
    char token[MESSAGE_LINE];
    struct isupport *own = subsystem_state(srv, SUBSYSTEM_isupport);
    if (own->page == NULL) {
        own->page = xcalloc(1, sizeof *own->page);
        for (size_t i = 0; i < N_TOKENS; i++) {
            write_isupport_token(srv, i, token);
            add_isupport_token(own->page, token);
        }
    }
    send_isupport_page(srv, c, own->page);
}

/* All tokens as they are now, one a line. The caller frees the text. */
static char *
spell_tokens(const struct server *srv)
{
    char token[MESSAGE_LINE], *text = xmalloc(N_TOKENS * MESSAGE_LINE);
    struct str s;
    str_init(&s, text, N_TOKENS * MESSAGE_LINE);
    for (size_t i = 0; i < N_TOKENS; i++) {
        write_isupport_token(srv, i, token);
        str_addf(&s, "%s\n", token);
    }
    return text;
}

static bool
send_page_to_client(struct server *srv, struct client *c, void *ctx)
{
    send_isupport_page(srv, c, ctx);
    return true;
}

/* Sends the tokens that differ from `before`, and "-TOKEN" for a token that is no
 * longer there (Modern IRC "RPL_ISUPPORT"), to all clients that are registered or have
 * the capability extended-isupport. */
static void
send_changes(struct server *srv, const char *before)
{
    char token[MESSAGE_LINE];
    struct isupport_page p = {0};
    for (size_t i = 0; i < N_TOKENS; i++) {
        size_t len = strcspn(before, "\n");
        write_isupport_token(srv, i, token);
        bool same = strlen(token) == len && memcmp(token, before, len) == 0;
        before += len + 1;
        if (*token == '\0')
            str_format(token, sizeof token, "-%s", tokens[i].name);
        if (!same)
            add_isupport_token(&p, token);
    }
    if (p.n == 0)
        return;
    client_each(srv, send_page_to_client, &p);
    LIST_EACH(&srv->unregistered, node) {
        struct client *c = LIST_ENTRY(node, struct client, link);
        if (c->out.caps & CAP_EXTENDED_ISUPPORT)
            send_isupport_page(srv, c, &p);
    }
}

static void
keep_tokens(struct server *srv, const struct config *config)
{
    struct isupport *own = subsystem_state(srv, SUBSYSTEM_isupport);
    (void)config;
    own->before = spell_tokens(srv);
}

static void
forget_page(struct server *srv)
{
    struct isupport *own = subsystem_state(srv, SUBSYSTEM_isupport);
    free(own->page);
    own->page = NULL;
}

static void
renew_tokens(struct server *srv)
{
    struct isupport *own = subsystem_state(srv, SUBSYSTEM_isupport);
    forget_page(srv);
    send_changes(srv, own->before);
    free(own->before);
    own->before = NULL;
}

/* ISUPPORT before registration needs the capability extended-isupport. */
static void
isupport_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    if (client_is_registered(c) || c->out.caps & CAP_EXTENDED_ISUPPORT)
        isupport_send(srv, c);
    else
        reply(req, ERR_NOTREGISTERED);
}

const struct command commands_isupport[] = {
    {
        .name = "ISUPPORT",
        .run = isupport_run,
        .when = WHEN_ANY,
        .cost = 1,
        .group = GROUP_CONNECT,
        .syntax = "",
        .help = "show what this server supports: numeric 005 again (extended-isupport)",
    },
    {.name = NULL},
};

static void
count_isupport_memory(const struct server *srv, struct census *out)
{
    const struct isupport *own = subsystem_state(srv, SUBSYSTEM_isupport);
    census_add_self(out, own->page ? mem_block(sizeof *own->page) : 0);
}

const struct subsystem isupport_subsystem = {
    .id = SUBSYSTEM_isupport,
    .state = sizeof(struct isupport),
    .memory = count_isupport_memory,
    .config_changes = keep_tokens,
    .configured = renew_tokens,
    .free = forget_page,
};
