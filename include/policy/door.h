/* The door to OPER: who guesses too often finds it closed for a while (policy.md 7). */
#ifndef POLICY_DOOR_H
#define POLICY_DOOR_H

#include <stdbool.h>

struct client;
struct host;
struct server;

/* An OPER of c's host: may it be looked at? It counts as a failure from now until
 * door_pass, so that guesses in parallel are no more than guesses in a row; the one
 * that reaches the limit closes the door behind it. False: the wait in whole seconds in
 * *seconds. */
bool door_enter(struct server *srv, const struct client *c, int *seconds);

/* It could not be looked at after all (the worker is busy): as if it had not come. */
void door_leave(struct server *srv, struct client *c);

/* It has failed: strikes; operators are told, once, if that has closed the door. */
void door_fail(struct server *srv, struct client *c);

/* It was right: no failure after all. Those of others remain; the door opens if it
 * closed behind this one. */
void door_pass(struct server *srv, struct client *c);

/* What OPER meets from a host now: failures that count, and whole seconds until it is
 * looked at again (0: the door is open). */
void door_look(const struct server *srv, const struct host *h, int *fails,
               int *seconds);

#endif
