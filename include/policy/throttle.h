/* Admission (contrib/POLICY.md 2): judges whether an address may have one more
 * connection, and counts connections and server passwords. */
#ifndef POLICY_THROTTLE_H
#define POLICY_THROTTLE_H

#include "base/addr.h"
#include "base/msec.h"
#include "config/config.h"
#include "proto/name.h"

#include <stdbool.h>
#include <stddef.h>

struct ban;
struct client;
struct config_class;
struct connection_facts;
struct host;
struct server;

/* What refuses a connection at accept, in the order of the checks. */
enum throttle_limit {
    THROTTLE_DLINE,
    THROTTLE_CLIENTS,
    THROTTLE_GATEWAY,
    THROTTLE_CLASS,
    THROTTLE_PER_HOST,
    THROTTLE_PER_NETWORK,
    THROTTLE_UNREGISTERED,
    THROTTLE_CONNECT_RATE,
    THROTTLE_LIMITS
};

/* Why a connection is refused. */
struct throttle_refusal {
    enum throttle_limit which;
    const char *limit; /* the name of the limit, for a watch; static */
    struct ban *ban;   /* the D-line that covers the address; NULL: another limit */
    bool too_fast;     /* refused by connect_rate: call throttle_note_too_fast */
    char why[400];     /* the reason, for the ERROR line */
};

/* True if this address may have one more connection. facts: of the connection; they
 * choose its class as in class_find. False: *out has the reason. The cheapest check runs
 * first. Nothing is counted. */
bool throttle_judge(const struct server *srv, const struct addr *addr,
                    const struct connection_facts *facts, struct throttle_refusal *out);
/* True if a D-line covers the address, which is not exempt from bans: `why` (of size bytes)
 * has its sentence. Nothing is counted: for requests that make no client. */
bool throttle_is_banned(const struct server *srv, const struct addr *addr, char *why,
                        size_t size);
/* Call when the address is admitted: takes a token of its connect_rate. */
void throttle_take(struct server *srv, const struct addr *addr,
                   const struct connection_facts *facts);
/* Call when connect_rate refuses the address. True: the caller gives the host a strike.
 * The first refusals in a row, as many as the host may have connections, give none,
 * because each client behind a shared address may try once. After these there is at
 * most one strike in ten seconds. There is none in the first minute of the server. */
bool throttle_note_too_fast(struct server *srv, const struct addr *addr,
                            const struct connection_facts *facts);

/* The number of connections that connect_rate still allows h now (NULL: the host has no
 * entry). */
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
    char class[CONFIG_NAME]; /* its class; "": none */
    msec taken;              /* charged to the host's COUNTER_password, in ms */
    char nick[NAME_NICK_MAX + 2];
};

/* True if a server password of c may be checked now. It counts as wrong until
 * throttle_password_right, so parallel guesses count like guesses in a row. *out is the
 * argument of the next two functions; call exactly one of them. False: *wait is the
 * time that c must wait; 0: it must wait for the result of another check of its
 * host. */
bool throttle_password(struct server *srv, const struct client *c,
                       struct password_try *out, msec *wait);
/* The password was right, or could not be checked: it no longer counts as wrong. */
void throttle_password_right(struct server *srv, const struct password_try *t);
/* The password was wrong. enact/admit.h gives the strike. */
void throttle_password_wrong(struct server *srv, const struct password_try *t);

/* Adds 1 or -1 to the number of operators on c's host. */
void throttle_count_oper(struct client *c, int change);

/* Call after a new configuration: sets the class and the exemptions of every client
 * again. */
void throttle_reconfigure(struct server *srv);

#endif
