/* Whom a client talks with: the last few it wrote to, and the last few that wrote to
 * it.
 *
 * People are remembered by the number of their connection, which never comes again: a
 * new nick changes nothing, and memory that is used again fools nobody. Two lists, so
 * that a crowd which writes to a client cannot push out whom it writes to. Made with
 * the first message, bounded, and never asked who is still there. */
#include "policy/target.h"

#include "base/mem.h"
#include "policy/flood.h"
#include "state/client.h"

#include <stdint.h>
#include <string.h>

#define WROTE 16 /* more than the tokens that an hour's talk needs */
#define HEARD 32

/* Numbers of connections, the latest first; 0: free. */
struct targets {
    uint64_t wrote[WROTE];
    uint64_t heard[HEARD];
};

/* True if id was in the list. It is the first one now. */
static bool
touch(uint64_t *list, size_t n, uint64_t id)
{
    size_t at = 0;
    while (at < n - 1 && list[at] != id)
        at++;
    bool known = list[at] == id;
    memmove(list + 1, list, at * sizeof *list);
    list[0] = id;
    return known;
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
of(struct client *c)
{
    if (c->targets == NULL)
        c->targets = xcalloc(1, sizeof *c->targets);
    return c->targets;
}

static bool
knows(const struct client *c, const struct client *to)
{
    const struct targets *t = c->targets;
    return t && (has(t->wrote, WROTE, to->id) || has(t->heard, HEARD, to->id));
}

bool
target_pass(struct server *srv, struct client *from, struct client *to, bool strikes,
            int *seconds)
{
    if (from == to)
        return true;
    if (!knows(from, to) &&
        !(strikes ? flood_bucket(srv, from, BUCKET_TARGET, seconds)
                  : flood_bucket_mild(srv, from, BUCKET_TARGET, seconds)))
        return false;
    touch(of(from)->wrote, WROTE, to->id);
    touch(of(to)->heard, HEARD, from->id);
    return true;
}

size_t
target_size(const struct client *c)
{
    return c->targets ? sizeof *c->targets : 0;
}
