/* BATCH and draft/multiline (IRCv3 multiline, client-batch): the lines of a message are
 * collected, then sent at once (lines.c).
 *
 * Each line costs as much as any message. A batch is one block of memory, bounded by
 * MULTILINE_BYTES and MULTILINE_LINES. A batch with a fault is dropped whole: its
 * remaining lines are ignored up to its end, and no client receives a line of it. */
#include "cmd/multiline.h"

#include "base/mem.h"
#include "base/str.h"
#include "cmd/command.h"
#include "enact/wave.h"
#include "lines.h"
#include "policy/client_policy.h"
#include "proto/casemap.h"
#include "state/label.h"
#include "talk.h"

static size_t
batch_memory(const struct client *c)
{
    return multiline_memory(c);
}

/* Corrects srv->input_bytes after a change of c's batch, which had `before` bytes. */
static void
count_batch(struct server *srv, const struct client *c, size_t before)
{
    srv->input_bytes += batch_memory(c) - before;
}

static void
append_batch_data(struct server *srv, struct client *c, const char *bytes, size_t n)
{
    struct multiline *b = cmd_of(c)->multiline;
    size_t before = batch_memory(c);
    if (b->len + n > b->cap) {
        b->cap = (uint32_t)(2 * (b->len + n));
        b = cmd_of(c)->multiline = xrealloc(b, sizeof *b + b->cap);
    }
    memcpy(b->data + b->len, bytes, n);
    b->len += (uint32_t)n;
    count_batch(srv, c, before);
}

static void
drop_batch(struct request *req)
{
    struct client *c = req->client;
    size_t before = batch_memory(c);
    multiline_free(c);
    count_batch(req->srv, c, before);
}

/* Begins a reply about the open batch: it belongs to the request that opened the batch,
 * or to `plain`, which has no label, if there is none. The request of the present line
 * goes on after end_answer. Until then srv->input_bytes lacks the batch, since the reply
 * may free its label. */
static struct request *
begin_answer(struct request *req, struct request *plain)
{
    struct multiline *b = cmd_of(req->client)->multiline;
    struct request *answer = b ? &b->opening : plain;
    *plain = (struct request){.srv = req->srv, .client = req->client};
    req->srv->input_bytes -= batch_memory(req->client);
    request_begin(answer);
    return answer;
}

static void
end_answer(struct request *answer)
{
    request_end(answer);
    answer->srv->input_bytes += batch_memory(answer->client);
}

static void
fail_batch(struct request *req, const char *code, const char *context, const char *why)
{
    struct multiline *b = cmd_of(req->client)->multiline;
    struct request plain, *answer = begin_answer(req, &plain);
    reply_standard(answer, "FAIL", "BATCH", code, context, "%s", why);
    end_answer(answer);
    if (b)
        b->failed = true;
}

static void
fail_invalid_batch(struct request *req, const char *why)
{
    fail_batch(req, "MULTILINE_INVALID", "", why);
}

static void
fail_batch_limit(struct request *req, const char *code, unsigned limit,
                 const char *what)
{
    char number[16], why[80];
    str_format(number, sizeof number, "%u", limit);
    str_format(why, sizeof why, "A message has at most %u %s", limit, what);
    fail_batch(req, code, number, why);
}

size_t
multiline_memory(const struct client *c)
{
    const struct multiline *b = cmd_of(c)->multiline;
    return b ? mem_block(sizeof *b + b->cap) + request_memory(&b->opening) : 0;
}

void
multiline_free(struct client *c)
{
    struct multiline *b = cmd_of(c)->multiline;
    if (b)
        request_drop(&b->opening);
    free(b);
    cmd_of(c)->multiline = NULL;
}

void
multiline_spoil(struct client *c)
{
    if (c->out.caps & CAP_MULTILINE)
        c->out.flags |= CLIENT_SPOILED;
}

/* The reason why a line cannot be part of the batch; NULL if it can. */
static const char *
find_line_fault(const struct multiline *b, const struct message *m, int kind,
                bool concat)
{
    bool blank = m->nparams < 2 || m->params[1][0] == '\0';
    if (kind < 0)
        return "A message of several lines has only PRIVMSG or only NOTICE";
    if (b->lines > 0 && b->kind != (enum irc_event_kind)kind)
        return "PRIVMSG and NOTICE cannot be in one message";
    if (m->nparams == 0)
        return "A line has no target";
    if (concat && (blank || b->lines == 0))
        return "The first line and a blank line cannot continue a line";
    return NULL;
}

static void
add_batch_line(struct request *req, bool concat)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    const struct message *m = req->message;
    char mark = concat ? LINES_CONTINUES : LINES_STARTS, targets[2 * MESSAGE_LINE];
    struct multiline *b = cmd_of(c)->multiline;
    int kind = req->row->flags & COMMAND_LINE ? req->row->arg : -1;
    const char *why = find_line_fault(b, m, kind, concat);
    if (why) {
        fail_invalid_batch(req, why);
        return;
    }
    if (!name_equal(m->params[0], b->target)) {
        str_format(targets, sizeof targets, "%s %s", command_echo(b->target),
                   command_echo(m->params[0]));
        fail_batch(req, "MULTILINE_INVALID_TARGET", targets,
                   "A line has another target than its batch");
        return;
    }
    const char *text = m->nparams > 1 ? m->params[1] : "";
    unsigned bytes = (unsigned)strlen(text) + (b->lines > 0 && !concat);
    if (b->lines == MULTILINE_LINES) {
        fail_batch_limit(req, "MULTILINE_MAX_LINES", MULTILINE_LINES, "lines");
        return;
    }
    if (b->bytes + bytes > MULTILINE_BYTES) {
        fail_batch_limit(req, "MULTILINE_MAX_BYTES", MULTILINE_BYTES, "bytes");
        return;
    }
    b->kind = (enum irc_event_kind)kind;
    b->lines++;
    b->bytes += bytes;
    b->has_text |= *text != '\0';
    append_batch_data(srv, c, &mark, 1);
    append_batch_data(srv, c, text, strlen(text) + 1);
}

/* The value of the batch tag, or NULL; *concat: the line continues the one before. */
static const char *
find_batch_tag(const struct message *m, size_t *len, bool *concat)
{
    static const char concat_key[] = LINES_TYPE "-concat";
    const char *at = m->tags, *reference = NULL;
    struct tag tag;
    *concat = false;
    while (at && tag_next(&at, &tag)) {
        if (tag.key_len == sizeof concat_key - 1 &&
            memcmp(tag.key, concat_key, tag.key_len) == 0)
            *concat = true;
        if (tag.key_len != 5 || memcmp(tag.key, "batch", 5) != 0)
            continue;
        reference = tag.value ? tag.value : "";
        *len = tag.value_len;
    }
    return reference;
}

bool
multiline_take(struct request *req)
{
    struct client *c = req->client;
    const struct message *m = req->message;
    bool concat;
    size_t len;
    const struct multiline *b = cmd_of(c)->multiline;
    const char *reference = find_batch_tag(m, &len, &concat);
    if (reference == NULL) {
        if (b && !b->failed && !(req->row->flags & COMMAND_BETWEEN))
            fail_invalid_batch(
                req, "The batch is dropped: another command came before its end");
        return false;
    }
    if (b == NULL || strlen(b->reference) != len ||
        memcmp(reference, b->reference, len) != 0) {
        reply_standard(req, "FAIL", "BATCH", "MULTILINE_INVALID", "",
                       "No such batch is open");
    } else if (req->row == commands_multiline) {
        fail_invalid_batch(req, "A batch cannot be in a batch");
    } else if (!b->failed) {
        add_batch_line(req, concat);
    }
    return true;
}

static void
open_client_batch(struct request *req, const struct message *m)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    char tags[MESSAGE_CLIENT_TAGS + 1];
    const char *reference = m->params[0] + 1;
    if (cmd_of(c)->multiline && !cmd_of(c)->multiline->failed)
        fail_invalid_batch(
            req, "The batch is dropped: another one was opened before its end");
    drop_batch(req);
    if (m->nparams < 3 || m->params[2][0] == '\0') {
        command_too_few(req);
        return;
    }
    if (strcmp(m->params[1], LINES_TYPE) != 0 || *reference == '\0' ||
        strlen(reference) > LINES_REFERENCE || strlen(m->params[2]) > LINES_TARGET) {
        fail_invalid_batch(req, "Expected: BATCH +reference " LINES_TYPE " target");
        return;
    }
    if (policy_of(c)->held_lines == 0)
        c->out.flags &= ~(unsigned)CLIENT_SPOILED;
    size_t before = batch_memory(c);
    struct multiline *b = cmd_of(c)->multiline = xcalloc(1, sizeof *b);
    str_format(b->reference, sizeof b->reference, "%s", reference);
    str_format(b->target, sizeof b->target, "%s", m->params[2]);
    request_defer(&b->opening, srv, c);
    count_batch(srv, c, before);
    const char *kept = talk_tags(srv, c, m->tags, tags, sizeof tags);
    append_batch_data(srv, c, kept ? kept : "", kept ? strlen(kept) + 1 : 1);
}

static void
deliver_batch(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct multiline *b = cmd_of(c)->multiline;
    struct request plain, *answer = begin_answer(req, &plain);
    struct talk t = {.req = answer,
                     .kind = b->kind,
                     .text = lines_next(b, NULL),
                     .tags = b->data[0] ? b->data : NULL,
                     .quiet = b->kind == IRC_NOTICE,
                     .lines = b};
    origin_reference_next(srv, b->relayed);
    c->user.talked = srv->now;
    for (const char *text = NULL; (text = lines_next(b, text)) != NULL;)
        enact_wave_text(srv, c, text);
    talk_to(&t, b->target);
    end_answer(answer);
}

static void
close_client_batch(struct request *req, const char *reference)
{
    struct client *c = req->client;
    const struct multiline *b = cmd_of(c)->multiline;
    bool spoiled = c->out.flags & CLIENT_SPOILED;
    if (b == NULL || strcmp(b->reference, reference) != 0) {
        reply_standard(req, "FAIL", "BATCH", "MULTILINE_INVALID", "",
                       "No such batch is open");
        return;
    }
    c->out.flags &= ~(unsigned)CLIENT_SPOILED;
    if (!b->failed && spoiled)
        fail_invalid_batch(req, "The batch is dropped: a line of it was refused");
    else if (!b->failed && !b->has_text)
        fail_invalid_batch(req, "The batch has no text");
    else if (!b->failed)
        deliver_batch(req);
    drop_batch(req);
}

static void
batch_run(struct request *req)
{
    struct client *c = req->client;
    struct message *m = req->message;
    if (!(c->out.caps & CAP_MULTILINE) || !(c->out.caps & CAP_BATCH))
        reply(req, ERR_UNKNOWNCOMMAND, m->verb);
    else if (m->params[0][0] == '+')
        open_client_batch(req, m);
    else if (m->params[0][0] == '-')
        close_client_batch(req, m->params[0] + 1);
    else
        fail_invalid_batch(req, "Expected: BATCH +reference or -reference");
}

const struct command commands_multiline[] = {
    {
        .name = "BATCH",
        .run = batch_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .flags = COMMAND_BETWEEN,
        .group = GROUP_CHAT,
        .syntax = "+<reference> draft/multiline <target> | -<reference>",
        .help = "begin or end a message of several lines (capability draft/multiline)",
        .example = "BATCH +1 draft/multiline #tea",
    },
    {.name = NULL},
};
