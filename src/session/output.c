/* The seam's functions for output: which clients the shell writes to in this turn, and
 * what follows from what the sockets took.
 *
 * Clients whose queues grew wait on srv->dirty, those first that sent input themselves.
 * Memory is judged once a turn, after everything that could be written was. */
#include "base/attr.h"
#include "base/sendq.h"
#include "reap.h"
#include "session/journal.h"
#include "session/session.h"
#include "state/client.h"
#include "state/client_end.h"
#include "state/overload.h"
#include "state/queue.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "wire.h"

#define TURN_LEAST 256 /* of the clients who can wait, so many are given out a turn */
#define TURN_SHARE 8   /* and such a part of all: nobody waits for more turns */
#define WAITING_BYTES 24576 /* the longest queue with which anybody waits */

static const struct client *
first_dirty(const struct server *srv)
{
    return LIST_ENTRY(srv->dirty.next, struct client, out.dirty);
}

/* Clients that are ended while the queues are given out are taken out together, once
 * all with long queues were given out: they are not told of each other. */
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
        session_reap(srv);
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

/* Whether all who are left on the list may wait for the next turn. */
static bool
can_wait(const struct server *srv)
{
    if (srv->doomed || list_empty(&srv->dirty))
        return false;
    const struct client *first = first_dirty(srv);
    return !(first->out.flags & CLIENT_URGENT) &&
           first->out.sendq.bytes < WAITING_BYTES &&
           srv->buffers.sum.bytes < (size_t)srv->config->limits.sendq_total / 2;
}

struct client *
session_turn(struct server *srv, size_t *n)
{
    size_t share = ((size_t)srv->n_clients + TURN_SHARE - 1) / TURN_SHARE;
    if (can_wait(srv) && (*n)++ >= (share > TURN_LEAST ? share : TURN_LEAST))
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
    session_reap(srv);
    if (ended > 0)
        overload_spare(srv, before);
}
