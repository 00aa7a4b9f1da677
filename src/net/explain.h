/* Refused connections that make their handshake first, because only then can they read
 * why. */
#ifndef SRC_NET_EXPLAIN_H
#define SRC_NET_EXPLAIN_H

#include "base/addr.h"
#include "base/bucket.h"
#include "base/duration.h"

#include <stdbool.h>
#include <stddef.h>

struct conn_kept;
struct listener;
struct loop;

#define EXPLAIN_HOSTS 256         /* hosts that are remembered */
#define EXPLAIN_AGAIN MSEC_MINUTE /* time between two explanations to a host */

/* The budget of explanations. A zeroed struct has explained nothing. */
struct explain {
    struct rate rate; /* of all hosts together (tls_limits.explain) */
    struct bucket bucket;
    unsigned prefix_v4, prefix_v6; /* bits of an address that make a host */
    struct explained_host {
        struct prefix host;
        msec at; /* monotonic; 0: the slot is free */
    } hosts[EXPLAIN_HOSTS];
    size_t next; /* the slot of the oldest host */
};

/* Changes the budget, at the start or later. now: monotonic, as below. */
void explain_set_rate(struct explain *e, const struct rate *rate, msec now);

/* Takes one explanation to this address from the budget. False: there is none for it. */
bool explain_take(struct explain *e, const struct addr *peer, msec now);

/* Takes over the descriptor of a refused connection. It gets the line (copied) behind
 * its handshake, and is closed. */
void explain_open(struct loop *l, struct listener *at, int fd, const char *line);

/* Sends the line to a connection without a client whose handshake is done, ends it with
 * a drain and frees k. */
void explain_send(struct loop *l, struct conn_kept *k, const char *line);

/* Makes one step of its handshake (handshake.c). k may be freed. */
void explain_step(struct loop *l, struct conn_kept *k);

/* Closes the connection without the line and frees k. */
void explain_drop(struct loop *l, struct conn_kept *k);

#endif
