/* Spending: takes tokens from the counters of clients, or refuses and gives strikes. */
#ifndef ENACT_SPEND_H
#define ENACT_SPEND_H

#include "policy/counter.h"

#include <stdbool.h>

struct client;
struct server;

/* Takes one of this counter (nick changes, joins, invitations, away). False: refused;
 * *seconds is the wait in whole seconds. A refusal gives a strike if flood_is_offence
 * says so, unless carried buckets explain it (policy/carried_buckets.h). */
bool enact_spend(struct server *srv, struct client *c, enum counter which,
                 int *seconds);

/* May `from` write to `to`, or invite it (policy/targets.h)? A new target costs one of
 * COUNTER_target. False: *seconds is the wait in whole seconds; if `strikes` is set,
 * the refusal may give a strike as above. */
bool enact_target(struct server *srv, struct client *from, struct client *to,
                  bool strikes, int *seconds);

#endif
