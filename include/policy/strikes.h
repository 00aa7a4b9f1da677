/* Strikes (contrib/POLICY.md 4): offences of a host. They decay, lead to longer and
 * longer bans, and are stored. */
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

/* One strike to give: the host that gets it, and the client that caused it. */
struct strike_event {
    struct host *host;
    struct client *client; /* it caused the strike; NULL: no connected client did */
    /* of the client, also if it has disconnected; NULL: none is known */
    const char *nick;
    const struct config_class *class;
    enum strike_cause cause;
    int weight;
    const char *by;
    const char *note; /* an operator's text; NULL: the text of the cause */
    const char *more; /* more text for operators only; NULL: none */
    /* the operator that gives it and gets a reply instead of the notice; or NULL */
    const struct client *giver;
};

/* SPARED: the client or the address is exempt. BANNED: a K-line or a D-line covers it
 * already, so this is no new offence. GIVEN: the strike is in *out. */
enum strike_verdict { STRIKE_SPARED, STRIKE_BANNED, STRIKE_GIVEN };

/* The strike of this cause: for c; for a client of this address, nick and class that has
 * disconnected; for the host of an address without a client (class: of the address;
 * NULL: none). Counts and tells nothing: enact/strike.h does. The last two make the
 * host if it is missing. */
enum strike_verdict strike_of_client(const struct server *srv, struct client *c,
                                     enum strike_cause cause, struct strike_event *out);
enum strike_verdict strike_of_disconnected(struct server *srv, const struct addr *addr,
                                           const char *nick,
                                           const struct config_class *class,
                                           enum strike_cause cause,
                                           struct strike_event *out);
enum strike_verdict strike_of_host(struct server *srv, const struct addr *addr,
                                   const struct config_class *class,
                                   enum strike_cause cause, struct strike_event *out);

/* Adds the strike to its host, in memory. Strikes of a cause that never bans stop one
 * below the limit. */
void strike_note(struct server *srv, const struct strike_event *event);

/* The consequence of the strikes that the host has now. A verdict only. */
enum strike_effect { STRIKE_COUNTS, STRIKE_ENDS_CLIENT, STRIKE_BANS_HOST };
enum strike_effect strike_effect(const struct server *srv,
                                 const struct strike_event *event);

/* h has reached the limit: sets its strikes to 0 and raises its offence level by one
 * step of the ladder, in memory. Returns the length of its ban. */
msec strike_raise_level(const struct server *srv, struct host *h);

/* The name of a cause in records and logs; static. */
const char *strike_cause_name(enum strike_cause cause);

/* The strike in words: the operator's text or that of the cause. Borrowed. */
const char *strike_given_words(const struct strike_event *event);

/* Sets the strikes and the offence level of h to 0. The ticket is 0 if nothing was
 * stored. */
store_ticket strike_clear(struct server *srv, struct host *h);

/* The last strike of h in words: the operator's text or that of the cause. Borrowed as
 * long as h. */
const char *strike_words(const struct host *h);

/* Writes the ban that h would get now: "your address is banned for 10 minutes". `whose`
 * is "your" or "the". */
void strike_ban_words(const struct server *srv, const struct host *h, const char *whose,
                      char *out, size_t size);

/* True if at the limit only the client is disconnected and its address is not banned:
 * the class has strikes = "disconnect", or an operator is connected from h. */
bool strike_only_disconnects(const struct host *h, const struct config_class *class);

#endif
