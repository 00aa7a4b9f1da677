/* The lists of connections in their handshake, and one step of it.
 *
 * A handshake under way takes much memory, so their number is limited: a connection
 * with a due first step waits in l->held_handshakes, and the listeners pause. A
 * connection that sends nothing is not under way. All of them are in l->in_handshake in
 * the order of their deadlines. */
#include "handshake_queue.h"

#include "conn_state.h"
#include "loop_state.h"

/* The socket of a connection in its handshake is ready: queues the next step. */
static void
queue_handshake(struct ev_loop *ev, struct ev_io *io, int events)
{
    struct conn_kept *k = (struct conn_kept *)io; /* its first field */
    (void)events;
    ev_io_stop(ev, io);
    list_append(&conn_listener(&k->conn)->loop->handshakes, &k->more);
}

void
handshake_begin(struct loop *l, struct conn_kept *k, int fd)
{
    void *at = k->conn.io.data;
    set_kept_state(k, CONN_HANDSHAKE, true);
    k->since = l->now;
    list_append(&l->in_handshake, &k->deadline);
    ev_io_init(&k->conn.io, queue_handshake, fd, EV_READ);
    k->conn.io.data = at;
    ev_io_start(l->ev, &k->conn.io);
}

/* event: EV_READ or EV_WRITE. */
static void
await_event(struct loop *l, struct conn_kept *k, int event)
{
    if ((k->conn.io.events & (EV_READ | EV_WRITE)) != event)
        ev_io_modify(&k->conn.io, event);
    ev_io_start(l->ev, &k->conn.io);
}

enum transport_state
handshake_step(struct loop *l, struct conn_kept *k)
{
    const struct listener *at = conn_listener(&k->conn);
    enum transport_state state =
        at->transport->handshake(k->conn.io.fd, k->own, at->context);
    if (state == TRANSPORT_WAITS_READ)
        await_event(l, k, EV_READ);
    if (state == TRANSPORT_WAITS_WRITE)
        await_event(l, k, EV_WRITE);
    return state;
}

bool
handshake_is_full(const struct loop *l)
{
    return l->under_way >= l->handshakes_most;
}

/* The step of each connection for which there is a place becomes due. */
void
handshake_release(struct loop *l)
{
    for (unsigned i = l->under_way;
         i < l->handshakes_most && !list_empty(&l->held_handshakes); i++) {
        struct list *first = l->held_handshakes.next;
        list_remove(first);
        list_append(&l->handshakes, first);
    }
}

void
handshake_ended(struct loop *l, struct conn_kept *k)
{
    list_remove(&k->deadline);
    if (!(k->state & CONN_UNDER_WAY))
        return;
    set_kept_state(k, CONN_UNDER_WAY, false);
    l->under_way--;
    handshake_release(l);
}

bool
handshake_enter(struct loop *l, struct conn_kept *k)
{
    if (k->state & CONN_UNDER_WAY)
        return true;
    if (handshake_is_full(l)) {
        list_append(&l->held_handshakes, &k->more);
        return false;
    }
    set_kept_state(k, CONN_UNDER_WAY, true);
    l->under_way++;
    return true;
}
