/* The policy layer's memory as a whole: made, loaded from the store, ticked, checked,
 * freed.
 *
 * What the store holds is told apart by the kind byte of each record; a kind or record
 * that cannot be read is counted and left alone on disk, never dropped. */
#include "policy/policy.h"

#include "base/mem.h"
#include "base/str.h"
#include "policy/ban/ban.h"
#include "policy/ban/internal.h"
#include "policy/class.h"
#include "policy/cloaking.h"
#include "policy/debt.h"
#include "policy/door.h"
#include "policy/host.h"
#include "policy/wave.h"
#include "state/channel_record.h"
#include "state/client.h"
#include "state/record.h"
#include "state/server.h"

#include <assert.h>

#define CHECK_BANS 1000 /* recounted after each step of a test */

/* Modules that store facts. `loaded` is called behind the last record, because nothing
 * may be put while records are read; NULL: there is nothing to do. */
static const struct {
    const struct record_kind *kinds;
    void (*loaded)(struct server *);
} owners[] = {
    {channel_records, channel_record_loaded},
    {host_records, host_loaded},
    {ban_records, ban_loaded},
    {cloaking_records, NULL},
    {msgid_records, NULL},
};

#define OWNERS (sizeof owners / sizeof *owners)

void
policy_init(struct server *srv)
{
    struct policy *p = srv->policy = xcalloc(1, sizeof *p);
    p->ticked = srv->now - MSEC_SECOND;
    list_init(&p->harmless);
    list_init(&p->marked);
    list_init(&p->doors);
    list_init(&p->stale);
    list_init(&p->old_hosts);
    list_init(&p->automatic);
    p->settling = &p->marked;
    for (int k = 0; k < BAN_KINDS; k++) {
        list_init(&p->kinds[k]);
        ban_index_init(&p->index[k]);
    }
    class_compile(srv);
}

void
policy_free(struct server *srv)
{
    ban_free_all(srv);
    host_free_all(srv);
    wave_free(srv->policy);
    class_forget(srv);
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
    const struct record_kind *kind = NULL;
    for (size_t i = 0; i < OWNERS && kind == NULL; i++)
        kind = record_kind_find(owners[i].kinds, in.kind);
    return kind && kind->load(srv, &in, key, key_len);
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
    for (size_t i = 0; i < OWNERS; i++)
        if (owners[i].loaded)
            owners[i].loaded(srv);
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
    wave_tick(srv);
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

static void
add_sum(struct mem_sum *all, struct mem_sum one)
{
    mem_sum_change(all, (struct mem_sum){0, 0}, one);
}

static void
check_sum(struct mem_sum counted, struct mem_sum recounted)
{
    assert(counted.n == recounted.n && counted.bytes == recounted.bytes);
}

static void
check_held(const struct policy *p)
{
    struct mem_sum debts = {0, 0}, doors = {0, 0}, notes = {0, 0};
    for (const struct host *h = p->hosts; h; h = h->hh.next) {
        add_sum(&debts, debt_held(h));
        add_sum(&doors, door_held(h));
        add_sum(&notes, host_note_held(h));
    }
    check_sum(p->debts_held, debts);
    check_sum(p->doors_held, doors);
    check_sum(p->notes_held, notes);
}

static void
check_bans(const struct policy *p)
{
    size_t automatic = 0;
    for (int k = 0; k < BAN_KINDS; k++) {
        size_t n = 0, memory = 0;
        LIST_EACH(&p->kinds[k], node) {
            const struct ban *ban = LIST_ENTRY(node, struct ban, link);
            n++;
            memory += ban_memory(ban);
            automatic += ban->automatic;
            assert(ban->automatic == !list_empty(&ban->by_strikes));
        }
        assert(n == p->n_bans[k] && memory == p->ban_memory[k]);
        ban_index_check(&p->index[k]);
    }
    assert(automatic == p->n_automatic);
}

void
policy_check(const struct server *srv)
{
    const struct policy *p = srv->policy;
    size_t hosts = 0, counted = 0, waiting = 0, networked = 0, opers = 0, doors = 0;
    for (const struct host *h = p->hosts; h; h = h->hh.next) {
        size_t there = 0;
        hosts++;
        counted += h->connections;
        waiting += h->unregistered;
        opers += h->opers;
        doors += h->door != NULL;
        assert(h->unregistered <= h->connections);
        for (const struct client *c = h->clients; c; c = c->host_next, there++)
            assert(c->host == h);
        assert(there == h->connections);
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
    check_held(p);
    if (p->n_bans[BAN_KLINE] + p->n_bans[BAN_DLINE] <= CHECK_BANS)
        check_bans(p);
}
