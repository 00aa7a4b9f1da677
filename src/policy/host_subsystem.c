/* The subsystem row of the host table, and the check of its counters against a recount
 * of all clients. */
#include "base/mem.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "state/census.h"
#include "state/client.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <assert.h>

static size_t
count_connections(const struct server *srv, const struct list *list)
{
    size_t n = 0;
    LIST_EACH(list, node) {
        const struct client *c = LIST_ENTRY(node, struct client, link);
        n += policy_of(c)->host != NULL;
        assert(policy_of(c)->host == NULL ||
               policy_of(c)->host == host_find(srv, &c->session->addr));
    }
    return n;
}

static void
add_mem_sum(struct mem_sum *all, struct mem_sum one)
{
    mem_sum_change(all, (struct mem_sum){0, 0}, one);
}

static void
check_mem_sum(struct mem_sum counted, struct mem_sum recounted)
{
    assert(counted.n == recounted.n && counted.bytes == recounted.bytes);
}

static void
check_notes_held(const struct policy *p)
{
    struct mem_sum notes = {0, 0};
    for (const struct host *h = p->hosts; h; h = h->hh.next) {
        add_mem_sum(&notes, host_note_held(h));
    }
    check_mem_sum(p->notes_held, notes);
}

static size_t
count_connected_opers(const struct server *srv)
{
    size_t n = 0;
    for (size_t i = 0; i < srv->n_opers; i++)
        n += srv->opers[i]->session != NULL;
    return n;
}

static void
check_hosts(const struct server *srv)
{
    const struct policy *p = srv->policy;
    size_t hosts = 0, counted = 0, waiting = 0, networked = 0, opers = 0, struck = 0;
    for (const struct host *h = p->hosts; h; h = h->hh.next) {
        size_t there = 0;
        hosts++;
        counted += h->connections;
        waiting += h->unregistered;
        opers += h->opers;
        struck += h->struck;
        assert(h->unregistered <= h->connections);
        for (struct client_policy *c = h->clients; c; c = c->host_next, there++) {
            assert(c->host == h);
            assert(c == h->clients ||
                   policy_client(c->host_prev)->user.id < policy_client(c)->user.id);
        }
        assert(there == h->connections);
        assert((h->connections > 0) == list_empty(&h->age));
    }
    for (const struct network *n = p->networks; n; n = n->hh.next) {
        assert(n->connections > 0);
        networked += n->connections;
    }
    size_t fresh = count_connections(srv, &srv->unregistered), all = 0;
    for (size_t i = 0; i < SERVER_LISTS; i++)
        all += count_connections(srv, server_list(srv, i));
    assert(hosts == p->n_hosts && struck == p->n_struck);
    assert(counted == all && networked == all && waiting == fresh);
    assert(opers == count_connected_opers(srv));
    check_notes_held(p);
}

static void
init_hosts(struct server *srv, const struct server_start *start)
{
    struct policy *p = srv->policy;
    (void)start;
    list_init(&p->idle_clean);
    list_init(&p->idle_struck);
    list_init(&p->old_hosts);
    p->settling = &p->idle_struck;
}

static void
end_loading_hosts(struct server *srv, const struct server_start *start)
{
    (void)start;
    host_loaded(srv);
}

static void
add_hosts(const struct server *srv, struct census *out)
{
    const struct policy *p = srv->policy;
    size_t networks = HASH_COUNT(p->networks);
    census_add(out, CENSUS_OF_HOSTS, "hosts", p->n_hosts,
               p->n_hosts * mem_block(sizeof(struct host) + srv->host_room) +
                   HASH_MEMORY(p->hosts) + p->notes_held.bytes);
    census_add(out, CENSUS_OF_HOSTS, "networks", networks,
               networks * mem_block(sizeof(struct network)) + HASH_MEMORY(p->networks));
}

const struct subsystem host_subsystem = {
    .id = SUBSYSTEM_host,
    .memory = add_hosts,
    .init = init_hosts,
    .records = host_records,
    .loaded = end_loading_hosts,
    .tick_seconds = host_tick,
    .check = check_hosts,
    .free = host_free_all,
};
