/* Channel forwards, in one table by the name of the target, which need not exist. A
 * channel has at most one entry, in the list of its target.
 *
 * If a channel is renamed, one look-up finds the channels that forward to it, however
 * many other forwards exist. */
#include "name_table.h" /* must be first: it sets HASH_KEYCMP */

#include "state/forward.h"

#include "base/mem.h"
#include "base/str.h"
#include "state/channel.h"
#include "state/server.h"

#include <string.h>

struct forward_target {
    UT_hash_handle hh; /* srv->forwards */
    struct list from;  /* struct forward.link */
    size_t n;          /* length of `from` */
    char name[NAME_CHANNEL_MAX + 1];
};

struct forward {
    struct list link;
    struct forward_target *target;
    struct channel *chan;
    char name[]; /* in the case in which it was set */
};

static struct forward_target *
forward_target_find(const struct server *srv, const char *name)
{
    struct forward_target *t = NULL;
    size_t len = strlen(name);
    if (srv->forwards == NULL || len > NAME_CHANNEL_MAX)
        return NULL;
    unsigned h = name_hash(&srv->hash_key, name, len);
    HASH_FIND_BYHASHVALUE(hh, srv->forwards, name, len, h, t);
    return t;
}

static struct forward_target *
forward_target_get(struct server *srv, const char *name)
{
    struct forward_target *t = forward_target_find(srv, name);
    if (t)
        return t;
    t = xcalloc(1, sizeof *t);
    list_init(&t->from);
    str_format(t->name, sizeof t->name, "%s", name);
    size_t len = strlen(t->name);
    unsigned h = name_hash(&srv->hash_key, t->name, len);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, srv->forwards, t->name, len, h, t);
    return t;
}

static void
drop_forward(struct server *srv, struct channel *chan)
{
    struct forward *f = chan->forward;
    if (f == NULL)
        return;
    chan->forward = NULL;
    list_remove(&f->link);
    if (--f->target->n == 0) {
        HASH_DELETE(hh, srv->forwards, f->target);
        free(f->target);
    }
    free(f);
}

void
forward_set(struct server *srv, struct channel *chan, const char *name)
{
    struct forward *f = NULL;
    if (name) {
        size_t size = strlen(name) + 1;
        f = xcalloc(1, sizeof *f + size);
        memcpy(f->name, name, size);
        f->chan = chan;
        f->target = forward_target_get(srv, name);
        f->target->n++;
        list_append(&f->target->from, &f->link);
    }
    drop_forward(srv, chan);
    chan->forward = f;
}

const char *
forward_name(const struct channel *chan)
{
    return chan->forward ? chan->forward->name : NULL;
}

size_t
forward_count(const struct server *srv, const char *name)
{
    const struct forward_target *t = forward_target_find(srv, name);
    return t ? t->n : 0;
}

struct channel *
forward_first(const struct server *srv, const char *name)
{
    const struct forward_target *t = forward_target_find(srv, name);
    return t ? LIST_ENTRY(t->from.next, struct forward, link)->chan : NULL;
}

size_t
forward_memory(const struct channel *chan)
{
    return chan->forward
               ? mem_block(sizeof *chan->forward + strlen(chan->forward->name) + 1)
               : 0;
}

size_t
forward_memory_all(const struct server *srv)
{
    return HASH_COUNT(srv->forwards) * mem_block(sizeof(struct forward_target)) +
           HASH_MEMORY(srv->forwards);
}
