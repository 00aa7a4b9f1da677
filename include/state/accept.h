/* Caller-id (user mode +g): the list of clients from which a client accepts
 * messages. */
#ifndef STATE_ACCEPT_H
#define STATE_ACCEPT_H

#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>

#define ACCEPT_MAX 50 /* entries of one client at most: ACCEPT of 005 */

struct client;
struct server;

/* `owner` accepts messages from `other`. The entry is in a list of each of the two
 * clients. It is removed when one of them leaves and when `other` takes another
 * nick. */
struct accept_entry {
    struct list of_owner; /* accept_list(owner) */
    struct list of_other;
    struct client *owner, *other;
};

bool accept_has(const struct client *owner, const struct client *other);

/* Adds `other`, which is not on the list yet. False: the list is full. */
bool accept_add(struct client *owner, struct client *other);
/* False: `other` was not on the list. */
bool accept_remove(struct client *owner, const struct client *other);

/* The entries of `owner`, linked by of_owner, oldest first. NULL or empty: none. */
struct list *accept_list(const struct client *owner);

/* Memory of the lists of `owner`, a sum of mem_block; 0: it has none. */
size_t accept_memory(const struct client *owner);

/* Removes c from the lists of all other clients. */
void accept_forget(struct client *c);
/* The same, and removes the entries of c and frees its lists. */
void accept_clear(struct client *c);

/* True, at most once a minute, if `owner` may be told now that a message to it was
 * refused. The caller tells it then. */
bool accept_may_tell(const struct server *srv, struct client *owner);

#endif
