/* The places where cursors rest.
 *
 * Thousands of slow clients may have cursors on the same channel, and thousands of
 * channels may be freed in one turn. So a resting cursor does not know its place: all
 * cursors with the same place share a struct rest, and only that moves. If two groups
 * meet, the smaller one is moved into the larger one. Must not be called for a cursor
 * that makes a piece. */
#include "state/rest.h"

#include "base/hash.h"
#include "base/mem.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/cursor.h"
#include "state/server.h"

#include <assert.h>

struct rest {
    UT_hash_handle hh;   /* in cursors.rests by `at`, unless that is NULL */
    void *at;            /* the place; NULL: the end */
    size_t n;            /* length of `cursors`; never 0 */
    struct list cursors; /* struct cursor.resting */
};

static unsigned
hash_place(const struct server *srv, const void *at)
{
    return hash_bytes(&srv->hash_key, &at, sizeof at);
}

static struct rest *
rest_find(const struct server *srv, const void *at)
{
    struct rest *r = NULL;
    if (cursors_of(srv)->rests && at)
        HASH_FIND_BYHASHVALUE(hh, cursors_of(srv)->rests, &at, sizeof at,
                              hash_place(srv, at), r);
    return r;
}

static void
rest_put(struct server *srv, struct rest *r, void *at)
{
    r->at = at;
    if (at)
        HASH_ADD_BYHASHVALUE(hh, cursors_of(srv)->rests, at, sizeof r->at,
                             hash_place(srv, at), r);
}

static void
rest_take(struct server *srv, struct rest *r)
{
    if (r->at)
        HASH_DELETE(hh, cursors_of(srv)->rests, r);
}

static void
rest_add(struct rest *r, struct cursor *cur)
{
    list_append(&r->cursors, &cur->resting);
    cur->rest = r;
    r->n++;
}

/* Takes the place out of a cursor; NULL: it has none. */
static void *
take_place(struct cursor *cur)
{
    void *at = NULL;
    if (cur->client) {
        cur->standing = REST_CLIENT;
        at = cur->client;
    } else if (cur->channel) {
        cur->standing = REST_CHANNEL;
        at = cur->channel;
    } else if (cur->host) {
        cur->standing = REST_HOST;
        at = cur->host;
    } else if (cur->node) {
        cur->standing = REST_NODE;
        at = cur->node;
    }
    cur->client = NULL;
    cur->channel = NULL;
    cur->host = NULL;
    cur->node = NULL;
    return at;
}

static void
give_place(struct cursor *cur, void *at)
{
    if (cur->standing == REST_CLIENT)
        cur->client = at;
    else if (cur->standing == REST_CHANNEL)
        cur->channel = at;
    else if (cur->standing == REST_HOST)
        cur->host = at;
    else
        cur->node = at;
}

void
rest_begin(struct server *srv, struct cursor *cur)
{
    void *at = take_place(cur);
    if (at == NULL)
        return;
    struct rest *r = rest_find(srv, at);
    if (r == NULL) {
        r = xcalloc(1, sizeof *r);
        list_init(&r->cursors);
        rest_put(srv, r, at);
    }
    rest_add(r, cur);
}

void
rest_end(struct server *srv, struct cursor *cur)
{
    struct rest *r = cur->rest;
    if (r == NULL)
        return;
    cur->rest = NULL;
    list_remove(&cur->resting);
    give_place(cur, r->at);
    if (--r->n > 0)
        return;
    rest_take(srv, r);
    free(r);
}

void *
rest_place(const struct cursor *cur)
{
    return cur->rest ? cur->rest->at : NULL;
}

static void
rest_join(struct rest *from, struct rest *to)
{
    while (!list_empty(&from->cursors)) {
        struct cursor *cur = LIST_ENTRY(from->cursors.next, struct cursor, resting);
        list_remove(&cur->resting);
        rest_add(to, cur);
    }
    free(from);
}

void
rest_skip(struct server *srv, const void *at, void *next)
{
    struct rest *r = rest_find(srv, at), *there = rest_find(srv, next);
    if (r == NULL)
        return;
    rest_take(srv, r);
    if (there && there->n >= r->n) {
        rest_join(r, there);
        return;
    }
    if (there) {
        rest_take(srv, there);
        rest_join(there, r);
    }
    rest_put(srv, r, next);
}

void
rest_skip_client(struct server *srv, const struct client *c)
{
    rest_skip(srv, c, c->user.hh.next);
}

void
rest_skip_channel(struct server *srv, const struct channel *chan)
{
    rest_skip(srv, chan, chan->hh.next);
}

void
rest_skip_host(struct server *srv, const struct host *h, struct host *next)
{
    rest_skip(srv, h, next);
}

void
rest_skip_node(struct server *srv, const struct list *node)
{
    rest_skip(srv, node, node->next);
}

void
rest_move_client(struct server *srv, const struct client *c)
{
    if (c->user.hh.next)
        rest_skip_client(srv, c);
}

void
rest_move_channel(struct server *srv, const struct channel *chan)
{
    if (chan->hh.next)
        rest_skip_channel(srv, chan);
}

size_t
rest_memory(const struct server *srv)
{
    return HASH_COUNT(cursors_of(srv)->rests) * mem_block(sizeof(struct rest)) +
           HASH_MEMORY(cursors_of(srv)->rests);
}

void
rest_check(const struct server *srv, const struct cursor *cur)
{
    const struct rest *r = cur->rest;
    if (r == NULL || r->at == NULL)
        return;
    assert(rest_find(srv, r->at) == r && r->n > 0);
}
