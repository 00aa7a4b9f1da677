/* Keeps the lines of a labelled answer until their number is known.
 *
 * At most KEPT_MAX lines are kept. After these, the batch is opened and all further
 * lines are sent at once, so that a long LIST is not held in memory. A line is changed
 * only by a tag that is put before its own tags. */
#include "state/label.h"

#include "base/mem.h"
#include "base/str.h"
#include "proto/message.h"
#include "state/client.h"
#include "state/queue.h"
#include "state/server.h"
#include "state/tags.h"

#include <string.h>

#define TAG_MARKS sizeof "@=; " /* room for these characters of a tag section */
/* room for the command that opens or closes the batch */
#define BATCH_TEXT (sizeof "BATCH + labeled-response" + ORIGIN_REFERENCE_TEXT)
#define KEPT_MAX 64 /* lines that are kept before the batch is opened */

/* The header of each line in label.lines; its tags, a NUL and its text follow. */
struct kept {
    size_t tags_len, len;
    enum label_part part;
};

struct label {
    char text[LABEL_MAX + 1];
    /* reference of the batch of the label; "": it is not open */
    char batch[ORIGIN_REFERENCE_TEXT];
    /* reference of a batch that the first line opens; "": none */
    char own[ORIGIN_REFERENCE_TEXT];
    bool own_closed; /* the last line ended the batch `own` */
    bool whole;      /* label_whole was called before the first line */
    unsigned n;      /* lines taken */
    char *lines;     /* the kept lines, each after its struct kept */
    size_t len, cap;
};

/* Sends a line with the tag key=value before its own tags (value NULL: with its own
 * only). */
static void
send_line_tagged(struct server *srv, struct client *c, const char *key,
                 const char *value, const struct label_line *line)
{
    struct str s;
    size_t room = (value ? strlen(key) + strlen(value) : 0) + strlen(line->tags) +
                  line->len + TAG_MARKS;
    char *text = xmalloc(room);
    str_init(&s, text, room);
    tags_front(&s, key, value, line->tags);
    str_addn(&s, line->text, line->len);
    queue_rest(srv, c, s.at, s.len);
    free(text);
}

/* Sends one line as a part of the label's batch. */
static void
send_batched_line(struct server *srv, struct client *c, const struct label *l,
                  const struct label_line *line)
{
    bool placed = line->part == LABEL_BATCHED || line->part == LABEL_CLOSES;
    send_line_tagged(srv, c, "batch", placed ? NULL : l->batch, line);
}

/* Sends a line from the server; label NULL: without the label. */
static void
send_server_line(struct server *srv, struct client *c, const char *label,
                 const char *text)
{
    char tags[SERVER_TIME_TAG + TAG_MARKS], body[MESSAGE_LINE];
    struct str s, t;
    str_init(&t, tags, sizeof tags);
    tags_list(&t, srv, c->out.caps, NULL);
    str_init(&s, body, sizeof body);
    str_addf(&s, ":%s %s\r\n", srv->me.name, text);
    send_line_tagged(srv, c, "label", label,
                     &(struct label_line){.tags = tags, .text = body, .len = s.len});
}

/* Reads the kept line at *at and moves *at to the next. */
static struct label_line
read_kept_line(const struct label *l, size_t *at)
{
    struct kept head;
    memcpy(&head, l->lines + *at, sizeof head);
    const char *tags = l->lines + *at + sizeof head;
    *at += sizeof head + head.tags_len + 1 + head.len;
    return (struct label_line){.tags = tags,
                               .text = tags + head.tags_len + 1,
                               .len = head.len,
                               .part = head.part};
}

static void
keep_line(struct label *l, const struct label_line *line)
{
    struct kept head = {strlen(line->tags), line->len, line->part};
    size_t need = sizeof head + head.tags_len + 1 + line->len;
    if (l->len + need > l->cap) {
        l->cap = 2 * (l->len + need);
        l->lines = xrealloc(l->lines, l->cap);
    }
    char *at = l->lines + l->len;
    memcpy(at, &head, sizeof head);
    memcpy(at + sizeof head, line->tags, head.tags_len + 1);
    memcpy(at + sizeof head + head.tags_len + 1, line->text, line->len);
    l->len += need;
}

/* Sends all kept lines: a single line, or a batch that the first line opens. The first
 * line carries the label. */
static void
send_kept_lines(struct server *srv, struct client *c, struct label *l)
{
    const char *label = l->text;
    for (size_t at = 0; at < l->len; label = NULL) {
        struct label_line line = read_kept_line(l, &at);
        send_line_tagged(srv, c, "label", label, &line);
    }
    l->len = 0;
}

static void
open_label_batch(struct server *srv, struct client *c, struct label *l)
{
    char text[BATCH_TEXT];
    origin_reference_next(srv, l->batch);
    str_format(text, sizeof text, "BATCH +%s labeled-response", l->batch);
    send_server_line(srv, c, l->text, text);
    for (size_t at = 0; at < l->len;) {
        struct label_line line = read_kept_line(l, &at);
        send_batched_line(srv, c, l, &line);
    }
    l->len = 0;
}

struct label *
label_new(const char *text)
{
    struct label *l = xcalloc(1, sizeof *l);
    str_format(l->text, sizeof l->text, "%s", text);
    return l;
}

/* Notes whether the lines so far are one batch that the first of them opened. */
static void
watch_own_batch(struct label *l, const struct label_line *line)
{
    if (l->n == 0 && line->part == LABEL_OPENS)
        str_format(l->own, sizeof l->own, "%s", line->reference);
    l->own_closed = line->part == LABEL_CLOSES && strcmp(l->own, line->reference) == 0;
}

void
label_take(struct server *srv, struct client *c, struct label *l,
           const struct label_line *line)
{
    watch_own_batch(l, line);
    if (l->whole) {
        send_line_tagged(srv, c, "label", l->n++ == 0 ? l->text : NULL, line);
        return;
    }
    if (l->n++ == KEPT_MAX)
        open_label_batch(srv, c, l);
    if (*l->batch)
        send_batched_line(srv, c, l, line);
    else
        keep_line(l, line);
}

void
label_close(struct server *srv, struct client *c, struct label *l)
{
    char text[BATCH_TEXT];
    if (l->n == 0) {
        send_server_line(srv, c, l->text, "ACK");
        return;
    }
    if (l->whole)
        return;
    if (l->n == 1 || (*l->batch == '\0' && l->own_closed)) {
        send_kept_lines(srv, c, l);
        return;
    }
    if (*l->batch == '\0')
        open_label_batch(srv, c, l);
    str_format(text, sizeof text, "BATCH -%s", l->batch);
    send_server_line(srv, c, NULL, text);
}

void
label_whole(struct label *label)
{
    label->whole = label->whole || label->n == 0;
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
