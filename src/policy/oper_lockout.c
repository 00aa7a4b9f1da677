/* The lockout of OPER: after opers.failures failed attempts of a host within the time
 * of that option, OPER is refused to the host for the same time.
 *
 * The time of each attempt is kept, so the limit is exact wherever the window begins. A
 * host has a record only if it has attempts; the tick removes a record with none that
 * counts. A success takes back its own attempt only, so that a client that knows one
 * password cannot guess another one faster. An attempt can outlive its client and is
 * found by the address, so a record must never point to a client. Lockouts are in
 * memory only. A restart ends them; the strikes for them remain. */
#include "policy/oper_lockout.h"

#include "base/list.h"
#include "base/str.h"
#include "config/config.h"
#include "policy/class.h"
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

#define TICK_LOCKOUTS 64   /* records forgotten in one tick */
#define LOCKOUT_RECORD 'D' /* in images only, never in the store */
#define LOCKOUT_TIMES 128  /* attempts in one record of an image, at most */

/* The state of the server. */
struct oper_lockouts {
    /* struct oper_lockout.link, by the last attempt, the oldest first. */
    struct list by_age;
    struct mem_sum memory; /* of all records */
};

struct oper_lockout {
    struct host *host; /* owns the record in its slot */
    struct list link;
    msec ends;      /* monotonic: OPER is refused until then; 0: there is no lockout */
    bool told;      /* operators were told of this lockout */
    size_t n, room; /* attempts in `at`, and its room */
    msec *at;       /* monotonic: attempts that count as failures, oldest first */
};

static struct oper_lockouts *
lockouts_of(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_oper_lockout);
}

/* The slot of h; it contains NULL if h has no record. */
static struct oper_lockout **
lockout_slot(const struct server *srv, const struct host *h)
{
    return host_slot(srv, h, SUBSYSTEM_oper_lockout);
}

static struct oper_lockout *
find_lockout(const struct server *srv, const struct host *h)
{
    return h ? *lockout_slot(srv, h) : NULL;
}

static struct mem_sum
lockout_memory(const struct oper_lockout *lock)
{
    return (struct mem_sum){1, mem_block(sizeof *lock) +
                                   mem_block(lock->room * sizeof *lock->at)};
}

static struct oper_lockout *
add_lockout(struct server *srv, struct host *h)
{
    struct oper_lockouts *all = lockouts_of(srv);
    struct oper_lockout *lock = xcalloc(1, sizeof *lock);
    lock->host = h;
    *lockout_slot(srv, h) = lock;
    list_append(&all->by_age, &lock->link);
    mem_sum_change(&all->memory, (struct mem_sum){0, 0}, lockout_memory(lock));
    return lock;
}

static void
remove_lockout(const struct server *srv, struct oper_lockout *lock)
{
    mem_sum_change(&lockouts_of(srv)->memory, lockout_memory(lock),
                   (struct mem_sum){0, 0});
    *lockout_slot(srv, lock->host) = NULL;
    list_remove(&lock->link);
    free(lock->at);
    free(lock);
}

void
oper_lockout_forget(struct server *srv, struct host *h)
{
    struct oper_lockout *lock = find_lockout(srv, h);
    if (lock)
        remove_lockout(srv, lock);
}

/* The index of the first attempt that still counts; n if none does. */
static size_t
first_counted_attempt(const struct server *srv, const struct oper_lockout *lock)
{
    size_t i = 0;
    while (i < lock->n && srv->now - lock->at[i] >= srv->config->opers.failures.per)
        i++;
    return i;
}

static void
drop_attempts(struct oper_lockout *lock, size_t from, size_t n)
{
    if (n == 0)
        return;
    lock->n -= n;
    memmove(lock->at + from, lock->at + from + n, (lock->n - from) * sizeof *lock->at);
}

/* Removes the attempts that no longer count; after the end of a lockout these are all
 * attempts. */
static void
settle_lockout(const struct server *srv, struct oper_lockout *lock)
{
    if (lock->ends > srv->now)
        return;
    drop_attempts(lock, 0, lock->ends ? lock->n : first_counted_attempt(srv, lock));
    lock->ends = 0;
    lock->told = false;
}

static void
note_attempt(struct server *srv, struct oper_lockout *lock, msec at)
{
    if (lock->n == lock->room) {
        struct mem_sum before = lockout_memory(lock);
        lock->room = lock->room ? 2 * lock->room : 4;
        lock->at = xrealloc(lock->at, lock->room * sizeof *lock->at);
        mem_sum_change(&lockouts_of(srv)->memory, before, lockout_memory(lock));
    }
    lock->at[lock->n++] = at;
}

/* Notes an attempt of h, as oper_lockout_enter does. */
static bool
enter_lockout(struct server *srv, struct host *h, int *seconds)
{
    const struct rate *rate = &srv->config->opers.failures;
    struct oper_lockout *lock = find_lockout(srv, h);
    if (lock == NULL)
        lock = add_lockout(srv, h);
    settle_lockout(srv, lock);
    *seconds = msec_seconds_up(lock->ends - srv->now);
    if (lock->ends)
        return false;
    note_attempt(srv, lock, srv->now);
    if (lock->n >= (size_t)rate->count)
        lock->ends = srv->now + rate->per;
    list_remove(&lock->link);
    list_append(&lockouts_of(srv)->by_age, &lock->link);
    return true;
}

bool
oper_lockout_enter(struct server *srv, const struct client *c, struct oper_attempt *out,
                   int *seconds)
{
    if (!enter_lockout(srv, policy_of(c)->host, seconds))
        return false;
    *out = (struct oper_attempt){.addr = c->session->addr, .at = srv->now};
    class_write_name(c, out->class);
    str_format(out->nick, sizeof out->nick, "%s", client_name(c));
    return true;
}

bool
oper_lockout_enter_token(struct server *srv, const struct addr *addr,
                         struct oper_attempt *out, int *seconds)
{
    if (!enter_lockout(srv, host_get(srv, addr), seconds))
        return false;
    *out = (struct oper_attempt){.addr = *addr, .at = srv->now};
    return true;
}

/* A lockout keeps all attempts that led to it. It ends if fewer than the limit are left
 * without this one, however old the others are. */
void
oper_lockout_take_back(struct server *srv, const struct oper_attempt *t)
{
    struct host *h = host_find(srv, &t->addr);
    struct oper_lockout *lock = find_lockout(srv, h);
    if (lock == NULL)
        return;
    settle_lockout(srv, lock);
    size_t i = lock->n;
    while (i > 0 && lock->at[i - 1] != t->at)
        i--;
    if (i == 0)
        return;
    drop_attempts(lock, i - 1, 1);
    if (lock->n < (size_t)srv->config->opers.failures.count) {
        lock->ends = 0;
        lock->told = false;
    }
    if (lock->n == 0)
        oper_lockout_forget(srv, h);
}

msec
oper_lockout_begins(const struct server *srv, struct host *h)
{
    struct oper_lockout *lock = find_lockout(srv, h);
    if (lock == NULL || lock->ends <= srv->now || lock->told)
        return 0;
    lock->told = true;
    return lock->ends - srv->now;
}

void
oper_lockout_look(const struct server *srv, const struct host *h, int *fails,
                  int *seconds)
{
    const struct oper_lockout *lock = find_lockout(srv, h);
    *fails = *seconds = 0;
    if (lock == NULL)
        return;
    *seconds = msec_seconds_up(lock->ends - srv->now);
    if (lock->ends == 0 || *seconds > 0)
        *fails = (int)(lock->n - first_counted_attempt(srv, lock));
}

static bool
lockout_is_over(const struct server *srv, const struct oper_lockout *lock)
{
    return lock->ends <= srv->now &&
           (lock->ends || first_counted_attempt(srv, lock) == lock->n);
}

static bool
lockout_is_done(const struct server *srv, const struct host *h)
{
    const struct oper_lockout *lock = find_lockout(srv, h);
    return lock == NULL || lockout_is_over(srv, lock);
}

void
oper_lockout_tick(struct server *srv)
{
    struct oper_lockouts *all = lockouts_of(srv);
    int n = 0;
    LIST_EACH_SAFE(&all->by_age, at, next) {
        struct oper_lockout *lock = LIST_ENTRY(at, struct oper_lockout, link);
        if (n++ == TICK_LOCKOUTS || !lockout_is_over(srv, lock))
            return;
        remove_lockout(srv, lock);
    }
}

static void
init_lockouts(struct server *srv, const struct server_start *start)
{
    (void)start;
    list_init(&lockouts_of(srv)->by_age);
}

static void
census_lockouts(const struct server *srv, struct census *out)
{
    const struct oper_lockouts *all = lockouts_of(srv);
    census_add(out, CENSUS_OF_HOSTS, "hosts with failed OPERs", all->memory.n,
               all->memory.bytes);
}

/* Asserts that each record is in the slot of its host and that the sum of memory is
 * right. */
static void
check_lockouts(const struct server *srv)
{
    const struct oper_lockouts *all = lockouts_of(srv);
    struct mem_sum memory = {0, 0};
    size_t known = 0;
    LIST_EACH(&all->by_age, node)
        mem_sum_change(&memory, (struct mem_sum){0, 0},
                       lockout_memory(LIST_ENTRY(node, struct oper_lockout, link)));
    for (const struct host *h = srv->policy->hosts; h; h = h->hh.next)
        known += find_lockout(srv, h) != NULL;
    assert(memory.n == all->memory.n && memory.bytes == all->memory.bytes);
    assert(known == memory.n);
}

/* Writes one record: the host, the end of the lockout, whether operators were told, and
 * up to LOCKOUT_TIMES attempts. */
static void
write_lockout(const struct oper_lockout *lock, size_t from, struct image *out)
{
    char host[PREFIX_TEXT];
    struct record r;
    size_t n = lock->n - from < LOCKOUT_TIMES ? lock->n - from : LOCKOUT_TIMES;
    prefix_format(&lock->host->key, host, sizeof host);
    record_begin(&r, LOCKOUT_RECORD);
    record_add_text(&r, host);
    record_add_number(&r, (uint64_t)lock->ends);
    record_add_number(&r, lock->told);
    record_add_number(&r, n);
    for (size_t i = from; i < from + n; i++)
        record_add_number(&r, (uint64_t)lock->at[i]);
    image_add(out, &r); /* always fits */
}

static void
write_lockouts(const struct server *srv, struct image *out)
{
    LIST_EACH(&lockouts_of(srv)->by_age, node) {
        const struct oper_lockout *lock = LIST_ENTRY(node, struct oper_lockout, link);
        for (size_t from = 0; from < lock->n; from += LOCKOUT_TIMES)
            write_lockout(lock, from, out);
    }
}

/* Reads a time, at most `latest`. Without the limit a damaged image could hold a
 * lockout that never ends. */
static msec
read_capped_time(struct record_reader *in, msec latest)
{
    return (msec)record_number_to(in, (uint64_t)latest);
}

static bool
read_lockout(struct server *srv, struct record_reader *in)
{
    char host[PREFIX_TEXT], err[128];
    struct prefix prefix;
    msec per = srv->config->opers.failures.per;
    record_text(in, host, sizeof host);
    if (!prefix_parse(host, &prefix, err, sizeof err))
        return false;
    struct host *h = host_of_record(srv, &prefix);
    struct oper_lockout *lock = find_lockout(srv, h);
    if (lock == NULL)
        lock = add_lockout(srv, h);
    lock->ends = read_capped_time(in, srv->now + per);
    lock->told = record_number_to(in, 1);
    uint64_t n = record_number_to(in, LOCKOUT_TIMES);
    while (n-- > 0)
        note_attempt(srv, lock, read_capped_time(in, srv->now));
    return true;
}

const struct subsystem oper_lockout_subsystem = {
    .id = SUBSYSTEM_oper_lockout,
    .state = sizeof(struct oper_lockouts),
    .host_slot = sizeof(struct oper_lockout *),
    .init = init_lockouts,
    .host_is_done = lockout_is_done,
    .host_freed = oper_lockout_forget,
    .tick_seconds = oper_lockout_tick,
    .memory = census_lockouts,
    .check = check_lockouts,
    .write = write_lockouts,
    .read = read_lockout,
};
