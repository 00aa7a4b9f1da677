/* Spending: takes tokens from the counters of clients, or refuses and gives strikes. */
#ifndef ENACT_SPEND_H
#define ENACT_SPEND_H

#include "policy/counter.h"

#include <stdbool.h>

struct client;
struct server;

/* Takes a token of this counter (nick changes, joins, invitations, away). False: it is
 * refused, and *seconds is the wait in whole seconds. A refusal gives a strike if
 * flood_is_offence is true, unless the cause is a carried bucket
 * (policy/carried_buckets.h). */
bool enact_spend(struct server *srv, struct client *c, enum counter which,
                 int *seconds);

/* True if `from` may write to `to` or invite it (policy/targets.h). A new target costs
 * a token of COUNTER_target. False: *seconds is the wait in whole seconds. If `strikes`
 * is true, the refusal may give a strike as in enact_spend. */
bool enact_target(struct server *srv, struct client *from, struct client *to,
                  bool strikes, int *seconds);

#endif
