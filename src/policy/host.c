/* The host table: the connections of each host now, and its strikes, which are stored.
 *
 * A host with a connection is never forgotten. The other hosts are in two lists, the
 * oldest first. If the table is full, the oldest host without strikes is forgotten, and
 * only if there is none the oldest with strikes. Decay is computed from stored times,
 * so it needs no writes and survives a restart. A tick or a connection looks at a few
 * hosts only, however many there are. */
#include "policy/host.h"

#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "policy/class.h"
#include "policy/policy.h"
#include "proto/mask.h"
#include "state/client.h"
#include "state/record.h"
#include "state/rest.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <limits.h>

#define HOST_KEY_ROOM (1 + PREFIX_TEXT)
#define TICK_HOSTS 16 /* hosts that one tick looks at */
#define TRIM_ONCE 16  /* hosts forgotten for one new host */
#define TRIM_TICK 256 /* hosts forgotten in one tick if there are too many */

/* A record under an outdated key. */
struct host_old_key {
    struct list link; /* policy.old_hosts */
    struct host *host;
    size_t len;
    char key[];
};

void
host_prefix(const struct server *srv, const struct addr *addr, struct prefix *out)
{
    const struct config *config = srv->config;
    int v6 = config->limits.host_prefix_v6;
    if (!addr_is_v4(addr)) {
        const struct config_class *class = class_find(srv, addr, NULL);
        v6 = class && class->host_prefix_v6 > 0 ? class->host_prefix_v6 : v6;
    }
    addr_prefix(addr, (unsigned)config->limits.host_prefix_v4, (unsigned)v6, out);
}

static unsigned
hash_prefix(const struct server *srv, const struct prefix *p)
{
    return hash_bytes(&srv->hash_key, p, sizeof *p);
}

static struct host *
find_prefix(const struct server *srv, const struct prefix *key)
{
    struct host *h = NULL;
    HASH_FIND_BYHASHVALUE(hh, srv->policy->hosts, key, sizeof *key,
                          hash_prefix(srv, key), h);
    return h;
}

struct host *
host_find(const struct server *srv, const struct addr *addr)
{
    struct prefix key;
    host_prefix(srv, addr, &key);
    return find_prefix(srv, &key);
}

/* The key of a host in the store: 'H' and the prefix as text. Returns its length. */
static size_t
make_store_key(const struct host *h, char out[HOST_KEY_ROOM])
{
    out[0] = HOST_RECORD;
    prefix_format(&h->key, out + 1, HOST_KEY_ROOM - 1);
    return strlen(out);
}

/* Removes h from its list. The walk of host_tick continues with the next host. */
static void
remove_from_age_list(struct server *srv, struct host *h)
{
    if (srv->policy->settling == &h->age)
        srv->policy->settling = h->age.next;
    list_remove(&h->age);
}

static void
forget_host(struct server *srv, struct host *h)
{
    char key[HOST_KEY_ROOM];
    if (h->stored)
        store_put(srv->store, key, make_store_key(h, key), NULL, 0);
    rest_skip_host(srv, h, h->hh.next);
    HASH_DELETE(hh, srv->policy->hosts, h);
    remove_from_age_list(srv, h);
    srv->policy->n_hosts--;
    srv->policy->n_struck -= h->struck;
    host_set_note(srv, h, NULL);
    subsystems_host_forgotten(srv, h);
    free(h);
}

void
host_trim(struct server *srv, size_t max, unsigned most)
{
    struct policy *p = srv->policy;
    while (p->n_hosts > max && most-- > 0) {
        struct list *from =
            list_empty(&p->idle_clean) ? &p->idle_struck : &p->idle_clean;
        if (list_empty(from))
            return;
        forget_host(srv, LIST_ENTRY(from->next, struct host, age));
    }
}

static struct host *
add_prefix(struct server *srv, const struct prefix *key)
{
    struct host *h = xcalloc(1, sizeof *h + srv->host_room);
    h->key = *key;
    list_init(&h->age);
    HASH_ADD_BYHASHVALUE(hh, srv->policy->hosts, key, sizeof h->key,
                         hash_prefix(srv, key), h);
    srv->policy->n_hosts++;
    host_place(srv, h);
    return h;
}

struct host *
host_get(struct server *srv, const struct addr *addr)
{
    struct prefix key;
    host_prefix(srv, addr, &key);
    struct host *h = find_prefix(srv, &key);
    if (h)
        return h;
    host_trim(srv, (size_t)srv->config->strikes.hosts - 1, TRIM_ONCE);
    return add_prefix(srv, &key);
}

/* True if the mask matches only clients of one host. *out is that host; NULL: there is
 * no entry of it, and so no client. */
static bool
mask_is_in_host(const struct server *srv, const struct mask *mask, struct host **out)
{
    struct prefix key;
    if (!mask->is_prefix)
        return false;
    host_prefix(srv, &mask->prefix.addr, &key);
    if (mask->prefix.bits < key.bits)
        return false;
    *out = find_prefix(srv, &key);
    return true;
}

/* Calls fn for the clients of h that have registered, or for those that have not. */
static void
host_each_of(struct server *srv, const struct host *h, bool registered,
             bool (*fn)(struct server *, struct client *, void *ctx), void *ctx)
{
    struct client_policy *p = h ? h->clients : NULL;
    for (struct client_policy *next; p; p = next) {
        struct client *c = policy_client(p);
        bool is_registered = c->out.flags & CLIENT_REGISTERED;
        next = p->host_next;
        if (is_registered == registered && !(c->out.flags & CLIENT_ENDING) &&
            !fn(srv, c, ctx))
            return;
    }
}

void
host_each_candidate(struct server *srv, const struct mask *mask,
                    bool (*fn)(struct server *, struct client *, void *ctx), void *ctx)
{
    struct host *h;
    if (mask_is_in_host(srv, mask, &h))
        host_each_of(srv, h, true, fn, ctx);
    else
        client_each(srv, fn, ctx);
}

void
host_each_unregistered(struct server *srv, const struct mask *mask,
                       bool (*fn)(struct server *, struct client *, void *ctx),
                       void *ctx)
{
    struct host *h;
    if (mask_is_in_host(srv, mask, &h)) {
        host_each_of(srv, h, false, fn, ctx);
        return;
    }
    LIST_EACH_SAFE(&srv->unregistered, node, next) {
        if (!fn(srv, LIST_ENTRY(node, struct client, link), ctx))
            return;
    }
}

void
host_each_client(struct server *srv, const struct host *h,
                 bool (*fn)(struct server *, struct client *, void *ctx), void *ctx)
{
    host_each_of(srv, h, true, fn, ctx);
    host_each_of(srv, h, false, fn, ctx);
}

struct network *
network_find(const struct server *srv, const struct addr *addr)
{
    struct prefix key;
    struct network *n = NULL;
    addr_prefix(addr, NETWORK_V4, NETWORK_V6, &key);
    HASH_FIND_BYHASHVALUE(hh, srv->policy->networks, &key, sizeof key,
                          hash_prefix(srv, &key), n);
    return n;
}

struct network *
network_get(struct server *srv, const struct addr *addr)
{
    struct network *n = network_find(srv, addr);
    if (n)
        return n;
    n = xcalloc(1, sizeof *n);
    addr_prefix(addr, NETWORK_V4, NETWORK_V6, &n->key);
    HASH_ADD_BYHASHVALUE(hh, srv->policy->networks, key, sizeof n->key,
                         hash_prefix(srv, &n->key), n);
    return n;
}

void
network_release(struct server *srv, struct network *n)
{
    if (--n->connections > 0)
        return;
    HASH_DELETE(hh, srv->policy->networks, n);
    free(n);
}

/* Lowers *count by one for each period `each` since *since, and moves *since on by
 * these. */
static bool
apply_decay(uint16_t *count, msec *since, msec each, msec wall)
{
    if (*since > wall)
        *since = wall; /* The clock was set back: the period begins now. */
    msec steps = (wall - *since) / each;
    if (*count == 0 || steps == 0)
        return false;
    *count = steps >= *count ? 0 : (uint16_t)(*count - steps);
    *since += steps * each;
    return true;
}

/* The level is the number of ladder steps used. A level above that (of a longer ladder,
 * or of an older store) would only take longer to be forgiven. */
static bool
cap_level(const struct server *srv, struct host *h)
{
    size_t steps = srv->config->strikes.n_ladder;
    if (h->level <= steps)
        return false;
    h->level = (uint16_t)steps;
    return true;
}

bool
host_settle(struct server *srv, struct host *h)
{
    bool capped = cap_level(srv, h);
    bool decayed =
        apply_decay(&h->strikes, &h->strike_at, srv->config->strikes.decay, srv->wall);
    bool forgiven =
        apply_decay(&h->level, &h->level_at, srv->config->strikes.forgive, srv->wall);
    return capped || decayed || forgiven;
}

void
host_set_note(struct server *srv, struct host *h, const char *note)
{
    struct mem_sum before = host_note_held(h);
    xreplace(&h->note, note && *note ? note : NULL);
    mem_sum_change(&srv->policy->notes_held, before, host_note_held(h));
}

struct mem_sum
host_note_held(const struct host *h)
{
    return (struct mem_sum){h->note != NULL, mem_text(h->note)};
}

void
host_place(struct server *srv, struct host *h)
{
    bool struck = h->strikes > 0 || h->level > 0;
    remove_from_age_list(srv, h);
    srv->policy->n_struck += (size_t)struck - h->struck;
    h->struck = struck;
    if (h->connections > 0)
        return;
    list_append(struck ? &srv->policy->idle_struck : &srv->policy->idle_clean, &h->age);
}

store_ticket
host_save(struct server *srv, struct host *h)
{
    char key[HOST_KEY_ROOM];
    struct record r;
    size_t key_len = make_store_key(h, key);
    if (h->strikes == 0 && h->level == 0) {
        bool stored = h->stored;
        h->stored = false;
        return stored ? store_put(srv->store, key, key_len, NULL, 0) : 0;
    }
    record_begin(&r, HOST_RECORD);
    record_add_text(&r, key + 1);
    record_add_number(&r, h->strikes);
    record_add_number(&r, h->level);
    record_add_number(&r, (uint64_t)h->strike_at);
    record_add_number(&r, (uint64_t)h->level_at);
    record_add_text(&r, h->cause);
    record_add_text(&r, h->nick);
    record_add_text(&r, h->by);
    record_add_text(&r, h->note ? h->note : "");
    store_ticket ticket = record_put(srv, "host", &r, key, key_len);
    h->stored |= ticket != STORE_REFUSED;
    return ticket;
}

/* True if the record has the present key of h. Up to version 0.3.0 the key was the
 * prefix in binary form. */
static bool
has_own_key(const struct host *h, const void *key, size_t len)
{
    char own[HOST_KEY_ROOM];
    return len == make_store_key(h, own) && memcmp(key, own, len) == 0;
}

static void
note_old_key(struct server *srv, struct host *h, const void *key, size_t len)
{
    struct host_old_key *old = xcalloc(1, sizeof *old + len);
    old->host = h;
    old->len = len;
    memcpy(old->key, key, len);
    list_append(&srv->policy->old_hosts, &old->link);
}

static void
fill_host(struct server *srv, struct host *h, struct record_reader *in)
{
    char note[HOST_NOTE];
    h->strikes = (uint16_t)record_number_to(in, UINT16_MAX);
    h->level = (uint16_t)record_number_to(in, UINT16_MAX);
    cap_level(srv, h);
    h->strike_at = record_moment(in);
    h->level_at = record_moment(in);
    record_text(in, h->cause, sizeof h->cause);
    record_text(in, h->nick, sizeof h->nick);
    record_text(in, h->by, sizeof h->by);
    record_text(in, note, sizeof note);
    host_set_note(srv, h, note);
    h->stored = true;
    host_place(srv, h);
}

struct host *
host_of_record(struct server *srv, const struct prefix *key)
{
    struct host *h = find_prefix(srv, key);
    return h ? h : add_prefix(srv, key);
}

static bool
load_host_record(struct server *srv, struct record_reader *in, const void *key,
                 size_t len)
{
    struct prefix prefix;
    char text[PREFIX_TEXT], err[128];
    record_text(in, text, sizeof text);
    if (!prefix_parse(text, &prefix, err, sizeof err))
        return false;
    struct host *h = host_of_record(srv, &prefix);
    bool first = !h->stored;
    bool own = has_own_key(h, key, len);
    /* If there are two records of one host, the one under the present key is later. */
    if (first || own)
        fill_host(srv, h, in);
    if (!own)
        note_old_key(srv, h, key, len);
    return true;
}

const struct record_kind host_records[] = {
    {.letter = HOST_RECORD, .name = "host", .load = load_host_record},
    {0},
};

/* Writes records under old keys again under the present ones, and removes the old. */
static void
rewrite_old_keys(struct server *srv)
{
    struct list *all = &srv->policy->old_hosts;
    while (!list_empty(all)) {
        struct host_old_key *old = LIST_ENTRY(all->next, struct host_old_key, link);
        store_begin(srv->store);
        if (host_save(srv, old->host) != STORE_REFUSED)
            store_put(srv->store, old->key, old->len, NULL, 0);
        store_commit(srv->store);
        list_remove(&old->link);
        free(old);
    }
}

/* The time of its last strike, decay, offence or forgiveness. */
static msec
latest_moment(const struct host *h)
{
    return h->strike_at > h->level_at ? h->strike_at : h->level_at;
}

static int
compare_latest_moments(const void *a, const void *b)
{
    msec x = latest_moment(*(struct host *const *)a);
    msec y = latest_moment(*(struct host *const *)b);
    return (x > y) - (x < y);
}

void
host_loaded(struct server *srv)
{
    struct policy *p = srv->policy;
    size_t n = 0;
    rewrite_old_keys(srv);
    struct host **all = xmalloc((p->n_hosts + 1) * sizeof(struct host *));
    for (struct host *h = p->hosts; h; h = h->hh.next)
        all[n++] = h;
    qsort(all, n, sizeof *all, compare_latest_moments);
    for (size_t i = 0; i < n; i++)
        host_place(srv, all[i]);
    free(all);
    host_trim(srv, (size_t)srv->config->strikes.hosts, UINT_MAX);
}

/* Settles the next few hosts with strikes. Their order does not change. */
static void
settle_some_hosts(struct server *srv)
{
    struct policy *p = srv->policy;
    if (p->settling == &p->idle_struck)
        p->settling = p->idle_struck.next;
    for (int i = 0; i < TICK_HOSTS && p->settling != &p->idle_struck; i++) {
        struct host *h = LIST_ENTRY(p->settling, struct host, age);
        p->settling = p->settling->next;
        host_settle(srv, h);
        subsystems_host_settled(srv, h);
        if (h->strikes > 0 || h->level > 0)
            continue;
        host_save(srv, h);
        host_place(srv, h);
    }
}

void
host_tick(struct server *srv)
{
    struct policy *p = srv->policy;
    for (int i = 0; i < TICK_HOSTS && !list_empty(&p->idle_clean); i++) {
        struct host *h = LIST_ENTRY(p->idle_clean.next, struct host, age);
        if (!subsystems_host_is_done(srv, h))
            break;
        forget_host(srv, h);
    }
    settle_some_hosts(srv);
    host_trim(srv, (size_t)srv->config->strikes.hosts, TRIM_TICK);
}

void
host_free_all(struct server *srv)
{
    struct host *h, *next;
    HASH_ITER(hh, srv->policy->hosts, h, next) {
        HASH_DELETE(hh, srv->policy->hosts, h);
        host_set_note(srv, h, NULL);
        subsystems_host_freed(srv, h);
        free(h);
    }
    struct network *n, *after;
    HASH_ITER(hh, srv->policy->networks, n, after) {
        HASH_DELETE(hh, srv->policy->networks, n);
        free(n);
    }
}
