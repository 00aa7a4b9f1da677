/* Which others a client may write to: the last few that it wrote to, the last few
 * hundred that wrote to it, and those it meets on channels.
 *
 * Clients are remembered by the number of their connection, which never comes again: a
 * new nick changes nothing, and memory that is used again fools no one. Two lists, so
 * that a crowd that writes to a client cannot push out those it writes to. Made with
 * the first message, grown with those that write, bounded, and never asked which of
 * them is still on. Meeting is looked up in the channels of both, which are few;
 * nothing here walks the members of a channel. */
#include "policy/target.h"

#include "base/mem.h"
#include "policy/flood.h"
#include "policy/rejoin.h"
#include "proto/mode.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/server.h"

#include <stdint.h>
#include <string.h>

#define WROTE 16  /* more than the tokens that an hour's talk needs */
#define HEARD 512 /* who helps a crowd answers all of it, also in order */
#define HEARD_FIRST 8
#define TOLD_EVERY MSEC_MINUTE

/* Numbers of connections, the latest first; 0: free. */
struct targets {
    uint64_t wrote[WROTE];
    msec told;        /* monotonic: a refused NOTICE was told; 0: never */
    uint32_t n_heard; /* room in heard: as many as have written, at most HEARD */
    uint64_t heard[];
};

/* id is the first one now; the last one is forgotten if it is new. */
static void
touch(uint64_t *list, size_t n, uint64_t id)
{
    size_t at = 0;
    while (at < n - 1 && list[at] != id)
        at++;
    memmove(list + 1, list, at * sizeof *list);
    list[0] = id;
}

static bool
has(const uint64_t *list, size_t n, uint64_t id)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == id)
            return true;
    return false;
}

static struct targets *
resize(struct targets *t, uint32_t n)
{
    uint32_t before = t ? t->n_heard : 0;
    struct targets *new = xrealloc(t, sizeof *t + n * sizeof t->heard[0]);
    if (t == NULL)
        *new = (struct targets){.n_heard = 0};
    memset(new->heard + before, 0, (n - before) * sizeof new->heard[0]);
    new->n_heard = n;
    return new;
}

static struct targets *
of(struct client *c)
{
    if (c->targets == NULL)
        c->targets = resize(NULL, 0);
    return c->targets;
}

/* Room for one more that writes to c: where none is free, twice as much. */
static void
make_room(struct client *c, uint64_t id)
{
    const struct targets *t = of(c);
    uint32_t n = t->n_heard;
    if (n > 0 && (t->heard[n - 1] == 0 || n == HEARD || has(t->heard, n, id)))
        return;
    c->targets = resize(c->targets, n ? n * 2 : HEARD_FIRST);
}

static bool
knows(const struct client *c, const struct client *to)
{
    const struct targets *t = c->targets;
    return t && (has(t->wrote, WROTE, to->id) || has(t->heard, t->n_heard, to->id));
}

/* to has left a channel a moment ago where from has a status: a program that greets
 * those who come is not at fault when one has gone already. */
static bool
has_left_channel(const struct server *srv, const struct client *from,
                 const struct client *to)
{
    for (uint32_t i = 0; to->left && i < from->njoined; i++) {
        const struct joined *j = &from->joined[i];
        if (j->chan->members[j->slot].modes & CHAN_STATUS &&
            rejoin_is_soon(srv, to, j->chan))
            return true;
    }
    return false;
}

static bool
has_met(const struct server *srv, const struct client *from, const struct client *to)
{
    bool fewer = from->njoined <= to->njoined;
    return channel_shared(fewer ? from : to, fewer ? to : from) ||
           has_left_channel(srv, from, to);
}

bool
target_pass(struct server *srv, struct client *from, struct client *to, bool strikes,
            int *seconds)
{
    if (from == to)
        return true;
    bool known = knows(from, to);
    /* Not remembered: those met on a channel would push out the others. */
    if (!known && has_met(srv, from, to))
        return true;
    if (!known && !(strikes ? flood_bucket(srv, from, BUCKET_TARGET, seconds)
                            : flood_bucket_mild(srv, from, BUCKET_TARGET, seconds)))
        return false;
    touch(of(from)->wrote, WROTE, to->id);
    return true;
}

bool
target_may_tell(const struct server *srv, struct client *from)
{
    struct targets *t = of(from);
    if (t->told && srv->now - t->told < TOLD_EVERY)
        return false;
    t->told = srv->now;
    return true;
}

size_t
target_memory(const struct targets *t)
{
    return t ? mem_block(sizeof *t + t->n_heard * sizeof t->heard[0]) : 0;
}

void
target_told(struct client *from, struct client *to)
{
    if (from == to)
        return;
    make_room(to, from->id);
    touch(to->targets->heard, to->targets->n_heard, from->id);
}
