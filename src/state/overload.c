/* Ends clients if a limit on the memory of all queues is exceeded.
 *
 * The limit counts bytes as they are allocated: a buffer that a thousand queues share
 * counts once. A long queue of shared buffers costs next to nothing, so the length of a
 * queue does not show how much memory it keeps. The age of its first buffer does: a
 * client that reads has a young buffer or none. Must not walk all clients for each one
 * that is ended, and must not end more clients than needed. */
#include "state/overload.h"

#include "base/attr.h"
#include "base/mem.h"
#include "base/str.h"
#include "state/census.h"
#include "state/client.h"
#include "state/client_end.h"
#include "state/out.h"
#include "state/queue.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "state/tell.h"

#include <stdlib.h>

struct claim {
    uint64_t weight;
    struct client *client;
};

/* A heap with the heaviest client first. */
struct claims {
    struct claim *all;
    size_t n;
};

static void
sift_down(struct claims *h, size_t at)
{
    struct claim moved = h->all[at];
    for (size_t child; (child = 2 * at + 1) < h->n; at = child) {
        if (child + 1 < h->n && h->all[child + 1].weight > h->all[child].weight)
            child++;
        if (h->all[child].weight <= moved.weight)
            break;
        h->all[at] = h->all[child];
    }
    h->all[at] = moved;
}

static void
add_claims(struct claims *h, const struct list *clients,
           uint64_t (*weigh)(const struct client *))
{
    LIST_EACH(clients, node) {
        struct client *c = LIST_ENTRY(node, struct client, link);
        uint64_t weight = c->out.flags & CLIENT_ENDING ? 0 : weigh(c);
        if (weight > 0)
            h->all[h->n++] = (struct claim){weight, c};
    }
}

static struct client *
take_heaviest(struct claims *h)
{
    struct client *c = h->all[0].client;
    h->all[0] = h->all[--h->n];
    if (h->n > 0)
        sift_down(h, 0);
    return c;
}

size_t
overload_relieve(struct server *srv, const struct overload *o)
{
    struct claims h = {xmalloc(srv->n_clients * sizeof *h.all), 0};
    size_t ended = 0;
    for (size_t i = 0; i < SERVER_LISTS; i++)
        add_claims(&h, server_list(srv, i), o->weigh);
    for (size_t at = h.n / 2; at-- > 0;)
        sift_down(&h, at);
    for (; h.n > 0 && o->is_over(srv); ended++)
        o->end(srv, take_heaviest(&h));
    free(h.all);
    return ended;
}

/* The age of the first buffer of its queue; if equal, the length of the queue. */
static uint64_t
weigh_queue(const struct client *c)
{
    const struct sendq *q = &c->out.sendq;
    return q->count ? (uint64_t)sbuf_age(q->ring[q->head]) << 32 | q->bytes : 0;
}

/* The lines that tell of clients ended for limits.sendq_total. */
struct spared {
    size_t bytes; /* bytes over the limit that end no client */
    size_t from;  /* bytes of all queues before these lines */
};

static struct spared *
spared_of(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_overload);
}

ATTR_HOT bool
overload_queues_are_over(const struct server *srv)
{
    size_t limit = (size_t)srv->config->limits.sendq_total;
    return srv->buffers.sum.bytes > limit + spared_of(srv)->bytes;
}

static void
end_with_queue(struct server *srv, struct client *c)
{
    bool begun = c->out.sendq.offset > 0;
    queue_exceeds(srv, c, END_SENDQ_TOTAL);
    sendq_clear(&c->out.sendq);
    if (begun) /* half of a line was sent: ERROR must begin a new one */
        sendq_append(&c->out.sendq, &srv->buffers, "\r\n", 2);
}

/* One notice for all ended clients, because a notice takes memory of queues as well. */
static void
tell_queues_ended(struct server *srv, size_t ended, size_t before)
{
    TELL(srv, TELL_ALL, sendq_total, .clients = ended, .bytes = before);
}

/* Lowers the spared bytes to those that are not sent yet. */
static void
forget_spared(struct server *srv)
{
    size_t now = srv->buffers.sum.bytes;
    size_t left = now > spared_of(srv)->from ? now - spared_of(srv)->from : 0;
    if (now <= (size_t)srv->config->limits.sendq_total)
        spared_of(srv)->bytes = 0;
    else if (spared_of(srv)->bytes > left)
        spared_of(srv)->bytes = left;
}

size_t
overload_judge_queues(struct server *srv)
{
    static const struct overload queues = {weigh_queue, overload_queues_are_over,
                                           end_with_queue};
    size_t before = srv->buffers.sum.bytes;
    forget_spared(srv);
    if (!overload_queues_are_over(srv))
        return 0;
    size_t ended = overload_relieve(srv, &queues);
    if (ended > 0)
        tell_queues_ended(srv, ended, before);
    return ended;
}

void
overload_spare(struct server *srv, size_t before)
{
    size_t most = (size_t)srv->config->limits.sendq_total;
    size_t now = srv->buffers.sum.bytes;
    if (spared_of(srv)->bytes == 0)
        spared_of(srv)->from = before;
    spared_of(srv)->bytes += now > before ? now - before : 0;
    if (spared_of(srv)->bytes > most)
        spared_of(srv)->bytes = most;
}

static void
add_queue_memory(const struct server *srv, struct census *out)
{
    census_add(out, CENSUS_OF_CLIENTS, "messages in send queues", srv->buffers.sum.n,
               srv->buffers.sum.bytes);
}

const struct subsystem overload_subsystem = {
    .id = SUBSYSTEM_overload,
    .state = sizeof(struct spared),
    .memory = add_queue_memory,
    .written = overload_judge_queues,
};
