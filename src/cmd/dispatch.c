/* The index of all commands and the gates in front of every handler.
 *
 * The gates stand in one function and one order; a handler may rely on all of them.
 * Text from clients is never a format string, here or in any handler. */
#include "dispatch.h"

#include "base/mem.h"
#include "base/str.h"
#include "command.h"
#include "multiline.h"
#include "policy/access.h"
#include "policy/flood.h"
#include "proto/casemap.h"
#include "proto/name.h"
#include "state/cursor.h"
#include "state/label.h"

#include <assert.h>

#define ANSWER_A_TOKEN 2048 /* bytes of a weighed answer for one token more */

static const struct command *const tables[] = {
    commands_register,  commands_cap,     commands_channel, commands_mode,
    commands_talk,      commands_user,    commands_query,   commands_who,
    commands_help,      commands_oper,    commands_ban,     commands_self,
    commands_isupport,  commands_monitor, commands_knock,   commands_accept,
    commands_multiline, commands_rename,  commands_list,    commands_info,
    commands_override,  commands_names,   commands_stats,   commands_strike,
    commands_check,     commands_bans,    commands_trace,   commands_invite,
    commands_oper_acts,
};

struct use {
    const struct command *row;
    size_t len; /* of its name */
    uint64_t runs, bytes;
};

#define SLOTS 512 /* a power of two, several times as many as there are commands */

struct commands {
    size_t n;
    uint8_t slots[SLOTS]; /* by hash, linear probing: index into use, plus one */
    struct use use[];     /* sorted by name */
};

static int
by_name(const void *a, const void *b)
{
    const struct use *x = a, *y = b;
    return strcmp(x->row->name, y->row->name);
}

/* Folds the case of letters; what else it mixes up, the comparison tells apart. Three
 * letters and the length part the verbs nearly as well as all letters do, and need no
 * loop. */
static size_t
first_slot(const char *verb, size_t len)
{
    if (len == 0)
        return 0;
    unsigned first = (unsigned char)verb[0] & 0xDFU;
    unsigned middle = (unsigned char)verb[len / 2] & 0xDFU;
    unsigned last = (unsigned char)verb[len - 1] & 0xDFU;
    return (first * 31 + middle * 131 + last * 7 + len * 61) % SLOTS;
}

static void
fill_slots(struct commands *all)
{
    assert(all->n < SLOTS / 2 && all->n < UINT8_MAX);
    for (size_t i = 0; i < all->n; i++) {
        const char *name = all->use[i].row->name;
        size_t slot = first_slot(name, strlen(name));
        while (all->slots[slot])
            slot = (slot + 1) % SLOTS;
        all->slots[slot] = (uint8_t)(i + 1);
    }
}

void
dispatch_init(struct server *srv)
{
    size_t n = 0;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct command *row = tables[t]; row->name; row++)
            n++;
    srv->commands = xcalloc(1, sizeof *srv->commands + n * sizeof(struct use));
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct command *row = tables[t]; row->name; row++)
            srv->commands->use[srv->commands->n++] =
                (struct use){.row = row, .len = strlen(row->name)};
    qsort(srv->commands->use, n, sizeof(struct use), by_name);
    fill_slots(srv->commands);
}

void
dispatch_free(struct server *srv)
{
    free(srv->commands);
    srv->commands = NULL;
}

size_t
dispatch_memory(const struct server *srv)
{
    const struct commands *all = srv->commands;
    return mem_block(sizeof *all + all->n * sizeof(struct use));
}

/* A verb of len bytes is this command's name, which is capital letters alone. */
static bool
is_verb(const char *verb, size_t len, const struct use *use)
{
    if (use->len != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)verb[i] & 0xDFU) != (unsigned char)use->row->name[i])
            return false;
    return true;
}

static struct use *
find(const struct server *srv, const char *verb, size_t len)
{
    struct commands *all = srv->commands;
    for (size_t slot = first_slot(verb, len); all->slots[slot];
         slot = (slot + 1) % SLOTS) {
        struct use *use = &all->use[all->slots[slot] - 1];
        if (is_verb(verb, len, use))
            return use;
    }
    return NULL;
}

const struct command *
dispatch_find(const struct server *srv, const char *verb, size_t len)
{
    struct use *use = find(srv, verb, len);
    return use ? use->row : NULL;
}

const struct command *
dispatch_row(const struct server *srv, size_t i, uint64_t *runs, uint64_t *bytes)
{
    if (i >= srv->commands->n)
        return NULL;
    if (runs)
        *runs = srv->commands->use[i].runs;
    if (bytes)
        *bytes = srv->commands->use[i].bytes;
    return srv->commands->use[i].row;
}

struct raw
dispatch_look(const struct server *srv, char *line, size_t len)
{
    struct raw raw = {.line = line, .len = len};
    raw.verb = message_verb(line, len, &raw.verb_len);
    raw.use = find(srv, raw.verb, raw.verb_len);
    return raw;
}

const struct command *
dispatch_row_of(const struct raw *raw)
{
    return raw->use ? raw->use->row : NULL;
}

static bool
is_http_verb(const char *verb)
{
    static const char *const verbs[] = {"GET",     "POST",   "HEAD",  "PUT",  "OPTIONS",
                                        "CONNECT", "DELETE", "PATCH", "TRACE"};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verb, verbs[i]) == 0)
            return true;
    return false;
}

static void
unknown(struct server *srv, struct client *c, const char *verb)
{
    if (client_is_registered(c)) {
        reply(srv, c, ERR_UNKNOWNCOMMAND, verb);
        return;
    }
    if (is_http_verb(verb))
        client_kill(srv, c, "This is IRC, not HTTP");
    else
        reply(srv, c, ERR_NOTREGISTERED);
}

/* Parameters up to the last one: an empty one at the end is as good as none where the
 * command needs it. */
static bool
has_params(const struct command *row, const struct message *m)
{
    return m->nparams >= row->min_params &&
           (row->min_params == 0 || m->params[row->min_params - 1][0] != '\0');
}

/* 461 with the right form, and the example that the row's help ends with, if any. */
static void
too_few(struct server *srv, struct client *c, const struct command *row)
{
    const char *example = strstr(row->help, "; for example ");
    reply(srv, c, ERR_NEEDMOREPARAMS, row->name, row->name, row->syntax,
          example ? example : "");
}

void
command_too_few(struct server *srv, struct client *c, const char *name)
{
    const struct command *row = dispatch_find(srv, name, strlen(name));
    assert(row); /* a handler names its own command */
    too_few(srv, c, row);
}

static bool
pass_gates(struct server *srv, struct client *c, const struct command *row,
           const struct message *m)
{
    bool registered = client_is_registered(c);
    if (row->when == WHEN_REGISTERED && !registered)
        unknown(srv, c, m->verb); /* TRACE is a verb of HTTP, too */
    else if (row->when == WHEN_UNREGISTERED && registered)
        reply(srv, c, ERR_ALREADYREGISTERED);
    else if (row->priv == PRIV_OPER && !access_has(c, PRIV_OPER))
        reply(srv, c, ERR_NOPRIVILEGES, "you are not an IRC operator");
    else if (!access_has(c, row->priv)) {
        char why[64];
        str_format(why, sizeof why, "you need the privilege '%s'",
                   privs_name(row->priv));
        reply(srv, c, ERR_NOPRIVILEGES, why);
    } else if (!has_params(row, m))
        too_few(srv, c, row);
    else
        return true;
    return false;
}

/* The command's row if it was run, else NULL. */
static const struct command *
run(struct server *srv, struct client *c, struct use *use, struct message *m,
    size_t len)
{
    if (use == NULL) {
        unknown(srv, c, m->verb);
        return NULL;
    }
    use->runs++;
    c->commands++;
    use->bytes += len;
    if (c->caps & CAP_MULTILINE && (m->tags || c->multiline) &&
        multiline_take(srv, c, m))
        return NULL;
    if (!pass_gates(srv, c, use->row, m))
        return NULL;
    use->row->run(srv, c, m);
    return use->row;
}

/* The label of a message, escaped as it came, if its sender may use labels; else NULL.
 */
static const char *
label_of(const struct client *c, const struct message *m, char out[LABEL_MAX + 1])
{
    const char *at = m->tags;
    struct tag tag;
    bool found = false;
    uint32_t need = CAP_LABELED | CAP_BATCH;
    if ((c->caps & need) != need)
        return NULL;
    while (at && tag_next(&at, &tag)) {
        if (tag.key_len != 5 || memcmp(tag.key, "label", 5) != 0)
            continue;
        found = tag.value_len >= 1 && tag.value_len <= LABEL_MAX;
        str_format(out, LABEL_MAX + 1, "%.*s", (int)tag.value_len,
                   tag.value ? tag.value : "");
    }
    return found ? out : NULL;
}

static void
open_label(struct server *srv, struct client *c, const char *line, size_t len)
{
    char tags[MESSAGE_CLIENT_TAGS + 3], text[LABEL_MAX + 1];
    size_t n = message_tags_length(line, len);
    if (n < 2 || n >= sizeof tags || message_look(line, n) != MESSAGE_OK)
        return;
    str_format(tags, sizeof tags, "%.*s", (int)strcspn(line + 1, " "), line + 1);
    const char *label = label_of(c, &(struct message){.tags = tags}, text);
    if (label)
        label_begin(srv, c, label);
}

void
dispatch_label(struct server *srv, struct client *c, const char *line, size_t len)
{
    if (len > 0 && *line == '@') /* hardly any line has tags */
        open_label(srv, c, line, len);
}

/* A line of registration was refused unread. Programs wait for the numeric: they take
 * another nick then, or send the line again. */
static void
refuse_registration(struct server *srv, struct client *c, const struct command *row,
                    const char *why)
{
    if (row == NULL)
        return;
    if (strcmp(row->name, "NICK") == 0)
        reply(srv, c, ERR_ERRONEUSNICKNAME, "*", srv->config->limits.nick_length);
    else if (strcmp(row->name, "USER") == 0 && !client_is_registered(c))
        reply(srv, c, ERR_INVALIDUSERNAME, why);
    else if (strcmp(row->name, "CAP") == 0)
        reply(srv, c, ERR_INVALIDCAPCMD, "*");
}

static void
refuse_bytes(struct server *srv, struct client *c, const struct command *row)
{
    multiline_spoil(c);
    refuse_registration(srv, c, row, "a byte is NUL or a bare CR");
    out_notice(srv, c, "A line with NUL or a bare CR in it was refused");
}

static void
refuse_text(struct server *srv, struct client *c, const struct command *row)
{
    multiline_spoil(c);
    refuse_registration(srv, c, row, "the line is not UTF-8");
    out_standard(srv, c, "FAIL", row ? row->name : "*", "INVALID_UTF8", "",
                 "%s refused: it is not UTF-8, which this server requires",
                 row ? row->name : "A line was");
}

/* Takes the line apart and runs it; its row, if it was run. */
static const struct command *
parse_and_run(struct server *srv, struct client *c, const struct raw *raw)
{
    struct message m;
    c->flags &= ~(unsigned)CLIENT_PAID;
    if (raw->credit)
        c->flags |= CLIENT_PAID;
    switch (message_parse(raw->line, raw->len, &m)) {
    case MESSAGE_OK:
        return run(srv, c, raw->use, &m, raw->len);
    case MESSAGE_BAD_BYTE:
        refuse_bytes(srv, c, dispatch_row_of(raw));
        return NULL;
    case MESSAGE_BAD_TEXT:
        refuse_text(srv, c, dispatch_row_of(raw));
        return NULL;
    case MESSAGE_BLANK:
        return NULL;
    }
    return NULL;
}

void
dispatch_line(struct server *srv, struct client *c, const struct raw *raw)
{
    uint32_t before = c->sendq.bytes;
    uint16_t cursors = c->ncursors;
    srv->work = 0;
    dispatch_label(srv, c, raw->line, raw->len);
    const struct command *row = parse_and_run(srv, c, raw);
    if (c->ncursors > cursors)
        cursor_keep_label(srv, c);
    if (srv->label)
        label_end(srv);
    if (row && row->flags & COMMAND_WEIGHED && !raw->credit && c->sendq.bytes > before)
        flood_charge(srv, c, (int)((c->sendq.bytes - before) / ANSWER_A_TOKEN));
    flood_charge(srv, c, (int)(srv->work / WORK_A_TOKEN));
}

char *
command_next_item(char **list)
{
    char *at = *list;
    while (*at == ',')
        at++;
    if (*at == '\0')
        return NULL;
    char *end = at;
    while (*end && *end != ',')
        end++;
    *list = *end ? end + 1 : end;
    *end = '\0';
    return at;
}

void
command_no_channel(struct server *srv, struct client *c, const char *name)
{
    if (name_has_channel_prefix(name))
        reply(srv, c, ERR_NOSUCHCHANNEL, command_echo(name));
    else
        reply(srv, c, ERR_NOCHANNELPREFIX, command_echo(name));
}

const char *
command_echo(const char *word)
{
    return *word == '\0' || *word == ':' || strchr(word, ' ') ? "*" : word;
}

void
command_refuse(struct server *srv, struct client *c, const char *verb, const char *why,
               const char *example)
{
    out_notice(srv, c, "%s refused: %s. Example: %s", verb, why, example);
}

bool
command_is_repeat(const char *list, const char *item)
{
    while (list < item) {
        if (*list == ',' || *list == '\0') {
            list++;
            continue;
        }
        if (name_equal(list, item))
            return true;
        list += strlen(list);
    }
    return false;
}
