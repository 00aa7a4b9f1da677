/* The send queue of one client.
 *
 * A send frees nothing and removes no client from a list: a full queue only marks its
 * client (client_kill), so walks over clients stay valid. */
#include "state/queue.h"

#include "base/attr.h"
#include "proto/mask.h"
#include "state/event_ring.h"

void
queue_exceeds(struct server *srv, struct client *c, enum end_cause cause)
{
    char source[MASK_TEXT];
    client_real_source(c, source, sizeof source);
    NOTE_EVENT(srv, sendq_exceeded, .client = source, .why = end_text(cause));
    client_kill(srv, c, cause, NULL);
}

ATTR_HOT void
queue_first(struct server *srv, struct client *c)
{
    if ((c->out.flags & (CLIENT_DIRTY | CLIENT_URGENT)) != CLIENT_DIRTY)
        return;
    c->out.flags |= CLIENT_URGENT;
    list_remove(&c->out.dirty);
    list_prepend(&srv->dirty, &c->out.dirty);
}

ATTR_HOT void
queue_bytes(struct server *srv, struct client *c, const char *bytes, size_t n)
{
    if (!queue_takes(srv, c))
        return;
    sendq_append(&c->out.sendq, &srv->buffers, bytes, n);
    queue_mark(srv, c);
}

void
queue_rest(struct server *srv, struct client *c, const char *bytes, size_t n)
{
    bool doomed = c->out.flags & CLIENT_DOOMED && !(c->out.flags & CLIENT_DEAD);
    if (!doomed && !queue_takes(srv, c))
        return;
    sendq_append(&c->out.sendq, &srv->buffers, bytes, n);
    queue_mark(srv, c);
}
