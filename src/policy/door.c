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
#include "policy/client_policy.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "state/census.h"
#include "state/client.h"
#include "state/image.h"
#include "state/record.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <assert.h>
#include <string.h>

#define TICK_DOORS 64   /* forgotten in one tick */
#define DOOR_RECORD 'D' /* in images alone */
#define MOMENTS 128     /* in one of these at most */

/* All of a server. */
struct doors {
    struct list by_age;    /* struct door.link: the one whose last attempt is the
                            * oldest first */
    struct mem_sum memory; /* of all */
};

struct door {
    struct host *host; /* it stands in its slot, and goes with it */
    struct list link;
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

static struct doors *
doors_of(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_door);
}

/* NULL: there was no failure. */
static struct door **
door_slot(const struct server *srv, const struct host *h)
{
    return host_slot(srv, h, SUBSYSTEM_door);
}

static struct door *
find_door(const struct server *srv, const struct host *h)
{
    return h ? *door_slot(srv, h) : NULL;
}

static struct mem_sum
door_memory(const struct door *d)
{
    return (struct mem_sum){1,
                            mem_block(sizeof *d) + mem_block(d->room * sizeof *d->at)};
}

static struct door *
add_door(struct server *srv, struct host *h)
{
    struct doors *all = doors_of(srv);
    struct door *d = xcalloc(1, sizeof *d);
    d->host = h;
    *door_slot(srv, h) = d;
    list_append(&all->by_age, &d->link);
    mem_sum_change(&all->memory, (struct mem_sum){0, 0}, door_memory(d));
    return d;
}

static void
remove_door(const struct server *srv, struct door *d)
{
    mem_sum_change(&doors_of(srv)->memory, door_memory(d), (struct mem_sum){0, 0});
    *door_slot(srv, d->host) = NULL;
    list_remove(&d->link);
    free(d->at);
    free(d);
}

void
door_forget(struct server *srv, struct host *h)
{
    struct door *d = find_door(srv, h);
    if (d)
        remove_door(srv, d);
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
        struct mem_sum before = door_memory(d);
        d->room = d->room ? 2 * d->room : 4;
        d->at = xrealloc(d->at, d->room * sizeof *d->at);
        mem_sum_change(&doors_of(srv)->memory, before, door_memory(d));
    }
    d->at[d->n++] = at;
}

bool
door_enter(struct server *srv, const struct client *c, struct door_try *out,
           int *seconds)
{
    const struct rate *rate = &srv->config->opers.failures;
    struct door *d = find_door(srv, policy_of(c)->host);
    if (d == NULL)
        d = add_door(srv, policy_of(c)->host);
    settle(srv, d);
    *seconds = seconds_of(d->opens - srv->now);
    if (d->opens)
        return false;
    note(srv, d, srv->now);
    if (d->n >= (size_t)rate->count)
        d->opens = srv->now + rate->per;
    list_remove(&d->link);
    list_append(&doors_of(srv)->by_age, &d->link);
    *out = (struct door_try){.addr = c->session->addr, .at = srv->now};
    str_format(out->nick, sizeof out->nick, "%s", client_name(c));
    return true;
}

/* All that closed the door is still there while it is closed, so without this one it is
 * closed no more, however long ago the others were. */
void
door_take_back(struct server *srv, const struct door_try *t)
{
    struct host *h = host_find(srv, &t->addr);
    struct door *d = find_door(srv, h);
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
    struct door *d = find_door(srv, h);
    if (d == NULL || d->opens <= srv->now || d->told)
        return 0;
    d->told = true;
    return d->opens - srv->now;
}

void
door_look(const struct server *srv, const struct host *h, int *fails, int *seconds)
{
    const struct door *d = find_door(srv, h);
    *fails = *seconds = 0;
    if (d == NULL)
        return;
    *seconds = seconds_of(d->opens - srv->now);
    if (d->opens == 0 || *seconds > 0)
        *fails = (int)(d->n - first_counted(srv, d));
}

static bool
is_over(const struct server *srv, const struct door *d)
{
    return d->opens <= srv->now && (d->opens || first_counted(srv, d) == d->n);
}

static bool
door_is_done(const struct server *srv, const struct host *h)
{
    const struct door *d = find_door(srv, h);
    return d == NULL || is_over(srv, d);
}

void
door_tick(struct server *srv)
{
    struct doors *all = doors_of(srv);
    int n = 0;
    LIST_EACH_SAFE(&all->by_age, at, next) {
        struct door *d = LIST_ENTRY(at, struct door, link);
        if (n++ == TICK_DOORS || !is_over(srv, d))
            return;
        remove_door(srv, d);
    }
}

static void
init_doors(struct server *srv, const struct server_start *start)
{
    (void)start;
    list_init(&doors_of(srv)->by_age);
}

static void
add_doors(const struct server *srv, struct census *out)
{
    const struct doors *all = doors_of(srv);
    census_add(out, CENSUS_OF_HOSTS, "hosts with failed OPERs", all->memory.n,
               all->memory.bytes);
}

/* No door without its host, and the sum of memory is right. */
static void
check_doors(const struct server *srv)
{
    const struct doors *all = doors_of(srv);
    struct mem_sum memory = {0, 0};
    size_t known = 0;
    LIST_EACH(&all->by_age, node)
        mem_sum_change(&memory, (struct mem_sum){0, 0},
                       door_memory(LIST_ENTRY(node, struct door, link)));
    for (const struct host *h = srv->policy->hosts; h; h = h->hh.next)
        known += find_door(srv, h) != NULL;
    assert(memory.n == all->memory.n && memory.bytes == all->memory.bytes);
    assert(known == memory.n);
}

/* Up to MOMENTS of a door: its host, until when it is closed, and these. */
static void
write_door(const struct door *d, size_t from, struct image *out)
{
    char host[PREFIX_TEXT];
    struct record r;
    size_t n = d->n - from < MOMENTS ? d->n - from : MOMENTS;
    prefix_format(&d->host->key, host, sizeof host);
    record_begin(&r, DOOR_RECORD);
    record_add_text(&r, host);
    record_add_number(&r, (uint64_t)d->opens);
    record_add_number(&r, d->told);
    record_add_number(&r, n);
    for (size_t i = from; i < from + n; i++)
        record_add_number(&r, (uint64_t)d->at[i]);
    image_add(out, &r); /* always fits */
}

static void
write_doors(const struct server *srv, struct image *out)
{
    LIST_EACH(&doors_of(srv)->by_age, node) {
        const struct door *d = LIST_ENTRY(node, struct door, link);
        for (size_t from = 0; from < d->n; from += MOMENTS)
            write_door(d, from, out);
    }
}

/* A moment that no monotonic clock shows would keep a door closed for good. */
static msec
read_moment(struct record_reader *in, msec latest)
{
    return (msec)record_number_to(in, (uint64_t)latest);
}

static bool
read_door(struct server *srv, struct record_reader *in)
{
    char host[PREFIX_TEXT], err[128];
    struct prefix prefix;
    msec per = srv->config->opers.failures.per;
    record_text(in, host, sizeof host);
    if (!prefix_parse(host, &prefix, err, sizeof err))
        return false;
    struct host *h = host_of_record(srv, &prefix);
    struct door *d = find_door(srv, h);
    if (d == NULL)
        d = add_door(srv, h);
    d->opens = read_moment(in, srv->now + per);
    d->told = record_number_to(in, 1);
    uint64_t n = record_number_to(in, MOMENTS);
    while (n-- > 0)
        note(srv, d, read_moment(in, srv->now));
    return true;
}

const struct subsystem door_subsystem = {
    .id = SUBSYSTEM_door,
    .state = sizeof(struct doors),
    .host_slot = sizeof(struct door *),
    .init = init_doors,
    .host_is_done = door_is_done,
    .host_freed = door_forget,
    .tick_seconds = door_tick,
    .memory = add_doors,
    .check = check_doors,
    .write = write_doors,
    .read = read_door,
};
