/* All output. Replies to one client join the last buffer of its queue; relays are built
 * once for each set of tags and shared by reference.
 *
 * A send never frees and never removes anybody from anything: a full queue only marks
 * its client (client_kill), so every walk here and above stays valid. */
#include "state/out.h"

#include "proto/mode.h"
#include "proto/utf8.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/server.h"
#include "tags.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A line before it is cut: with the whole of the last character that begins in it,
 * which the cut must see. */
#define LINE_ROOM (MESSAGE_LINE + 4)
#define TAGS_ROOM 8192 /* '@', tags and the space: message-tags allows 8191 */

static void
mark_dirty(struct server *srv, struct client *c)
{
    if (c->flags & CLIENT_DIRTY)
        return;
    c->flags |= CLIENT_DIRTY;
    c->dirty_next = NULL;
    if (srv->dirty_tail)
        srv->dirty_tail->dirty_next = c;
    else
        srv->dirty = c;
    srv->dirty_tail = c;
}

static bool
has_room(struct server *srv, struct client *c, size_t n)
{
    if (c->flags & CLIENT_DEAF)
        return false;
    if (c->sendq.bytes + n <= c->sendq_max)
        return true;
    client_kill(srv, c, "SendQ exceeded");
    return false;
}

static void
push(struct server *srv, struct client *c, struct sbuf *b)
{
    if (!has_room(srv, c, b->len))
        return;
    sendq_push(&c->sendq, b);
    srv->sendq_bytes += b->len;
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
    size_t room = LINE_ROOM - len;
    int n = vsnprintf(line + len, room, fmt, args);
    if (n < 0)
        n = 0;
    size_t wanted = len + (size_t)n;
    return wanted < LINE_ROOM ? wanted : LINE_ROOM - 1;
}

static void
send_line(struct server *srv, struct client *to, char *line, size_t len)
{
    char tags[SERVER_TIME_TAG + 2];
    struct str s;
    len = finish_line(line, len);
    str_init(&s, tags, sizeof tags);
    tags_write(&s, srv, to->caps, NULL);
    if (!has_room(srv, to, s.len + len))
        return;
    sendq_append(&to->sendq, s.at, s.len);
    sendq_append(&to->sendq, line, len);
    srv->sendq_bytes += s.len + len;
    mark_dirty(srv, to);
}

void
out_numeric(struct server *srv, struct client *to, int number, const char *fmt, ...)
{
    char line[LINE_ROOM];
    struct str s;
    va_list args;
    str_init(&s, line, sizeof line);
    str_addf(&s, ":%s %03d %s ", srv->config->server.name, number, client_name(to));
    va_start(args, fmt);
    size_t len = add_text(line, s.len, fmt, args);
    va_end(args);
    send_line(srv, to, line, len);
}

void
out_notice(struct server *srv, struct client *to, const char *fmt, ...)
{
    char line[LINE_ROOM];
    struct str s;
    va_list args;
    str_init(&s, line, sizeof line);
    str_addf(&s, ":%s NOTICE %s :", srv->config->server.name, client_name(to));
    va_start(args, fmt);
    size_t len = add_text(line, s.len, fmt, args);
    va_end(args);
    send_line(srv, to, line, len);
}

void
out_line(struct server *srv, struct client *to, const char *fmt, ...)
{
    char line[LINE_ROOM];
    va_list args;
    va_start(args, fmt);
    size_t len = add_text(line, 0, fmt, args);
    va_end(args);
    send_line(srv, to, line, len);
}

void
out_error(struct server *srv, struct client *dead, const char *why)
{
    char line[LINE_ROOM];
    struct str s;
    if (!(dead->flags & CLIENT_GONE)) {
        str_init(&s, line, sizeof line);
        str_addf(&s, "ERROR :Closing Link: %s (%s)", dead->hostname, why);
        size_t len = finish_line(line, s.len);
        sendq_append(&dead->sendq, line, len);
        srv->sendq_bytes += len;
    }
    mark_dirty(srv, dead);
}

void
out_opers(struct server *srv, const char *fmt, ...)
{
    char text[MESSAGE_LINE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    for (size_t i = 0; i < srv->n_opers; i++)
        if (srv->opers[i]->modes & USER_NOTICES)
            out_notice(srv, srv->opers[i], "*** %s", text);
}

void
relay_begin(struct relay *r, struct server *srv, const struct client *from,
            const char *fmt, ...)
{
    char line[LINE_ROOM];
    struct str s;
    va_list args;
    str_init(&s, line, sizeof line);
    str_addc(&s, ':');
    if (from) {
        s.len += client_source(from, s.at + s.len, s.size - s.len);
        str_addc(&s, ' ');
    } else {
        str_addf(&s, "%s ", srv->config->server.name);
    }
    va_start(args, fmt);
    size_t len = add_text(line, s.len, fmt, args);
    va_end(args);
    r->len = (uint32_t)finish_line(line, len);
    memcpy(r->body, line, r->len);
    r->srv = srv;
    r->tags = NULL;
    r->built = 0;
    r->need = 0;
    memset(r->form, 0, sizeof r->form);
}

static struct sbuf *
build_form(struct relay *r, uint32_t form)
{
    char tags[TAGS_ROOM];
    struct str s;
    str_init(&s, tags, sizeof tags);
    tags_write(&s, r->srv, form, r->tags);
    struct sbuf *b = sbuf_new(s.len + r->len);
    memcpy(b->data, s.at, s.len);
    memcpy(b->data + s.len, r->body, r->len);
    b->len = (uint32_t)(s.len + r->len);
    r->form[form] = b;
    r->built++;
    return b;
}

void
relay_to(struct relay *r, struct client *to)
{
    if ((to->caps & r->need) != r->need)
        return;
    uint32_t form = tags_form(to->caps, r->tags);
    struct sbuf *b = r->form[form];
    if (b == NULL)
        b = build_form(r, form);
    push(r->srv, to, b);
}

void
relay_channel(struct relay *r, const struct channel *chan, const struct client *except)
{
    for (uint32_t i = 0; i < chan->nmembers; i++)
        if (chan->members[i].client != except)
            relay_to(r, chan->members[i].client);
}

void
relay_peers(struct relay *r, const struct client *c)
{
    uint32_t epoch = ++r->srv->epoch;
    for (uint32_t i = 0; i < c->njoined; i++) {
        const struct channel *chan = c->joined[i].chan;
        for (uint32_t m = 0; m < chan->nmembers; m++) {
            struct client *to = chan->members[m].client;
            if (to == c || to->epoch == epoch)
                continue;
            to->epoch = epoch;
            relay_to(r, to);
        }
    }
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
    if ((c->modes & w->modes) == w->modes)
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
    for (size_t i = 0; i < RELAY_FORMS; i++)
        sbuf_unref(r->form[i]);
}

static bool
find_biggest(struct server *srv, struct client *c, void *ctx)
{
    struct client **biggest = ctx;
    (void)srv;
    if (*biggest == NULL || c->sendq.bytes > (*biggest)->sendq.bytes)
        *biggest = c;
    return true;
}

void
out_enforce_total(struct server *srv)
{
    while (srv->sendq_bytes > (size_t)srv->config->limits.sendq_total) {
        struct client *biggest = NULL;
        client_each(srv, find_biggest, &biggest);
        if (biggest == NULL)
            return;
        client_kill(srv, biggest, "SendQ exceeded (all queues together)");
        srv->sendq_bytes -= biggest->sendq.bytes;
        sendq_clear(&biggest->sendq);
    }
}
