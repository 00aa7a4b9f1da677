/* All output. Replies to one client join the last buffer of its queue; relays are built
 * once for each set of tags and shared by reference.
 *
 * A send never frees and never removes anybody from anything: a full queue only marks
 * its client (client_kill), so every walk here and above stays valid. */
#include "state/out.h"

#include "base/str.h"
#include "numeric.h"
#include "proto/mode.h"
#include "proto/standard.h"
#include "proto/utf8.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/end.h"
#include "state/label.h"
#include "state/overload.h"
#include "state/server.h"
#include "tags.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A line before it is cut: with the whole of the last character that begins in it,
 * which the cut must see. */
#define LINE_ROOM (MESSAGE_LINE + 4)
#define AHEAD 8 /* so early a member's queue is fetched; himself twice that */
#define QUEUE_MOST (UINT32_MAX / 2) /* bytes of one queue, counted in 32 bits */
#define TAGS_ROOM 8192 /* '@', tags and the space: message-tags allows 8191 */

void
out_first(struct server *srv, struct client *c)
{
    if ((c->out.flags & (CLIENT_DIRTY | CLIENT_FIRST)) != CLIENT_DIRTY)
        return;
    c->out.flags |= CLIENT_FIRST;
    list_remove(&c->out.dirty);
    list_prepend(&srv->dirty, &c->out.dirty);
}

/* Something waits for c; once that is half of its limit, it does not wait for the next
 * turn. */
static ATTR_INLINE void
mark_dirty(struct server *srv, struct client *c)
{
    if (!(c->out.flags & CLIENT_DIRTY)) {
        c->out.flags |= CLIENT_DIRTY;
        list_append(&srv->dirty, &c->out.dirty);
    }
    if (c->out.sendq.bytes >= c->out.sendq.limit / 2)
        out_first(srv, c);
}

/* Whether c is queued more. Its limit is judged once its socket was tried
 * (session_tried); until then only a count of 32 bits ends it here. What one turn can
 * queue is bounded by input: shared buffers cost each receiver a slot of its ring, and
 * a client that is over its limit runs no command (flood_line). */
static ATTR_INLINE bool
takes_more(struct server *srv, struct client *c)
{
    if (c->out.flags & CLIENT_DEAF)
        return false;
    if (c->out.sendq.bytes <= QUEUE_MOST)
        return true;
    overload_end(srv, c, END_SENDQ);
    return false;
}

static ATTR_INLINE void
push(struct server *srv, struct client *c, struct sbuf *b)
{
    if (!takes_more(srv, c))
        return;
    sendq_push(&c->out.sendq, b);
    mark_dirty(srv, c);
}

/* Cuts the len bytes in line at a character and ends them with CRLF. */
static size_t
finish_line(char *line, size_t len)
{
    if (len > MESSAGE_LINE - 2)
        len = utf8_cut(line, len, MESSAGE_LINE - 2);
    line[len++] = '\r';
    line[len++] = '\n';
    return len;
}

/* Formats behind what stands in line already; line has LINE_ROOM bytes. */
static size_t ATTR_PRINTF(3, 0)
    add_text(char *line, size_t len, const char *fmt, va_list args)
{
    struct str s;
    str_init(&s, line + len, LINE_ROOM - len);
    str_addv(&s, fmt, args);
    return len + s.len;
}

void
out_raw(struct server *srv, struct client *to, const char *bytes, size_t n)
{
    if (!takes_more(srv, to))
        return;
    sendq_append(&to->out.sendq, &srv->buffers, bytes, n);
    mark_dirty(srv, to);
}

/* One line of the server to `to`; `place` says what it is to a batch. */
struct place {
    enum label_part part;
    const char *batch; /* reference; "" with LABEL_PLAIN */
};

static const struct place no_batch = {LABEL_PLAIN, ""};

static struct place
place_in(const char *batch)
{
    return *batch ? (struct place){LABEL_BATCHED, batch} : no_batch;
}

static void
send_line(struct server *srv, struct client *to, struct place place, char *line,
          size_t len)
{
    char text[SERVER_TIME_TAG + REFERENCE_TEXT + MESSAGE_LINE + 16];
    struct tagging tagging = {.batch =
                                  place.part == LABEL_BATCHED ? place.batch : NULL};
    struct str s;
    len = finish_line(line, len);
    str_init(&s, text, sizeof text);
    if (to->out.flags & CLIENT_LABELLED) {
        tags_list(&s, srv, to->out.caps, &tagging);
        label_take(srv, to,
                   &(struct label_line){s.at, line, len, place.part, place.batch});
        return;
    }
    if (!(to->out.caps & TAGS_CAPS)) {
        out_raw(srv, to, line, len);
        return;
    }
    tags_write(&s, srv, to->out.caps, &tagging);
    str_addn(&s, line, len);
    out_raw(srv, to, s.at, s.len);
}

void
out_numeric_args(struct server *srv, struct client *to, const char *batch, int number,
                 const char *fmt, va_list args)
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
    send_line(srv, to, place_in(batch), line, len);
}

void
out_numeric(struct server *srv, struct client *to, int number, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    out_numeric_args(srv, to, "", number, fmt, args);
    va_end(args);
}

void
out_notice_args(struct server *srv, struct client *to, const char *batch,
                const char *fmt, va_list args)
{
    char line[LINE_ROOM];
    struct str s;
    str_init(&s, line, sizeof line);
    str_addf(&s, ":%s NOTICE %s :", srv->me.name, client_name(to));
    size_t len = add_text(line, s.len, fmt, args);
    send_line(srv, to, place_in(batch), line, len);
}

void
out_notice(struct server *srv, struct client *to, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    out_notice_args(srv, to, "", fmt, args);
    va_end(args);
}

void
out_standard_args(struct server *srv, struct client *to, const char *batch,
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
    size_t len = add_text(line, s.len, fmt, args);
    send_line(srv, to, place_in(batch), line, len);
}

void
out_standard(struct server *srv, struct client *to, const char *type,
             const char *command, const char *code, const char *context,
             const char *fmt, ...)
{
    const struct standard_code words = {type, command, code, context};
    va_list args;
    va_start(args, fmt);
    out_standard_args(srv, to, "", &words, fmt, args);
    va_end(args);
}

void
out_line(struct server *srv, struct client *to, const char *fmt, ...)
{
    char line[LINE_ROOM];
    va_list args;
    va_start(args, fmt);
    size_t len = add_text(line, 0, fmt, args);
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
    char line[LINE_ROOM], text[SERVER_TIME_TAG + MESSAGE_LINE + 2];
    char host[CLIENT_HOST_TEXT];
    struct str s, tagged;
    mark_dirty(srv, dead);
    if (dead->out.flags & CLIENT_GONE)
        return;
    str_init(&s, line, sizeof line);
    str_addf(&s, "ERROR :Closing Link: %s (%s)", client_real_host(dead, host), why);
    str_init(&tagged, text, sizeof text);
    tags_write(&tagged, srv, dead->out.caps, NULL);
    str_addn(&tagged, line, finish_line(line, s.len));
    sendq_append(&dead->out.sendq, &srv->buffers, tagged.at, tagged.len);
}

/* ":source " into s, which has LINE_ROOM. */
static void
open_relay(struct relay *r, struct str *s, struct server *srv,
           const struct client *from)
{
    str_addc(s, ':');
    if (from)
        s->len += client_source(from, s->at + s->len, s->size - s->len);
    else
        str_add(s, srv->me.name);
    str_addc(s, ' ');
    r->source_len = (uint32_t)s->len;
    r->srv = srv;
    r->tagging = (struct tagging){.bot = from && from->user.modes & USER_BOT};
    r->built = 0;
    r->need = r->lack = r->alt = 0;
    r->alt_len = 0;
    r->build = NULL;
    memset(r->form, 0, sizeof r->form);
}

static void
close_relay(struct relay *r, const struct str *s)
{
    r->len = (uint32_t)finish_line(s->at, s->len);
    memcpy(r->body, s->at, r->len);
}

void
relay_begin(struct relay *r, struct server *srv, const struct client *from,
            const char *fmt, ...)
{
    char line[LINE_ROOM];
    struct str s;
    va_list args;
    str_init(&s, line, sizeof line);
    open_relay(r, &s, srv, from);
    va_start(args, fmt);
    str_addv(&s, fmt, args);
    va_end(args);
    close_relay(r, &s);
}

void
relay_message(struct relay *r, struct server *srv, const struct client *from,
              const char *verb, const char *target, const char *text)
{
    char line[LINE_ROOM];
    struct str s;
    str_init(&s, line, sizeof line);
    open_relay(r, &s, srv, from);
    str_add(&s, verb);
    str_addc(&s, ' ');
    str_add(&s, target);
    if (text) {
        str_addn(&s, " :", 2);
        str_add(&s, text);
    }
    close_relay(r, &s);
}

void
relay_alt(struct relay *r, uint32_t caps, const char *fmt, ...)
{
    char line[LINE_ROOM];
    va_list args;
    memcpy(line, r->body, r->source_len);
    va_start(args, fmt);
    size_t len = add_text(line, r->source_len, fmt, args);
    va_end(args);
    r->alt = caps;
    r->alt_len = (uint32_t)finish_line(line, len);
    memcpy(r->alt_body, line, r->alt_len);
}

void
relay_identify(struct relay *r)
{
    r->tagging.msgid = msgid_next(r->srv);
}

static struct sbuf *
build_lines(const struct relay *r, uint32_t form, const char *first)
{
    char tags[SERVER_TIME_TAG + 8];
    struct tagging plain = {.bot = r->tagging.bot};
    struct str s;
    str_init(&s, tags, sizeof tags);
    tags_write(&s, r->srv, form & CAP_TAGS, &plain);
    return r->build(r, form >= RELAY_FORMS, first, s.at);
}

static struct sbuf *
build_form(struct relay *r, uint32_t form)
{
    char tags[TAGS_ROOM];
    struct str s;
    str_init(&s, tags, sizeof tags);
    tags_write(&s, r->srv, form & CAP_TAGS, &r->tagging);
    r->built++;
    if (r->build)
        return r->form[form] = build_lines(r, form, s.at);
    bool other = form >= RELAY_FORMS && r->alt_len;
    size_t len = other ? r->alt_len : r->len;
    struct sbuf *b = sbuf_new(&r->srv->buffers, s.len + len);
    memcpy(b->data, s.at, s.len);
    memcpy(b->data + s.len, other ? r->alt_body : r->body, len);
    b->len = (uint32_t)(s.len + len);
    r->form[form] = b;
    return b;
}

/* The message as a part of the answer to a labelled command of `to`. */
static ATTR_COLD void
answer_relay(struct relay *r, struct client *to, uint32_t form)
{
    char tags[TAGS_ROOM], rest[SERVER_TIME_TAG + 8];
    struct tagging plain = {.bot = r->tagging.bot};
    struct str s, t;
    bool other = form >= RELAY_FORMS;
    str_init(&s, tags, sizeof tags);
    tags_list(&s, r->srv, form & CAP_TAGS, &r->tagging);
    struct label_line line = {.tags = s.at};
    if (r->build) {
        str_init(&t, rest, sizeof rest);
        tags_write(&t, r->srv, form & CAP_TAGS, &plain);
        struct sbuf *b = r->build(r, other, "", t.at);
        line.text = b->data;
        line.len = b->len;
        label_take(r->srv, to, &line);
        sbuf_unref(b);
        return;
    }
    other = other && r->alt_len;
    line.text = other ? r->alt_body : r->body;
    line.len = other ? r->alt_len : r->len;
    label_take(r->srv, to, &line);
}

/* tags: those tag capabilities that change the form of this message. */
static ATTR_INLINE void
deliver(struct relay *r, struct client *to, uint32_t tags)
{
    uint32_t caps = to->out.caps, form = caps & tags;
    if ((caps & r->need) != r->need || caps & r->lack)
        return;
    if (r->alt && (caps & r->alt) == r->alt)
        form += RELAY_FORMS;
    if (to->out.flags & CLIENT_LABELLED) {
        answer_relay(r, to, form);
        return;
    }
    struct sbuf *b = r->form[form];
    if (b == NULL)
        b = build_form(r, form);
    push(r->srv, to, b);
}

void
relay_to(struct relay *r, struct client *to)
{
    deliver(r, to, tags_form(CAP_TAGS, &r->tagging));
}

void
relay_only(struct relay *r, struct client *to)
{
    uint32_t tags = to->out.caps & tags_form(CAP_TAGS, &r->tagging);
    if (tags || r->alt || r->need || r->lack || r->build ||
        to->out.flags & CLIENT_LABELLED)
        relay_to(r, to);
    else
        out_raw(r->srv, to, r->body, r->len);
}

void
relay_channel(struct relay *r, const struct channel *chan, const struct client *except)
{
    uint32_t tags = tags_form(CAP_TAGS, &r->tagging);
    for (uint32_t i = 0; i < chan->nmembers; i++) {
        if (i + 2 * AHEAD < chan->nmembers) {
            PREFETCH(chan->members[i + 2 * AHEAD].client);
            sendq_prefetch(&chan->members[i + AHEAD].client->out.sendq);
        }
        if (chan->members[i].client != except)
            deliver(r, chan->members[i].client, tags);
    }
}

void
relay_ranked(struct relay *r, const struct channel *chan, uint32_t modes,
             const struct client *except)
{
    for (uint32_t i = 0; i < chan->nmembers; i++)
        if (chan->members[i].modes & modes && chan->members[i].client != except)
            relay_to(r, chan->members[i].client);
}

struct modes_walk {
    struct relay *relay;
    uint32_t modes;
};

static bool
relay_if_modes(struct server *srv, struct client *c, void *ctx)
{
    struct modes_walk *w = ctx;
    (void)srv;
    if ((c->user.modes & w->modes) == w->modes)
        relay_to(w->relay, c);
    return true;
}

void
relay_modes(struct relay *r, uint32_t user_modes)
{
    struct modes_walk w = {r, user_modes};
    client_each(r->srv, relay_if_modes, &w);
}

void
relay_end(struct relay *r)
{
    if (r->built == 0)
        return;
    for (size_t i = 0; i < sizeof r->form / sizeof *r->form; i++)
        if (r->form[i])
            sbuf_unref(r->form[i]);
}
