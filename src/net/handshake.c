/* Handshakes of transports.
 *
 * A step may cost as much as hundreds of messages (an encrypted one signs), so clients
 * that are connected come first: a connection with a ready socket waits in
 * l->handshakes, and the end of a turn makes a few steps. The poll does not wait while
 * a step is due. A handshake has no timer: its client has not registered, and
 * registration_timeout ends it. Must never free a client: conn_flush.c does. */
#include "handshake.h"

#include "conn_state.h"
#include "loop_state.h"

#include <errno.h>

static void
await_socket(struct loop *l, struct conn *conn, int events)
{
    ev_io_set(&conn->io, conn->io.fd, events);
    ev_io_start(l->ev, &conn->io);
}

static void
step_handshake(struct loop *l, struct conn_kept *k)
{
    struct conn *conn = &k->conn;
    const struct listener *at = conn_listener(conn);
    switch (at->transport->handshake(conn->io.fd, k->own, at->context)) {
    case TRANSPORT_DONE:
        conn_begin(l, k);
        return;
    case TRANSPORT_WAITS_READ:
        await_socket(l, conn, EV_READ);
        return;
    case TRANSPORT_WAITS_WRITE:
        await_socket(l, conn, EV_WRITE);
        return;
    case TRANSPORT_END:
        session_close(l->srv, conn->client, NULL);
        return;
    case TRANSPORT_FAILED:
        conn_fail(l, conn, "Handshake error", errno);
        return;
    }
}

void
handshake_steps(struct loop *l)
{
    for (int i = 0; i < HANDSHAKE_STEPS && !list_empty(&l->handshakes); i++) {
        struct conn_kept *k = LIST_ENTRY(l->handshakes.next, struct conn_kept, more);
        list_remove(&k->more);
        if (!session_is_dead(k->conn.client)) /* conn_flush closes a dead one */
            step_handshake(l, k);
    }
}
