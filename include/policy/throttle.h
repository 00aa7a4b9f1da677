/* Admission: may this address have one more connection? (contrib/POLICY.md 2) */
#ifndef POLICY_THROTTLE_H
#define POLICY_THROTTLE_H

#include "base/addr.h"
#include "base/msec.h"
#include "proto/name.h"

#include <stdbool.h>
#include <stddef.h>

struct ban;
struct client;
struct config_class;
struct host;
struct server;

/* Why a connection is refused. */
struct throttle_refusal {
    const char *limit; /* the name of the limit, for a watch; static */
    struct ban *ban;   /* it covers the address; NULL: another limit refuses it */
    bool too_fast;     /* refused by connect_rate: call throttle_note_too_fast */
    char why[400];     /* the reason, for the ERROR line */
};

/* May this address have one more connection? The checks run in their order, the
 * cheapest first. False: *out says why not. Nothing is counted. */
bool throttle_judge(const struct server *srv, const struct addr *addr,
                    struct throttle_refusal *out);
/* Call when it is admitted: takes one of its connect_rate. */
void throttle_take(struct server *srv, const struct addr *addr);
/* Call when it is refused by its connect_rate. True: it was refused so often in a row
 * that this is worth a strike. The first refusals, as many as the host may have
 * connections, are never worth one, because behind a shared address each user's client
 * tries once. After that at most one strike in ten seconds is due. */
bool throttle_note_too_fast(struct server *srv, const struct addr *addr);

/* The number of connections that connect_rate still allows h now (NULL: a host without
 * an entry). */
int throttle_connections_left(const struct server *srv, const struct host *h,
                              const struct config_class *class);

/* Counts an admitted client on its host and network; sets its host, network, class and
 * exemptions. */
void throttle_enter(struct server *srv, struct client *c);
/* Undoes the connection of c, which has not registered: c leaves its host and network,
 * and the host gets back its token of connect_rate. throttle_enter counts c again. */
void throttle_take_back(struct server *srv, struct client *c);
/* c disconnects: it leaves its host and network. Idempotent. */
void throttle_leave(struct server *srv, struct client *c);

/* One attempt at the server password. It has values only, so it may outlive its client
 * and the record of its host. */
struct password_try {
    struct addr addr;
    msec taken; /* charged to the host's COUNTER_password, in ms */
    char nick[NAME_NICK_MAX + 2];
};

/* May a server password of c be checked now? It counts as wrong from now until
 * throttle_password_right, so parallel guesses count like guesses in a row. True: *out
 * is for the next two calls; make exactly one of them. False: *wait is the time to
 * wait; 0: until a password of the host that is being checked has its result. */
bool throttle_password(struct server *srv, const struct client *c,
                       struct password_try *out, msec *wait);
/* The password was right, or could not be checked: it does not count. */
void throttle_password_right(struct server *srv, const struct password_try *t);
/* The password was wrong. enact/admit.h gives the strike. */
void throttle_password_wrong(struct server *srv, const struct password_try *t);

/* Counts one operator more (1) or less (-1) on c's host. */
void throttle_count_oper(struct client *c, int change);

/* Call after a new configuration: sets the class and the exemptions of every client
 * again. */
void throttle_reconfigure(struct server *srv);

#endif
