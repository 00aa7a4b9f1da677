/* The door to OPER: who guesses too often finds it closed for a while (policy.md 7). */
#ifndef POLICY_DOOR_H
#define POLICY_DOOR_H

#include <stdbool.h>

struct client;
struct server;

/* May an OPER of c's host be looked at now? False: the wait in whole seconds in
 * *seconds. */
bool door_is_open(const struct server *srv, const struct client *c, int *seconds);

/* An OPER of c has failed: strikes, and at the limit the door closes for the whole
 * host. */
void door_fail(struct server *srv, struct client *c);

/* One succeeded: earlier failures are forgotten. */
void door_pass(struct client *c);

#endif
