/* The send queue of a client: bytes of its own, and buffers that many clients share.
 * This code does not know the format of a line. */
#ifndef STATE_QUEUE_H
#define STATE_QUEUE_H

#include "base/attr.h"
#include "state/client.h"
#include "state/client_end.h"
#include "state/server.h"

#include <stdbool.h>
#include <stddef.h>

/* most bytes of one queue, because the count has 32 bits */
#define QUEUE_MOST (UINT32_MAX / 2)

/* Logs that c reads too slowly and ends it (client_kill). The row of the cause must
 * have a text. */
void queue_exceeds(struct server *srv, struct client *c, enum end_cause cause);

/* Moves c to the front of the dirty clients, so that its queue is written in this turn,
 * before those of clients that only receive. Does nothing if c is not dirty. Called for
 * a client that ran a command. */
void queue_first(struct server *srv, struct client *c);

/* Queues whole lines with their tags for one client. Does nothing for a client that is
 * ended. */
void queue_bytes(struct server *srv, struct client *c, const char *bytes, size_t n);

/* The same, but also for a client that is doomed and not yet dead, which still gets the
 * answer to its last command. */
void queue_rest(struct server *srv, struct client *c, const char *bytes, size_t n);

/* Marks that the queue of c has bytes. If it is at half of its limit or above, it is
 * written in this turn. */
static ATTR_INLINE void
queue_mark(struct server *srv, struct client *c)
{
    if (!(c->out.flags & CLIENT_DIRTY)) {
        c->out.flags |= CLIENT_DIRTY;
        list_append(&srv->dirty, &c->out.dirty);
    }
    if (c->out.sendq.bytes >= c->out.sendq.limit / 2)
        queue_first(srv, c);
}

/* True if more may be queued for c. The limit of its queue is enforced after its socket
 * was tried (session_tried); here c is ended only if the queue has more than QUEUE_MOST
 * bytes. Input bounds how much one turn can queue: a shared buffer costs a receiver one
 * slot of its ring, and a client that is over its limit runs no command
 * (flood_judge). */
static ATTR_INLINE bool
queue_takes(struct server *srv, struct client *c)
{
    if (c->out.flags & CLIENT_UNREACHED)
        return false;
    if (c->out.sendq.bytes <= QUEUE_MOST)
        return true;
    queue_exceeds(srv, c, END_SENDQ);
    return false;
}

/* Queues b, a buffer that other clients may share. It is inline, because a fan-out
 * spends most of its time here. */
static ATTR_INLINE void
queue_push(struct server *srv, struct client *c, struct sbuf *b)
{
    if (!queue_takes(srv, c))
        return;
    sendq_push(&c->out.sendq, b);
    queue_mark(srv, c);
}

#endif
