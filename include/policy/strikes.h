/* Strikes (contrib/POLICY.md 4): facts about a host, decaying, escalating, stored. */
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

/* A strike to give: its host, and the client that it was seen on. */
struct strike_event {
    struct host *host;
    struct client *client; /* it was seen on; NULL: none that is on */
    const char *nick;      /* of the client, or of one that has left; NULL: none */
    const struct config_class *class;
    enum strike_cause cause;
    int weight;
    const char *by;
    const char *note;           /* an operator's words; NULL: those of the cause */
    const char *more;           /* of these, for operators alone; NULL: none */
    const struct client *giver; /* the operator, which reads its own answer; or NULL */
};

/* SPARED: the client or the address is exempt. BANNED: a K-line or a D-line covers it
 * already, which is no new offence. GIVEN: the strike is in *out. */
enum strike_verdict { STRIKE_SPARED, STRIKE_BANNED, STRIKE_GIVEN };

/* The strike of this cause for c, for a client of this address and nick that has left,
 * and for the host of an address without a client (class: of the address; NULL: none).
 * Nothing is counted or told: enact/strike.h does. The last two make the host. */
enum strike_verdict strike_of_client(const struct server *srv, struct client *c,
                                     enum strike_cause cause, struct strike_event *out);
enum strike_verdict strike_of_disconnected(struct server *srv, const struct addr *addr,
                                           const char *nick, enum strike_cause cause,
                                           struct strike_event *out);
enum strike_verdict strike_of_host(struct server *srv, const struct addr *addr,
                                   const struct config_class *class,
                                   enum strike_cause cause, struct strike_event *out);

/* Counts it on its host, in memory. A cause that never bans stops below the limit. */
void strike_note(struct server *srv, const struct strike_event *event);

/* What follows from the strikes of its host now, a verdict only. */
enum strike_effect { STRIKE_COUNTS, STRIKE_ENDS_CLIENT, STRIKE_BANS_HOST };
enum strike_effect strike_effect(const struct server *srv,
                                 const struct strike_event *event);

/* Takes the strikes of h, which has reached the limit, and puts it one step up the
 * ladder, in memory. Returns the length of its ban. */
msec strike_raise_level(const struct server *srv, struct host *h);

/* The name of a cause in records and logs; static. */
const char *strike_cause_name(enum strike_cause cause);

/* The strike in words: an operator's own, or those of its cause. Borrowed. */
const char *strike_given_words(const struct strike_event *event);

/* Takes all strikes and the offence level from h. The ticket: 0 if none were stored. */
store_ticket strike_clear(struct server *srv, struct host *h);

/* Its last strike in words: an operator's own, or those of its cause. Borrowed as long
 * as h. */
const char *strike_words(const struct host *h);

/* What a ban of h would be now: "your address is banned for 10 minutes"; whose: "your",
 * "the". */
void strike_ban_words(const struct server *srv, const struct host *h, const char *whose,
                      char *out, size_t size);

/* At the limit the client alone is ended, not the address banned: strikes =
 * "disconnect", or an operator is on from there. */
bool strike_only_disconnects(const struct host *h, const struct config_class *class);

#endif
