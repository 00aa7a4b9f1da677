/* The door to OPER: who guesses too often finds it closed for a while. */
#ifndef POLICY_DOOR_H
#define POLICY_DOOR_H

#include "base/addr.h"
#include "base/msec.h"
#include "proto/name.h"

#include <stdbool.h>

struct client;
struct host;
struct server;

/* One attempt, from door_enter to its end. Values only: it may outlive its client and
 * the record of its host. */
struct door_try {
    struct addr addr;
    msec at; /* monotonic */
    char nick[NAME_NICK_MAX + 2];
};

/* An OPER of c's host: may it be looked at? It counts as a failure from now until
 * door_take_back, so that guesses in parallel are no more than guesses in a row; the
 * one that reaches the limit closes the door behind it. True: *out is for the other
 * calls. False: the wait in whole seconds in *seconds. */
bool door_enter(struct server *srv, const struct client *c, struct door_try *out,
                int *seconds);

/* It was right, or could not be looked at after all: no failure. Those of others
 * remain; the door opens if it closed for this one. */
void door_take_back(struct server *srv, const struct door_try *t);

/* The time until the door of h opens, the first time that this is asked since it
 * closed; else 0. enact/strike.c tells operators then. */
msec door_closes(const struct server *srv, struct host *h);

/* What OPER meets from a host now: failures that count, and whole seconds until it is
 * looked at again (0: the door is open). */
void door_look(const struct server *srv, const struct host *h, int *fails,
               int *seconds);

/* Forgets all failures of h: its door is open. */
void door_forget(struct server *srv, struct host *h);

/* Forgets a few of those that count no more. */
void door_tick(struct server *srv);

#endif
