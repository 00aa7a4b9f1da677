/* MONITOR (IRCv3 monitor 3.2): the clients that are told when a nick comes online and
 * goes offline. */
#ifndef STATE_MONITOR_H
#define STATE_MONITOR_H

#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>

#define MONITOR_MAX 100 /* entries of one client at most: MONITOR of 005 */

struct client;
struct server;

/* One client watches one nick: an entry in a list of each. */
struct monitor_entry {
    struct list of_client; /* client_lists.monitors */
    struct list of_nick;   /* monitor_nick.watchers */
    struct client *client;
    struct monitor_nick *nick;
};

/* A nick that at least one client watches, online or not. */
struct monitor_nick;

/* Adds a valid nick to the list of c. True: it is on the list now, or was before;
 * false: the list is full. */
bool monitor_add(struct server *srv, struct client *c, const char *nick);
void monitor_remove(struct server *srv, struct client *c, const char *nick);
void monitor_clear(struct server *srv, struct client *c);

/* Memory of the watched nicks, a sum of mem_block; without the entries. */
size_t monitor_memory(const struct server *srv);

/* The nick of an entry, in the case in which the first watcher wrote it. */
const char *monitor_name(const struct monitor_entry *entry);

/* The entries of a nick, linked by of_nick; NULL: no client watches it. */
struct list *monitor_watchers(const struct server *srv, const char *nick);

/* Tells the watchers that the nick of c is online (730); or that it is about to go
 * offline (731). */
void monitor_online(struct server *srv, const struct client *c);
void monitor_offline(struct server *srv, const struct client *c);

#endif
