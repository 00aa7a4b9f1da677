/* Carried buckets: a new client begins with the flood buckets that an earlier client of
 * its host left empty, so that a new connection is no new budget. */
#ifndef POLICY_CARRIED_BUCKETS_H
#define POLICY_CARRIED_BUCKETS_H

#include "base/mem.h"
#include "base/msec.h"
#include "state/client.h"

#include "policy/client_policy.h"

#include <stdbool.h>
#include <stddef.h>

struct host;
struct server;

/* c, which is registered, leaves its host, which is still set. The host keeps c's
 * buckets and the list of the users that c wrote to, if one of the buckets is not full.
 * It keeps nothing if c has no flood control, if strikes only disconnect in c's class
 * (behind a gateway the next client is another user), or if all carried buckets
 * together would take more than 512 bytes for each of strikes.hosts. */
void carried_save(struct server *srv, struct client *c);

/* c registers: it takes over the emptiest set of carried buckets of its host. */
void carried_take(struct server *srv, struct client *c);

/* While the buckets that c took over make its own emptier, c's own spending is counted
 * beside them, as if c had begun with full ones. carried_explains: true if c could take
 * `cost` of this counter (with `more` beyond its allowance) without them; then a
 * refusal is no offence. carried_spend counts `cost` as c's own, whether the request is
 * granted or not. */
bool carried_explains(const struct server *srv, const struct client *c,
                      enum counter which, int more, int cost);
void carried_spend_own(const struct server *srv, struct client *c, enum counter which,
                       int more, int cost);
static inline void
carried_spend(const struct server *srv, struct client *c, enum counter which, int more,
              int cost)
{
    if (policy_of(c)->own_spending) /* few clients have it */
        carried_spend_own(srv, c, which, more, cost);
}

/* The bytes of c's own spending, as mem_block; 0: none is counted. */
size_t carried_memory(const struct client *c);

/* True if all carried buckets of h are full again, or it has none. */
bool carried_are_full(const struct server *srv, const struct host *h);

/* Forgets the carried buckets of h. */
void carried_forget(struct server *srv, struct host *h);

/* The number and the memory of the carried sets of buckets: of h, and of all hosts. */
struct mem_sum carried_held(const struct server *srv, const struct host *h);
struct mem_sum carried_held_by_all(const struct server *srv);

#endif
