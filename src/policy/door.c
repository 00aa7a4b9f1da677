/* Failed OPER attempts, counted a host: as many as opers.failures says within its time
 * close the door as long.
 *
 * The moments themselves are kept, so that the limit is exact wherever that time
 * begins; a host without failures has none of it, and a moment is forgotten to the
 * millisecond. A success takes back its own attempt and no other: who has one right
 * password guesses another no faster for it. An attempt whose client has left counts
 * on, and is found again by the address: must never point to a client.
 * Kept in memory only: a restart opens the door, but the strikes given for it remain.
 */
#include "policy/door.h"

#include "base/list.h"
#include "base/str.h"
#include "config/config.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "state/census.h"
#include "state/client.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <string.h>

#define TICK_DOORS 64 /* forgotten in one tick */

struct door {
    struct list link; /* policy.doors */
    struct host *host;
    msec opens;     /* monotonic: until then OPER is refused; 0: it is open */
    bool told;      /* operators know that it is closed */
    size_t n, room; /* of at; never more than close the door */
    msec *at;       /* monotonic: attempts that count as failures, oldest first */
};

/* Whole seconds, 0 only when there is nothing to wait for. */
static int
seconds_of(msec wait)
{
    return wait > 0 ? (int)((wait + MSEC_SECOND - 1) / MSEC_SECOND) : 0;
}

struct mem_sum
door_held(const struct host *h)
{
    const struct door *d = h->door;
    if (d == NULL)
        return (struct mem_sum){0, 0};
    return (struct mem_sum){1,
                            mem_block(sizeof *d) + mem_block(d->room * sizeof *d->at)};
}

static struct door *
add_door(struct server *srv, struct host *h)
{
    struct door *d = xcalloc(1, sizeof *d);
    d->host = h;
    list_append(&srv->policy->doors, &d->link);
    h->door = d;
    mem_sum_change(&srv->policy->doors_held, (struct mem_sum){0, 0}, door_held(h));
    return d;
}

void
door_forget(struct server *srv, struct host *h)
{
    struct door *d = h->door;
    if (d == NULL)
        return;
    mem_sum_change(&srv->policy->doors_held, door_held(h), (struct mem_sum){0, 0});
    h->door = NULL;
    list_remove(&d->link);
    free(d->at);
    free(d);
}

/* The first of its moments that counts still, n if none does. */
static size_t
first_counted(const struct server *srv, const struct door *d)
{
    size_t i = 0;
    while (i < d->n && srv->now - d->at[i] >= srv->config->opers.failures.per)
        i++;
    return i;
}

static void
drop(struct door *d, size_t from, size_t n)
{
    if (n == 0)
        return;
    d->n -= n;
    memmove(d->at + from, d->at + from + n, (d->n - from) * sizeof *d->at);
}

/* Forgets what is over. The closed door was the answer to all that led to it: once it
 * opens they are forgotten. */
static void
settle(const struct server *srv, struct door *d)
{
    if (d->opens > srv->now)
        return;
    drop(d, 0, d->opens ? d->n : first_counted(srv, d));
    d->opens = 0;
    d->told = false;
}

static void
note(struct server *srv, struct door *d, msec at)
{
    if (d->n == d->room) {
        struct mem_sum before = door_held(d->host);
        d->room = d->room ? 2 * d->room : 4;
        d->at = xrealloc(d->at, d->room * sizeof *d->at);
        mem_sum_change(&srv->policy->doors_held, before, door_held(d->host));
    }
    d->at[d->n++] = at;
}

bool
door_enter(struct server *srv, const struct client *c, struct door_try *out,
           int *seconds)
{
    const struct rate *rate = &srv->config->opers.failures;
    struct door *d = c->host->door ? c->host->door : add_door(srv, c->host);
    settle(srv, d);
    *seconds = seconds_of(d->opens - srv->now);
    if (d->opens)
        return false;
    note(srv, d, srv->now);
    if (d->n >= (size_t)rate->count)
        d->opens = srv->now + rate->per;
    list_remove(&d->link);
    list_append(&srv->policy->doors, &d->link);
    *out = (struct door_try){.addr = c->addr, .at = srv->now};
    str_format(out->nick, sizeof out->nick, "%s", client_name(c));
    return true;
}

/* All that closed the door is still there while it is closed, so without this one it is
 * closed no more, however long ago the others were. */
void
door_take_back(struct server *srv, const struct door_try *t)
{
    struct host *h = host_find(srv, &t->addr);
    struct door *d = h ? h->door : NULL;
    if (d == NULL)
        return;
    settle(srv, d);
    size_t i = d->n;
    while (i > 0 && d->at[i - 1] != t->at)
        i--;
    if (i == 0)
        return;
    drop(d, i - 1, 1);
    if (d->n < (size_t)srv->config->opers.failures.count) {
        d->opens = 0;
        d->told = false;
    }
    if (d->n == 0)
        door_forget(srv, h);
}

msec
door_closes(const struct server *srv, struct host *h)
{
    struct door *d = h->door;
    if (d == NULL || d->opens <= srv->now || d->told)
        return 0;
    d->told = true;
    return d->opens - srv->now;
}

void
door_look(const struct server *srv, const struct host *h, int *fails, int *seconds)
{
    const struct door *d = h->door;
    *fails = *seconds = 0;
    if (d == NULL)
        return;
    *seconds = seconds_of(d->opens - srv->now);
    if (d->opens == 0 || *seconds > 0)
        *fails = (int)(d->n - first_counted(srv, d));
}

bool
door_is_forgettable(const struct server *srv, const struct host *h)
{
    const struct door *d = h->door;
    if (d == NULL)
        return true;
    return d->opens <= srv->now && (d->opens || first_counted(srv, d) == d->n);
}

/* The one whose last attempt is the oldest is first. */
void
door_tick(struct server *srv)
{
    struct list *doors = &srv->policy->doors;
    for (int i = 0; i < TICK_DOORS && !list_empty(doors); i++) {
        struct host *h = LIST_ENTRY(doors->next, struct door, link)->host;
        if (!door_is_forgettable(srv, h))
            return;
        door_forget(srv, h);
    }
}

static void
init_doors(struct server *srv, const struct server_start *start)
{
    (void)start;
    list_init(&srv->policy->doors);
}

static void
add_doors(const struct server *srv, struct census *out)
{
    census_add(out, CENSUS_OF_HOSTS, "hosts with failed OPERs",
               srv->policy->doors_held.n, srv->policy->doors_held.bytes);
}

const struct subsystem door_subsystem = {
    .name = "door",
    .memory = add_doors,
    .init = init_doors,
    .tick_seconds = door_tick,
};
