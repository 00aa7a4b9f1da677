/* The gates in front of every handler.
 *
 * The gates stand in one function and one order; a handler may rely on all of them.
 * Text from clients is never a format string, here or in any handler. */
#include "dispatch.h"

#include "base/mem.h"
#include "base/str.h"
#include "cmd/client_cmd.h"
#include "cmd/command.h"
#include "cmd/multiline.h"
#include "cmd/registry.h"
#include "line.h"
#include "policy/access.h"
#include "policy/flood.h"
#include "proto/casemap.h"
#include "proto/name.h"
#include "state/cursor.h"
#include "state/end.h"
#include "state/label.h"

#include <assert.h>

#define ANSWER_A_TOKEN 2048 /* bytes of a weighed answer for one token more */

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
        out_numeric(srv, c, ERR_UNKNOWNCOMMAND, verb);
        return;
    }
    if (is_http_verb(verb))
        client_kill(srv, c, END_HTTP, NULL);
    else
        out_numeric(srv, c, ERR_NOTREGISTERED);
}

/* Parameters up to the last one: an empty one at the end is as good as none where the
 * command needs it. */
static bool
has_params(const struct command *row, const struct message *m)
{
    return m->nparams >= row->min_params &&
           (row->min_params == 0 || m->params[row->min_params - 1][0] != '\0');
}

static bool
pass_gates(struct server *srv, struct client *c, const struct command *row,
           const struct message *m)
{
    bool registered = client_is_registered(c);
    if (row->when == WHEN_REGISTERED && !registered)
        unknown(srv, c, m->verb); /* TRACE is a verb of HTTP, too */
    else if (row->when == WHEN_UNREGISTERED && registered)
        out_numeric(srv, c, ERR_ALREADYREGISTERED);
    else if (row->priv == PRIV_OPER && !access_has(c, PRIV_OPER))
        out_numeric(srv, c, ERR_NOPRIVILEGES, "you are not an IRC operator");
    else if (!access_has(c, row->priv)) {
        char why[64];
        str_format(why, sizeof why, "you need the privilege '%s'",
                   privs_name(row->priv));
        out_numeric(srv, c, ERR_NOPRIVILEGES, why);
    } else if (!has_params(row, m))
        command_too_few_of(srv, c, row);
    else
        return true;
    return false;
}

/* The command's row if it was run, else NULL. */
static const struct command *
run(struct request *req, struct command_use *use, size_t len)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    if (use == NULL) {
        unknown(srv, c, m->verb);
        return NULL;
    }
    const struct command *row = req->row = registry_row_of(use);
    registry_count(use, len);
    c->session->commands++;
    if (c->out.caps & CAP_MULTILINE && (m->tags || cmd_of(c)->multiline) &&
        multiline_take(req))
        return NULL;
    if (!pass_gates(srv, c, row, m))
        return NULL;
    row->run(req);
    return row;
}

/* The label of a message, escaped as it came, if its sender may use labels; else NULL.
 */
static const char *
label_of(const struct client *c, const struct message *m, char out[LABEL_MAX + 1])
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

static void
open_label(struct client *c, const char *line, size_t len)
{
    char tags[MESSAGE_CLIENT_TAGS + 3], text[LABEL_MAX + 1];
    size_t n = message_tags_length(line, len);
    if (n < 2 || n >= sizeof tags || message_look(line, n) != MESSAGE_OK)
        return;
    str_format(tags, sizeof tags, "%.*s", (int)strcspn(line + 1, " "), line + 1);
    const char *label = label_of(c, &(struct message){.tags = tags}, text);
    if (label)
        label_begin(c, label);
}

void
dispatch_label(struct client *c, const char *line, size_t len)
{
    if (len > 0 && *line == '@') /* hardly any line has tags */
        open_label(c, line, len);
}

/* Programs wait for the numeric: they take another nick then, or send the line again.
 */
static void
refuse_unread(struct server *srv, struct client *c, const struct command *row,
              const char *why)
{
    if (row && row->refused)
        row->refused(srv, c, why);
}

static void
refuse_bytes(struct server *srv, struct client *c, const struct command *row)
{
    multiline_spoil(c);
    refuse_unread(srv, c, row, "a byte is NUL or a bare CR");
    out_notice(srv, c, "A line with NUL or a bare CR in it was refused");
}

static void
refuse_text(struct server *srv, struct client *c, const struct command *row)
{
    multiline_spoil(c);
    refuse_unread(srv, c, row, "the line is not UTF-8");
    out_standard(srv, c, "FAIL", row ? row->name : "*", "INVALID_UTF8", "",
                 "%s refused: it is not UTF-8, which this server requires",
                 row ? row->name : "A line was");
}

/* Takes the line apart and runs it; its row, if it was run. */
static const struct command *
parse_and_run(struct server *srv, struct client *c, const struct input_line *raw)
{
    struct message m;
    struct request req = {
        .srv = srv, .client = c, .message = &m, .paid = raw->credit != 0};
    switch (message_parse(raw->line, raw->len, &m)) {
    case MESSAGE_OK:
        return run(&req, raw->use, raw->len);
    case MESSAGE_BAD_BYTE:
        refuse_bytes(srv, c, line_row(raw));
        return NULL;
    case MESSAGE_BAD_TEXT:
        refuse_text(srv, c, line_row(raw));
        return NULL;
    case MESSAGE_BLANK:
        return NULL;
    }
    return NULL;
}

void
dispatch_line(struct server *srv, struct client *c, const struct input_line *raw)
{
    uint32_t before = c->out.sendq.bytes;
    uint16_t cursors = c->session->ncursors;
    srv->work = 0;
    dispatch_label(c, raw->line, raw->len);
    const struct command *row = parse_and_run(srv, c, raw);
    if (c->session->ncursors > cursors)
        cursor_keep_label(srv, c);
    label_end(srv, c);
    if (row && row->flags & COMMAND_WEIGHED && !raw->credit &&
        c->out.sendq.bytes > before)
        flood_charge(srv, c, (int)((c->out.sendq.bytes - before) / ANSWER_A_TOKEN));
    flood_charge(srv, c, (int)(srv->work / WORK_A_TOKEN));
}
