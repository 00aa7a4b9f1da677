/* Flood control (policy.md 3): run, hold or refuse. */
#ifndef POLICY_FLOOD_H
#define POLICY_FLOOD_H

#include "base/msec.h"
#include "policy/client_policy.h"

#include <stdbool.h>

struct server;

enum flood_verdict { FLOOD_RUN, FLOOD_HOLD, FLOOD_REFUSE, FLOOD_REFUSE_MILD };

/* What to do with a line that costs `cost`. RUN has taken the tokens. HOLD and REFUSE
 * took nothing; REFUSE_MILD is a refusal that is no offence: what c took over from
 * another client of its host explains it (policy/debt.h); behind held lines
 * (held_lines > 0) nothing runs. A cost of 0 is free within reason: the ping bucket,
 * then 1 token; it passes a full hold too. A negative cost is that of a line that a
 * credit pays for: it runs or is held, and never counts against the lines that may
 * wait. */
enum flood_verdict flood_line(struct server *srv, struct client *c, int cost);

/* May the oldest held line, of this cost, run now? Takes the tokens then. */
bool flood_release(struct server *srv, struct client *c, int cost);

/* Charges what a command turned out to cost (WHO, LIST: by what they returned). */
void flood_charge(struct server *srv, struct client *c, int cost);

/* One of a client's own buckets (nick changes, joins, invitations, away). False:
 * refused; the wait in whole seconds is in *seconds. Refusals are struck where
 * flood_offends says so, but for those that a bucket taken over explains
 * (policy/debt.h); mild ones never are. */
bool flood_bucket(struct server *srv, struct client *c, enum client_bucket which,
                  int *seconds);
bool flood_bucket_mild(const struct server *srv, struct client *c,
                       enum client_bucket which, int *seconds);

/* True: the refusal at hand is a strike, and it is noted in c that one was given. There
 * is at most one a second, and none for a line that waited at the last one, or that
 * began to wait within a second of it: what c sends in one write is one offence. */
bool flood_offends(const struct server *srv, struct client *c);

/* The JOIN credit: after registration a program joins its channels again, often with
 * one line each. For FLOOD_WELCOME from then on these lines cost nothing, for
 * as many channels as limits.channels_per_client says; all clients of a host together
 * get as many as its connections may have, which come back within a minute. */
#define FLOOD_WELCOME MSEC_MINUTE
/* Takes n channels of that credit; false: so many are not there, or not any more. */
bool flood_take_joins(const struct server *srv, struct client *c, unsigned n);

/* Lines that c may send before it is registered. */
int flood_unregistered(const struct server *srv, const struct client *c);

/* Lines that may wait. */
int flood_hold(const struct server *srv, const struct client *c);

#endif
