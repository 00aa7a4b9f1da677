/* Flood control (contrib/POLICY.md 3): run, hold or refuse. The functions that judge
 * change nothing; those that take are called with what was judged. */
#ifndef POLICY_FLOOD_H
#define POLICY_FLOOD_H

#include "base/msec.h"
#include "policy/counter.h"
#include "state/client.h"

#include <stdbool.h>

struct server;

enum flood_verdict { FLOOD_RUN, FLOOD_HOLD, FLOOD_REFUSE, FLOOD_REFUSE_NO_STRIKE };

/* What to do with a line that costs `cost`. REFUSE_NO_STRIKE is a refusal that is no
 * offence: what c took over from another client of its host explains it
 * (policy/carried_buckets.h). Behind held lines nothing runs. A cost of 0 is free within reason:
 * COUNTER_free_lines, then 1 of COUNTER_lines; it passes a full hold too. A negative
 * cost is that of a line that a credit pays for: it runs or is held, and never counts
 * against the lines that may wait. */
enum flood_verdict flood_judge(const struct server *srv, const struct client *c,
                               int cost);
/* The line was judged so: a line that runs takes its tokens. */
void flood_take(const struct server *srv, struct client *c, int cost,
                enum flood_verdict verdict);

/* May the oldest held line, of this cost, run now? flood_release takes its tokens. */
bool flood_may_release(const struct server *srv, const struct client *c, int cost);
void flood_release(const struct server *srv, struct client *c, int cost);

/* Charges what a command turned out to cost (WHO, LIST: by what they returned). */
void flood_charge(struct server *srv, struct client *c, int cost);

/* Whether c may take one of its counters (nick changes, joins, invitations, away …):
 * RUN; else REFUSE or REFUSE_NO_STRIKE as for lines, and the wait in whole seconds is in
 * *seconds. flood_spend takes one, or notes that it was refused. enact/spend.h does
 * both. */
enum flood_verdict flood_judge_counter(const struct server *srv, const struct client *c,
                                       enum counter which, int *seconds);
void flood_spend(const struct server *srv, struct client *c, enum counter which);

/* True: the refusal at hand is a strike. There is at most one a second, and none for a
 * line that waited at the last one, or that began to wait within a second of it: what c
 * sends in one write is one offence. flood_note_offence notes that one is given. */
bool flood_is_offence(const struct server *srv, const struct client *c);
void flood_note_offence(const struct server *srv, struct client *c);

/* The JOIN credit: after registration a program joins its channels again, often with
 * one line each. For FLOOD_JOIN_CREDIT from then on these lines cost nothing, for
 * as many channels as limits.channels_per_client says; all clients of a host together
 * get as many as its connections may have, which come back within a minute. */
#define FLOOD_JOIN_CREDIT MSEC_MINUTE
/* Takes n channels of that credit; false: so many are not there, or not any more. */
bool flood_take_joins(const struct server *srv, struct client *c, unsigned n);

/* Lines that c may send before it is registered. */
int flood_unregistered(const struct server *srv, const struct client *c);

/* Lines that may wait. */
int flood_hold(const struct server *srv, const struct client *c);

#endif
