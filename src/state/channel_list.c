/* List modes: their entries, and the stamps that make cached verdicts void.
 *
 * channel_verdict.c decides which clients an entry matches. The tick
 * (cmd/chat/mode_list.c) removes entries that have ended. This file sends nothing. */
#include "state/channel_list.h"

#include "base/mem.h"
#include "state/channel_record.h"
#include "state/client.h"
#include "state/server.h"

#include <assert.h>
#include <stdlib.h>

bool
channel_list_is_over(const struct server *srv, const struct list_entry *entry)
{
    return entry->until != 0 && srv->wall >= entry->until;
}

struct list_entry *
channel_list_find(const struct channel *chan, int list, const struct extban *ban)
{
    LIST_EACH(&chan->lists[list], node) {
        struct list_entry *e = LIST_ENTRY(node, struct list_entry, link);
        if (extban_same(&e->ban, ban))
            return e;
    }
    return NULL;
}

/* The first end of a timed entry after this moment; 0: there is none. */
static msec
find_first_end(const struct channel *chan, msec after)
{
    msec first = 0;
    for (int l = 0; l < LIST_COUNT; l++) {
        LIST_EACH(&chan->lists[l], node) {
            const struct list_entry *e = LIST_ENTRY(node, struct list_entry, link);
            if (e->until > after && (first == 0 || e->until < first))
                first = e->until;
        }
    }
    return first;
}

void
channel_list_renew(struct server *srv, struct channel *chan)
{
    chan->ban_stamp = ++srv->ban_stamp;
    chan->due = find_first_end(chan, srv->wall);
    chan->ends = find_first_end(chan, 0);
    list_remove(&chan->timed);
    if (chan->ends == 0)
        return;
    list_append(&srv->timed, &chan->timed);
    if (srv->timed_at == 0 || chan->ends < srv->timed_at)
        srv->timed_at = chan->ends;
}

bool
channel_list_is_due(const struct server *srv, const struct channel *chan)
{
    return chan->ends != 0 && srv->wall >= chan->ends;
}

/* timed_at may be too early if an entry was removed, but it is never too late. */
bool
channel_list_any_due(const struct server *srv)
{
    return srv->timed_at != 0 && srv->wall >= srv->timed_at;
}

void
channel_list_looked(struct server *srv)
{
    srv->timed_at = 0;
    LIST_EACH(&srv->timed, node) {
        const struct channel *chan = LIST_ENTRY(node, struct channel, timed);
        if (srv->timed_at == 0 || chan->ends < srv->timed_at)
            srv->timed_at = chan->ends;
    }
}

/* Inserts a new entry behind all entries that were set before it or at the same
 * time. */
static struct list_entry *
insert_entry(struct server *srv, struct channel *chan, int list,
             const struct extban *ban, const char *setter, msec set_at)
{
    struct list_entry *e = xcalloc(1, sizeof *e);
    struct list *before = &chan->lists[list];
    extban_copy(&e->ban, ban);
    e->setter = xstrdup(setter);
    e->set_at = set_at;
    e->until = ban->length ? set_at + ban->length : 0;
    while (before->prev != &chan->lists[list] &&
           LIST_ENTRY(before->prev, struct list_entry, link)->set_at > set_at)
        before = before->prev;
    list_append(before, &e->link);
    chan->list_len[list]++;
    chan->setters += (uint32_t)mem_text(e->setter);
    chan->by_channel += ban->kind == EXTBAN_CHANNEL;
    channel_list_renew(srv, chan);
    return e;
}

struct list_entry *
channel_list_add(struct server *srv, struct channel *chan, int list,
                 const struct extban *ban, const char *setter)
{
    if (channel_list_find(chan, list, ban))
        return NULL;
    struct list_entry *e = insert_entry(srv, chan, list, ban, setter, srv->wall);
    channel_record_entry(srv, chan, list, e);
    return e;
}

void
channel_list_restore(struct server *srv, struct channel *chan, int list,
                     const struct extban *ban, const char *setter, msec set_at)
{
    if (channel_list_find(chan, list, ban) == NULL)
        insert_entry(srv, chan, list, ban, setter, set_at);
}

static void
free_list_entry(struct channel *chan, int list, struct list_entry *e)
{
    chan->list_len[list]--;
    chan->setters -= (uint32_t)mem_text(e->setter);
    chan->by_channel -= e->ban.kind == EXTBAN_CHANNEL;
    list_remove(&e->link);
    free(e->setter);
    free(e);
}

void
channel_list_remove(struct server *srv, struct channel *chan, int list,
                    struct list_entry *entry)
{
    channel_record_no_entry(srv, chan, list, entry);
    free_list_entry(chan, list, entry);
    channel_list_renew(srv, chan);
}

void
channel_list_clear(struct server *srv, struct channel *chan)
{
    (void)srv;
    for (int l = 0; l < LIST_COUNT; l++)
        while (!list_empty(&chan->lists[l]))
            free_list_entry(chan, l,
                            LIST_ENTRY(chan->lists[l].next, struct list_entry, link));
    list_remove(&chan->timed);
}

void
channel_forget_verdicts(struct client *c)
{
    c->user.outside_stamp++;
    for (uint32_t i = 0; i < c->user.njoined; i++)
        c->user.joined[i].ban_stamp = 0;
}

void
channel_list_moved(struct client *c)
{
    c->user.outside_stamp++;
    for (uint32_t i = 0; i < c->user.njoined; i++)
        if (c->user.joined[i].chan->by_channel)
            c->user.joined[i].ban_stamp = 0;
}

void
channel_list_check(const struct channel *chan)
{
    uint32_t by_channel = 0, setters = 0;
    bool timed = false;
    for (int l = 0; l < LIST_COUNT; l++) {
        uint32_t n = 0;
        LIST_EACH(&chan->lists[l], node) {
            const struct list_entry *e = LIST_ENTRY(node, struct list_entry, link);
            n++;
            by_channel += e->ban.kind == EXTBAN_CHANNEL;
            setters += (uint32_t)mem_text(e->setter);
            timed = timed || e->until;
        }
        assert(n == chan->list_len[l]);
    }
    assert(by_channel == chan->by_channel);
    assert(setters == chan->setters);
    assert(timed == !list_empty(&chan->timed));
}
