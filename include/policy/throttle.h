/* Admission: may this address have one more connection (contrib/POLICY.md 2). */
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
    const char *limit; /* its name, to a watch; static */
    struct ban *ban;   /* that covers the address; NULL: it is another limit */
    bool too_fast;     /* connect_rate: throttle_note_too_fast */
    char why[400];     /* in words, for the ERROR line */
};

/* May this address have one more connection? Checks stand in their order, cheapest
 * first. False: *out says why. Nothing is counted. */
bool throttle_judge(const struct server *srv, const struct addr *addr,
                    struct throttle_refusal *out);
/* It was let in: takes a connection of its connect_rate. */
void throttle_take(struct server *srv, const struct addr *addr);
/* It was refused for its connect_rate. True: so often in a row that it is a strike. As
 * many as the host may have connections are only told, since behind a shared address
 * each user's client tries once; then one in ten seconds is struck. */
bool throttle_note_too_fast(struct server *srv, const struct addr *addr);

/* Connections that h (NULL: nothing is known of it) has left now by its connect_rate.
 */
int throttle_connections_left(const struct server *srv, const struct host *h,
                              const struct config_class *class);

/* Counts an admitted client on its host and network; sets its host, network, class,
 * exempt. */
void throttle_enter(struct server *srv, struct client *c);
/* As if c, which has not registered, had never connected: it leaves its host and
 * network, and the host has its token of connect_rate back. throttle_enter counts it
 * again. */
void throttle_take_back(struct server *srv, struct client *c);
/* It is gone: gives everything back. Idempotent. */
void throttle_leave(struct server *srv, struct client *c);

/* One attempt at the server password. Values only: it may outlive its client and the
 * record of its host. */
struct password_try {
    struct addr addr;
    msec taken; /* of the host's bucket */
    char nick[NAME_NICK_MAX + 2];
};

/* May a server password of c be looked at? It counts as a wrong one from now until
 * throttle_password_right, so that guesses in parallel are no more than guesses in a
 * row. True: *out is for the next two calls, of which exactly one must follow. False:
 * the wait in *wait; 0 if it is for answers that have not come yet. */
bool throttle_password(struct server *srv, const struct client *c,
                       struct password_try *out, msec *wait);
/* It was right, or could not be looked at after all: it does not count. */
void throttle_password_right(struct server *srv, const struct password_try *t);
/* It was wrong: enact/admit.h gives the strike. */
void throttle_password_wrong(struct server *srv, const struct password_try *t);

/* One operator more (1) or less (-1) on c's host. */
void throttle_oper(struct client *c, int change);

/* After a new configuration: looks up class and exemptions of every client again. */
void throttle_reconfigure(struct server *srv);

#endif
