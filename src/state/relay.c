/* Relays: the forms of a message, and the fan-out that shares them by reference.
 *
 * Most messages have one or two forms, so a form is found by a walk over those that
 * were made. A fan-out touches the first cache line of a client only. A send frees
 * nothing and removes no client from a list. */
#include "state/relay.h"

#include "base/attr.h"
#include "out_line.h"
#include "proto/mode.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/label.h"
#include "state/queue.h"
#include "state/request.h"
#include "state/server.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

/* The queue of a member is prefetched so many members ahead, and the client twice as
 * many. */
#define PREFETCH_AHEAD 8
/* bytes of the tags that each line of a message of several lines has */
#define LINE_TAGS_ROOM (SERVER_TIME_TAG + sizeof "@;bot ")
#define TAGS_ROOM 8192 /* bytes of '@', tags and space: message-tags allows 8191 */

_Static_assert(RELAY_LINE == LINE_ROOM, "a body is cut in place");

ATTR_HOT struct str
relay_open(struct relay *r, struct server *srv, const struct client *from,
           const char *source)
{
    struct str s;
    str_init(&s, r->body, sizeof r->body);
    str_addc(&s, ':');
    if (source)
        str_add(&s, source);
    else if (from)
        s.len += client_author_source(srv, from, s.at + s.len, s.size - s.len);
    else
        str_add(&s, srv->me.name);
    str_addc(&s, ' ');
    r->source_len = (uint32_t)s.len;
    r->srv = srv;
    r->request = srv->at_work && srv->at_work->label ? srv->at_work : NULL;
    r->tagging = (struct tagging){.bot = from && from->user.modes & USER_BOT};
    r->built = 0;
    r->need = r->lack = r->alt = 0;
    r->alt_len = 0;
    r->build = NULL;
    return s;
}

ATTR_HOT void
relay_close(struct relay *r, const struct str *line)
{
    r->len = (uint32_t)out_line_finish(r->body, line->len);
}

ATTR_HOT void
relay_begin(struct relay *r, struct server *srv, const struct client *from,
            const char *fmt, ...)
{
    va_list args;
    struct str s = relay_open(r, srv, from, NULL);
    va_start(args, fmt);
    str_addv(&s, fmt, args);
    va_end(args);
    relay_close(r, &s);
}

struct str
relay_open_alt(struct relay *r, uint64_t caps)
{
    struct str s;
    str_init(&s, r->alt_body, sizeof r->alt_body);
    str_addn(&s, r->body, r->source_len);
    r->alt = caps;
    return s;
}

void
relay_close_alt(struct relay *r, const struct str *line)
{
    r->alt_len = (uint32_t)out_line_finish(r->alt_body, line->len);
}

/* The body of the form with this key. */
static const char *
choose_body(const struct relay *r, uint64_t key, size_t *len)
{
    bool other = key & RELAY_ALT && r->alt_len;
    *len = other ? r->alt_len : r->len;
    return other ? r->alt_body : r->body;
}

static struct sbuf *
build_lines(const struct relay *r, uint64_t key, const char *first)
{
    char tags[LINE_TAGS_ROOM];
    struct tagging plain = {.bot = r->tagging.bot};
    struct str s;
    str_init(&s, tags, sizeof tags);
    tags_write(&s, r->srv, key & CAP_TAGS, &plain);
    return r->build(r, key & RELAY_ALT, first, s.at);
}

static struct sbuf *
build_line(const struct relay *r, uint64_t key, const struct str *tags)
{
    size_t len;
    const char *body = choose_body(r, key, &len);
    struct sbuf *b = sbuf_new(&r->srv->buffers, tags->len + len);
    memcpy(b->data, tags->at, tags->len);
    memcpy(b->data + tags->len, body, len);
    b->len = (uint32_t)(tags->len + len);
    return b;
}

static struct sbuf *
build_form(struct relay *r, uint64_t key)
{
    char tags[TAGS_ROOM];
    struct str s;
    str_init(&s, tags, sizeof tags);
    tags_write(&s, r->srv, key & CAP_TAGS, &r->tagging);
    assert(r->built < RELAY_FORMS);
    struct relay_form *form = &r->form[r->built++];
    form->key = key;
    form->bytes = r->build ? build_lines(r, key, s.at) : build_line(r, key, &s);
    return form->bytes;
}

static ATTR_INLINE struct sbuf *
find_form(struct relay *r, uint64_t key)
{
    for (uint32_t i = 0; i < r->built; i++)
        if (r->form[i].key == key)
            return r->form[i].bytes;
    return build_form(r, key);
}

static ATTR_INLINE bool
is_answer_to(const struct relay *r, const struct client *to)
{
    return r->request && r->request->client == to;
}

/* Gives the message to the label as a part of the answer to a command of `to`. */
static ATTR_COLD void
answer_relay(struct relay *r, struct client *to, uint64_t key)
{
    char tags[TAGS_ROOM];
    struct label *label = r->request->label;
    struct str s;
    if (to->out.flags & CLIENT_ENDING)
        return;
    str_init(&s, tags, sizeof tags);
    tags_list(&s, r->srv, key & CAP_TAGS, &r->tagging);
    struct label_line line = {.tags = s.at};
    if (r->build) {
        struct sbuf *b = build_lines(r, key, "");
        line.text = b->data;
        line.len = b->len;
        label_take(r->srv, to, label, &line);
        sbuf_unref(b);
        return;
    }
    line.text = choose_body(r, key, &line.len);
    label_take(r->srv, to, label, &line);
}

/* Sends to one client. tags: the bits of client_form that change the tags of this
 * message. False: it is no receiver of it. */
static ATTR_INLINE bool
deliver_form(struct relay *r, struct client *to, uint64_t tags)
{
    uint64_t want = client_form(to), key = want & tags;
    if ((want & r->need) != r->need || want & r->lack)
        return false;
    if (r->alt && (want & r->alt) == r->alt)
        key |= RELAY_ALT;
    if (is_answer_to(r, to)) {
        answer_relay(r, to, key);
        return true;
    }
    queue_push(r->srv, to, find_form(r, key));
    return true;
}

/* True if each client gets the message, the forms differ in their tags only, and no
 * client gets it as a part of an answer. */
static ATTR_INLINE bool
is_same_for_all(const struct relay *r)
{
    return (r->need | r->lack | r->alt) == 0 && r->request == NULL;
}

void
relay_to(struct relay *r, struct client *to)
{
    r->srv->counts.deliveries += deliver_form(r, to, tags_form(CAP_TAGS, &r->tagging));
}

/* Returns the number of receivers, 1 or 0. */
static ATTR_INLINE uint32_t
deliver_only(struct relay *r, struct client *to)
{
    uint64_t own = tags_form(CAP_TAGS, &r->tagging);
    if (client_form(to) & own || r->alt || r->need || r->lack || r->build ||
        is_answer_to(r, to))
        return deliver_form(r, to, own);
    queue_bytes(r->srv, to, r->body, r->len);
    return 1;
}

ATTR_HOT void
relay_only(struct relay *r, struct client *to)
{
    r->srv->counts.deliveries += deliver_only(r, to);
}

ATTR_HOT void
relay_reply(struct relay *r, struct client *to)
{
    deliver_only(r, to);
}

static ATTR_INLINE void
reach_channel(struct relay *r, const struct channel *chan, const struct client *except,
              bool plain)
{
    uint64_t tags = tags_form(CAP_TAGS, &r->tagging);
    uint32_t missed = 0; /* members that are no receivers */
    for (uint32_t i = 0; i < chan->nmembers; i++) {
        if (i + 2 * PREFETCH_AHEAD < chan->nmembers) {
            PREFETCH(chan->members[i + 2 * PREFETCH_AHEAD].client);
            sendq_prefetch(&chan->members[i + PREFETCH_AHEAD].client->out.sendq);
        }
        struct client *to = chan->members[i].client;
        if (to == except) {
            missed++;
            continue;
        }
        if (plain)
            queue_push(r->srv, to, find_form(r, client_form(to) & tags));
        else if (!deliver_form(r, to, tags))
            missed++;
    }
    r->srv->counts.deliveries += chan->nmembers - missed;
}

/* is_same_for_all is asked once, outside of the loop over the members. */
void
relay_channel(struct relay *r, const struct channel *chan, const struct client *except)
{
    if (is_same_for_all(r))
        reach_channel(r, chan, except, true);
    else
        reach_channel(r, chan, except, false);
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

ATTR_HOT void
relay_end(struct relay *r)
{
    for (uint32_t i = 0; i < r->built; i++)
        sbuf_unref(r->form[i].bytes);
}
