/* Caller-id (user mode +g): whose messages a client accepts. */
#ifndef STATE_ACCEPT_H
#define STATE_ACCEPT_H

#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>

#define ACCEPT_MAX 50 /* entries a client: 005 ACCEPT */

struct client;
struct server;

/* `owner` accepts `other`: known from both sides, gone when either goes or when
 * `other` takes another nick. */
struct accept_entry {
    struct list of_owner; /* accept_list */
    struct list of_other;
    struct client *owner, *other;
};

bool accept_has(const struct client *owner, const struct client *other);

/* True if `other` (not on the list yet) is on it now; false: the list is full. */
bool accept_add(struct client *owner, struct client *other);
/* False: it was not on the list. */
bool accept_remove(struct client *owner, const struct client *other);

/* The entries of owner by of_owner, oldest first; NULL: none. */
struct list *accept_list(const struct client *owner);

/* Memory that its list takes, a sum of mem_block; 0: it has none. */
size_t accept_memory(const struct client *owner);

/* Nobody accepts c any more. */
void accept_forget(struct client *c);
/* That, and c accepts nobody; frees what c has. */
void accept_clear(struct client *c);

/* May owner be told now that somebody was refused? True at most once a minute. */
bool accept_may_tell(const struct server *srv, struct client *owner);

#endif
