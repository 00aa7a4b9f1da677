/* The walks over the table of subsystems.
 *
 * Each stored record has a kind byte, which selects the subsystem that loads it. A
 * record that cannot be loaded is counted and stays on disk. */
#include "state/subsystem.h"

#include "base/attr.h"
#include "base/event.h"
#include "base/mem.h"
#include "base/msec.h"
#include "base/str.h"
#include "proto/mask.h"
#include "state/census.h"
#include "state/client.h"
#include "state/record.h"
#include "state/server.h"

#define SLOT_ALIGN sizeof(uint64_t)

const char *
subsystem_name(enum subsystem_id id)
{
#define SUBSYSTEM(name) #name,
    static const char *const names[] = {
#include "state/subsystems.def"
    };
#undef SUBSYSTEM
    return names[id];
}

ATTR_HOT void *
subsystem_state(const struct server *srv, enum subsystem_id id)
{
    return srv->places[id].state;
}

void *
subsystem_client(const struct server *srv, enum subsystem_id id, const struct client *c)
{
    /* c is const, but its slots belong to the subsystem, which may write. */
    return (void *)((uintptr_t)c->session->slots + srv->places[id].in_client);
}

/* Reserves `bytes` after *room bytes of slots; returns their offset. */
static uint32_t
place_slot(uint32_t *room, size_t bytes)
{
    uint32_t at = *room;
    *room += (uint32_t)((bytes + SLOT_ALIGN - 1) / SLOT_ALIGN * SLOT_ALIGN);
    return at;
}

/* All places must be known before the first init. */
static void
place_rows(struct server *srv)
{
    const struct subsystem *const *rows = srv->subsystems;
    srv->places = xcalloc(SUBSYSTEMS, sizeof *srv->places);
    for (size_t i = 0; rows[i]; i++) {
        struct subsystem_place *place = &srv->places[rows[i]->id];
        if (rows[i]->state)
            place->state = xcalloc(1, rows[i]->state);
        place->in_client = place_slot(&srv->client_room, rows[i]->client_slot);
        place->in_host = place_slot(&srv->host_room, rows[i]->host_slot);
    }
}

void
subsystems_init(struct server *srv, const struct server_start *start)
{
    srv->ticked_seconds = srv->now - MSEC_SECOND;
    place_rows(srv);
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->init)
            (*row)->init(srv, start);
}

struct loading {
    struct server *srv;
    size_t refused;
};

static bool
read_stored_record(struct server *srv, const void *key, size_t key_len,
                   const void *value, size_t n, char *err, size_t errlen)
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
load_stored_record(void *ctx, const void *key, size_t key_len, const void *value,
                   size_t n)
{
    struct loading *l = ctx;
    char err[RECORD_ERROR] = "of an unknown kind or with a broken field",
         name[MASK_TEXT + 2];
    if (read_stored_record(l->srv, key, key_len, value, n, err, sizeof err))
        return;
    l->refused++;
    str_format(name, sizeof name, "%.*s", (int)key_len, (const char *)key);
    LOG_EVENT(l->srv->log, record_refused, .record = name, .why = err);
}

size_t
subsystems_load(struct server *srv, const struct server_start *start)
{
    struct loading l = {srv, 0};
    store_each(srv->store, load_stored_record, &l);
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->loaded)
            (*row)->loaded(srv, start);
    return l.refused;
}

void
subsystems_client_made(struct server *srv, struct client *c)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->client_made)
            (*row)->client_made(srv, c);
}

void
subsystems_client_enters(struct server *srv, struct client *c)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->client_enters)
            (*row)->client_enters(srv, c);
}

void
subsystems_client_registers(struct server *srv, struct client *c)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->client_registers)
            (*row)->client_registers(srv, c);
}

void
subsystems_client_is_on(struct server *srv, struct client *c)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->client_is_on)
            (*row)->client_is_on(srv, c);
}

void
subsystems_client_leaves(struct server *srv, struct client *c)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->client_leaves && (c->session || !(*row)->of_sessions))
            (*row)->client_leaves(srv, c);
}

void
subsystems_client_leaves_host(struct server *srv, struct client *c)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->client_leaves_host)
            (*row)->client_leaves_host(srv, c);
}

void
subsystems_config_changes(struct server *srv, const struct config *config)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->config_changes)
            (*row)->config_changes(srv, config);
}

void
subsystems_configured(struct server *srv)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->configured)
            (*row)->configured(srv);
}

size_t
subsystems_written(struct server *srv)
{
    size_t ended = 0;
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->written)
            ended += (*row)->written(srv);
    return ended;
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

struct counting {
    const struct subsystem *rows[SUBSYSTEMS]; /* the rows with client_memory */
    size_t n;
    struct census *out;
};

static void
count_client_in_rows(const struct client *c, void *ctx)
{
    const struct counting *counting = ctx;
    for (size_t i = 0; i < counting->n; i++) {
        const struct subsystem *row = counting->rows[i];
        if (c->session || !row->of_sessions)
            row->client_memory(c, counting->out->of_clients[row->id]);
    }
}

static void
count_clients(const struct server *srv, struct census *out)
{
    struct counting counting = {.out = out};
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->client_memory)
            counting.rows[counting.n++] = *row;
    census_each_client(srv, count_client_in_rows, &counting);
}

void
subsystems_census(const struct server *srv, struct census *out)
{
    *out = (struct census){.n_rows = 0};
    count_clients(srv, out);
    census_add(out, CENSUS_SELF, "server", 1, 0);
    size_t states = mem_block(SUBSYSTEMS * sizeof *srv->places);
    for (const struct subsystem *const *row = srv->subsystems; *row; row++) {
        states += mem_block((*row)->state);
        if ((*row)->memory)
            (*row)->memory(srv, out);
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

static void
forget_host_in_row(const struct subsystem *row, struct server *srv, struct host *h)
{
    if (row->host_forgotten)
        row->host_forgotten(srv, h);
    if (row->host_freed)
        row->host_freed(srv, h);
}

void
subsystems_host_forgotten(struct server *srv, struct host *h)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        forget_host_in_row(*row, srv, h);
}

void
subsystems_host_freed(struct server *srv, struct host *h)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->host_freed)
            (*row)->host_freed(srv, h);
}

void
subsystems_host_settled(struct server *srv, struct host *h)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->host_is_done && (*row)->host_is_done(srv, h))
            forget_host_in_row(*row, srv, h);
}

void
subsystems_free(struct server *srv)
{
    size_t rows = 0;
    while (srv->subsystems[rows])
        rows++;
    while (rows-- > 0)
        if (srv->subsystems[rows]->free)
            srv->subsystems[rows]->free(srv);
    for (int id = 0; id < SUBSYSTEMS; id++)
        free(srv->places[id].state);
    free(srv->places);
    srv->places = NULL;
}
