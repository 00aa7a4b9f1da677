/* Server notices: for operators only, by kind. Where a notice has text that not all
 * operators may read, it has two forms: open and hidden.
 *
 * The rate of notices that an outsider can cause at will is limited here, and the
 * number of those that were left out is told later. Must never show the open form to an
 * operator that may not read it. */
#include "state/tell.h"

#include "base/bucket.h"
#include "base/str.h"
#include "state/client.h"
#include "state/event_ring.h"
#include "state/out.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <string.h>

/* Stands in a notice where its two forms differ. No text of a client contains a
 * newline. */
#define EITHER "\n"

#define NOTICE_BURST 10             /* limited notices of one kind at once */
#define NOTICE_INTERVAL MSEC_SECOND /* time until one more is allowed */

/* Sends a notice of this kind to all operators that want it. text has EITHER where its
 * forms differ. */
static void
notify_opers(struct server *srv, struct tell_to to, uint16_t kind, const char *open,
             const char *hidden, const char *text)
{
    size_t n = strcspn(text, EITHER);
    const char *rest = text + n + (text[n] != '\0');
    for (size_t i = 0; i < srv->n_opers; i++) {
        struct client *reader = srv->opers[i];
        if (reader != to.actor && reader->user.snomask & kind)
            out_notice(srv, reader, "*** %.*s%s%s", (int)n, text,
                       reader->user.privileges & to.privileges ? open : hidden, rest);
    }
}

const struct notice_row notice_rows[EVENTS] = {
#define NO_NOTICE                                                                      \
    {                                                                                  \
        0, false, NULL                                                                 \
    }
#define NOTICE(kind, rate, text)                                                       \
    {                                                                                  \
        SNO_##kind, EVENT_##rate == EVENT_LIMITED, text                                \
    }
#define EVENT(name, word, level, rate, fields, notice, when) [EVENT_##name] = notice,
#define LIKE(name, same, word, level, rate, notice, when) [EVENT_##name] = notice,
#include "base/events.def"
#undef NO_NOTICE
#undef NOTICE
#undef EVENT
#undef LIKE
};

/* A notice that is being made. */
struct notice {
    enum event event;
    const void *fields;
    struct str text;
    char room[MESSAGE_LINE];
    char open[MESSAGE_LINE], hidden[MESSAGE_LINE]; /* the two forms of EITHER */
};

/* The value of the field name[0..n); "": none. */
static const char *
notice_value(const struct notice *w, const char *name, size_t n, char room[EVENT_ROOM])
{
    const char *value = event_value(w->event, w->fields, name, n, room);
    return value ? value : "";
}

/* Adds a field: "field" or "open/hidden", the n bytes between the braces. */
static void
add_notice_field(struct notice *w, const char *at, size_t n)
{
    char room[EVENT_ROOM];
    size_t open = strcspn(at, "/}");
    if (open >= n) {
        str_add(&w->text, notice_value(w, at, n, room));
        return;
    }
    str_format(w->open, sizeof w->open, "%s", notice_value(w, at, open, room));
    str_format(w->hidden, sizeof w->hidden, "%s",
               notice_value(w, at + open + 1, n - open - 1, room));
    str_add(&w->text, EITHER);
}

/* True if no field in at[0..n) is empty. */
static bool
has_field_values(const struct notice *w, const char *at, size_t n)
{
    char room[EVENT_ROOM];
    const char *end = at + n;
    while ((at = memchr(at, '{', (size_t)(end - at)))) {
        size_t len = strcspn(++at, "}");
        if (*notice_value(w, at, len, room) == '\0')
            return false;
        at += len;
    }
    return true;
}

static void
fill_notice(struct notice *w, const char *at, size_t n)
{
    for (const char *end = at + n; at < end;) {
        size_t plain = strcspn(at, "{[]"), len;
        plain = plain < (size_t)(end - at) ? plain : (size_t)(end - at);
        str_addn(&w->text, at, plain);
        at += plain;
        if (at == end)
            return;
        len = strcspn(at + 1, *at == '{' ? "}" : "]");
        if (*at == '{')
            add_notice_field(w, at + 1, len);
        else if (has_field_values(w, at + 1, len))
            fill_notice(w, at + 1, len);
        at += len + 2;
    }
}

static void
send_notice(struct server *srv, struct tell_to to, enum event event, const void *fields)
{
    const char *text = notice_rows[event].text;
    struct notice w = {.event = event, .fields = fields};
    str_init(&w.text, w.room, sizeof w.room);
    fill_notice(&w, text, strlen(text));
    notify_opers(srv, to, notice_rows[event].kind, w.open, w.hidden, w.room);
}

/* The limit on one kind of notice. */
struct notice_limit {
    struct bucket bucket;
    unsigned suppressed;
    msec left_at; /* monotonic: a notice was left out last */
};

/* SNO_COUNT limits, one for each kind. */
static struct notice_limit *
notice_limits_of(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_tell);
}

static void
tell_left_out(struct server *srv, struct notice_limit *l)
{
    uint16_t kind = (uint16_t)(1U << (l - notice_limits_of(srv)));
    char text[64];
    unsigned n = l->suppressed;
    l->suppressed = 0;
    if (n == 0)
        return;
    str_format(text, sizeof text, "%u notices of this kind were left out", n);
    notify_opers(srv, TELL_ALL, kind, "", "", text);
}

/* True if an operator gets notices of this kind. */
static bool
has_notice_reader(const struct server *srv, uint16_t kind)
{
    for (size_t i = 0; i < srv->n_opers; i++)
        if (srv->opers[i]->user.snomask & kind)
            return true;
    return false;
}

/* True if the limit of this kind allows a notice now. Then the number of notices that
 * were left out before is told first. */
static bool
admit_notice(struct server *srv, uint16_t kind)
{
    struct notice_limit *l = notice_limits_of(srv);
    while (!(kind & 1U << (l - notice_limits_of(srv))))
        l++;
    if (!bucket_take(&l->bucket, srv->now, NOTICE_BURST, NOTICE_INTERVAL, 1)) {
        l->suppressed++;
        l->left_at = srv->now;
        return false;
    }
    tell_left_out(srv, l);
    return true;
}

bool
tell_wants(struct server *srv, enum event event)
{
    const struct event_row *row = &event_rows[event];
    const struct notice_row *notice = &notice_rows[event];
    if (notice->text && has_notice_reader(srv, notice->kind))
        return true;
    if (row->rate != EVENT_NEVER)
        return event_note_wanted(srv, event);
    srv->log->counts[event]++;
    return false;
}

void
tell_event(struct server *srv, struct tell_to to, enum event event, const void *fields)
{
    const struct notice_row *row = &notice_rows[event];
    event_note(srv, event, NULL, fields);
    if (row->text == NULL || !has_notice_reader(srv, row->kind))
        return;
    if (!row->limited || admit_notice(srv, row->kind))
        send_notice(srv, to, event, fields);
}

/* Tells the number of notices that were left out once NOTICE_INTERVAL has passed since
 * the last of them. */
static void
tell_tick(struct server *srv)
{
    for (size_t i = 0; i < SNO_COUNT; i++)
        if (srv->now - notice_limits_of(srv)[i].left_at >= NOTICE_INTERVAL)
            tell_left_out(srv, &notice_limits_of(srv)[i]);
}

const struct subsystem tell_subsystem = {
    .id = SUBSYSTEM_tell,
    .state = SNO_COUNT * sizeof(struct notice_limit),
    .tick = tell_tick,
};
