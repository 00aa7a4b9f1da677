/* Connections in their handshake: what they wait for, and how many are under way. */
#ifndef SRC_NET_HANDSHAKE_QUEUE_H
#define SRC_NET_HANDSHAKE_QUEUE_H

#include "transport.h"

#include <stdbool.h>

struct conn_kept;
struct loop;

/* Waits for the first byte of a connection in its handshake: initialises its watcher for
 * the descriptor fd. */
void handshake_begin(struct loop *l, struct conn_kept *k, int fd);

/* Makes one step of the handshake of k, and waits for the event that it asks for.
 * Returns how the step ended; TRANSPORT_FAILED: errno has the error. */
enum transport_state handshake_step(struct loop *l, struct conn_kept *k);

/* The handshake of k is done, or its connection ends: the next one may begin. A second
 * call does nothing. */
void handshake_ended(struct loop *l, struct conn_kept *k);

/* The limit has changed: connections that have a place now make their first step. */
void handshake_release(struct loop *l);

/* Whether as many handshakes have begun as tls_limits.handshakes allows: listeners of
 * such transports then do not accept. */
bool handshake_is_full(const struct loop *l);

/* True if k, which has a due step, may make it now; else it waits in
 * l->held_handshakes. */
bool handshake_enter(struct loop *l, struct conn_kept *k);

#endif
