/* The walks over the table of subsystems.
 *
 * What the store holds is told apart by the kind byte of each record; a kind or record
 * that cannot be read is counted and left alone on disk, never dropped. */
#include "state/subsystem.h"

#include "base/mem.h"
#include "base/msec.h"
#include "base/str.h"
#include "proto/mask.h"
#include "state/census.h"
#include "state/record.h"
#include "state/server.h"

static size_t
count_rows(const struct server *srv)
{
    size_t n = 0;
    while (srv->subsystems[n])
        n++;
    return n;
}

void *
subsystem_state(const struct server *srv, const struct subsystem *row)
{
    size_t i = 0;
    while (srv->subsystems[i] != row)
        i++;
    return srv->states[i];
}

void
subsystems_init(struct server *srv, const struct server_start *start)
{
    const struct subsystem *const *rows = srv->subsystems;
    srv->ticked_seconds = srv->now - MSEC_SECOND;
    srv->states = xcalloc(count_rows(srv) + 1, sizeof *srv->states);
    for (size_t i = 0; rows[i]; i++) {
        if (rows[i]->state)
            srv->states[i] = xcalloc(1, rows[i]->state);
        if (rows[i]->init)
            rows[i]->init(srv, start);
    }
}

struct loading {
    struct server *srv;
    size_t refused;
};

static bool
load_one(struct server *srv, const void *key, size_t key_len, const void *value,
         size_t n, char *err, size_t errlen)
{
    struct record_reader in;
    if (!record_open(&in, value, n, err, errlen))
        return false;
    const struct record_kind *kind = NULL;
    for (const struct subsystem *const *row = srv->subsystems; *row && !kind; row++)
        if ((*row)->records)
            kind = record_kind_find((*row)->records, in.kind);
    return kind && kind->load(srv, &in, key, key_len);
}

static void
load_record(void *ctx, const void *key, size_t key_len, const void *value, size_t n)
{
    struct loading *l = ctx;
    char err[128] = "of an unknown kind or with a broken field", name[MASK_TEXT + 2];
    if (load_one(l->srv, key, key_len, value, n, err, sizeof err))
        return;
    l->refused++;
    str_format(name, sizeof name, "%.*s", (int)key_len, (const char *)key);
    log_limited(l->srv->log, LOG_LEVEL_ERROR, "record-refused", "record", name, "why",
                err, NULL);
}

size_t
subsystems_load(struct server *srv, const struct server_start *start)
{
    struct loading l = {srv, 0};
    srv->store->ops->each(srv->store, load_record, &l);
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->loaded)
            (*row)->loaded(srv, start);
    return l.refused;
}

void
subsystems_client_enters(struct server *srv, struct client *c)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->client_enters)
            (*row)->client_enters(srv, c);
}

void
subsystems_client_leaves(struct server *srv, struct client *c)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->client_leaves)
            (*row)->client_leaves(srv, c);
}

void
subsystems_tick(struct server *srv)
{
    bool second = srv->now - srv->ticked_seconds >= MSEC_SECOND;
    if (second)
        srv->ticked_seconds = srv->now;
    for (const struct subsystem *const *row = srv->subsystems; *row; row++) {
        if ((*row)->tick)
            (*row)->tick(srv);
        if (second && (*row)->tick_seconds)
            (*row)->tick_seconds(srv);
    }
}

void
subsystems_census(const struct server *srv, struct census *out)
{
    size_t states = mem_block((count_rows(srv) + 1) * sizeof *srv->states);
    *out = (struct census){.n_rows = 0};
    census_add(out, CENSUS_SELF, "server", 1, 0);
    for (size_t i = 0; srv->subsystems[i]; i++) {
        states += srv->states[i] ? mem_block(srv->subsystems[i]->state) : 0;
        if (srv->subsystems[i]->memory)
            srv->subsystems[i]->memory(srv, out);
    }
    census_add_self(out, states);
    for (size_t i = 0; i < out->n_rows; i++) {
        out->all += out->rows[i].bytes;
        if (out->rows[i].part == CENSUS_OF_CLIENTS)
            out->clients += out->rows[i].bytes;
    }
}

void
subsystems_check(const struct server *srv)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->check)
            (*row)->check(srv);
}

bool
subsystems_host_is_done(const struct server *srv, const struct host *h)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->host_is_done && !(*row)->host_is_done(srv, h))
            return false;
    return true;
}

void
subsystems_host_forgotten(struct server *srv, struct host *h)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->host_forgotten)
            (*row)->host_forgotten(srv, h);
}

void
subsystems_host_settled(struct server *srv, struct host *h)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->host_is_done && (*row)->host_forgotten &&
            (*row)->host_is_done(srv, h))
            (*row)->host_forgotten(srv, h);
}

void
subsystems_free(struct server *srv)
{
    size_t rows = count_rows(srv);
    for (size_t n = rows; n-- > 0;)
        if (srv->subsystems[n]->free)
            srv->subsystems[n]->free(srv);
    for (size_t n = 0; n < rows; n++)
        free(srv->states[n]);
    free(srv->states);
    srv->states = NULL;
}
