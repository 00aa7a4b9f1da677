/* Strikes: counts and stores them, tells clients and operators, and bans hosts or ends
 * clients at the limit. */
#ifndef ENACT_STRIKE_H
#define ENACT_STRIKE_H

#include "policy/strikes.h"
#include "state/store.h"

#include <stdbool.h>

struct addr;
struct ban;
struct client;
struct config_class;
struct oper_attempt;
struct host;
struct server;

/* Gives the strikes of this cause to c's host. They are stored and told to c («Strike 2
 * of 5: …») and to operators. At the limit the host gets a temporary K-line by its
 * offence level, which ends c and the other clients of the host. With strikes =
 * "disconnect", or while an operator is connected from the host, only c is ended. An
 * exempt client gets no strike. A client that a K-line or D-line covers gets none
 * either; if it has registered and is no operator, the ban ends it. */
void enact_strike(struct server *srv, struct client *c, enum strike_cause cause);

/* The same for an address without a client (a refused connection). class is the class
 * of the address; NULL: none. The host gets no strike while a K-line or D-line covers
 * the whole address, unless the address is exempt from bans: refused clients connect
 * again by themselves, and each attempt would raise the offence level. */
void enact_strike_host(struct server *srv, const struct addr *addr,
                       const struct config_class *class, enum strike_cause cause);

/* As enact_strike, for a client with this address, nick and class (its name; "": none)
 * that has disconnected. Only operators are told. An exempt address or a banned one gets
 * no strike, as in enact_strike_host. */
void enact_strike_disconnected(struct server *srv, const struct addr *addr,
                               const char *nick, const char *class,
                               enum strike_cause cause);

/* The strikes that an operator gives. Texts are copied. */
struct strike_order {
    struct host *host;
    /* The client that is told; if it and nick are NULL, all of the host are told. */
    struct client *client;
    const char *nick; /* of the client, also if it has disconnected; NULL: none */
    const struct config_class *class; /* of the address; NULL: none */
    int n;                            /* 1..STRIKE_ORDER_MAX */
    const char *by;                   /* the name of the operator's oper block */
    const char *note;                 /* the operator's text; NULL: none */
    const char *more;                 /* more text for operators only; NULL: none */
    /* The operator, which gets a reply instead of notices. */
    const struct client *giver;
};
#define STRIKE_ORDER_MAX 1000

/* The result of a strike. */
struct strike_outcome {
    int strikes;   /* the strikes of the host now, at most the limit */
    bool at_limit; /* the limit is reached: the host is banned or the client ended */
    const struct ban *ban; /* the ban; borrowed until it is removed; NULL: none */
    bool kept;             /* `ban` was in force before and was not changed */
    unsigned removed;      /* the number of clients ended */
    store_ticket ticket;   /* 0: nothing was stored */
};

/* As enact_strike, but it checks no exemptions and no bans; the caller must check them
 * first. */
void enact_strike_order(struct server *srv, const struct strike_order *order,
                        struct strike_outcome *out);

/* An OPER or a bearer token (policy/oper_lockout.h) has failed: gives strikes, for c or,
 * if c has disconnected (NULL) or there is none, for its host. Operators are told once when a lockout of OPER
 * begins. */
void enact_oper_fail(struct server *srv, const struct oper_attempt *t,
                     struct client *c);

#endif
