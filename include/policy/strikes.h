/* Strikes (policy.md 4): facts about a host, decaying, escalating, stored. */
#ifndef POLICY_STRIKES_H
#define POLICY_STRIKES_H

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
    STRIKE_OPER,
    STRIKE_PASSWORD,
    STRIKE_RATE,
    STRIKE_TIMEOUT,
    STRIKE_CAUSES
};

/* Gives the strikes of this cause to c's host: stored, told to c («Strike 2 of 5: …»)
 * and to opers. At the limit the host is banned by a temporary K-line by its offence
 * level, which removes c and others there; with strikes = "disconnect", or while an
 * operator is on from there, c alone is ended. Exempt clients: nothing happens. */
void strike_client(struct server *srv, struct client *c, enum strike_cause cause);

/* The same for a host without a client (connections refused); class: of the address
 * (NULL: none). A host that is banned already gets none: clients that are refused try
 * again by themselves, and their host would climb the ladder for it. */
void strike_host(struct server *srv, struct host *h, const struct config_class *class,
                 enum strike_cause cause);

#endif
