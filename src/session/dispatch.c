/* Runs a line: parses it, checks it and calls the handler of its command.
 *
 * One function (pass_gates) makes all checks in one order, so a handler may rely on all
 * of them. Text from a client is never a format string, here or in a handler. */
#include "dispatch.h"

#include "base/attr.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/command.h"
#include "cmd/multiline.h"
#include "cmd/oper_rights.h"
#include "cmd/registry.h"
#include "line.h"
#include "policy/access.h"
#include "policy/flood.h"
#include "proto/casemap.h"
#include "proto/name.h"
#include "state/client_end.h"
#include "state/cursor.h"
#include "state/label.h"

#include <assert.h>

#define ANSWER_A_TOKEN 2048 /* bytes of a weighed answer that cost one token */

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
refuse_unknown(struct request *req, const char *verb)
{
    struct client *c = req->client;
    if (client_is_registered(c)) {
        reply(req, ERR_UNKNOWNCOMMAND, verb);
        return;
    }
    if (is_http_verb(verb))
        client_kill(req->srv, c, END_HTTP, NULL);
    else
        reply(req, ERR_NOTREGISTERED);
}

/* Whether all required parameters are there. The last one counts as missing if it is
 * empty. */
static bool
has_params(const struct command *row, const struct message *m)
{
    return m->nparams >= row->min_params &&
           (row->min_params == 0 || m->params[row->min_params - 1][0] != '\0');
}

static bool
pass_gates(struct request *req)
{
    const struct client *c = req->client;
    const struct command *row = req->row;
    const struct message *m = req->message;
    bool registered = client_is_registered(c);
    if (row->when == WHEN_REGISTERED && !registered)
        refuse_unknown(req, m->verb); /* TRACE is a verb of HTTP, too */
    else if (row->when == WHEN_UNREGISTERED && registered)
        reply(req, ERR_ALREADYREGISTERED);
    else if (row->priv == PRIV_OPER && !access_has(c, PRIV_OPER))
        reply(req, ERR_NOPRIVILEGES, "you are not an IRC operator");
    else if (!access_has(c, row->priv)) {
        char why[64];
        str_format(why, sizeof why, "you need the privilege '%s'",
                   privs_name(row->priv));
        reply(req, ERR_NOPRIVILEGES, why);
    } else if (c->out.flags & CLIENT_ACTING && !oper_may_call(c, row))
        reply(req, ERR_NOPRIVILEGES,
              "a call of the API runs no command that is for users who chat");
    else if (!has_params(row, m))
        command_too_few(req);
    else
        return true;
    return false;
}

/* On a listener with redirect = true: answers CAP LS, which may have the port (sts), and
 * ends the client at any other command. */
static bool
is_redirected(struct request *req)
{
    const struct message *m = req->message;
    char why[64] = "Use TLS";
    if (name_equal(m->verb, "CAP") && m->nparams > 0 && name_equal(m->params[0], "LS"))
        return false;
    unsigned port = config_tls_port(req->srv->config, client_is_local(req->client));
    if (port)
        str_format(why, sizeof why, "Use TLS: port %u", port);
    client_kill(req->srv, req->client, END_REDIRECTED, why);
    return true;
}

/* Returns the command if its handler was called, else NULL. */
static const struct command *
run_command(struct request *req, struct command_use *use, size_t len)
{
    struct client *c = req->client;
    struct message *m = req->message;
    if (c->out.flags & CLIENT_REDIRECT && is_redirected(req))
        return NULL;
    const struct command *row = req->row = use ? registry_row_of(use) : NULL;
    if (c->out.flags & CLIENT_ACTING)
        oper_log_acting(req);
    if (use == NULL) {
        req->srv->counts.unknown_commands++;
        refuse_unknown(req, m->verb);
        return NULL;
    }
    /* What registers a client that acts is no use of a command by a user. */
    if (!(c->out.flags & CLIENT_ACTING) || client_is_registered(c))
        registry_count(use, len);
    c->session->commands++;
    if (c->out.caps & CAP_MULTILINE && (m->tags || cmd_of(c)->multiline) &&
        multiline_take(req))
        return NULL;
    if (!pass_gates(req))
        return NULL;
    row->run(req);
    return row;
}

/* The label of a message, still escaped. NULL if it has none or if c may not use
 * labels. */
static const char *
read_label(const struct client *c, const struct message *m, char out[LABEL_MAX + 1])
{
    const char *at = m->tags;
    struct tag tag;
    bool found = false;
    uint64_t need = CAP_LABELED | CAP_BATCH;
    if ((c->out.caps & need) != need)
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

static struct label *
open_line_label(const struct client *c, const char *line, size_t len)
{
    char tags[MESSAGE_CLIENT_TAGS + 3], text[LABEL_MAX + 1];
    size_t n = message_tags_length(line, len);
    if (n < 2 || n >= sizeof tags || message_look(line, n) != MESSAGE_OK)
        return NULL;
    str_format(tags, sizeof tags, "%.*s", (int)strcspn(line + 1, " "), line + 1);
    const char *label = read_label(c, &(struct message){.tags = tags}, text);
    return label ? label_new(label) : NULL;
}

void
dispatch_begin(struct request *req, struct server *srv, struct client *c,
               const char *line, size_t len)
{
    *req = (struct request){.srv = srv, .client = c};
    if (len > 0 && *line == '@') /* few lines have tags */
        req->label = open_line_label(c, line, len);
    request_begin(req);
}

/* Answers a line that cannot be parsed with a numeric of its command. Client programs
 * wait for that numeric: they then take another nick or send the line again. */
static void
refuse_unread(struct request *req, const struct command *row, const char *why)
{
    if (row && row->refused)
        row->refused(req, why);
}

static void
refuse_bytes(struct request *req, const struct command *row)
{
    multiline_spoil(req->client);
    refuse_unread(req, row, "a byte is NUL or a bare CR");
    reply_notice(req, "A line with NUL or a bare CR in it was refused");
}

static void
refuse_text(struct request *req, const struct command *row)
{
    multiline_spoil(req->client);
    refuse_unread(req, row, "the line is not UTF-8");
    reply_standard(req, "FAIL", row ? row->name : "*", "INVALID_UTF8", "",
                   "%s refused: it is not UTF-8, which this server requires",
                   row ? row->name : "A line was");
}

/* Parses the line into req->message and runs it. Returns the command if its handler was
 * called, else NULL. */
static const struct command *
parse_and_run(struct request *req, const struct input_line *raw)
{
    req->paid = raw->credit != 0;
    switch (message_parse(raw->line, raw->len, req->message)) {
    case MESSAGE_OK:
        return run_command(req, raw->use, raw->len);
    case MESSAGE_BAD_BYTE:
        refuse_bytes(req, line_row(raw));
        return NULL;
    case MESSAGE_BAD_TEXT:
        refuse_text(req, line_row(raw));
        return NULL;
    case MESSAGE_BLANK:
        return NULL;
    }
    return NULL;
}

ATTR_HOT void
dispatch_line(struct server *srv, struct client *c, const struct input_line *raw)
{
    uint32_t before = c->out.sendq.bytes;
    uint16_t cursors = c->session->ncursors;
    struct request req;
    struct message message;
    srv->work = 0;
    dispatch_begin(&req, srv, c, raw->line, raw->len);
    req.message = &message;
    const struct command *row = parse_and_run(&req, raw);
    if (c->session->ncursors > cursors)
        cursor_keep_label(srv, c);
    request_end(&req);
    if (row && row->flags & COMMAND_WEIGHED && !raw->credit &&
        c->out.sendq.bytes > before)
        flood_charge(srv, c, (int)((c->out.sendq.bytes - before) / ANSWER_A_TOKEN));
    if (srv->work >= WORK_A_TOKEN)
        flood_charge(srv, c, (int)(srv->work / WORK_A_TOKEN));
}
