/* Strikes (policy.md 4): facts about a host, decaying, escalating, stored. */
#ifndef POLICY_STRIKES_H
#define POLICY_STRIKES_H

#include "base/msec.h"
#include "state/store.h"

#include <stdbool.h>
#include <stddef.h>

struct addr;
struct ban;
struct client;
struct config_class;
struct host;
struct server;

enum strike_cause {
    STRIKE_FLOOD,
    STRIKE_EXCESS_FLOOD,
    STRIKE_NICK,
    STRIKE_JOIN,
    STRIKE_INVITE,
    STRIKE_AWAY,
    STRIKE_KNOCK,
    STRIKE_TARGET,
    STRIKE_CTCP,
    STRIKE_OPER,
    STRIKE_PASSWORD,
    STRIKE_RATE,
    STRIKE_TIMEOUT,
    STRIKE_BY_OPER,
    STRIKE_CAUSES
};

/* Gives the strikes of this cause to c's host: stored, told to c («Strike 2 of 5: …»)
 * and to opers. At the limit the host is banned by a temporary K-line by its offence
 * level, which removes c and others there; with strikes = "disconnect", or while an
 * operator is on from there, c alone is ended. Exempt clients: nothing happens. A
 * client that a K-line or D-line covers gets no strike, whatever it does: if it has
 * registered and is no operator, the ban ends it. */
void strike_client(struct server *srv, struct client *c, enum strike_cause cause);

/* The same for the host of an address without a client (connections refused), which
 * must be there; class: of the address (NULL: none). While a K-line or D-line is about
 * the whole address (unless that is exempt from bans) it gets none: clients that are
 * refused try again by themselves, and their host would climb the ladder for it. */
void strike_host(struct server *srv, const struct addr *addr,
                 const struct config_class *class, enum strike_cause cause);

/* As strike_client for one of this address and nick who has left: nobody is told but
 * operators, and the exemptions of the address hold. None for a banned address, as
 * for strike_host. */
void strike_left(struct server *srv, const struct addr *addr, const char *nick,
                 enum strike_cause cause);

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

/* As strike_client, whatever is exempt or banned: that is the caller's question. */
void strike_by_oper(struct server *srv, const struct strike_order *order,
                    struct strike_outcome *out);

/* Takes all strikes and the offence level from h. The ticket: 0 if none were stored. */
store_ticket strike_clear(struct server *srv, struct host *h);

/* Its last strike in words: an operator's own, or those of its cause. Borrowed as long
 * as h. */
const char *strike_words(const struct host *h);

/* What a ban of h would be now: "your address is banned for 10 minutes"; whose: "your",
 * "the". */
void strike_threat(const struct server *srv, const struct host *h, const char *whose,
                   char *out, size_t size);

/* At the limit the client alone is ended, not the address banned: strikes =
 * "disconnect", or an operator is on from there. */
bool strike_spares(const struct host *h, const struct config_class *class);

#endif
