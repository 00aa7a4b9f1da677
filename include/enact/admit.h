/* Admission: carries out the verdicts on new connections and on server passwords. */
#ifndef ENACT_ADMIT_H
#define ENACT_ADMIT_H

#include <stdbool.h>
#include <stddef.h>

struct addr;
struct client;
struct connection_facts;
struct password_try;
struct server;

/* May this address have one more connection, with these facts (as in throttle_judge)?
 * True: the connection is taken from its connect_rate. False: `why` is the text for the
 * ERROR line; a ban that refuses the address counts a hit, and a refusal by connect_rate
 * may give a strike. */
bool enact_admit(struct server *srv, const struct addr *addr,
                 const struct connection_facts *facts, char *why, size_t size);

/* c, which was admitted, gets these facts (copied) and enters its host. */
void enact_enter(struct server *srv, struct client *c,
                 const struct connection_facts *facts);

/* Tells operators that a connection from this address is refused. */
void enact_tell_refused(struct server *srv, const char *host, const char *why);

/* c, which has not registered, comes from this address and has these facts: the
 * connections counted for it are taken back, and it is admitted anew. False: it is
 * refused from there and ended (END_REFUSED). If neither the address, the class nor the
 * gateway changes, c stays admitted and only gets the facts. facts->listener and
 * facts->owner are not read: a client stays with its listener. Clients that have just
 * left must be gone (lifecycle_reap). */
bool enact_rehome(struct server *srv, struct client *c, const struct addr *addr,
                  const struct connection_facts *facts);

/* A server password (throttle_password) was wrong: gives a strike, for c or, if c has
 * disconnected (NULL), for its host. */
void enact_password_wrong(struct server *srv, const struct password_try *t,
                          struct client *c);

#endif
