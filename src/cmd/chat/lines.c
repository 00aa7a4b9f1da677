/* The texts of a message of several lines, and its two forms for receivers: one batch,
 * or separate lines (IRCv3 multiline).
 *
 * The relay builds each form once for each set of tags. Must never send anything. */
#include "lines.h"

#include "base/mem.h"
#include "base/str.h"
#include "proto/message.h"
#include "state/label.h"
#include "state/relay.h"
#include "state/server.h"

const char *
lines_next(const struct multiline *b, const char *text)
{
    const char *before = text ? text : b->data;
    const char *next = before + strlen(before) + 2;
    return next < b->data + b->len ? next : NULL;
}

/* One line with its tags; text NULL: the line that opens the batch. */
static void
write_message_line(struct str *out, const struct relay *r, const char *tags,
                   const char *text)
{
    struct relay line;
    const struct multiline *b = r->lines;
    struct irc_event e = *b->event;
    struct str s = relay_open(&line, r->srv, e.source, e.mask);
    e.text = text;
    if (text)
        b->write(&s, &e);
    else
        str_addf(&s, "BATCH +%s " LINES_TYPE " %s", b->relayed, e.target);
    relay_close(&line, &s);
    str_add(out, tags);
    str_addn(out, line.body, line.len);
}

static void
write_message_batch(struct str *out, const struct relay *r, const char *first)
{
    char tags[sizeof "@batch=;" LINES_TYPE "-concat " + ORIGIN_REFERENCE_TEXT];
    const struct multiline *b = r->lines;
    write_message_line(out, r, first, NULL);
    for (const char *text = NULL; (text = lines_next(b, text)) != NULL;) {
        str_format(tags, sizeof tags, "@batch=%s%s ", b->relayed,
                   text[-1] == LINES_CONTINUES ? ";" LINES_TYPE "-concat" : "");
        write_message_line(out, r, tags, text);
    }
    str_addf(out, ":%s BATCH -%s\r\n", r->srv->me.name, b->relayed);
}

/* The form for clients without the capability; it leaves blank lines out. */
static void
write_separate_lines(struct str *out, const struct relay *r, const char *first,
                     const char *rest)
{
    const char *tags = first;
    for (const char *text = NULL; (text = lines_next(r->lines, text)) != NULL;) {
        if (*text == '\0')
            continue;
        write_message_line(out, r, tags, text);
        tags = rest;
    }
}

static struct sbuf *
build_message_form(const struct relay *r, bool alt, const char *first, const char *rest)
{
    const struct multiline *b = r->lines;
    size_t room = strlen(first) + (b->lines + 2) * (2 * MESSAGE_LINE);
    char *text = xmalloc(room);
    struct str out;
    str_init(&out, text, room);
    if (alt)
        write_message_batch(&out, r, first);
    else
        write_separate_lines(&out, r, first, rest);
    struct sbuf *form = sbuf_new(&r->srv->buffers, out.len);
    memcpy(form->data, out.at, out.len);
    form->len = (uint32_t)out.len;
    free(text);
    return form;
}

void
lines_form(struct multiline *b, struct relay *r, const struct irc_event *e,
           lines_write *write)
{
    b->event = e;
    b->write = write;
    r->alt = CAP_MULTILINE | CAP_BATCH;
    r->build = build_message_form;
    r->lines = b;
    if (r->request && r->request->client == e->source)
        label_whole(r->request->label);
}
