/* What policy decides, carried out and told: the one module of strikes that ends
 * clients, sets bans and sends notices. */
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

/* Gives the strikes of this cause to c's host: stored, told to c («Strike 2 of 5: …»)
 * and to opers. At the limit the host is banned by a temporary K-line by its offence
 * level, which removes c and others there; with strikes = "disconnect", or while an
 * operator is on from there, c alone is ended. Exempt clients: nothing happens. A
 * client that a K-line or D-line covers gets no strike, whatever it does: if it has
 * registered and is no operator, the ban ends it. */
void enact_strike(struct server *srv, struct client *c, enum strike_cause cause);

/* The same for the host of an address without a client (connections refused), which
 * must be there; class: of the address (NULL: none). While a K-line or D-line is about
 * the whole address (unless that is exempt from bans) it gets none: clients that are
 * refused try again by themselves, and their host would climb the ladder for it. */
void enact_strike_host(struct server *srv, const struct addr *addr,
                       const struct config_class *class, enum strike_cause cause);

/* As enact_strike for one of this address and nick who has left: nobody is told but
 * operators, and the exemptions of the address hold. None for a banned address, as
 * for enact_strike_host. */
void enact_strike_disconnected(struct server *srv, const struct addr *addr,
                               const char *nick, enum strike_cause cause);

/* Strikes that an operator gives; texts are copied. */
struct strike_order {
    struct host *host;
    struct client *client; /* NULL, and no nick: all who are on from there read it */
    const char *nick;      /* it was seen on, also when it has left; NULL: none */
    const struct config_class *class; /* of the address; NULL: none */
    int n;                            /* 1..STRIKE_ORDER_MAX */
    const char *by;                   /* his oper block */
    const char *note;                 /* his words for it; NULL: none */
    const char *more;                 /* of these, for operators alone; NULL: none */
    const struct client *giver;       /* gets no notices: its command is answered */
};
#define STRIKE_ORDER_MAX 1000

/* What came of it. */
struct strike_outcome {
    int strikes;           /* reached, at most the limit */
    bool at_limit;         /* then a ban, or the client alone is ended */
    const struct ban *ban; /* borrowed until it is removed; NULL: none */
    bool kept;             /* that ban was there already, and lasts longer */
    unsigned removed;      /* clients ended */
    store_ticket ticket;   /* 0: nothing had to be stored */
};

/* As enact_strike, whatever is exempt or banned: that is the caller's question. */
void enact_strike_order(struct server *srv, const struct strike_order *order,
                        struct strike_outcome *out);

/* An OPER (policy/oper_lockout.h) has failed: strikes, for c or, if that has left (NULL), for
 * its host; operators are told once if a lockout of OPER begins. */
void enact_oper_fail(struct server *srv, const struct oper_attempt *t,
                     struct client *c);

#endif
