/* The key of all cloaks, and the cloak of each client.
 *
 * The key is made once and kept in the store, because channel bans name cloaks: a new
 * key would make them all useless. The key is in one record and in memory. No log line,
 * notice or reply may show it. */
#include "policy/cloaking.h"

#include "base/event.h"
#include "base/mem.h"
#include "proto/mode.h"
#include "state/client.h"
#include "state/record.h"
#include "state/server.h"
#include "state/start.h"
#include "state/subsystem.h"

#define WORD 8 /* bytes of the key in each number of the record */

struct cloaking {
    struct cloak_key key;
    bool stored; /* the store has the key, which never changes again */
};

static struct cloaking *
cloaking_of(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_cloaking);
}

const struct cloak_key *
cloaking_key(const struct server *srv)
{
    static const struct cloak_key none = {{0}};
    const struct cloaking *own = cloaking_of(srv);
    return own ? &own->key : &none;
}

void
cloaking_begin(struct server *srv, const struct cloak_key *seed)
{
    if (!cloaking_of(srv)->stored)
        cloaking_of(srv)->key = *seed;
    cloaking_keep(srv);
}

void
cloaking_keep(struct server *srv)
{
    static const char key = CLOAK_RECORD;
    const uint8_t *bytes = cloaking_of(srv)->key.bytes;
    struct record r;
    if (!srv->config->server.cloak || cloaking_of(srv)->stored)
        return;
    record_begin(&r, CLOAK_RECORD);
    for (size_t at = 0; at < sizeof cloaking_of(srv)->key.bytes; at += WORD) {
        uint64_t n = 0;
        for (size_t i = 0; i < WORD; i++)
            n |= (uint64_t)bytes[at + i] << 8 * i;
        record_add_number(&r, n);
    }
    record_put(srv, "cloak key", &r, &key, sizeof key); /* always fits */
    cloaking_of(srv)->stored = true;
    LOG_EVENT(srv->log, cloak_key,
              .note = "created; bans on cloaks match as long as this database is kept");
}

static bool
load_key_record(struct server *srv, struct record_reader *in, const void *key,
                size_t len)
{
    (void)key;
    (void)len;
    uint8_t *bytes = cloaking_of(srv)->key.bytes;
    for (size_t at = 0; at < sizeof cloaking_of(srv)->key.bytes; at += WORD) {
        if (in->end - in->at < WORD)
            return false;
        uint64_t n = record_number(in);
        for (size_t i = 0; i < WORD; i++)
            bytes[at + i] = (uint8_t)(n >> 8 * i);
    }
    cloaking_of(srv)->stored = true;
    return true;
}

const struct record_kind cloaking_records[] = {
    {.letter = CLOAK_RECORD, .name = "cloak key", .load = load_key_record},
    {0},
};

void
cloaking_give(struct server *srv, struct client *c)
{
    char cloak[CLOAK_TEXT];
    if (!srv->config->server.cloak || c->user.cloak)
        return;
    cloak_make(cloaking_key(srv), &c->session->addr, cloak);
    c->user.cloak = xstrdup(cloak);
}

const char *
cloaking_host(const struct client *c, char *room)
{
    return c->user.cloak && c->user.modes & USER_CLOAKED ? c->user.cloak
                                                         : client_real_host(c, room);
}

static void
begin_cloaking(struct server *srv, const struct server_start *start)
{
    cloaking_begin(srv, &start->cloak_seed);
}

const struct subsystem cloaking_subsystem = {
    .id = SUBSYSTEM_cloaking,
    .state = sizeof(struct cloaking),
    .records = cloaking_records,
    .loaded = begin_cloaking,
    .configured = cloaking_keep,
};
