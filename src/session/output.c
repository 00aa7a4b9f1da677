/* Output, for the shell: which clients it writes to in this turn, and what follows from
 * the bytes that sockets took.
 *
 * Clients with queues that grew wait on srv->dirty, in the order in which they became
 * dirty. Urgent clients (CLIENT_URGENT) stand first: a client is urgent if it sent
 * input or if its queue is at half its limit. The limits on memory are checked once a
 * turn, after the writes. */
#include "base/attr.h"
#include "base/sendq.h"
#include "lifecycle.h"
#include "session/journal.h"
#include "session/session.h"
#include "state/client.h"
#include "state/client_end.h"
#include "state/overload.h"
#include "state/queue.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "wire.h"

/* Deferrable clients that are served in a turn: at least this many, and at least one in
 * this many of all clients, so that none is deferred for more turns than that. */
#define SERVED_LEAST 256
#define SERVED_SHARE 8
#define DEFERRED_BYTES 24576 /* a client with such a queue or a longer one is served */

static const struct client *
first_dirty(const struct server *srv)
{
    return LIST_ENTRY(srv->dirty.next, struct client, out.dirty);
}

/* Whether ended clients may be removed now. Clients that are ended while queues are
 * written are removed together, after all urgent clients, so that they are not told of
 * each other. */
static bool
reap_is_due(const struct server *srv)
{
    return !srv->writing || list_empty(&srv->dirty) ||
           !(first_dirty(srv)->out.flags & CLIENT_URGENT);
}

ATTR_HOT struct client *
session_dirty(struct server *srv)
{
    if (srv->doomed && reap_is_due(srv))
        lifecycle_reap(srv);
    srv->writing = !list_empty(&srv->dirty);
    struct client *c =
        srv->writing ? LIST_ENTRY(srv->dirty.next, struct client, out.dirty) : NULL;
    journal_note(srv, TURN_TAKE, c);
    if (c == NULL)
        return NULL;
    list_remove(&c->out.dirty);
    c->out.flags &= ~(unsigned)(CLIENT_DIRTY | CLIENT_URGENT);
    return c;
}

bool
session_is_dirty(const struct server *srv)
{
    return srv->doomed || !list_empty(&srv->dirty);
}

/* Whether all clients that are left on the list may be deferred to the next turn. */
static bool
can_defer(const struct server *srv)
{
    if (srv->doomed || list_empty(&srv->dirty))
        return false;
    const struct client *first = first_dirty(srv);
    return !(first->out.flags & CLIENT_URGENT) &&
           first->out.sendq.bytes < DEFERRED_BYTES &&
           srv->buffers.sum.bytes < (size_t)srv->config->limits.sendq_total / 2;
}

struct client *
session_turn(struct server *srv, size_t *n)
{
    size_t share = ((size_t)srv->n_clients + SERVED_SHARE - 1) / SERVED_SHARE;
    if (can_defer(srv) && (*n)++ >= (share > SERVED_LEAST ? share : SERVED_LEAST))
        return NULL;
    return session_dirty(srv);
}

struct sendq *
session_sendq(struct client *c)
{
    return &c->out.sendq;
}

ATTR_HOT void
session_sent(struct server *srv, struct client *c, size_t n, bool blocked)
{
    journal_sent(srv, c, n, blocked);
    if (wire_is_traced(srv))
        wire_sent(srv, c, n);
    sendq_consume(&c->out.sendq, n);
    if (blocked)
        sendq_shrink(&c->out.sendq);
    srv->bytes_out += n;
    c->session->sent += n;
}

bool
session_is_over(const struct server *srv, const struct client *c)
{
    return client_is_over(c) || session_is_full(srv);
}

bool
session_is_full(const struct server *srv)
{
    return overload_queues_are_over(srv);
}

void
session_tried(struct server *srv, struct client *c)
{
    journal_note(srv, TURN_TRIED, c);
    if (client_is_over(c) && !(c->out.flags & CLIENT_ENDING))
        queue_exceeds(srv, c, END_SENDQ);
}

void
session_written(struct server *srv)
{
    journal_note(srv, TURN_WRITTEN, NULL);
    size_t ended = subsystems_written(srv);
    size_t before = srv->buffers.sum.bytes;
    srv->writing = false;
    lifecycle_reap(srv);
    if (ended > 0)
        overload_spare(srv, before);
}
