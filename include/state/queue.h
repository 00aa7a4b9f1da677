/* What is queued for one client: bytes of its own, or a buffer that many share. Below
 * all output; nothing here knows a format. */
#ifndef STATE_QUEUE_H
#define STATE_QUEUE_H

#include "base/attr.h"
#include "state/client.h"
#include "state/end.h"
#include "state/server.h"

#include <stdbool.h>
#include <stddef.h>

#define QUEUE_MOST (UINT32_MAX / 2) /* bytes of one queue, counted in 32 bits */

/* Logs that c reads too slowly, and ends it (client_kill) for this cause, whose row has
 * a text. */
void queue_exceeds(struct server *srv, struct client *c, enum end_cause cause);

/* What waits for c is written in this turn, before what waits for others. A client
 * whose command has just run is put first: what all talkers read is there when the turn
 * ends. */
void queue_first(struct server *srv, struct client *c);

/* Queues bytes for one client as they are: whole lines, with their tags. Does nothing
 * for a client that is ended. */
void queue_bytes(struct server *srv, struct client *c, const char *bytes, size_t n);

/* The same, also for a client that is doomed and not dead: the answer to its last
 * command. */
void queue_rest(struct server *srv, struct client *c, const char *bytes, size_t n);

/* Something waits for c; once that is half of its limit, it does not wait for the next
 * turn. */
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

/* Whether c is queued more. Its limit is judged once its socket was tried
 * (session_tried); until then only a count of 32 bits ends it here. What one turn can
 * queue is bounded by input: shared buffers cost each receiver a slot of its ring, and
 * a client that is over its limit runs no command (flood_judge). */
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

/* Queues the bytes of b, which other clients may share. Here, because a fan-out does
 * nothing else that takes time. */
static ATTR_INLINE void
queue_push(struct server *srv, struct client *c, struct sbuf *b)
{
    if (!queue_takes(srv, c))
        return;
    sendq_push(&c->out.sendq, b);
    queue_mark(srv, c);
}

#endif
