/* Plays a journal: one function for each kind of entry makes the call of session.h that
 * the entry stands for.
 *
 * A journal also says what its core did: the clients to write to, the id of each new
 * client, the number of bytes in a queue, the hash of all output. This core must do the
 * same; the first difference ends the playing. An entry must never be trusted: the
 * journal may be of another core, or damaged. */
#include "player_state.h"

#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "session/journal.h"
#include "session/session.h"
#include "state/certificate.h"
#include "state/client.h"
#include "state/server.h"
#include "state/store_ram.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- entries --- */

static bool
play_start(struct player *p, struct turn_entry *e)
{
    for (size_t i = 0; i < sizeof p->start.hash_key; i++)
        p->start.hash_key.bytes[i] = (uint8_t)turn_get_u8(&e->fields);
    for (size_t i = 0; i < sizeof p->start.cloak_seed; i++)
        ((uint8_t *)&p->start.cloak_seed)[i] = (uint8_t)turn_get_u8(&e->fields);
    p->store.store.durable = turn_get_u8(&e->fields);
    return true;
}

static bool
play_record(struct player *p, struct turn_entry *e)
{
    size_t n = turn_get_u32(&e->fields);
    const unsigned char *at = e->fields.at;
    size_t left = (size_t)(e->fields.end - at);
    if (e->fields.bad || n > left)
        return player_fail(p, "a record is damaged");
    store_put(p->store.ram, at, n, at + n, left - n);
    e->fields.at = e->fields.end;
    return true;
}

/* The store has its records already. Its tickets start again at 1, as in the first
 * run. */
static bool
play_begin(struct player *p, struct turn_entry *e)
{
    const char *text;
    struct config *config = player_read_config(p, e, &text, &p->start.motd);
    if (config == NULL)
        return player_fail(p, "the configuration is refused");
    store_ram_reopen(p->store.ram);
    p->start.config = config;
    p->start.log = &p->log;
    p->start.store = &p->store.store;
    p->start.shell = &p->shell;
    p->start.now = p->turn.mono;
    p->start.wall = p->turn.wall;
    p->srv = session_begin(&p->start);
    mem_wipe(&p->start, sizeof p->start);
    return true;
}

static bool
read_connection(struct turn_fields *f, struct connection_info *out)
{
    const char *address = turn_get_text(f);
    out->listener = turn_get_text(f);
    out->certfp = turn_get_text(f);
    out->sni = turn_get_text(f);
    out->gateway = turn_get_text(f);
    unsigned flags = turn_get_u8(f);
    out->secure = flags & TURN_IS_SECURE;
    out->owner = flags & TURN_IS_OWNER;
    out->token = flags & TURN_HAS_TOKEN ? turn_get_text(f) : NULL;
    return address && !f->bad && addr_parse(address, &out->addr);
}

static void
keep_client(struct player *p, struct client *c)
{
    if (c->user.id >= p->n_clients) {
        uint64_t n = 2 * c->user.id + 16;
        p->clients = xrealloc(p->clients, (size_t)n * sizeof(struct client *));
        memset(p->clients + p->n_clients, 0,
               (size_t)(n - p->n_clients) * sizeof(struct client *));
        p->n_clients = n;
    }
    p->clients[c->user.id] = c;
}

static bool
play_open(struct player *p, struct turn_entry *e)
{
    char refusal[512] = "";
    struct connection_info info;
    if (!read_connection(&e->fields, &info))
        return player_fail(p, "a connection is damaged");
    struct client *c = session_open(p->srv, &info, NULL, refusal, sizeof refusal);
    if ((c ? c->user.id : 0) != e->cid)
        return player_fail(p, c ? "a client is admitted, or has another id"
                                : "a client is refused");
    if (c) {
        keep_client(p, c);
        return true;
    }
    p->counts.out += strlen(refusal);
    p->counts.hash = journal_hash(p->counts.hash, 0, refusal, strlen(refusal));
    return true;
}

static struct client *
played_client(const struct player *p, uint64_t id)
{
    return id < p->n_clients ? p->clients[id] : NULL;
}

static bool
play_rehome(struct player *p, struct turn_entry *e)
{
    struct connection_info info;
    struct client *c = played_client(p, e->cid);
    if (c == NULL || !read_connection(&e->fields, &info))
        return player_fail(p, "a client that gets another address does not exist");
    session_rehome(p->srv, c, &info);
    return true;
}

static bool
play_refused(struct player *p, struct turn_entry *e)
{
    struct refused r = {.kind = turn_get_u8(&e->fields)};
    const char *address = turn_get_text(&e->fields);
    r.listener = turn_get_text(&e->fields);
    r.why = turn_get_text(&e->fields);
    if (e->fields.bad || r.kind >= REFUSALS || !address ||
        !addr_parse(address, &r.addr))
        return player_fail(p, "a refusal is damaged");
    session_refused(p->srv, &r);
    return true;
}

static bool
play_input(struct player *p, struct turn_entry *e)
{
    struct client *c = played_client(p, e->cid);
    const unsigned char *at = e->fields.at;
    size_t n = (size_t)(e->fields.end - at);
    if (c == NULL)
        return player_fail(p, "a client that sends input does not exist");
    p->counts.inputs++;
    p->counts.lines_in += n;
    while (n > 0) {
        size_t part = p->hooks.cut ? p->hooks.cut(p->hooks.ctx, n) : n;
        /* Exactly this size, so that a sanitizer sees an overrun. */
        char *room = xmalloc(part + 1);
        memcpy(room, at, part);
        session_input(p->srv, c, room, part);
        mem_wipe(room, part + 1);
        free(room);
        at += part;
        n -= part;
    }
    e->fields.at = e->fields.end;
    return true;
}

static bool
play_close(struct player *p, struct turn_entry *e)
{
    struct client *c = played_client(p, e->cid);
    const char *error = turn_get_text(&e->fields);
    if (c == NULL || e->fields.bad)
        return player_fail(p, "a client that is closed does not exist");
    session_close(p->srv, c, error);
    return true;
}

static bool
play_tick(struct player *p, struct turn_entry *e)
{
    (void)e;
    session_tick(p->srv);
    return true;
}

static bool
play_continue(struct player *p, struct turn_entry *e)
{
    (void)e;
    session_continue(p->srv);
    return true;
}

static bool
play_take(struct player *p, struct turn_entry *e)
{
    const struct client *c = session_dirty(p->srv);
    if ((c ? c->user.id : 0) != e->cid)
        return player_fail(p, "another client is the next one to write to");
    return true;
}

static bool
play_sent(struct player *p, struct turn_entry *e)
{
    struct client *c = played_client(p, e->cid);
    size_t n = turn_get_u32(&e->fields);
    bool blocked = turn_get_u8(&e->fields);
    if (c == NULL || n > c->out.sendq.bytes)
        return player_fail(p, "less is queued for a client than was sent");
    p->counts.hash = journal_hash_queue(c, n, p->counts.hash);
    p->counts.out += n;
    session_sent(p->srv, c, n, blocked);
    return true;
}

static bool
play_tried(struct player *p, struct turn_entry *e)
{
    struct client *c = played_client(p, e->cid);
    if (c == NULL)
        return player_fail(p, "a client that was written to does not exist");
    session_tried(p->srv, c);
    return true;
}

static bool
play_written(struct player *p, struct turn_entry *e)
{
    (void)e;
    session_written(p->srv);
    return true;
}

static bool
play_free(struct player *p, struct turn_entry *e)
{
    struct client *c = played_client(p, e->cid);
    if (c == NULL || !session_is_dead(c) || c->out.flags & CLIENT_DIRTY)
        return player_fail(p, "a client that is freed still lives");
    p->clients[e->cid] = NULL;
    session_free(p->srv, c);
    return true;
}

static bool
play_certificates(struct player *p, struct turn_entry *e)
{
    struct certificate *all = NULL;
    size_t n = 0;
    uint64_t asked = turn_get_u64(&e->fields);
    bool fine = !e->fields.bad;
    while (fine && e->fields.at < e->fields.end) {
        all = xrealloc(all, (n + 1) * sizeof *all);
        all[n].name = turn_get_text(&e->fields);
        all[n].fingerprint = turn_get_text(&e->fields);
        all[n].until = (msec)turn_get_u64(&e->fields);
        all[n].self_signed = turn_get_u8(&e->fields);
        fine = all[n].name && all[n].fingerprint && !e->fields.bad;
        n++;
    }
    if (fine)
        session_certificates(p->srv, asked, all, n);
    free(all);
    return fine || player_fail(p, "a certificate is damaged");
}

static bool
play_answered(struct player *p, struct turn_entry *e)
{
    uint64_t job = turn_get_u64(&e->fields);
    const unsigned char *at = e->fields.at;
    session_answered(p->srv, job, at, (size_t)(e->fields.end - at));
    e->fields.at = e->fields.end;
    return true;
}

static bool
play_stored(struct player *p, struct turn_entry *e)
{
    struct store_news news = {.upto = turn_get_u64(&e->fields)};
    news.why = turn_get_text(&e->fields);
    session_stored(p->srv, &news);
    return true;
}

static bool
play_config(struct player *p, struct turn_entry *e)
{
    uint64_t asked = turn_get_u64(&e->fields);
    const char *text, *motd;
    struct config *config = player_read_config(p, e, &text, &motd);
    if (config == NULL)
        return player_fail(p, "the configuration is refused");
    session_configure(p->srv, asked, config, text, motd);
    return true;
}

static bool
play_config_failed(struct player *p, struct turn_entry *e)
{
    uint64_t asked = turn_get_u64(&e->fields);
    const char *faults = turn_get_text(&e->fields);
    session_configure_failed(p->srv, asked, faults ? faults : "");
    return true;
}

static bool
play_shutdown(struct player *p, struct turn_entry *e)
{
    const char *reason = turn_get_text(&e->fields);
    session_shutdown(p->srv, reason ? reason : "");
    return true;
}

static bool
play_about(struct player *p, struct turn_entry *e)
{
    const char *lines = turn_get_text(&e->fields);
    session_about(p->srv, lines ? lines : "");
    return true;
}

static bool
play_count(struct player *p, struct turn_entry *e)
{
    (void)e;
    return player_fail(p, "the store is not asked for its size");
}

static bool
play_memory(struct player *p, struct turn_entry *e)
{
    (void)e;
    return player_fail(p, "the shell is not asked for its memory");
}

static bool
play_restarted(struct player *p, struct turn_entry *e)
{
    uint64_t asked = turn_get_u64(&e->fields);
    session_restarted(p->srv, asked, turn_get_text(&e->fields));
    return true;
}

static bool
play_out(struct player *p, struct turn_entry *e)
{
    uint64_t hash = turn_get_u64(&e->fields), out = turn_get_u64(&e->fields);
    if (hash != p->counts.hash || out != p->counts.out)
        return player_fail(p, "other bytes were sent to clients");
    return true;
}

/* Ends the played server. Dead clients that session_dirty returned earlier are not on
 * the dirty list any more, so clients are freed by id. */
static void
end_played(struct player *p)
{
    if (p->srv == NULL)
        return;
    session_shutdown(p->srv, "the journal ends");
    while (session_dirty(p->srv) != NULL)
        continue;
    for (uint64_t id = 0; id < p->n_clients; id++)
        if (p->clients[id])
            session_free(p->srv, p->clients[id]);
    session_end(p->srv);
    p->srv = NULL;
}

static bool
play_end(struct player *p, struct turn_entry *e)
{
    (void)e;
    if (p->srv->n_clients > 0)
        return player_fail(p, "a client is left at the end");
    end_played(p);
    p->ended = true;
    return true;
}

static bool (*const plays[TURN_KINDS])(struct player *p, struct turn_entry *e) = {
#define TURN(NAME, name) [TURN_##NAME] = play_##name,
#include "session/turn_kinds.def"
#undef TURN
};

/* --- the player --- */

struct player *
player_new(const struct player_hooks *hooks)
{
    struct player *p = xcalloc(1, sizeof *p);
    p->hooks = *hooks;
    player_init_ports(p);
    return p;
}

void
player_free(struct player *p)
{
    if (p == NULL)
        return;
    end_played(p);
    store_ram_free(p->store.ram);
    mem_wipe(&p->start, sizeof p->start);
    free(p->clients);
    free(p);
}

static bool
play_entry(struct player *p, struct turn_entry *e)
{
    bool first =
        e->kind == TURN_START || e->kind == TURN_RECORD || e->kind == TURN_BEGIN;
    if (p->ended || first != (p->srv == NULL))
        return player_fail(p, "an entry is at the wrong place");
    p->counts.entries++;
    if (!plays[e->kind](p, e) || p->failed)
        return false;
    if (!turn_fields_done(&e->fields))
        return player_fail(p, "an entry is damaged");
    return true;
}

static bool
is_moment(msec at)
{
    return at >= 0 && at <= WALL_MAX;
}

bool
player_apply(struct player *p, const struct turn *turn, char *err, size_t errlen)
{
    struct turn_entry e;
    p->turn = *turn;
    p->err = err;
    p->errlen = errlen;
    p->counts.turns++;
    if (!is_moment(turn->mono) || !is_moment(turn->wall))
        return player_fail(p, "the clock of a turn is wrong");
    if (p->srv)
        session_clock(p->srv, turn->mono, turn->wall);
    p->at_work = true;
    bool good = true;
    while (good && turn_next(&p->turn, &e))
        good = play_entry(p, &e);
    p->at_work = false;
    return good;
}

struct server *
player_server(const struct player *p)
{
    return p->srv;
}

bool
player_has_ended(const struct player *p)
{
    return p->ended;
}

const struct player_counts *
player_counts(const struct player *p)
{
    return &p->counts;
}
