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
 * True: the connection is taken from its connect_rate. False: `why` is the text for the ERROR line; a ban that refuses the
 * address counts a hit, and a refusal by connect_rate may give a strike. */
bool enact_admit(struct server *srv, const struct addr *addr,
                 const struct connection_facts *facts, char *why, size_t size);

/* A server password (throttle_password) was wrong: gives a strike, for c or, if c has
 * disconnected (NULL), for its host. */
void enact_password_wrong(struct server *srv, const struct password_try *t,
                          struct client *c);

#endif
