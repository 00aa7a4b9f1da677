/* Flood control (contrib/POLICY.md 3): a line is run, held or refused. Functions that
 * judge change nothing. Functions that take are called with the verdict. */
#ifndef POLICY_FLOOD_H
#define POLICY_FLOOD_H

#include "base/msec.h"
#include "policy/counter.h"
#include "state/client.h"

#include <stdbool.h>

struct server;

enum flood_verdict { FLOOD_RUN, FLOOD_HOLD, FLOOD_REFUSE, FLOOD_REFUSE_NO_STRIKE };

/* The verdict on a line of this cost. No line runs before an older line that is held.
 * NO_STRIKE marks a refusal that is no offence: buckets that c took over from another
 * client of its host explain it (policy/carried_buckets.h). A line of cost 0 takes one
 * of COUNTER_free_lines and then runs even if no more lines may be held; without a free
 * one it takes one of COUNTER_lines. A negative cost marks a line that a credit pays
 * for: it runs or is held, and it does not count as a held line. */
enum flood_verdict flood_judge(const struct server *srv, const struct client *c,
                               int cost);
/* Call after flood_judge with its verdict: a line that runs takes its tokens. */
void flood_take(const struct server *srv, struct client *c, int cost,
                enum flood_verdict verdict);

/* May the oldest held line, of this cost, run now? If it runs, flood_release takes its
 * tokens. */
bool flood_may_release(const struct server *srv, const struct client *c, int cost);
void flood_release(const struct server *srv, struct client *c, int cost);

/* Charges the cost of an answer, which is known afterwards (WHO, LIST). */
void flood_charge(struct server *srv, struct client *c, int cost);

/* May c take one of this counter (nick changes, joins, invitations, away …)? The
 * verdict is RUN, or a refusal as for lines; then *seconds is the wait in whole
 * seconds. flood_spend takes one, or counts the refusal as c's own spending.
 * enact/spend.h does both. */
enum flood_verdict flood_judge_counter(const struct server *srv, const struct client *c,
                                       enum counter which, int *seconds);
void flood_spend(const struct server *srv, struct client *c, enum counter which);

/* True if a refusal now is worth a strike. There is at most one strike a second, and
 * none for a line that was held when the last strike was given or that began to wait
 * within a second of it: all that a client sends in one write is one offence.
 * flood_note_offence notes that a strike is given. */
bool flood_is_offence(const struct server *srv, const struct client *c);
void flood_note_offence(const struct server *srv, struct client *c);

/* The JOIN credit: after registration a program joins its channels again, often with
 * one line for each. For FLOOD_JOIN_CREDIT after registration, JOINs of up to
 * limits.channels_per_client channels cost nothing. All clients of one host share
 * COUNTER_free_join, which allows limits.per_host times as many channels a minute. */
#define FLOOD_JOIN_CREDIT MSEC_MINUTE
/* Takes n channels of that credit. False: not so many are left, or the time is over. */
bool flood_take_joins(const struct server *srv, struct client *c, unsigned n);

/* The number of lines that c may send before it is registered. There is no limit for a
 * client that acts for the owner or a token: it tries other nicks while its nick is
 * taken. */
int flood_unregistered(const struct server *srv, const struct client *c);

/* The number of lines of c that may wait. */
int flood_hold(const struct server *srv, const struct client *c);

#endif
