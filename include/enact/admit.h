/* Who is let in: verdicts at accept and on server passwords, carried out. */
#ifndef ENACT_ADMIT_H
#define ENACT_ADMIT_H

#include <stdbool.h>
#include <stddef.h>

struct addr;
struct client;
struct password_try;
struct server;

/* May this address have one more connection? True: it is taken from its connect_rate.
 * False: `why` (in words, for the ERROR line); nothing is counted but a hit of the ban
 * that refuses it, and a strike where the rate was abused. */
bool enact_admit(struct server *srv, const struct addr *addr, char *why, size_t size);

/* A server password (throttle_password) was wrong: a strike, for c or, if that has left
 * (NULL), for its host. */
void enact_password_wrong(struct server *srv, const struct password_try *t,
                          struct client *c);

#endif
