/* What clients that have left still owe of their flood buckets: the next client of the
 * same host begins with it, so that a new connection is no new budget. */
#ifndef POLICY_DEBT_H
#define POLICY_DEBT_H

#include "base/mem.h"
#include "base/msec.h"
#include "state/client.h"

#include "policy/client_policy.h"

#include <stdbool.h>
#include <stddef.h>

struct host;
struct server;

/* c, which has registered and still has its host, leaves it: what it owes is kept with
 * the host, and whom it talked with. Not of who has no flood control, nor where strikes
 * only disconnect (gateways: everybody there is somebody else), and not where all debts
 * together would take more than 512 bytes for each of strikes.hosts. */
void debt_leave(struct server *srv, struct client *c);

/* c registers: takes over the largest of the debts of its host, alone and as a whole.
 * Those of clients that are still on concern nobody else. */
void debt_take(struct server *srv, struct client *c);

/* While the counters of c are emptier for what it took over, its own spending is kept
 * beside them, as if it had begun with full ones. debt_explains: c would have `cost` of
 * this counter (more: at once, beyond its allowance), but for what it took over; what
 * is refused now, that explains. debt_spend notes that c takes them, whether it gets
 * them or not. */
bool debt_explains(const struct server *srv, const struct client *c, enum counter which,
                   int more, int cost);
void debt_spend_own(const struct server *srv, struct client *c, enum counter which,
                    int more, int cost);
static inline void
debt_spend(const struct server *srv, struct client *c, enum counter which, int more,
           int cost)
{
    if (policy_of(c)->carried) /* hardly any client has */
        debt_spend_own(srv, c, which, more, cost);
}

/* The memory of that, as mem_block; 0: there is none. */
size_t debt_memory(const struct client *c);

/* True when nothing is owed (any more). */
bool debt_is_paid(const struct server *srv, const struct host *h);

/* Forgets all of a host's. */
void debt_forget(struct server *srv, struct host *h);

/* How many a host has, and their memory. */
struct mem_sum debt_held(const struct server *srv, const struct host *h);
/* The same of all hosts. */
struct mem_sum debt_held_by_all(const struct server *srv);

#endif
