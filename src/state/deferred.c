/* Requests that wait for an answer from outside the core. A client has at most one such
 * request, because its lines are held until the answer. A request may outlive its
 * client; it then has no pointer to the client. */
#include "state/deferred.h"

#include "state/client.h"
#include "state/server.h"

static struct deferred *
deferred_of_node(struct list *node)
{
    return LIST_ENTRY(node, struct deferred, link);
}

void
deferred_begin(struct deferred *d, struct list *all, struct server *srv,
               struct client *c)
{
    d->id = origin_id(&srv->me, ++srv->last_deferred);
    request_defer(&d->request, srv, c);
    list_append(all, &d->link);
    c->out.flags |= CLIENT_WAITING;
}

struct deferred *
deferred_find(const struct list *all, uint64_t id)
{
    LIST_EACH(all, node) {
        if (deferred_of_node(node)->id == id)
            return deferred_of_node(node);
    }
    return NULL;
}

void
deferred_resume(struct deferred *d)
{
    struct client *c = d->request.client;
    /* must come first, because the answer may defer the next request of c */
    list_remove(&d->link);
    if (c == NULL)
        return;
    c->out.flags &= ~(unsigned)CLIENT_WAITING;
    request_begin(&d->request);
}

void
deferred_end(struct deferred *d)
{
    if (!list_empty(&d->link))
        list_remove(&d->link);
    else if (d->request.client)
        request_end(&d->request);
    request_drop(&d->request);
}

void
deferred_leave(struct list *all, struct client *c)
{
    if (!(c->out.flags & CLIENT_WAITING))
        return;
    LIST_EACH(all, node) {
        struct deferred *d = deferred_of_node(node);
        if (d->request.client != c)
            continue;
        c->out.flags &= ~(unsigned)CLIENT_WAITING;
        request_drop(&d->request);
        return;
    }
}
