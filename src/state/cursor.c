/* Long answers in pieces.
 *
 * A cursor stands on a client of the nick table, on a channel of the channel table or
 * on an entry of a list; whoever takes one of these out calls cursor_skip first, so
 * that no cursor ever stands on freed memory. Few cursors go on in one turn, whoever
 * waits longest first: a thousand LISTs at once must not stop the server. */
#include "state/cursor.h"

#include "base/mem.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/label.h"
#include "state/server.h"

#define STEPS_A_TICK 16

void *
cursor_new(struct client *c, size_t size, cursor_step *step)
{
    struct cursor *cur = xcalloc(1, size);
    list_init(&cur->link);
    cur->owner = c;
    cur->step = step;
    cur->memory = mem_block(size);
    cur->paid = (c->flags & CLIENT_PAID) != 0;
    cur->base = c->sendq.bytes;
    return cur;
}

/* Bytes that may wait in its owner's queue: room is left for its talk. */
static uint32_t
room(const struct cursor *cur)
{
    return cur->owner->sendq_max / 2;
}

/* Bytes of one piece. */
static uint32_t
piece(const struct cursor *cur)
{
    return room(cur) < CURSOR_BYTES ? room(cur) : CURSOR_BYTES;
}

bool
cursor_yields(struct cursor *cur)
{
    uint32_t bytes = cur->owner->sendq.bytes;
    return cur->owner->flags & CLIENT_DEAF || bytes >= room(cur) ||
           bytes - cur->base >= piece(cur) || cur->visits++ >= CURSOR_VISITS;
}

static void
dispose(struct cursor *cur)
{
    if (cur->end)
        cur->end(cur);
    free(cur);
}

static void
cursor_free(struct cursor *cur)
{
    list_remove(&cur->link);
    if (--cur->owner->ncursors == 0)
        cur->owner->flags &= ~(unsigned)CLIENT_CURSOR;
    label_free(cur->label);
    dispose(cur);
}

bool
cursor_start(struct server *srv, struct cursor *cur)
{
    if (cur->step(srv, cur)) {
        dispose(cur);
        return false;
    }
    cur->owner->ncursors++;
    cur->owner->flags |= CLIENT_CURSOR;
    list_append(&srv->cursors, &cur->link);
    return true;
}

void
cursor_keep_label(struct server *srv, const struct client *c)
{
    struct list *node = srv->cursors.prev;
    while (LIST_ENTRY(node, struct cursor, link)->owner != c)
        node = node->prev;
    LIST_ENTRY(node, struct cursor, link)->label = label_defer(srv);
}

static void
go_on(struct server *srv, struct cursor *cur)
{
    cur->visits = 0;
    cur->base = cur->owner->sendq.bytes;
    label_resume(srv, cur->label);
    cur->label = NULL;
    if (cur->step(srv, cur)) {
        label_end(srv);
        cursor_free(cur);
        return;
    }
    cur->label = label_defer(srv);
    list_remove(&cur->link);
    list_append(&srv->cursors, &cur->link);
}

static bool
is_ready(const struct cursor *cur)
{
    return !(cur->owner->flags & CLIENT_DEAF) &&
           cur->owner->sendq.bytes <= piece(cur) / 2;
}

bool
cursor_tick(struct server *srv)
{
    struct list *last = srv->cursors.prev;
    int steps = 0;
    bool soon = false;
    for (struct list *node = srv->cursors.next, *next; node != &srv->cursors;
         node = next) {
        struct cursor *cur = LIST_ENTRY(node, struct cursor, link);
        bool is_last = node == last;
        next = node->next;
        if (is_ready(cur)) {
            soon = true;
            if (steps++ < STEPS_A_TICK)
                go_on(srv, cur);
        }
        /* Those that have gone on stand behind it now. */
        if (is_last)
            break;
    }
    return soon;
}

size_t
cursor_count(const struct server *srv, size_t *memory)
{
    size_t n = 0;
    *memory = 0;
    LIST_EACH(&srv->cursors, node) {
        const struct cursor *cur = LIST_ENTRY(node, struct cursor, link);
        n++;
        *memory += cur->memory + label_memory(cur->label);
    }
    return n;
}

void
cursor_cancel(struct server *srv, struct client *c)
{
    LIST_EACH_SAFE(&srv->cursors, node, next) {
        struct cursor *cur = LIST_ENTRY(node, struct cursor, link);
        if (cur->owner == c)
            cursor_free(cur);
    }
}

void
cursor_skip_client(struct server *srv, const struct client *c)
{
    LIST_EACH(&srv->cursors, node) {
        struct cursor *cur = LIST_ENTRY(node, struct cursor, link);
        if (cur->client == c)
            cur->client = c->hh.next;
    }
}

void
cursor_skip_channel(struct server *srv, const struct channel *chan)
{
    LIST_EACH(&srv->cursors, node) {
        struct cursor *cur = LIST_ENTRY(node, struct cursor, link);
        if (cur->channel == chan)
            cur->channel = chan->hh.next;
    }
}

void
cursor_skip_host(struct server *srv, const struct host *h, struct host *next)
{
    LIST_EACH(&srv->cursors, node) {
        struct cursor *cur = LIST_ENTRY(node, struct cursor, link);
        if (cur->host == h)
            cur->host = next;
    }
}

void
cursor_skip_node(struct server *srv, const struct list *node)
{
    LIST_EACH(&srv->cursors, at) {
        struct cursor *cur = LIST_ENTRY(at, struct cursor, link);
        if (cur->node == node)
            cur->node = node->next;
    }
}

void
cursor_move_client(struct server *srv, const struct client *c)
{
    if (c->hh.next)
        cursor_skip_client(srv, c);
}

void
cursor_move_channel(struct server *srv, const struct channel *chan)
{
    if (chan->hh.next)
        cursor_skip_channel(srv, chan);
}
