/* How many clients each class has.
 *
 * The class of a client changes only with a new configuration, or when the client moves,
 * which is a departure and an arrival. Not counted are clients without a class, and those
 * with the address of a gateway: it may be about to tell the address of a user, and the
 * clients of a gateway have a limit of their own (gateway.c). */
#include "policy/class_count.h"

#include "base/mem.h"
#include "config/config.h"
#include "policy/client_policy.h"
#include "state/census.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <assert.h>
#include <stdlib.h>

struct class_counts {
    uint32_t *clients; /* of each block of srv->config->class */
    size_t n;          /* the number of blocks */
};

static struct class_counts *
class_counts(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_class_count);
}

bool
class_count_has_room(const struct server *srv, const struct config_class *class)
{
    if (class == NULL || class->connections == 0)
        return true;
    return class_counts(srv)->clients[class - srv->config->class] <
           (uint32_t) class->connections;
}

/* The class that c counts for; NULL: none. */
static const struct config_class *
find_counting_class(const struct client *c)
{
    return policy_of(c)->exempt & EXEMPT_GATEWAY ? NULL : policy_of(c)->class;
}

static void
change_class_count(struct server *srv, const struct client *c, int change)
{
    const struct config_class *class = find_counting_class(c);
    if (class)
        class_counts(srv)->clients[class - srv->config->class] += (uint32_t)change;
}

void
class_count_enter(struct server *srv, const struct client *c)
{
    change_class_count(srv, c, 1);
}

void
class_count_leave(struct server *srv, const struct client *c)
{
    change_class_count(srv, c, -1);
}

void
class_count_begin(struct server *srv)
{
    struct class_counts *s = class_counts(srv);
    free(s->clients);
    s->n = srv->config->n_class;
    s->clients = s->n ? xcalloc(s->n, sizeof *s->clients) : NULL;
}

static void
count_class_client(const struct client *c, void *ctx)
{
    if (policy_of(c)->host) /* NULL: it has left */
        class_count_enter(ctx, c);
}

void
class_count_all(struct server *srv)
{
    class_count_begin(srv);
    if (class_counts(srv)->n > 0)
        census_each_session(srv, count_class_client, srv);
}

static void
init_class_counts(struct server *srv, const struct server_start *start)
{
    (void)start;
    class_count_begin(srv);
}

static void
add_class_counts(const struct server *srv, struct census *out)
{
    const struct class_counts *s = class_counts(srv);
    census_add_self(out, mem_block(s->n * sizeof *s->clients));
}

/* Counts in a copy of the counts. */
struct class_recount {
    const struct server *srv;
    uint32_t *clients;
};

static void
recount_class_client(const struct client *c, void *ctx)
{
    const struct class_recount *r = ctx;
    const struct config_class *class = find_counting_class(c);
    if (class && policy_of(c)->host)
        r->clients[class - r->srv->config->class]++;
}

static void
check_class_counts(const struct server *srv)
{
    const struct class_counts *s = class_counts(srv);
    assert(s->n == srv->config->n_class);
    if (s->n == 0)
        return;
    struct class_recount r = {srv, xcalloc(s->n, sizeof *r.clients)};
    census_each_session(srv, recount_class_client, &r);
    for (size_t i = 0; i < s->n; i++)
        assert(r.clients[i] == s->clients[i]);
    free(r.clients);
}

static void
free_class_counts(struct server *srv)
{
    free(class_counts(srv)->clients);
}

const struct subsystem class_count_subsystem = {
    .id = SUBSYSTEM_class_count,
    .state = sizeof(struct class_counts),
    .memory = add_class_counts,
    .init = init_class_counts,
    .check = check_class_counts,
    .free = free_class_counts,
};
