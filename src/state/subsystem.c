/* The walks over the table of subsystems.
 *
 * What the store holds is told apart by the kind byte of each record; a kind or record
 * that cannot be read is counted and left alone on disk, never dropped. */
#include "state/subsystem.h"

#include "base/msec.h"
#include "base/str.h"
#include "proto/mask.h"
#include "state/record.h"
#include "state/server.h"

void
subsystems_init(struct server *srv, const struct server_start *start)
{
    srv->ticked_seconds = srv->now - MSEC_SECOND;
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->init)
            (*row)->init(srv, start);
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
subsystems_memory(const struct server *srv, struct census *out)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->memory)
            (*row)->memory(srv, out);
}

void
subsystems_check(const struct server *srv)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->check)
            (*row)->check(srv);
}

void
subsystems_free(struct server *srv)
{
    size_t n = 0;
    while (srv->subsystems[n])
        n++;
    while (n-- > 0)
        if (srv->subsystems[n]->free)
            srv->subsystems[n]->free(srv);
}
