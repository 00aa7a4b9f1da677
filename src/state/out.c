/* Lines to one client. They are added to the last buffer of its queue, or to the answer
 * to a labelled command. */
#include "state/out.h"

#include "base/str.h"
#include "numeric.h"
#include "out_line.h"
#include "proto/standard.h"
#include "state/client.h"
#include "state/label.h"
#include "state/queue.h"
#include "state/request.h"
#include "state/server.h"
#include "state/tags.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Room for a line with the tags that it may have. */
#define SEND_ROOM                                                                      \
    (sizeof "@;batch= " + SERVER_TIME_TAG + ORIGIN_REFERENCE_TEXT + MESSAGE_LINE)

/* Appends a formatted text to the len bytes of line, which has LINE_ROOM bytes; returns
 * the new length. */
static size_t ATTR_PRINTF(3, 0)
    format_text(char *line, size_t len, const char *fmt, va_list args)
{
    struct str s;
    str_init(&s, line + len, LINE_ROOM - len);
    str_addv(&s, fmt, args);
    return len + s.len;
}

/* The role of a line in a batch. */
struct place {
    enum label_part part;
    const char *batch; /* its reference; "" with LABEL_PLAIN */
};

static const struct place no_batch = {LABEL_PLAIN, ""};

/* The role of a reply to req; req NULL: the line is no reply. */
static struct place
place_of_reply(const struct request *req)
{
    return req && *req->batch ? (struct place){LABEL_BATCHED, req->batch} : no_batch;
}

/* The label that takes lines to `to`; NULL: none. */
static struct label *
label_of_client(const struct server *srv, const struct client *to)
{
    const struct request *req = srv->at_work;
    return req && req->client == to ? req->label : NULL;
}

static void
send_line(struct server *srv, struct client *to, struct place place, char *line,
          size_t len)
{
    struct label *label = label_of_client(srv, to);
    char text[SEND_ROOM];
    struct tagging tagging = {.batch =
                                  place.part == LABEL_BATCHED ? place.batch : NULL};
    struct str s;
    len = out_line_finish(line, len);
    str_init(&s, text, sizeof text);
    if (to->out.flags & CLIENT_ENDING)
        return;
    if (label) {
        tags_list(&s, srv, to->out.caps, &tagging);
        label_take(srv, to, label,
                   &(struct label_line){s.at, line, len, place.part, place.batch});
        return;
    }
    if (!(to->out.caps & TAGS_CAPS)) {
        queue_bytes(srv, to, line, len);
        return;
    }
    tags_write(&s, srv, to->out.caps, &tagging);
    str_addn(&s, line, len);
    queue_bytes(srv, to, s.at, s.len);
}

void
out_numeric_args(struct server *srv, struct client *to, const struct request *req,
                 int number, const char *fmt, va_list args)
{
    char line[LINE_ROOM];
    struct str s;
    assert(number >= 0 && number < 1000);
    char digits[] = {' ', (char)('0' + number / 100), (char)('0' + number / 10 % 10),
                     (char)('0' + number % 10), ' '};
    str_init(&s, line, sizeof line);
    str_addc(&s, ':');
    str_add(&s, srv->me.name);
    str_addn(&s, digits, sizeof digits);
    str_add(&s, client_name(to));
    str_addc(&s, ' ');
    size_t len = s.len + numeric_text(line + s.len, sizeof line - s.len, fmt, args);
    send_line(srv, to, place_of_reply(req), line, len);
}

void
out_numeric(struct server *srv, struct client *to, int number, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    out_numeric_args(srv, to, NULL, number, fmt, args);
    va_end(args);
}

void
out_notice_args(struct server *srv, struct client *to, const struct request *req,
                const char *fmt, va_list args)
{
    char line[LINE_ROOM];
    struct str s;
    str_init(&s, line, sizeof line);
    str_addf(&s, ":%s NOTICE %s :", srv->me.name, client_name(to));
    size_t len = format_text(line, s.len, fmt, args);
    send_line(srv, to, place_of_reply(req), line, len);
}

void
out_notice(struct server *srv, struct client *to, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    out_notice_args(srv, to, NULL, fmt, args);
    va_end(args);
}

void
out_standard_args(struct server *srv, struct client *to, const struct request *req,
                  const struct standard_code *words, const char *fmt, va_list args)
{
    char line[LINE_ROOM];
    struct str s;
    str_init(&s, line, sizeof line);
    str_addf(&s, ":%s ", srv->me.name);
    if (to->out.caps & CAP_STANDARD_REPLIES ||
        standard_is_specified(words->command, words->code))
        str_addf(&s, "%s %s %s %s%s:", words->type, words->command, words->code,
                 words->context, *words->context ? " " : "");
    else
        str_addf(&s, "NOTICE %s :", client_name(to));
    size_t len = format_text(line, s.len, fmt, args);
    send_line(srv, to, place_of_reply(req), line, len);
}

void
out_standard(struct server *srv, struct client *to, const char *type,
             const char *command, const char *code, const char *context,
             const char *fmt, ...)
{
    const struct standard_code words = {type, command, code, context};
    va_list args;
    va_start(args, fmt);
    out_standard_args(srv, to, NULL, &words, fmt, args);
    va_end(args);
}

void
out_line(struct server *srv, struct client *to, const char *fmt, ...)
{
    char line[LINE_ROOM];
    va_list args;
    va_start(args, fmt);
    size_t len = format_text(line, 0, fmt, args);
    va_end(args);
    send_line(srv, to, no_batch, line, len);
}

void
out_batch(struct server *srv, struct client *to, const char *reference,
          const char *type)
{
    char line[LINE_ROOM];
    struct str s;
    str_init(&s, line, sizeof line);
    str_addf(&s, ":%s BATCH %c%s", srv->me.name, type ? '+' : '-', reference);
    if (type)
        str_addf(&s, " %s", type);
    send_line(srv, to, (struct place){type ? LABEL_OPENS : LABEL_CLOSES, reference},
              line, s.len);
}

void
out_error(struct server *srv, struct client *dead, const char *why)
{
    char line[LINE_ROOM], text[SEND_ROOM];
    char host[CLIENT_HOST_TEXT];
    struct str s, tagged;
    queue_mark(srv, dead);
    if (dead->out.flags & CLIENT_GONE)
        return;
    str_init(&s, line, sizeof line);
    str_addf(&s, "ERROR :Closing Link: %s (%s)", client_real_host(dead, host), why);
    str_init(&tagged, text, sizeof text);
    tags_write(&tagged, srv, dead->out.caps, NULL);
    str_addn(&tagged, line, out_line_finish(line, s.len));
    sendq_append(&dead->out.sendq, &srv->buffers, tagged.at, tagged.len);
}
