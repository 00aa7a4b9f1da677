/* Channels and memberships.
 *
 * A membership is an entry in each of two dense arrays that index each other. A join
 * appends to both. A part moves the last entry of each into the gap and corrects two
 * indexes. No other file writes either array. */
#include "name_table.h" /* must be first: it sets HASH_KEYCMP */

#include "state/census.h"
#include "state/channel.h"

#include "base/mem.h"
#include "base/str.h"
#include "state/channel_list.h"
#include "state/channel_record.h"
#include "state/client.h"
#include "state/forward.h"
#include "state/member_walk.h"
#include "state/rest.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <assert.h>
#include <string.h>

struct channel *
channel_find(const struct server *srv, const char *name)
{
    struct channel *chan = NULL;
    size_t len = strlen(name);
    if (len == 0 || len > NAME_CHANNEL_MAX)
        return NULL;
    unsigned h = name_hash(&srv->hash_key, name, len);
    HASH_FIND_BYHASHVALUE(hh, srv->channels, name, len, h, chan);
    return chan;
}

struct channel *
channel_new(struct server *srv, const char *name)
{
    struct channel *chan = xcalloc(1, sizeof *chan);
    struct str s;
    str_init(&s, chan->name, sizeof chan->name);
    str_add(&s, name);
    assert(!s.cut);
    chan->created = srv->wall;
    chan->modes = CHAN_NO_EXTERNAL | CHAN_TOPIC_OPS;
    chan->ban_stamp = ++srv->ban_stamp;
    for (int l = 0; l < LIST_COUNT; l++)
        list_init(&chan->lists[l]);
    list_init(&chan->invites);
    list_init(&chan->timed);
    list_init(&chan->walks);
    unsigned h = name_hash(&srv->hash_key, chan->name, s.len);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, srv->channels, chan->name, s.len, h, chan);
    srv->n_channels++;
    return chan;
}

void
channel_rename(struct server *srv, struct channel *chan, const char *name)
{
    struct str s;
    bool permanent = chan->modes & CHAN_PERMANENT;
    store_begin(srv->store);
    if (permanent)
        channel_record_end(srv, chan);
    rest_move_channel(srv, chan);
    HASH_DELETE(hh, srv->channels, chan);
    str_init(&s, chan->name, sizeof chan->name);
    str_add(&s, name);
    assert(!s.cut);
    unsigned h = name_hash(&srv->hash_key, chan->name, s.len);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, srv->channels, chan->name, s.len, h, chan);
    if (permanent)
        channel_record_begin(srv, chan);
    store_commit(srv->store);
    /* The verdict of an entry ~channel: depends on the name. */
    for (uint32_t i = 0; i < chan->nmembers; i++)
        channel_list_moved(chan->members[i].client);
}

static void
channel_free(struct server *srv, struct channel *chan)
{
    rest_skip_channel(srv, chan);
    HASH_DELETE(hh, srv->channels, chan);
    srv->n_channels--;
    member_walk_lose(chan);
    channel_list_clear(srv, chan);
    while (!list_empty(&chan->invites))
        channel_uninvite(
            chan, LIST_ENTRY(chan->invites.next, struct invite, of_channel)->client);
    free(chan->members);
    free(chan->key);
    forward_set(srv, chan, NULL);
    free(chan->topic);
    free(chan->topic_by);
    free(chan);
}

void
channel_join(struct server *srv, struct channel *chan, struct client *c, uint32_t modes)
{
    if (chan->nmembers == chan->cap) {
        chan->cap = chan->cap ? 2 * chan->cap : 2;
        chan->members = xrealloc(chan->members, chan->cap * sizeof *chan->members);
    }
    if (c->user.njoined == c->user.joined_cap) {
        c->user.joined_cap = c->user.joined_cap ? 2 * c->user.joined_cap : 2;
        c->user.joined =
            xrealloc(c->user.joined, c->user.joined_cap * sizeof *c->user.joined);
    }
    chan->members[chan->nmembers] =
        (struct member){.client = c, .slot = c->user.njoined, .modes = modes};
    c->user.joined[c->user.njoined] =
        (struct joined){.chan = chan, .slot = chan->nmembers};
    if (chan->modes & CHAN_SLOW) {
        /* To leave and join again must not be faster than to wait. */
        c->user.joined[c->user.njoined].slow = SLOW_SPOKE;
        c->user.joined[c->user.njoined].spoke = (uint32_t)srv->now;
    }
    chan->nmembers++;
    srv->n_members++;
    c->user.njoined++;
    channel_uninvite(chan, c);
    channel_list_moved(c);
}

bool
channel_drop(struct server *srv, struct channel *chan)
{
    if (chan->nmembers > 0 || chan->modes & CHAN_PERMANENT)
        return false;
    channel_free(srv, chan);
    return true;
}

void
channel_free_all(struct server *srv)
{
    while (srv->channels) {
        assert(srv->channels->nmembers == 0);
        channel_free(srv, srv->channels);
    }
}

bool
channel_part(struct server *srv, struct channel *chan, struct client *c)
{
    struct member *m = channel_member(chan, c);
    assert(m != NULL);
    uint32_t in_client = m->slot, in_channel = (uint32_t)(m - chan->members);

    srv->n_members--;
    member_walk_part(chan, in_channel, chan->nmembers - 1);
    chan->members[in_channel] = chan->members[--chan->nmembers];
    if (in_channel < chan->nmembers) {
        struct member *moved = &chan->members[in_channel];
        moved->client->user.joined[moved->slot].slot = in_channel;
    }
    c->user.joined[in_client] = c->user.joined[--c->user.njoined];
    if (in_client < c->user.njoined) {
        struct joined *moved = &c->user.joined[in_client];
        moved->chan->members[moved->slot].slot = in_client;
    }
    channel_list_moved(c);
    return channel_drop(srv, chan);
}

struct joined *
channel_joined(const struct channel *chan, const struct client *c)
{
    for (uint32_t i = 0; i < c->user.njoined; i++)
        if (c->user.joined[i].chan == chan)
            return &c->user.joined[i];
    return NULL;
}

struct member *
channel_member(const struct channel *chan, const struct client *c)
{
    const struct joined *j = channel_joined(chan, c);
    return j ? &chan->members[j->slot] : NULL;
}

bool
channel_shared(const struct client *a, const struct client *b)
{
    for (uint32_t i = 0; i < a->user.njoined; i++)
        if (channel_joined(a->user.joined[i].chan, b))
            return true;
    return false;
}

void
channel_prefix(const struct member *m, bool all, char out[8])
{
    struct str s;
    str_init(&s, out, 8);
    for (size_t i = 0; m->modes && i < CHAN_MODE_COUNT; i++) {
        const struct mode_row *row = &mode_channel[i];
        if (row->type == MODE_PREFIX && m->modes & row->bit && (all || s.len == 0))
            str_addc(&s, row->symbol);
    }
}

static struct invite *
invite_find(const struct channel *chan, const struct client *c)
{
    if (c->user.lists == NULL)
        return NULL;
    LIST_EACH(&c->user.lists->invites, node) {
        struct invite *i = LIST_ENTRY(node, struct invite, of_client);
        if (i->chan == chan)
            return i;
    }
    return NULL;
}

static void
invite_free(struct invite *i)
{
    list_remove(&i->of_client);
    list_remove(&i->of_channel);
    i->client->user.lists->ninvites--;
    free(i);
}

void
channel_invite(struct server *srv, struct channel *chan, struct client *c)
{
    if (invite_find(chan, c))
        return;
    struct client_lists *lists = client_lists(c);
    if (lists->ninvites >= srv->config->limits.invites_per_client)
        invite_free(LIST_ENTRY(lists->invites.next, struct invite, of_client));
    struct invite *i = xcalloc(1, sizeof *i);
    i->chan = chan;
    i->client = c;
    list_append(&lists->invites, &i->of_client);
    list_append(&chan->invites, &i->of_channel);
    lists->ninvites++;
}

bool
channel_is_invited(const struct channel *chan, const struct client *c)
{
    return invite_find(chan, c) != NULL;
}

void
channel_uninvite(struct channel *chan, struct client *c)
{
    struct invite *i = invite_find(chan, c);
    if (i)
        invite_free(i);
}

static void
check_one_channel(const struct channel *chan)
{
    assert(chan->nmembers > 0 || chan->modes & CHAN_PERMANENT);
    for (uint32_t i = 0; i < chan->nmembers; i++) {
        const struct client *c = chan->members[i].client;
        assert(chan->members[i].slot < c->user.njoined);
        assert(c->user.joined[chan->members[i].slot].chan == chan);
        assert(!(c->out.flags & CLIENT_DEAD));
    }
    channel_list_check(chan);
    assert(!(chan->modes & CHAN_KEY) == (chan->key == NULL));
    assert(!(chan->modes & CHAN_FORWARD) == (chan->forward == NULL));
    LIST_EACH(&chan->invites, node)
        assert(LIST_ENTRY(node, struct invite, of_channel)->chan == chan);
}

static void
check_all_channels(const struct server *srv)
{
    size_t channels = 0, members = 0;
    for (const struct channel *ch = srv->channels; ch; ch = ch->hh.next, channels++) {
        check_one_channel(ch);
        members += ch->nmembers;
    }
    assert(channels == srv->n_channels && members == srv->n_members);
    LIST_EACH(&srv->timed, node) {
        const struct channel *timed = LIST_ENTRY(node, struct channel, timed);
        assert(srv->timed_at != 0 && srv->timed_at <= timed->ends);
    }
}

static void
drop_invites(struct client *c)
{
    while (c->user.lists && !list_empty(&c->user.lists->invites)) {
        struct invite *i =
            LIST_ENTRY(c->user.lists->invites.next, struct invite, of_client);
        channel_uninvite(i->chan, c);
    }
}

static void
leave_channels(struct server *srv, struct client *c)
{
    while (c->user.njoined > 0)
        channel_part(srv, c->user.joined[c->user.njoined - 1].chan, c);
    drop_invites(c);
}

struct counted {
    size_t channels, members, entries, n_entries;
};

static void
count_channel_memory(const struct channel *chan, struct counted *all)
{
    const char *texts[] = {chan->key, chan->topic, chan->topic_by};
    all->channels += mem_block(sizeof *chan) + forward_memory(chan);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        all->channels += texts[i] ? mem_text(texts[i]) : 0;
    all->members += mem_block(chan->cap * sizeof *chan->members);
    all->entries += chan->setters;
    for (int l = 0; l < LIST_COUNT; l++) {
        all->n_entries += chan->list_len[l];
        all->entries += chan->list_len[l] * mem_block(sizeof(struct list_entry));
    }
}

static void
count_membership_memory(const struct client *c, struct mem_sum *sums)
{
    sums[0].n += c->user.njoined;
    sums[0].bytes += mem_block(c->user.joined_cap * sizeof *c->user.joined);
    sums[1].n += c->user.lists ? c->user.lists->ninvites : 0;
}

static void
add_channel_memory(const struct server *srv, struct census *out)
{
    const struct mem_sum *of_clients = out->of_clients[SUBSYSTEM_channel];
    struct counted all = {
        .channels = HASH_MEMORY(srv->channels) + forward_memory_all(srv),
    };
    for (const struct channel *chan = srv->channels; chan; chan = chan->hh.next)
        count_channel_memory(chan, &all);
    census_add(out, CENSUS_OF_CLIENTS, "channels", srv->n_channels, all.channels);
    census_add(out, CENSUS_OF_CLIENTS, "memberships", of_clients[0].n,
               of_clients[0].bytes + all.members);
    census_add(out, CENSUS_OF_CLIENTS, "entries of channel lists", all.n_entries,
               all.entries);
    census_add(out, CENSUS_OF_CLIENTS, "invitations", of_clients[1].n,
               of_clients[1].n * mem_block(sizeof(struct invite)));
}

const struct subsystem channel_subsystem = {
    .id = SUBSYSTEM_channel,
    .client_memory = count_membership_memory,
    .memory = add_channel_memory,
    .client_leaves = leave_channels,
    .check = check_all_channels,
    .free = channel_free_all,
};
