/* Channels and memberships.
 *
 * A membership is two dense arrays that index each other; joining appends to both,
 * parting swaps the last entry in and mends two indexes. Nothing outside this file
 * writes either array. */
/* Before uthash.h, hence first: names are compared case-insensitively. */
#include "proto/casemap.h"
#define HASH_KEYCMP(a, b, n)                                                           \
    casemap_ncmp((const char *)(a), (const char *)(b), (size_t)(n))
#include "state/channel.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "state/client.h"
#include "state/server.h"

static unsigned
channel_hash(const struct server *srv, const char *name, size_t len)
{
    char folded[NAME_CHANNEL_MAX + 1];
    assert(len < sizeof folded);
    casemap_fold_to(name, folded, sizeof folded);
    return hash_bytes(&srv->hash_key, folded, len);
}

struct channel *
channel_find(const struct server *srv, const char *name)
{
    struct channel *chan = NULL;
    size_t len = strlen(name);
    if (len == 0 || len > NAME_CHANNEL_MAX)
        return NULL;
    unsigned h = channel_hash(srv, name, len);
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
    unsigned h = channel_hash(srv, chan->name, s.len);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, srv->channels, chan->name, s.len, h, chan);
    srv->n_channels++;
    return chan;
}

static void
entry_free(struct list_entry *e)
{
    list_remove(&e->link);
    free(e->setter);
    free(e);
}

static void
channel_free(struct server *srv, struct channel *chan)
{
    HASH_DELETE(hh, srv->channels, chan);
    srv->n_channels--;
    for (int l = 0; l < LIST_COUNT; l++)
        while (!list_empty(&chan->lists[l]))
            entry_free(LIST_ENTRY(chan->lists[l].next, struct list_entry, link));
    while (!list_empty(&chan->invites))
        channel_uninvite(
            chan, LIST_ENTRY(chan->invites.next, struct invite, of_channel)->client);
    free(chan->members);
    free(chan->key);
    free(chan->topic);
    free(chan->topic_by);
    free(chan);
}

void
channel_join(struct server *srv, struct channel *chan, struct client *c, uint32_t modes)
{
    (void)srv;
    if (chan->nmembers == chan->cap) {
        chan->cap = chan->cap ? 2 * chan->cap : 2;
        chan->members = xrealloc(chan->members, chan->cap * sizeof *chan->members);
    }
    if (c->njoined == c->joined_cap) {
        c->joined_cap = c->joined_cap ? 2 * c->joined_cap : 2;
        c->joined = xrealloc(c->joined, c->joined_cap * sizeof *c->joined);
    }
    chan->members[chan->nmembers] =
        (struct member){.client = c, .slot = c->njoined, .modes = modes};
    c->joined[c->njoined] = (struct joined){.chan = chan, .slot = chan->nmembers};
    chan->nmembers++;
    c->njoined++;
    channel_uninvite(chan, c);
}

bool
channel_part(struct server *srv, struct channel *chan, struct client *c)
{
    struct member *m = channel_member(chan, c);
    assert(m != NULL);
    uint32_t in_client = m->slot, in_channel = (uint32_t)(m - chan->members);

    chan->members[in_channel] = chan->members[--chan->nmembers];
    if (in_channel < chan->nmembers) {
        struct member *moved = &chan->members[in_channel];
        moved->client->joined[moved->slot].slot = in_channel;
    }
    c->joined[in_client] = c->joined[--c->njoined];
    if (in_client < c->njoined) {
        struct joined *moved = &c->joined[in_client];
        moved->chan->members[moved->slot].slot = in_client;
    }
    if (chan->nmembers > 0)
        return false;
    channel_free(srv, chan);
    return true;
}

struct joined *
channel_joined(const struct channel *chan, const struct client *c)
{
    for (uint32_t i = 0; i < c->njoined; i++)
        if (c->joined[i].chan == chan)
            return &c->joined[i];
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
    for (uint32_t i = 0; i < a->njoined; i++)
        if (channel_joined(a->joined[i].chan, b))
            return true;
    return false;
}

void
channel_prefix(const struct member *m, bool all, char out[8])
{
    struct str s;
    str_init(&s, out, 8);
    for (size_t i = 0; i < CHAN_MODE_COUNT; i++) {
        const struct mode_row *row = &mode_channel[i];
        if (row->type == MODE_PREFIX && m->modes & row->bit && (all || s.len == 0))
            str_addc(&s, row->symbol);
    }
}

static struct list_entry *
list_find(const struct channel *chan, int list, const struct mask *mask)
{
    LIST_EACH(&chan->lists[list], node) {
        struct list_entry *e = LIST_ENTRY(node, struct list_entry, link);
        if (name_equal(e->mask.text, mask->text))
            return e;
    }
    return NULL;
}

bool
channel_list_add(struct server *srv, struct channel *chan, int list,
                 const struct mask *mask, const char *setter)
{
    if (list_find(chan, list, mask))
        return false;
    struct list_entry *e = xcalloc(1, sizeof *e);
    mask_copy(&e->mask, mask);
    e->setter = xstrdup(setter);
    e->set_at = srv->wall;
    list_append(&chan->lists[list], &e->link);
    chan->list_len[list]++;
    chan->ban_stamp = ++srv->ban_stamp;
    return true;
}

bool
channel_list_remove(struct server *srv, struct channel *chan, int list,
                    const struct mask *mask)
{
    struct list_entry *e = list_find(chan, list, mask);
    if (e == NULL)
        return false;
    entry_free(e);
    chan->list_len[list]--;
    chan->ban_stamp = ++srv->ban_stamp;
    return true;
}

static bool
matches_list(const struct channel *chan, int list, const struct client *c)
{
    char address[ADDR_TEXT];
    struct mask_subject subject;
    client_subject(c, address, sizeof address, &subject);
    LIST_EACH(&chan->lists[list], node)
        if (mask_match(&LIST_ENTRY(node, struct list_entry, link)->mask, &subject))
            return true;
    return false;
}

bool
channel_is_banned(struct channel *chan, const struct client *c)
{
    if (list_empty(&chan->lists[LIST_BAN]))
        return false;
    struct joined *j = channel_joined(chan, c);
    if (j == NULL)
        return matches_list(chan, LIST_BAN, c);
    if (j->ban_stamp != chan->ban_stamp) {
        j->banned = matches_list(chan, LIST_BAN, c);
        j->ban_stamp = chan->ban_stamp;
    }
    return j->banned;
}

void
channel_forget_verdicts(struct client *c)
{
    for (uint32_t i = 0; i < c->njoined; i++)
        c->joined[i].ban_stamp = 0;
}

static struct invite *
invite_find(const struct channel *chan, const struct client *c)
{
    LIST_EACH(&c->invites, node) {
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
    i->client->ninvites--;
    free(i);
}

void
channel_invite(struct server *srv, struct channel *chan, struct client *c)
{
    if (invite_find(chan, c))
        return;
    if (c->ninvites >= srv->config->limits.invites_per_client)
        invite_free(LIST_ENTRY(c->invites.next, struct invite, of_client));
    struct invite *i = xcalloc(1, sizeof *i);
    i->chan = chan;
    i->client = c;
    list_append(&c->invites, &i->of_client);
    list_append(&chan->invites, &i->of_channel);
    c->ninvites++;
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

void
channel_mode_text(const struct channel *chan, bool show_key, char *out, size_t size,
                  char *params, size_t params_size)
{
    struct str s, p;
    str_init(&s, out, size);
    str_init(&p, params, params_size);
    for (size_t i = 0; i < CHAN_MODE_COUNT; i++) {
        const struct mode_row *row = &mode_channel[i];
        if (row->type == MODE_PREFIX || row->type == MODE_LIST ||
            !(chan->modes & row->bit))
            continue;
        str_addc(&s, row->letter);
        if (row->type == MODE_NUMBER)
            str_addf(&p, " %u", chan->limit);
        if (row->type == MODE_KEY)
            str_addf(&p, " %s", show_key ? chan->key : "*");
    }
}
