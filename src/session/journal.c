/* Writes each call of session.h as an entry of the journal.
 *
 * Entries that may hold a secret are marked: keys, records, configurations, hashes of
 * tokens, and input that may hold a password. A line can come in any number of pieces, so input that
 * continues an unfinished line is marked too. */
#include "session/journal.h"

#include "base/attr.h"
#include "base/sbuf.h"
#include "base/sendq.h"
#include "lifecycle.h"
#include "session/client_input.h"
#include "session/session.h"
#include "state/census.h"
#include "state/certificate.h"
#include "state/client.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <string.h>

#define FNV_BASIS 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

/* The journal that takes entries; NULL: there is none, or it was stopped. */
static struct journal *
journal_of(const struct server *srv)
{
    struct journal *j = srv->journal;
    return j && !j->stopped ? j : NULL;
}

static void
write_turn(struct journal *j)
{
    turn_end(&j->turn);
    j->begun = false;
    if (!j->stopped)
        j->write(j->ctx, j->turn.bytes, j->turn.len);
    mem_wipe(j->turn.bytes, j->turn.len);
}

uint64_t
journal_hash(uint64_t hash, uint64_t cid, const void *bytes, size_t n)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ at[i]) * FNV_PRIME;
    return n > 0 ? hash + cid * FNV_BASIS : hash;
}

static void
put_output(struct journal *j)
{
    turn_entry(&j->turn, TURN_OUT, false, 0);
    turn_put_u64(&j->turn, j->hash);
    turn_put_u64(&j->turn, j->out);
}

void
journal_clock(struct server *srv, msec mono, msec wall)
{
    struct journal *j = journal_of(srv);
    if (j == NULL)
        return;
    if (j->begun && j->turn.number % j->out_every == 0)
        put_output(j);
    if (j->begun)
        write_turn(j);
    turn_begin(&j->turn, mono, wall);
    j->begun = true;
}

void
journal_flush(struct server *srv)
{
    journal_clock(srv, srv->now, srv->wall);
}

static void
put_record(void *ctx, const void *key, size_t key_len, const void *value,
           size_t value_len)
{
    struct journal *j = ctx;
    turn_entry(&j->turn, TURN_RECORD, true, 0);
    turn_put_u32(&j->turn, (uint32_t)key_len);
    turn_put_bytes(&j->turn, key, key_len);
    turn_put_bytes(&j->turn, value, value_len);
}

static void
put_config(struct journal *j, const struct config *config, const char *text,
           const char *motd)
{
    turn_put_text(&j->turn, text);
    turn_put_text(&j->turn, motd);
    turn_put_text(&j->turn, config->database.path);
    turn_put_u32(&j->turn, (uint32_t)config->limits.clients);
}

void
journal_begin(struct server *srv, const struct server_start *start)
{
    unsigned char header[TURN_HEADER];
    struct journal *j = start->journal;
    srv->journal = j;
    if (j == NULL)
        return;
    turn_header(header);
    j->write(j->ctx, header, sizeof header);
    j->hash = j->out = 0;
    turn_writer_init(&j->turn);
    journal_clock(srv, start->now, start->wall);
    turn_entry(&j->turn, TURN_START, true, 0);
    turn_put_bytes(&j->turn, start->hash_key.bytes, sizeof start->hash_key.bytes);
    turn_put_bytes(&j->turn, &start->cloak_seed, sizeof start->cloak_seed);
    turn_put_u8(&j->turn, start->store->durable);
    store_each(start->store, put_record, j);
    turn_entry(&j->turn, TURN_BEGIN, true, 0);
    put_config(j, start->config, start->config_text, start->motd);
}

void
journal_end(struct server *srv)
{
    struct journal *j = srv->journal;
    if (j == NULL)
        return;
    if (j->begun) {
        put_output(j);
        turn_entry(&j->turn, TURN_END, false, 0);
        write_turn(j);
    }
    turn_writer_clear(&j->turn);
    srv->journal = NULL;
}

static void
put_connection(struct journal *j, enum turn_kind kind, uint64_t cid,
               const struct connection_info *info)
{
    char text[ADDR_TEXT];
    addr_format(&info->addr, text, sizeof text);
    turn_entry(&j->turn, kind, info->token != NULL, cid);
    turn_put_text(&j->turn, text);
    turn_put_text(&j->turn, info->listener);
    turn_put_text(&j->turn, info->certfp);
    turn_put_text(&j->turn, info->sni);
    turn_put_text(&j->turn, info->gateway);
    turn_put_u8(&j->turn, (info->secure ? TURN_IS_SECURE : 0u) |
                              (info->owner ? TURN_IS_OWNER : 0u) |
                              (info->token ? TURN_HAS_TOKEN : 0u));
    if (info->token)
        turn_put_text(&j->turn, info->token);
}

void
journal_open(struct server *srv, const struct client *c,
             const struct connection_info *info, const char *refusal)
{
    struct journal *j = journal_of(srv);
    if (j == NULL)
        return;
    put_connection(j, TURN_OPEN, c ? c->user.id : 0, info);
    if (c)
        return;
    j->hash = journal_hash(j->hash, 0, refusal, strlen(refusal));
    j->out += strlen(refusal);
}

void
journal_rehome(struct server *srv, const struct client *c,
               const struct connection_info *info)
{
    struct journal *j = journal_of(srv);
    if (j)
        put_connection(j, TURN_REHOME, c->user.id, info);
}

void
journal_refused(struct server *srv, const struct refused *r)
{
    struct journal *j = journal_of(srv);
    char text[ADDR_TEXT];
    if (j == NULL)
        return;
    addr_format(&r->addr, text, sizeof text);
    turn_entry(&j->turn, TURN_REFUSED, false, 0);
    turn_put_u8(&j->turn, r->kind);
    turn_put_text(&j->turn, text);
    turn_put_text(&j->turn, r->listener);
    turn_put_text(&j->turn, r->why);
}

/* True if the bytes contain the name, in upper or lower case, of a command that takes a
 * password. */
static bool
has_secret_word(const char *bytes, size_t n)
{
    static const char *const words[] = {"pass", "oper", "authenticate", "webirc"};
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
            size_t len = 0;
            while (words[k][len] && i + len < n &&
                   (bytes[i + len] | 0x20) == words[k][len])
                len++;
            if (words[k][len] == '\0')
                return true;
        }
    }
    return false;
}

ATTR_HOT void
journal_input(struct server *srv, const struct client *c, const char *bytes, size_t n)
{
    struct journal *j = journal_of(srv);
    if (j == NULL)
        return;
    bool secret = linebuf_pending(&input_of(c)->in) > 0 || has_secret_word(bytes, n);
    turn_entry(&j->turn, TURN_INPUT, secret, c->user.id);
    turn_put_bytes(&j->turn, bytes, n);
}

uint64_t
journal_hash_queue(const struct client *c, size_t n, uint64_t hash)
{
    const struct sendq *q = &c->out.sendq;
    size_t skip = q->offset;
    for (uint32_t i = 0; n > 0; i++) {
        const struct sbuf *b = q->ring[(q->head + i) & (q->cap - 1)];
        size_t len = b->len - skip < n ? b->len - skip : n;
        hash = journal_hash(hash, c->user.id, b->data + skip, len);
        n -= len;
        skip = 0;
    }
    return hash;
}

ATTR_HOT void
journal_sent(struct server *srv, const struct client *c, size_t n, bool blocked)
{
    struct journal *j = journal_of(srv);
    if (j == NULL || (n == 0 && !blocked))
        return;
    turn_entry(&j->turn, TURN_SENT, false, c->user.id);
    turn_put_u32(&j->turn, (uint32_t)n);
    turn_put_u8(&j->turn, blocked);
    j->hash = journal_hash_queue(c, n, j->hash);
    j->out += n;
}

void
journal_certificates(struct server *srv, uint64_t asked, const struct certificate *all,
                     size_t n)
{
    struct journal *j = journal_of(srv);
    if (j == NULL)
        return;
    turn_entry(&j->turn, TURN_CERTIFICATES, false, 0);
    turn_put_u64(&j->turn, asked);
    for (size_t i = 0; i < n; i++) {
        turn_put_text(&j->turn, all[i].name);
        turn_put_text(&j->turn, all[i].fingerprint);
        turn_put_u64(&j->turn, (uint64_t)all[i].until);
        turn_put_u8(&j->turn, all[i].self_signed);
    }
}

void
journal_about(struct server *srv, const char *lines)
{
    struct journal *j = journal_of(srv);
    if (j == NULL)
        return;
    turn_entry(&j->turn, TURN_ABOUT, false, 0);
    turn_put_text(&j->turn, lines);
}

void
journal_answered(struct server *srv, uint64_t job, const void *answer, size_t n)
{
    struct journal *j = journal_of(srv);
    if (j == NULL)
        return;
    turn_entry(&j->turn, TURN_ANSWERED, false, 0);
    turn_put_u64(&j->turn, job);
    turn_put_bytes(&j->turn, answer, n);
}

void
journal_stored(struct server *srv, const struct store_news *news)
{
    struct journal *j = journal_of(srv);
    if (j == NULL)
        return;
    turn_entry(&j->turn, TURN_STORED, false, 0);
    turn_put_u64(&j->turn, news->upto);
    turn_put_text(&j->turn, news->why);
}

void
journal_config(struct server *srv, uint64_t asked, const struct config *config,
               const char *text, const char *motd)
{
    struct journal *j = journal_of(srv);
    if (j == NULL)
        return;
    turn_entry(&j->turn, TURN_CONFIG, true, 0);
    turn_put_u64(&j->turn, asked);
    put_config(j, config, text, motd);
}

void
journal_faults(struct server *srv, enum turn_kind kind, uint64_t asked,
               const char *faults)
{
    struct journal *j = journal_of(srv);
    if (j == NULL)
        return;
    turn_entry(&j->turn, kind, false, 0);
    turn_put_u64(&j->turn, asked);
    turn_put_text(&j->turn, faults);
}

static void
put_sum(struct turn_writer *turn, const struct mem_sum *sum)
{
    turn_put_u64(turn, sum->n);
    turn_put_u64(turn, sum->bytes);
}

struct mem_sum
journal_count(const struct server *srv)
{
    struct mem_sum sum = srv->store->ops->count(srv->store);
    struct journal *j = journal_of(srv);
    if (j == NULL)
        return sum;
    turn_entry(&j->turn, TURN_COUNT, false, 0);
    put_sum(&j->turn, &sum);
    return sum;
}

void
journal_memory(const struct server *srv, struct shell_memory *out)
{
    struct journal *j = journal_of(srv);
    *out = (struct shell_memory){.parts = {0, 0}};
    if (srv->shell->memory)
        srv->shell->memory(srv->shell->ctx, out);
    if (j == NULL)
        return;
    turn_entry(&j->turn, TURN_MEMORY, false, 0);
    put_sum(&j->turn, &out->connections);
    put_sum(&j->turn, &out->handshakes);
    put_sum(&j->turn, &out->parts);
    put_sum(&j->turn, &out->webs);
}

void
journal_note(struct server *srv, enum turn_kind kind, const struct client *c)
{
    struct journal *j = journal_of(srv);
    if (j)
        turn_entry(&j->turn, kind, false, c ? c->user.id : 0);
}

void
journal_text(struct server *srv, enum turn_kind kind, const struct client *c,
             const char *text)
{
    struct journal *j = journal_of(srv);
    if (j == NULL)
        return;
    turn_entry(&j->turn, kind, false, c ? c->user.id : 0);
    turn_put_text(&j->turn, text);
}

static void
add_shell_row(struct census *out, const char *name, const struct mem_sum *sum)
{
    census_add(out, CENSUS_OF_CLIENTS, name, sum->n, sum->bytes);
}

static void
add_shell_memory(const struct server *srv, struct census *out)
{
    struct shell_memory m;
    journal_memory(srv, &m);
    add_shell_row(out, "connections with TLS or WebSocket", &m.connections);
    add_shell_row(out, "handshakes", &m.handshakes);
    add_shell_row(out, "incomplete records of TLS", &m.parts);
    add_shell_row(out, "connections of HTTP", &m.webs);
}

static void
add_outer_memory(const struct server *srv, struct census *out)
{
    struct mem_sum store = journal_count(srv);
    census_add(out, CENSUS_OF_SERVER, CENSUS_RECORDS, store.n, store.bytes);
    add_shell_memory(srv, out);
}

const struct subsystem journal_subsystem = {
    .id = SUBSYSTEM_journal,
    .memory = add_outer_memory,
    .init = journal_begin,
    .free = journal_end,
};
