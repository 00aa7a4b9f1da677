/* What clients spend of their counters: taken, or refused and struck. */
#ifndef ENACT_SPEND_H
#define ENACT_SPEND_H

#include "policy/counter.h"

#include <stdbool.h>

struct client;
struct server;

/* Takes one of a client's counters (nick changes, joins, invitations, away). False: it
 * is refused, and the wait in whole seconds is in *seconds. A refusal is struck where
 * flood_is_offence says so, but for one that a counter taken over explains
 * (policy/carried_buckets.h). */
bool enact_spend(struct server *srv, struct client *c, enum counter which,
                 int *seconds);

/* Whether `from` may write to `to`, or invite it (policy/targets.h); a stranger takes
 * one of COUNTER_target. False: the wait in whole seconds is in *seconds, and with
 * `strikes` it is struck as above. */
bool enact_target(struct server *srv, struct client *from, struct client *to,
                  bool strikes, int *seconds);

#endif
