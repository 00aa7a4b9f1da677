/* A request that waits for an answer from outside the core: from the worker or the
 * shell. The answer is an input of a later turn and names the request by its number.
 * The lines of the client are held until then, so that replies keep the order of the
 * commands. */
#ifndef STATE_DEFERRED_H
#define STATE_DEFERRED_H

#include "base/list.h"
#include "state/request.h"

#include <stdint.h>

struct client;
struct server;

/* A member of the owner's own struct for the request. */
struct deferred {
    struct list link;       /* in a list of the owner */
    uint64_t id;            /* unique among the deferred requests of this server */
    struct request request; /* its client is NULL once that has left */
};

/* Defers the command of c that is at work: d, which is not initialised, becomes the
 * last of `all`, and the lines of c are held. */
void deferred_begin(struct deferred *d, struct list *all, struct server *srv,
                    struct client *c);

/* The request with this number; NULL: none. */
struct deferred *deferred_find(const struct list *all, uint64_t id);

/* The answer follows. Takes d out of its list. The lines of its client, if the client
 * is still connected, are no longer held; the caller releases them. Until deferred_end,
 * all lines to the client are part of the answer. */
void deferred_resume(struct deferred *d);

/* The answer is complete; or, if d is still in a list, there will be no answer. The
 * memory stays the owner's. */
void deferred_end(struct deferred *d);

/* c leaves: its request in `all`, if there is one, stays and no longer refers to c. */
void deferred_leave(struct list *all, struct client *c);

#endif
