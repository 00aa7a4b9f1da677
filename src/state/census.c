/* The census of memory: each kind of block with its number and bytes.
 *
 * It is computed from the state, not by tags on allocations: it costs nothing until an
 * operator asks, and it always shows the blocks that exist. For a connection of the
 * shell, only the size is known here. */
#include "state/census.h"

#include "state/client.h"
#include "state/server.h"

#include <assert.h>
#include <string.h>

static struct census_row *
insert_row(struct census *out, enum census_part part, const char *name)
{
    size_t at = out->n_rows;
    assert(at < CENSUS_ROWS);
    while (at > 0 && out->rows[at - 1].part > part)
        at--;
    memmove(out->rows + at + 1, out->rows + at, (out->n_rows - at) * sizeof *out->rows);
    out->n_rows++;
    out->rows[at] = (struct census_row){.name = name, .part = part};
    return &out->rows[at];
}

static struct census_row *
find_row(struct census *out, const char *name)
{
    for (size_t i = 0; i < out->n_rows; i++)
        if (strcmp(out->rows[i].name, name) == 0)
            return &out->rows[i];
    return NULL;
}

void
census_add(struct census *out, enum census_part part, const char *name, size_t n,
           size_t bytes)
{
    struct census_row *row = find_row(out, name);
    if (row == NULL)
        row = insert_row(out, part, name);
    row->n += n;
    row->bytes += bytes;
}

void
census_add_self(struct census *out, size_t bytes)
{
    census_add(out, CENSUS_SELF, "server", 0, bytes);
}

static void
visit_list(const struct list *list, void (*fn)(const struct client *c, void *ctx),
           void *ctx)
{
    LIST_EACH(list, node)
        fn(LIST_ENTRY(node, struct client, link), ctx);
}

void
census_each_session(const struct server *srv,
                    void (*fn)(const struct client *c, void *ctx), void *ctx)
{
    for (size_t i = 0; i < SERVER_LISTS; i++)
        visit_list(server_list(srv, i), fn, ctx);
}

void
census_each_client(const struct server *srv,
                   void (*fn)(const struct client *c, void *ctx), void *ctx)
{
    census_each_session(srv, fn, ctx);
    visit_list(&srv->sessionless, fn, ctx);
}
