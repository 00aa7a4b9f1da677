/* The part of a session that the policy owns: its counters, its held lines, and the
 * host on which its client is counted. */
#ifndef POLICY_CLIENT_POLICY_H
#define POLICY_CLIENT_POLICY_H

#include "base/bucket.h"
#include "policy/counter.h"
#include "state/client.h"

#include <stdint.h>

struct config_class;
struct host;
struct network;
struct own_spending;
struct parted;
struct targets;

struct client_policy {
    struct bucket counters[SESSION_COUNTERS];
    msec struck;          /* monotonic: the last flood strike */
    uint16_t held_lines;  /* lines of the client that wait */
    uint16_t held_paid;   /* those of held_lines that a credit pays for */
    uint16_t held_joins;  /* the number of channels in the JOINs of held_paid */
    uint16_t held_struck; /* number of the oldest held lines that one strike covers */
    uint32_t join_until;  /* monotonic, low 32 bits: the end of the JOIN credit */
    uint16_t joinable;    /* channels left of the JOIN credit */
    uint16_t exempt;      /* EXEMPT_* bits */
    struct host *host;    /* its host; NULL: the client has left it */
    struct client_policy *host_prev, *host_next; /* on host->clients (utlist) */
    struct network *network;
    const struct config_class *class; /* NULL: none; set again by REHASH */
    struct targets *targets;          /* clients it talked with; NULL: none */
    struct parted *parted;            /* channels that it left; NULL: none */
    /* its own spending, without carried buckets (policy/carried_buckets.c); NULL:
     * none */
    struct own_spending *own_spending;
};
_Static_assert(sizeof(struct client_policy) == SESSION_POLICY, "state/client.h");

static inline struct client_policy *
policy_of(const struct client *c)
{
    return (struct client_policy *)(void *)c->session->policy;
}

/* The subject with the counters and the class of c's session. */
static inline struct subject
subject_session(const struct client *c)
{
    struct client_policy *own = policy_of(c);
    return (struct subject){.counters = own->counters, .class = own->class};
}

/* The client that p belongs to. */
static inline struct client *
policy_client(struct client_policy *p)
{
    return LIST_ENTRY((void *)p, struct session, policy)->client;
}

#endif
