/* A request that waits for an answer from outside the core: the worker's, the shell's.
 * The answer is an input of a later turn and names the request by its number. The lines
 * of the client are held until then, so that replies keep the order of commands. */
#ifndef STATE_DEFERRED_H
#define STATE_DEFERRED_H

#include "base/list.h"
#include "state/request.h"

#include <stdint.h>

struct client;
struct server;

/* A part of what its owner keeps of the request. */
struct deferred {
    struct list link;       /* of a list of its owner */
    uint64_t id;            /* of all deferred requests of this server */
    struct request request; /* its client is NULL once gone */
};

/* The command of c that is at work waits as the last of `all`. d is not initialised. */
void deferred_begin(struct deferred *d, struct list *all, struct server *srv,
                    struct client *c);

/* NULL: none has this number. */
struct deferred *deferred_find(const struct list *all, uint64_t id);

/* Its answer follows: takes d out of its list. The lines of its client, if that is
 * still there, are held no more (the caller releases them); what is sent to the client
 * until deferred_end is the answer. */
void deferred_resume(struct deferred *d);

/* The answer is complete, or (with d still in a list) there will be none. The memory is
 * the owner's. */
void deferred_end(struct deferred *d);

/* c goes: the request that waits in `all` for it stays, and knows it no more. */
void deferred_leave(struct list *all, struct client *c);

#endif
