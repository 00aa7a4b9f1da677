/* MONITOR (IRCv3 monitor 3.2): who wants to know when a nick comes and goes. */
#ifndef STATE_MONITOR_H
#define STATE_MONITOR_H

#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>

#define MONITOR_MAX 100 /* entries a client: 005 MONITOR */

struct client;
struct server;

/* One client's interest in one nick: known from both sides. */
struct monitor_entry {
    struct list of_client; /* client.monitors */
    struct list of_nick;   /* monitor_nick.watchers */
    struct client *client;
    struct monitor_nick *nick;
};

/* A nick that somebody watches, on or not. */
struct monitor_nick;

/* Adds a nick (valid, as written) to c's list. True if it is on it now, also when it
 * was already; false: the list is full. */
bool monitor_add(struct server *srv, struct client *c, const char *nick);
void monitor_remove(struct server *srv, struct client *c, const char *nick);
void monitor_clear(struct server *srv, struct client *c);

/* Memory of the nicks that are watched, a sum of mem_block; entries are their owners'.
 */
size_t monitor_memory(const struct server *srv);

/* The nick of an entry, as first written. */
const char *monitor_name(const struct monitor_entry *entry);

/* The watchers of a nick (entries by of_nick), or NULL. */
struct list *monitor_watchers(const struct server *srv, const char *nick);

/* The nick of c has come (online) or is about to go: tells the watchers (730, 731). */
void monitor_online(struct server *srv, const struct client *c);
void monitor_offline(struct server *srv, const struct client *c);

#endif
