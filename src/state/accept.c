/* Caller-id: the clients from which a client accepts messages. An entry refers to
 * clients, not to nicks: a client that takes the nick of an accepted client is not
 * accepted.
 *
 * A client has a struct callerid only once it accepts a client, is accepted by one, or
 * was told of a refused message; all others pay one pointer. An entry is always removed
 * from both lists at once. */
#include "state/accept.h"

#include "base/mem.h"
#include "state/census.h"
#include "state/client.h"
#include "state/server.h"
#include "state/subsystem.h"

#define TELL_EVERY (60 * MSEC_SECOND)

struct callerid {
    struct list accepted; /* accept_entry.of_owner */
    struct list by;       /* accept_entry.of_other */
    unsigned n;           /* entries in accepted */
    bool told;            /* told_at is set */
    msec told_at;         /* monotonic: last time that accept_may_tell was true */
};

static struct callerid *
get_callerid(struct client *c)
{
    if (c->user.callerid)
        return c->user.callerid;
    c->user.callerid = xcalloc(1, sizeof *c->user.callerid);
    list_init(&c->user.callerid->accepted);
    list_init(&c->user.callerid->by);
    return c->user.callerid;
}

static struct accept_entry *
find_acceptance(const struct client *owner, const struct client *other)
{
    if (owner->user.callerid == NULL)
        return NULL;
    LIST_EACH(&owner->user.callerid->accepted, node) {
        struct accept_entry *e = LIST_ENTRY(node, struct accept_entry, of_owner);
        if (e->other == other)
            return e;
    }
    return NULL;
}

bool
accept_has(const struct client *owner, const struct client *other)
{
    return find_acceptance(owner, other) != NULL;
}

bool
accept_add(struct client *owner, struct client *other)
{
    struct callerid *mine = get_callerid(owner);
    if (mine->n >= ACCEPT_MAX)
        return false;
    struct accept_entry *e = xcalloc(1, sizeof *e);
    e->owner = owner;
    e->other = other;
    list_append(&mine->accepted, &e->of_owner);
    list_append(&get_callerid(other)->by, &e->of_other);
    mine->n++;
    return true;
}

static void
free_acceptance(struct accept_entry *e)
{
    e->owner->user.callerid->n--;
    list_remove(&e->of_owner);
    list_remove(&e->of_other);
    free(e);
}

bool
accept_remove(struct client *owner, const struct client *other)
{
    struct accept_entry *e = find_acceptance(owner, other);
    if (e)
        free_acceptance(e);
    return e != NULL;
}

struct list *
accept_list(const struct client *owner)
{
    return owner->user.callerid ? &owner->user.callerid->accepted : NULL;
}

size_t
accept_memory(const struct client *owner)
{
    const struct callerid *id = owner->user.callerid;
    return id ? mem_block(sizeof *id) + id->n * mem_block(sizeof(struct accept_entry))
              : 0;
}

void
accept_forget(struct client *c)
{
    while (c->user.callerid && !list_empty(&c->user.callerid->by))
        free_acceptance(
            LIST_ENTRY(c->user.callerid->by.next, struct accept_entry, of_other));
}

void
accept_clear(struct client *c)
{
    accept_forget(c);
    while (c->user.callerid && !list_empty(&c->user.callerid->accepted))
        free_acceptance(
            LIST_ENTRY(c->user.callerid->accepted.next, struct accept_entry, of_owner));
    free(c->user.callerid);
    c->user.callerid = NULL;
}

bool
accept_may_tell(const struct server *srv, struct client *owner)
{
    struct callerid *mine = get_callerid(owner);
    if (mine->told && srv->now - mine->told_at < TELL_EVERY)
        return false;
    mine->told = true;
    mine->told_at = srv->now;
    return true;
}

static void
end_accepting(struct server *srv, struct client *c)
{
    (void)srv;
    accept_clear(c);
}

static void
count_accept_memory(const struct client *c, struct mem_sum *sum)
{
    sum->bytes += accept_memory(c);
}

static void
add_accept_memory(const struct server *srv, struct census *out)
{
    (void)srv;
    census_add(out, CENSUS_OF_CLIENTS, "MONITOR and ACCEPT entries", 0,
               out->of_clients[SUBSYSTEM_accept]->bytes);
}

const struct subsystem accept_subsystem = {
    .id = SUBSYSTEM_accept,
    .client_memory = count_accept_memory,
    .memory = add_accept_memory,
    .client_leaves = end_accepting,
};
