/* Long answers in pieces.
 *
 * A cursor has a place: a client of the nick table, a channel of the channel table, a
 * host or a node of a list. Before one of these is freed, rest_skip moves the cursors
 * there, so that no cursor refers to freed memory (state/rest.h). The work of all
 * cursors in a turn is limited, and the cursor that has waited longest continues first:
 * a thousand LISTs at once must not stop the server. */
#include "state/cursor.h"

#include "base/mem.h"
#include "state/census.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/rest.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <assert.h>

#include <limits.h>

#define STEP_WORK 1000 /* work of a piece, besides that of its items */
#define BYTE_WORK 4    /* work of a byte that is queued */
/* cursors that cursor_can_continue looks at: it is called in each turn */
#define CURSORS_LOOKED 64

void *
cursor_new(struct server *srv, struct client *c, size_t size, cursor_step *step)
{
    struct cursor *cur = xcalloc(1, size);
    list_init(&cur->link);
    list_init(&cur->resting);
    cur->owner = c;
    cur->request = (struct request){.srv = srv, .client = c};
    cur->step = step;
    cur->memory = mem_block(size);
    cur->base = c->out.sendq.bytes;
    return cur;
}

/* Bytes that cursors may leave in the queue of their owner: the rest is for other
 * messages. */
static uint32_t
cursor_room(const struct cursor *cur)
{
    return cur->owner->out.sendq.limit / 2;
}

/* Bytes of one piece. */
static uint32_t
cursor_piece_room(const struct cursor *cur)
{
    return cursor_room(cur) < CURSOR_BYTES ? cursor_room(cur) : CURSOR_BYTES;
}

bool
cursor_yields(struct cursor *cur)
{
    uint32_t bytes = cur->owner->out.sendq.bytes;
    if (cur->owner->out.flags & CLIENT_ENDING || bytes >= cursor_room(cur) ||
        bytes - cur->base >= cursor_piece_room(cur) ||
        cur->srv->work - cur->begun >= CURSOR_WORK)
        return true;
    cur->srv->work += CURSOR_VISIT;
    return false;
}

int
cursor_tokens(const struct cursor *cur)
{
    size_t work = cur->spent + (cur->srv->work - cur->begun);
    return work / WORK_A_TOKEN < INT_MAX ? (int)(work / WORK_A_TOKEN) : INT_MAX;
}

/* Makes one piece and subtracts its work from *left. True: the answer is complete. */
static bool
make_piece(struct server *srv, struct cursor *cur, size_t *left)
{
    cur->srv = srv;
    cur->begun = srv->work;
    bool done = cur->step(srv, cur);
    uint32_t bytes = cur->owner->out.sendq.bytes;
    size_t work = srv->work - cur->begun;
    cur->spent += work;
    srv->work = cur->begun; /* the command itself is not charged for it */
    work += STEP_WORK + (bytes > cur->base ? BYTE_WORK * (bytes - cur->base) : 0);
    *left -= work < *left ? work : *left;
    return done;
}

static void
dispose_cursor(struct cursor *cur)
{
    if (cur->end)
        cur->end(cur);
    free(cur);
}

static void
disown_cursor(struct cursor *cur)
{
    struct cursor **at = &cur->owner->session->cursors;
    while (*at != cur)
        at = &(*at)->next_own;
    *at = cur->next_own;
    if (--cur->owner->session->ncursors == 0)
        cur->owner->out.flags &= ~(unsigned)CLIENT_CURSOR;
}

static void
cursor_free(struct server *srv, struct cursor *cur)
{
    list_remove(&cur->link);
    rest_end(srv, cur);
    disown_cursor(cur);
    request_drop(&cur->request);
    dispose_cursor(cur);
}

bool
cursor_start(struct server *srv, struct cursor *cur)
{
    if (cursors_of(srv)->left > 0 && make_piece(srv, cur, &cursors_of(srv)->left)) {
        dispose_cursor(cur);
        return false;
    }
    cur->next_own = cur->owner->session->cursors;
    cur->owner->session->cursors = cur;
    cur->owner->session->ncursors++;
    cur->owner->out.flags |= CLIENT_CURSOR;
    list_append(&cursors_of(srv)->all, &cur->link);
    rest_begin(srv, cur);
    return true;
}

void
cursor_keep_label(struct server *srv, struct client *c)
{
    /* The first of the list is the newest one. */
    request_defer(&c->session->cursors->request, srv, c);
}

static void
continue_cursor(struct server *srv, struct cursor *cur, size_t *left)
{
    rest_end(srv, cur);
    cur->base = cur->owner->out.sendq.bytes;
    request_begin(&cur->request);
    if (make_piece(srv, cur, left)) {
        request_end(&cur->request);
        cursor_free(srv, cur);
        return;
    }
    request_pause(&cur->request);
    list_remove(&cur->link);
    list_append(&cursors_of(srv)->all, &cur->link);
    rest_begin(srv, cur);
}

static bool
is_reader_ready(const struct cursor *cur)
{
    return !(cur->owner->out.flags & CLIENT_ENDING) &&
           cur->owner->out.sendq.bytes <= cursor_piece_room(cur) / 2;
}

/* Continues cursors until the work `left` is used up. */
static void
continue_cursors(struct server *srv, size_t left)
{
    struct list *last = cursors_of(srv)->all.prev;
    bool soon = false;
    for (struct list *node = cursors_of(srv)->all.next, *next;
         node != &cursors_of(srv)->all; node = next) {
        struct cursor *cur = LIST_ENTRY(node, struct cursor, link);
        bool is_last = node == last;
        next = node->next;
        if (is_reader_ready(cur)) {
            soon = true;
            if (left == 0)
                break;
            continue_cursor(srv, cur, &left);
        }
        /* The cursors that were continued are after the last one now. */
        if (is_last)
            break;
    }
    cursors_of(srv)->soon = soon;
}

void
cursor_tick(struct server *srv)
{
    continue_cursors(srv, CURSOR_TURN);
}

void
cursor_continue(struct server *srv)
{
    continue_cursors(srv, CURSOR_WORK);
}

bool
cursor_can_continue(const struct server *srv)
{
    unsigned looked = 0;
    LIST_EACH(&cursors_of(srv)->all, node) {
        if (is_reader_ready(LIST_ENTRY(node, struct cursor, link)))
            return true;
        if (++looked == CURSORS_LOOKED)
            return false;
    }
    return false;
}

size_t
cursor_count(const struct server *srv, size_t *memory)
{
    size_t n = 0;
    *memory = rest_memory(srv);
    LIST_EACH(&cursors_of(srv)->all, node) {
        const struct cursor *cur = LIST_ENTRY(node, struct cursor, link);
        n++;
        *memory += cur->memory + request_memory(&cur->request);
    }
    return n;
}

void
cursor_cancel(struct server *srv, struct client *c)
{
    while (c->session->cursors)
        cursor_free(srv, c->session->cursors);
}

/* Asserts that the place of the cursor exists. */
static void
check_place(const struct server *srv, const struct cursor *cur)
{
    const struct client *c = rest_place(cur);
    const struct channel *chan = rest_place(cur);
    if (c && cur->standing == REST_CLIENT)
        assert(client_find(srv, c->user.nick) == c);
    else if (chan && cur->standing == REST_CHANNEL)
        assert(channel_find(srv, chan->name) == chan);
}

/* Asserts that no cursor refers to a freed place. */
static void
check_cursors(const struct server *srv)
{
    LIST_EACH(&cursors_of(srv)->all, node) {
        const struct cursor *cur = LIST_ENTRY(node, struct cursor, link);
        assert(cur->owner->out.flags & CLIENT_CURSOR);
        assert(cur->owner->session->ncursors > 0);
        assert(!(cur->owner->out.flags & CLIENT_DEAD));
        assert(!cur->client && !cur->channel && !cur->host && !cur->node);
        rest_check(srv, cur);
        check_place(srv, cur);
    }
}

static void
add_cursor_memory(const struct server *srv, struct census *out)
{
    size_t bytes, n = cursor_count(srv, &bytes);
    census_add(out, CENSUS_OF_CLIENTS, "answers sent in pieces", n, bytes);
}

static void
init_cursors(struct server *srv, const struct server_start *start)
{
    (void)start;
    list_init(&cursors_of(srv)->all);
    cursors_of(srv)->left = CURSOR_TURN;
}

const struct subsystem cursor_subsystem = {
    .id = SUBSYSTEM_cursor,
    .state = sizeof(struct cursors),
    .init = init_cursors,
    .of_sessions = true,
    .memory = add_cursor_memory,
    .client_leaves = cursor_cancel,
    .tick = cursor_tick,
    .check = check_cursors,
};
