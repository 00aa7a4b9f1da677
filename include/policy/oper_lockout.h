/* The lockout of OPER: OPER is refused for a time to a host with too many failed
 * attempts. */
#ifndef POLICY_OPER_LOCKOUT_H
#define POLICY_OPER_LOCKOUT_H

#include "base/addr.h"
#include "base/msec.h"
#include "config/config.h"
#include "proto/name.h"

#include <stdbool.h>

struct client;
struct host;
struct server;

/* One attempt, from oper_lockout_enter to its end. It has values only, so it may
 * outlive its client and the record of its host. */
struct oper_attempt {
    struct addr addr;
    msec at;                      /* monotonic */
    char class[CONFIG_NAME];      /* of the client; "": none */
    char nick[NAME_NICK_MAX + 2]; /* of the client; "": a bearer token, no client */
};

/* c sent OPER. True unless its host is locked out: *out is for the other calls. The
 * attempt counts as a failure from now until oper_lockout_take_back, so parallel
 * guesses count like guesses in a row; the attempt that reaches the limit begins the
 * lockout. False: *seconds is the wait in whole seconds. */
bool oper_lockout_enter(struct server *srv, const struct client *c,
                        struct oper_attempt *out, int *seconds);

/* The same for a bearer token from this address. */
bool oper_lockout_enter_token(struct server *srv, const struct addr *addr,
                              struct oper_attempt *out, int *seconds);

/* The attempt was right, or its password was not checked: it is no failure. Other
 * attempts still count. A lockout that this attempt counted towards ends. */
void oper_lockout_take_back(struct server *srv, const struct oper_attempt *t);

/* The time until the lockout of h ends, at the first call since it began; else 0. The
 * caller (enact/strike.c) tells operators then. */
msec oper_lockout_begins(const struct server *srv, struct host *h);

/* The failed attempts of h that count, and the whole seconds until OPER is accepted
 * again (0: there is no lockout). */
void oper_lockout_look(const struct server *srv, const struct host *h, int *fails,
                       int *seconds);

/* Forgets all failed attempts of h and ends its lockout. */
void oper_lockout_forget(struct server *srv, struct host *h);

/* Forgets a few attempts that no longer count. */
void oper_lockout_tick(struct server *srv);

#endif
