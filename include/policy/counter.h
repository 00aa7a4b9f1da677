/* Counters: how much of each thing a subject may still do. One table (counters.def),
 * one set of verbs. What policy counts is kept here; what a limit means is for the
 * module that asks. */
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
/* The first ones, of a session; the rest are of what is kept. */
enum {
    SESSION_COUNTERS = 0
#include "policy/counters.def"
};
#undef COUNTER
#define KEPT_COUNTERS (COUNTERS - SESSION_COUNTERS)

/* Whose counters they are: a view, made for a call. Today a session (subject_session),
 * and what is kept for an address prefix (its host); what is kept for an account would
 * be another block. */
struct subject {
    struct bucket *counters;          /* SESSION_COUNTERS or KEPT_COUNTERS of them */
    unsigned first;                   /* which of all is counters[0] */
    const struct config_class *class; /* whose allowances hold; NULL: none */
};
struct subject subject_host(const struct server *srv, const struct host *h,
                            const struct config_class *class);

/* At most `burst` at once, and one more each `each` ms. */
struct allowance {
    int burst;
    msec each;
    bool owes; /* what an answer turned out to cost may be more than there is */
};
struct allowance counter_allowance(const struct server *srv,
                                   const struct config_class *class,
                                   enum counter which);

/* Verdicts. Whether n are there, at most `burst`; milliseconds until they are (0: now);
 * how many are; when all will be again (monotonic). */
bool counter_has(const struct server *srv, const struct subject *s, enum counter which,
                 int n);
msec counter_wait(const struct server *srv, const struct subject *s, enum counter which,
                  int n);
int counter_left(const struct server *srv, const struct subject *s, enum counter which);
msec counter_full_at(const struct subject *s, enum counter which);

/* Takes n if they are there: true. False: takes none. Either way a stricter allowance
 * than before holds from now on. */
bool counter_take(const struct server *srv, const struct subject *s, enum counter which,
                  int n);
/* Takes none, and a stricter allowance holds from now on: for a refusal that nothing
 * was taken for, so that what has to be waited for does not grow with each of them. */
void counter_settle(const struct server *srv, const struct subject *s,
                    enum counter which);
/* Takes n although they may not be there; returns by how many ms later it is full. */
msec counter_charge(const struct server *srv, const struct subject *s,
                    enum counter which, int n);
/* Gives back n that were taken, or what counter_charge has returned. */
void counter_give(const struct server *srv, const struct subject *s, enum counter which,
                  int n);
void counter_give_back(const struct subject *s, enum counter which, msec charged);

/* What overdrawing it is a case of. */
enum strike_cause counter_cause(enum counter which);

#endif
