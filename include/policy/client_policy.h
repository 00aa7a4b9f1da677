/* What policy keeps of a session: what it has spent, and the host that it counts for.
 */
#ifndef POLICY_CLIENT_POLICY_H
#define POLICY_CLIENT_POLICY_H

#include "base/bucket.h"
#include "policy/counter.h"
#include "state/client.h"

#include <stdint.h>

struct carried;
struct config_class;
struct host;
struct parted;
struct network;
struct targets;

struct client_policy {
    struct bucket counters[SESSION_COUNTERS];
    msec struck;          /* monotonic: last flood strike (at most one a second) */
    uint16_t held_lines;  /* that wait */
    uint16_t held_paid;   /* of these: a credit pays for them */
    uint16_t held_joins;  /* channels that the paid JOINs among these name */
    uint16_t held_struck; /* of held_lines: the first ones, which one strike is for */
    uint32_t join_until;  /* monotonic, the low bits: the JOIN credit ends */
    uint16_t joinable;    /* channels left of the JOIN credit */
    uint16_t exempt;      /* EXEMPT_* */
    struct host *host;    /* counters and strikes of its host; NULL: it has left */
    struct client_policy *host_prev, *host_next; /* on host->clients (utlist) */
    struct network *network;
    const struct config_class *class;  /* NULL: none; renewed by REHASH */
    struct targets *targets;           /* one block, or NULL: users it talks with */
    struct parted *parted;             /* channels it has left; NULL: none */
    struct own_spending *own_spending; /* NULL: none (policy/carried_buckets.c) */
};
_Static_assert(sizeof(struct client_policy) == SESSION_POLICY, "state/client.h");

static inline struct client_policy *
policy_of(const struct client *c)
{
    return (struct client_policy *)(void *)c->session->policy;
}

/* The counters of its session. */
static inline struct subject
subject_session(const struct client *c)
{
    struct client_policy *own = policy_of(c);
    return (struct subject){.counters = own->counters, .class = own->class};
}

/* The client that has this. */
static inline struct client *
policy_client(struct client_policy *p)
{
    return LIST_ENTRY((void *)p, struct session, policy)->client;
}

#endif
