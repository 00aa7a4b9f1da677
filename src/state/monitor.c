/* Watched nicks in one table, each with the list of its watchers. The same entries are
 * in a list of each client. An entry is removed from both lists at once.
 *
 * If a nick comes online, the cost is one look-up, one line, and one reference for each
 * watcher, however many nicks are watched in all. */
#include "name_table.h" /* must be first: it sets HASH_KEYCMP */

#include "state/census.h"
#include "state/monitor.h"

#include "base/mem.h"
#include "base/str.h"
#include "state/client.h"
#include "state/relay.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <string.h>

struct monitor_nick {
    UT_hash_handle hh;
    struct list watchers;
    char nick[NAME_NICK_MAX + 1];
};

/* The table, by folded nick. */
static struct monitor_nick **
monitored_at(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_monitor);
}

static struct monitor_nick *
find_watched_nick(const struct server *srv, const char *nick)
{
    struct monitor_nick *n = NULL, *all = *monitored_at(srv);
    size_t len = strlen(nick);
    if (all == NULL || len > NAME_NICK_MAX)
        return NULL;
    unsigned h = name_hash(&srv->hash_key, nick, len);
    HASH_FIND_BYHASHVALUE(hh, all, nick, len, h, n);
    return n;
}

static struct monitor_nick *
get_watched_nick(struct server *srv, const char *nick)
{
    struct monitor_nick *n = find_watched_nick(srv, nick);
    if (n)
        return n;
    n = xcalloc(1, sizeof *n);
    list_init(&n->watchers);
    str_format(n->nick, sizeof n->nick, "%s", nick);
    size_t len = strlen(n->nick);
    unsigned h = name_hash(&srv->hash_key, n->nick, len);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, *monitored_at(srv), n->nick, len, h, n);
    return n;
}

static void
free_monitor_entry(struct server *srv, struct monitor_entry *e)
{
    struct monitor_nick *n = e->nick;
    list_remove(&e->of_client);
    list_remove(&e->of_nick);
    e->client->user.lists->nmonitors--;
    free(e);
    if (!list_empty(&n->watchers))
        return;
    HASH_DELETE(hh, *monitored_at(srv), n);
    free(n);
}

static struct monitor_entry *
find_monitor_entry(const struct server *srv, const struct client *c, const char *nick)
{
    const struct monitor_nick *n = find_watched_nick(srv, nick);
    if (n == NULL || c->user.lists == NULL)
        return NULL;
    LIST_EACH(&c->user.lists->monitors, node) {
        struct monitor_entry *e = LIST_ENTRY(node, struct monitor_entry, of_client);
        if (e->nick == n)
            return e;
    }
    return NULL;
}

bool
monitor_add(struct server *srv, struct client *c, const char *nick)
{
    if (find_monitor_entry(srv, c, nick))
        return true;
    struct client_lists *lists = client_lists(c);
    if (lists->nmonitors >= MONITOR_MAX)
        return false;
    struct monitor_entry *e = xcalloc(1, sizeof *e);
    e->client = c;
    e->nick = get_watched_nick(srv, nick);
    list_append(&lists->monitors, &e->of_client);
    list_append(&e->nick->watchers, &e->of_nick);
    lists->nmonitors++;
    return true;
}

void
monitor_remove(struct server *srv, struct client *c, const char *nick)
{
    struct monitor_entry *e = find_monitor_entry(srv, c, nick);
    if (e)
        free_monitor_entry(srv, e);
}

void
monitor_clear(struct server *srv, struct client *c)
{
    while (c->user.lists && !list_empty(&c->user.lists->monitors))
        free_monitor_entry(srv, LIST_ENTRY(c->user.lists->monitors.next,
                                           struct monitor_entry, of_client));
}

size_t
monitor_memory(const struct server *srv)
{
    const struct monitor_nick *all = *monitored_at(srv);
    return HASH_COUNT(all) * mem_block(sizeof *all) + HASH_MEMORY(all);
}

const char *
monitor_name(const struct monitor_entry *entry)
{
    return entry->nick->nick;
}

struct list *
monitor_watchers(const struct server *srv, const char *nick)
{
    struct monitor_nick *n = find_watched_nick(srv, nick);
    return n ? &n->watchers : NULL;
}

/* The numeric has "*" as its receiver (IRCv3 monitor, 730), so that all watchers share
 * its bytes. */
static void
tell_watchers(struct server *srv, struct list *watchers, const char *number,
              const char *text)
{
    struct relay r;
    relay_begin(&r, srv, NULL, "%s * :%s", number, text);
    LIST_EACH(watchers, node)
        relay_to(&r, LIST_ENTRY(node, struct monitor_entry, of_nick)->client);
    relay_end(&r);
}

/* NULL: no client watches the nick of c, or c is hidden. */
static struct list *
find_watchers_of(const struct server *srv, const struct client *c)
{
    return c->out.flags & CLIENT_ACTING ? NULL : monitor_watchers(srv, c->user.nick);
}

void
monitor_online(struct server *srv, const struct client *c)
{
    char source[MASK_TEXT];
    struct list *watchers = find_watchers_of(srv, c);
    if (watchers == NULL)
        return;
    client_source(c, source, sizeof source);
    tell_watchers(srv, watchers, "730", source);
}

void
monitor_offline(struct server *srv, const struct client *c)
{
    struct list *watchers = find_watchers_of(srv, c);
    if (watchers)
        tell_watchers(srv, watchers, "731", c->user.nick);
}

static void
end_monitoring(struct server *srv, struct client *c)
{
    if (c->out.flags & CLIENT_REGISTERED)
        monitor_offline(srv, c);
    monitor_clear(srv, c);
}

static void
count_monitor_entries(const struct client *c, struct mem_sum *sum)
{
    sum->n += c->user.lists ? c->user.lists->nmonitors : 0;
}

static void
add_monitor_memory(const struct server *srv, struct census *out)
{
    size_t n = out->of_clients[SUBSYSTEM_monitor]->n;
    census_add(out, CENSUS_OF_CLIENTS, "MONITOR and ACCEPT entries", n,
               n * mem_block(sizeof(struct monitor_entry)) + monitor_memory(srv));
}

const struct subsystem monitor_subsystem = {
    .id = SUBSYSTEM_monitor,
    .state = sizeof(struct monitor_nick *),
    .client_memory = count_monitor_entries,
    .memory = add_monitor_memory,
    .client_leaves = end_monitoring,
};
