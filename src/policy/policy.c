/* The policy layer's memory as a whole: made, loaded from the store, ticked, checked,
 * freed.
 *
 * What the store holds is told apart by the kind byte of each record; a kind or record
 * that cannot be read is counted and left alone on disk, never dropped. */
#include "policy/policy.h"

#include "base/mem.h"
#include "base/str.h"
#include "policy/ban.h"
#include "policy/cloaking.h"
#include "policy/door.h"
#include "policy/host.h"
#include "state/channel_record.h"
#include "state/client.h"
#include "state/record.h"
#include "state/server.h"

#include <assert.h>

static const struct {
    uint8_t kind;
    bool (*load)(struct server *, struct record_reader *);
} kinds[] = {
    {HOST_RECORD, host_load},
    {CLOAK_RECORD, cloaking_load},
    {CHANNEL_RECORD, channel_record_load},
    {ENTRY_RECORD, channel_record_load_entry},
};

void
policy_init(struct server *srv)
{
    struct policy *p = srv->policy = xcalloc(1, sizeof *p);
    p->ticked = srv->now - MSEC_SECOND;
    list_init(&p->harmless);
    list_init(&p->marked);
    list_init(&p->doors);
    list_init(&p->stale);
    p->settling = &p->marked;
    for (int k = 0; k < BAN_KINDS; k++) {
        list_init(&p->kinds[k]);
        ban_index_init(&p->index[k]);
    }
}

void
policy_free(struct server *srv)
{
    ban_free_all(srv);
    host_free_all(srv);
    free(srv->policy);
    srv->policy = NULL;
}

struct loading {
    struct server *srv;
    size_t refused;
};

static bool
load_one(struct server *srv, const void *key, size_t key_len, const void *value,
         size_t n, char *err, size_t errlen)
{
    struct record_reader in;
    if (!record_open(&in, value, n, err, errlen))
        return false;
    if (in.kind == BAN_RECORD)
        return ban_load(srv, &in, key, key_len);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].kind == in.kind)
            return kinds[i].load(srv, &in);
    return false;
}

static void
load_record(void *ctx, const void *key, size_t key_len, const void *value, size_t n)
{
    struct loading *l = ctx;
    char err[128] = "of an unknown kind or with a broken field", name[MASK_TEXT + 2];
    if (load_one(l->srv, key, key_len, value, n, err, sizeof err))
        return;
    l->refused++;
    str_format(name, sizeof name, "%.*s", (int)key_len, (const char *)key);
    log_limited(l->srv->log, LOG_LEVEL_ERROR, "record-refused", "record", name, "why",
                err, NULL);
}

size_t
policy_load(struct server *srv)
{
    struct loading l = {srv, 0};
    srv->store->ops->each(srv->store, load_record, &l);
    channel_record_loaded(srv);
    /* Only now: nothing may be put while records are read. */
    host_loaded(srv);
    ban_loaded(srv, true);
    return l.refused;
}

void
policy_tick(struct server *srv)
{
    if (srv->now - srv->policy->ticked < MSEC_SECOND)
        return;
    srv->policy->ticked = srv->now;
    ban_tick(srv);
    door_tick(srv);
    host_tick(srv);
}

static size_t
count_connections(const struct server *srv, const struct list *list)
{
    size_t n = 0;
    LIST_EACH(list, node) {
        const struct client *c = LIST_ENTRY(node, struct client, link);
        n += c->host != NULL;
        assert(c->host == NULL || c->host == host_find(srv, &c->addr));
    }
    return n;
}

void
policy_check(const struct server *srv)
{
    const struct policy *p = srv->policy;
    size_t hosts = 0, counted = 0, waiting = 0, networked = 0, opers = 0, doors = 0;
    for (const struct host *h = p->hosts; h; h = h->hh.next) {
        hosts++;
        counted += h->connections;
        waiting += h->unregistered;
        opers += h->opers;
        doors += h->door != NULL;
        assert(h->unregistered <= h->connections);
        assert((h->connections > 0) == list_empty(&h->age));
    }
    LIST_EACH(&p->doors, node)
        doors--;
    assert(doors == 0);
    for (const struct network *n = p->networks; n; n = n->hh.next) {
        assert(n->connections > 0);
        networked += n->connections;
    }
    size_t fresh = count_connections(srv, &srv->unregistered);
    size_t all = fresh + count_connections(srv, &srv->idle) +
                 count_connections(srv, &srv->pinged);
    assert(hosts == p->n_hosts);
    assert(counted == all && networked == all && waiting == fresh);
    assert(opers == srv->n_opers);
}
