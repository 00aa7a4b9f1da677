/* Counters: how much of each action a subject has left. One table (counters.def) and
 * one set of functions. This module keeps the counts; the caller decides what follows
 * from a refusal. */
#ifndef POLICY_COUNTER_H
#define POLICY_COUNTER_H

#include "base/bucket.h"
#include "base/msec.h"
#include "policy/strikes.h"

#include <stdbool.h>

struct client;
struct config_class;
struct host;
struct server;

#define COUNTER(name, subject, allowance, strike, carried) COUNTER_##name,
enum counter {
#include "policy/counters.def"
    COUNTERS
};
#undef COUNTER

#define COUNTER_IS_SESSION 1
#define COUNTER_IS_KEPT 0
#define COUNTER(name, subject, allowance, strike, carried) +COUNTER_IS_##subject
/* Counters of sessions come first, those of hosts follow. */
enum {
    SESSION_COUNTERS = 0
#include "policy/counters.def"
};
#undef COUNTER
#define KEPT_COUNTERS (COUNTERS - SESSION_COUNTERS)

/* A block of counters and its owner, a session (subject_session) or a host
 * (subject_host): a view, made for one call. */
struct subject {
    struct bucket *counters;          /* SESSION_COUNTERS or KEPT_COUNTERS of them */
    unsigned first;                   /* the enum counter of counters[0] */
    const struct config_class *class; /* its allowances hold; NULL: no class */
};
struct subject subject_host(const struct server *srv, const struct host *h,
                            const struct config_class *class);

/* At most `burst` at once, and one more each `each` ms. */
struct allowance {
    int burst;
    msec each;
    bool owes; /* it may be overdrawn: the cost of an answer is known afterwards */
};
struct allowance counter_allowance(const struct server *srv,
                                   const struct config_class *class,
                                   enum counter which);

/* Verdicts, which change nothing. counter_has: true if n tokens (at most `burst`) are
 * there. counter_wait: the milliseconds until they are (0: now). counter_left: the
 * number of tokens. counter_full_at: when the counter is full again (monotonic). */
bool counter_has(const struct server *srv, const struct subject *s, enum counter which,
                 int n);
msec counter_wait(const struct server *srv, const struct subject *s, enum counter which,
                  int n);
int counter_left(const struct server *srv, const struct subject *s, enum counter which);
msec counter_full_at(const struct subject *s, enum counter which);

/* Takes n tokens and returns true if they are there; else takes none. In both cases an
 * allowance that became stricter holds from now on. */
bool counter_take(const struct server *srv, const struct subject *s, enum counter which,
                  int n);
/* Takes no token; an allowance that became stricter holds from now on. Call it for a
 * refusal, so that the wait does not grow with each refused attempt. */
void counter_settle(const struct server *srv, const struct subject *s,
                    enum counter which);
/* Takes n tokens even if they are not there. Returns by how many ms this delays the
 * time at which the counter is full. */
msec counter_charge(const struct server *srv, const struct subject *s,
                    enum counter which, int n);
/* counter_give gives back n tokens; counter_give_back gives back the return value of
 * counter_charge. */
void counter_give(const struct server *srv, const struct subject *s, enum counter which,
                  int n);
void counter_give_back(const struct subject *s, enum counter which, msec charged);

/* The cause of a strike for overdrawing this counter. */
enum strike_cause counter_cause(enum counter which);

#endif
