/* The lines that answer a label wait here until it is known how many there are.
 *
 * Few are kept; beyond that the batch is opened at once and the rest passes through, so
 * that a long LIST is not held in memory. A line is changed in one way only: a tag is
 * put in front. */
#include "state/label.h"

#include "base/mem.h"
#include "base/str.h"
#include "state/client.h"
#include "state/out.h"
#include "state/server.h"
#include "tags.h"

#include <string.h>

#define KEPT_MAX 64 /* lines before the batch is opened */

struct label {
    struct client *client;
    char text[LABEL_MAX + 1];
    char batch[16]; /* reference of the open batch; "" while none is */
    char *lines;    /* those kept, one behind the other */
    size_t len, cap;
    unsigned n;
    bool whole; /* label_whole */
};

/* The text behind the source of a line, its tags skipped. */
static const char *
command_of(const char *line)
{
    if (*line == '@')
        line = strchr(line, ' ') + 1;
    if (*line == ':')
        line = strchr(line, ' ') + 1;
    return line;
}

/* Whether a line has its place in a batch of its own already: it has the tag, or ends
 * that batch. */
static bool
is_batched(const char *line)
{
    const char *end = *line == '@' ? strchr(line, ' ') : line;
    for (const char *at = line; at < end; at += 1 + strcspn(at + 1, "; "))
        if (strncmp(at + 1, "batch=", 6) == 0)
            return true;
    return strncmp(command_of(line), "BATCH -", 7) == 0;
}

/* Past its own taking: what goes out now has been taken. */
static void
send_as_is(struct server *srv, struct client *c, const char *line, size_t n)
{
    struct label *open = label_defer(srv);
    out_raw(srv, c, line, n);
    label_resume(srv, open);
}

/* Sends one line with a tag more in front of those it has. */
static void
send_tagged(struct server *srv, struct client *c, const char *tag, const char *line,
            size_t n)
{
    struct str s;
    size_t room = strlen(tag) + n + 4;
    char *text = xmalloc(room);
    str_init(&s, text, room);
    str_addc(&s, '@');
    str_add(&s, tag);
    if (*line == '@') {
        str_addc(&s, ';');
        str_addn(&s, line + 1, n - 1);
    } else {
        str_addc(&s, ' ');
        str_addn(&s, line, n);
    }
    send_as_is(srv, c, s.at, s.len);
    free(text);
}

/* Sends one line into the batch of the label. */
static void
send_member(struct server *srv, struct label *l, const char *line, size_t n)
{
    char tag[32];
    str_format(tag, sizeof tag, "batch=%s", l->batch);
    if (is_batched(line))
        send_as_is(srv, l->client, line, n);
    else
        send_tagged(srv, l->client, tag, line, n);
}

static void
send_sourced(struct server *srv, struct label *l, const char *tag, const char *text)
{
    char line[SERVER_TIME_TAG + MESSAGE_LINE + 2];
    struct str s;
    str_init(&s, line, sizeof line);
    tags_write(&s, srv, l->client->caps, NULL);
    str_addf(&s, ":%s %s\r\n", srv->me.name, text);
    if (*tag)
        send_tagged(srv, l->client, tag, s.at, s.len);
    else
        send_as_is(srv, l->client, s.at, s.len);
}

static void
label_tag(const struct label *l, char *out, size_t size)
{
    str_format(out, size, "label=%s", l->text);
}

static size_t
line_length(const struct label *l, size_t at)
{
    const char *end = memchr(l->lines + at, '\n', l->len - at);
    return (size_t)(end - (l->lines + at)) + 1;
}

/* What was kept is one batch from its first line to its last. */
static bool
is_one_batch(const struct label *l)
{
    const char *first = command_of(l->lines), *last = l->lines;
    for (size_t at = 0; at < l->len; at += line_length(l, at))
        last = l->lines + at;
    last = command_of(last);
    size_t n = strcspn(first, "\r") < 7 ? 0 : strcspn(first + 7, " \r");
    return strncmp(first, "BATCH +", 7) == 0 && strncmp(last, "BATCH -", 7) == 0 &&
           strncmp(first + 7, last + 7, n) == 0 && last[7 + n] == '\r';
}

/* The first line answers the label: alone, or as the start of its own batch. */
static void
send_first(struct server *srv, struct label *l, const char *tag)
{
    size_t n = line_length(l, 0);
    send_tagged(srv, l->client, tag, l->lines, n);
    if (n < l->len)
        send_as_is(srv, l->client, l->lines + n, l->len - n);
    l->len = 0;
}

static void
open_batch(struct server *srv, struct label *l)
{
    char tag[LABEL_MAX + 16], text[64];
    reference_next(srv, l->batch);
    label_tag(l, tag, sizeof tag);
    str_format(text, sizeof text, "BATCH +%s labeled-response", l->batch);
    send_sourced(srv, l, tag, text);
    for (size_t at = 0; at < l->len; at += line_length(l, at))
        send_member(srv, l, l->lines + at, line_length(l, at));
    l->len = 0;
}

void
label_begin(struct server *srv, struct client *c, const char *text)
{
    struct label *l = xcalloc(1, sizeof *l);
    l->client = c;
    str_format(l->text, sizeof l->text, "%s", text);
    srv->label = l;
}

bool
label_take(struct server *srv, const struct client *c, const char *line, size_t n)
{
    struct label *l = srv->label;
    if (l == NULL || l->client != c)
        return false;
    if (l->whole && l->n++ > 0)
        return false;
    if (l->whole) {
        char label[LABEL_MAX + 16];
        label_tag(l, label, sizeof label);
        send_tagged(srv, l->client, label, line, n);
        return true;
    }
    if (l->n++ == KEPT_MAX)
        open_batch(srv, l);
    if (*l->batch) {
        send_member(srv, l, line, n);
        return true;
    }
    if (l->len + n > l->cap) {
        l->cap = 2 * (l->len + n);
        l->lines = xrealloc(l->lines, l->cap);
    }
    memcpy(l->lines + l->len, line, n);
    l->len += n;
    return true;
}

static void
close_label(struct server *srv, struct label *l)
{
    char tag[LABEL_MAX + 16], text[64];
    label_tag(l, tag, sizeof tag);
    if (l->n == 0) {
        send_sourced(srv, l, tag, "ACK");
        return;
    }
    if (l->whole)
        return;
    if (l->n == 1 || (*l->batch == '\0' && is_one_batch(l))) {
        send_first(srv, l, tag);
        return;
    }
    if (*l->batch == '\0')
        open_batch(srv, l);
    str_format(text, sizeof text, "BATCH -%s", l->batch);
    send_sourced(srv, l, "", text);
}

void
label_end(struct server *srv)
{
    struct label *l = label_defer(srv);
    if (l)
        close_label(srv, l);
    label_free(l);
}

void
label_settle(struct server *srv, const struct client *c)
{
    if (srv->label && srv->label->client == c)
        label_end(srv);
}

struct label *
label_defer(struct server *srv)
{
    struct label *l = srv->label;
    srv->label = NULL;
    return l;
}

void
label_resume(struct server *srv, struct label *label)
{
    srv->label = label;
}

void
label_keep(struct server *srv, char text[LABEL_MAX + 1])
{
    struct label *l = label_defer(srv);
    str_format(text, LABEL_MAX + 1, "%s", l ? l->text : "");
    label_free(l);
}

void
label_whole(struct server *srv)
{
    if (srv->label && srv->label->n == 0)
        srv->label->whole = true;
}

void
label_free(struct label *label)
{
    if (label)
        free(label->lines);
    free(label);
}

size_t
label_memory(const struct label *label)
{
    return label ? mem_block(sizeof *label) + mem_block(label->cap) : 0;
}
