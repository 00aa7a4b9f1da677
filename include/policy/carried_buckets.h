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

/* c, registered, leaves its host, which it still has. The host keeps c's buckets and the
 * users c wrote to if a bucket is not full. Nothing is kept if c has no flood control, if
 * strikes only disconnect in its class (behind a gateway the next client is another
 * user), or if all carried buckets together would take more than 512 bytes for each of
 * strikes.hosts. */
void carried_save(struct server *srv, struct client *c);

/* c registers: it takes over the emptiest carried buckets of its host, as a whole. */
void carried_take(struct server *srv, struct client *c);

/* While the buckets that c took over make its own emptier, c's own spending is counted
 * beside them, as if it had begun with full ones. carried_explains: true if c could take
 * `cost` of this counter (with `more` beyond its allowance) without them; a refusal now
 * is then no offence. carried_spend counts `cost` as c's own, whether c gets it or
 * not. */
bool carried_explains(const struct server *srv, const struct client *c,
                      enum counter which, int more, int cost);
void carried_spend_own(const struct server *srv, struct client *c, enum counter which,
                       int more, int cost);
static inline void
carried_spend(const struct server *srv, struct client *c, enum counter which, int more,
              int cost)
{
    if (policy_of(c)->own_spending) /* hardly any client has */
        carried_spend_own(srv, c, which, more, cost);
}

/* The bytes of c's own spending, as mem_block; 0: none is counted. */
size_t carried_memory(const struct client *c);

/* True if all carried buckets of h are full again, or it has none. */
bool carried_are_full(const struct server *srv, const struct host *h);

/* Forgets the carried buckets of h. */
void carried_forget(struct server *srv, struct host *h);

/* The number of clients whose buckets h keeps, and their memory; and of all hosts. */
struct mem_sum carried_held(const struct server *srv, const struct host *h);
struct mem_sum carried_held_by_all(const struct server *srv);

#endif
