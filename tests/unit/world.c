/* The shell of session tests: delivers the queued lines after each step, as the loop
 * does, and asserts the invariants of the server. Time moves only by world_sleep and
 * world_leap. */
#include "world.h"

#include "state/certificate.h"

#include "base/str.h"
#include "config/config.h"
#include "policy/access.h"
#include "policy/host.h"
#include "policy/privs.h"
#include "proto/message.h"
#include "proto/utf8.h"
#include "state/census.h"
#include "state/store_ram.h"
#include "state/subsystem.h"

#include <stdarg.h>

struct journal *world_journal;

const char world_alice[] = "oper \"alice\" { password = \"$argon2id$secret\" "
                           "hosts = { \"*@*\" } privileges = { \"all\" } }\n";

const char world_easy[] =
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"all\" } }\n"
    "flood { burst = 100000 nick = \"9999/1s\" away = \"9999/1s\" invite = \"9999/1s\" "
    "join = \"9999/1s\" }\n"
    "limits { per_host = 9999 per_network = 9999 unregistered_per_host = 9999 "
    "connect_rate = \"9999/1s\" }\n";

void
world_stop(const char *text)
{
    fprintf(stderr, "world: %s\n", text);
    abort();
}

static void
stop_at_fault(void *ctx, const char *text)
{
    (void)ctx;
    world_stop(text);
}

static void
count_fault(void *ctx, const char *text)
{
    char **err = ctx;
    if (*err == NULL)
        *err = xstrdup(text);
}

static struct config *
parse(const char *text, config_fault *fault, void *ctx)
{
    static const struct config_words words = {.privileges = privs_names,
                                              .host_mask = access_host_mask};
    struct config *config =
        config_parse("test.conf", text ? text : "", &words, fault, ctx);
    /* Addresses are easier to read; tests of cloaks have the word in their
     * configuration. */
    if (config && (text == NULL || strstr(text, "cloak") == NULL))
        config->server.cloak = false;
    /* The same for OPER without TLS. */
    if (config && (text == NULL || strstr(text, "plaintext") == NULL))
        xreplace(&config->opers.plaintext, "allow");
    return config;
}

static void
ignore_fault(void *ctx, const char *text)
{
    (void)ctx, (void)text;
}

struct config *
world_parse(const char *config)
{
    return parse(config, ignore_fault, NULL);
}

static void
take_log(void *ctx, const char *line, size_t n)
{
    struct world *w = ctx;
    w->logged = xrealloc(w->logged, w->logged_len + n + 1);
    memcpy(w->logged + w->logged_len, line, n);
    w->logged_len += n;
    w->logged[w->logged_len] = '\0';
}

/* The rules for every line, whichever client receives it: whole, short enough, and
 * without a byte that ends or breaks it. */
static const char *
fault_of_line(const char *line, size_t len)
{
    size_t tags = *line == '@' ? message_tags_length(line, len) : 0;
    if (len < 3 || line[len - 2] != '\r')
        return "a line does not end with CRLF";
    if (memchr(line, '\0', len) || memchr(line, '\r', len - 2))
        return "a line holds NUL or CR";
    if (len - tags > MESSAGE_LINE || tags > 8192)
        return "a line is too long";
    return utf8_valid(line, len) ? NULL : "a line is not UTF-8";
}

static void
inspect(const char *bytes, size_t n)
{
    while (n > 0) {
        const char *end = memchr(bytes, '\n', n);
        size_t len = end ? (size_t)(end - bytes) + 1 : n;
        const char *fault = end ? fault_of_line(bytes, len) : "a line has no end";
        if (fault) {
            printf("\n    %s: %.*s\n", fault, (int)len, bytes);
            CU_FAIL("a line is broken");
        }
        bytes += len;
        n -= len;
    }
}

static void
deliver(struct world *w, struct actor *a, struct client *c)
{
    struct sendq *q = session_sendq(c);
    uint32_t n = q->bytes;
    size_t before = a->len;
    for (uint32_t i = 0; !a->drains && i < q->count; i++) {
        const struct sbuf *b = q->ring[(q->head + i) & (q->cap - 1)];
        uint32_t skip = i == 0 ? q->offset : 0;
        if (a->len + b->len + 1 > a->cap) {
            a->cap = 2 * (a->len + b->len + 1);
            a->inbox = xrealloc(a->inbox, a->cap);
        }
        memcpy(a->inbox + a->len, b->data + skip, b->len - skip);
        a->len += b->len - skip;
        a->inbox[a->len] = '\0';
    }
    inspect(a->inbox + before, a->len - before);
    session_sent(w->srv, c, n, false);
}

static void answer_asked(struct world *w);

void
world_settle(struct world *w)
{
    do {
        if (!w->answer_later)
            answer_asked(w);
        struct client *c;
        while ((c = session_dirty(w->srv)) != NULL) {
            struct actor *a = session_conn(c);
            if (!a->deaf)
                deliver(w, a, c);
            session_tried(w->srv, c);
            if (session_is_dead(c)) {
                a->closed = true;
                a->client = NULL;
                session_free(w->srv, c);
            }
        }
        session_written(w->srv);
    } while (session_is_dirty(w->srv));
    if (w->check_every == 0 || ++w->turns % w->check_every == 0)
        session_check(w->srv);
}

static void
submit(void *ctx, uint64_t job, enum job_kind kind, const struct prefix *host,
       const void *payload, size_t n)
{
    struct world *w = ctx;
    const char *hash = payload, *password = hash + strlen(hash) + 1;
    (void)kind, (void)host, (void)n;
    const char *right = strrchr(hash, '$');
    CU_ASSERT_FATAL(w->n_jobs < WORLD_JOBS);
    w->jobs[w->n_jobs] = job;
    w->answers[w->n_jobs++] = right && strcmp(right + 1, password) == 0;
}

void
world_fill_worker(struct world *w, bool full)
{
    w->srv->n_jobs = (w->srv->n_jobs & (WORLD_JOBS - 1)) + (full ? WORLD_JOBS : 0);
}

void
world_verify(struct world *w)
{
    while (w->n_jobs > 0) {
        uint64_t job = w->jobs[0];
        unsigned char right = w->answers[0];
        w->n_jobs--;
        memmove(w->jobs, w->jobs + 1, (size_t)w->n_jobs * sizeof *w->jobs);
        memmove(w->answers, w->answers + 1, (size_t)w->n_jobs * sizeof *w->answers);
        session_answered(w->srv, job, &right, 1);
        world_settle(w);
    }
}

static void
note_asked(struct world *w, uint64_t id, const char *reason)
{
    CU_ASSERT_FATAL(w->n_asked < WORLD_ASKED);
    struct world_asked *asked = &w->asked[w->n_asked++];
    asked->id = id;
    asked->restart = reason != NULL;
    asked->tls = false;
    snprintf(asked->reason, sizeof asked->reason, "%s", reason ? reason : "");
}

static void
reread(void *ctx, uint64_t asked)
{
    note_asked(ctx, asked, NULL);
}

static void
reread_tls(void *ctx, uint64_t asked)
{
    struct world *w = ctx;
    note_asked(w, asked, NULL);
    w->asked[w->n_asked - 1].tls = true;
}

static void
read_certificates(struct world *w, uint64_t asked)
{
    struct certificate c = {
        .name = "irc.localhost", .fingerprint = "22", .until = INT64_MAX};
    if (w->rehash_text)
        session_certificates(w->srv, asked, &c, 1);
    else
        session_configure_failed(w->srv, asked, "t.conf:1: no certificate");
}

static bool
configure(struct world *w, uint64_t asked)
{
    char *fault = NULL;
    struct config *config =
        parse(w->rehash_text ? w->rehash_text : "junk", count_fault, &fault);
    if (config)
        session_configure(w->srv, asked, config, w->rehash_text, NULL);
    else
        session_configure_failed(w->srv, asked, fault);
    free(fault);
    return config != NULL;
}

static void
begin_restart(struct world *w, const struct world_asked *asked)
{
    if (w->restart_fault == NULL)
        snprintf(w->restarted, sizeof w->restarted, "%s", asked->reason);
    session_restarted(w->srv, asked->id, w->restart_fault);
}

/* Each answer may let a held line run, which asks again. */
static void
answer_asked(struct world *w)
{
    while (w->n_asked > 0) {
        struct world_asked first = w->asked[0];
        w->n_asked--;
        memmove(w->asked, w->asked + 1, (size_t)w->n_asked * sizeof *w->asked);
        if (first.restart)
            begin_restart(w, &first);
        else if (first.tls)
            read_certificates(w, first.id);
        else
            configure(w, first.id);
    }
}

void
world_answer(struct world *w)
{
    answer_asked(w);
    world_settle(w);
}

bool
world_rehash(struct world *w)
{
    bool good = configure(w, 0);
    world_settle(w);
    return good;
}

static void
die(void *ctx, const char *reason)
{
    struct world *w = ctx;
    snprintf(w->died, sizeof w->died, "%s", reason);
}

static void
restart(void *ctx, uint64_t asked, const char *reason)
{
    note_asked(ctx, asked, reason);
}

static void
report_memory(void *ctx, struct shell_memory *out)
{
    const struct world *w = ctx;
    *out = w->memory;
}

static void
begin(struct world *w, const char *config, msec now, msec wall)
{
    struct server_start start = {.config = parse(config, stop_at_fault, NULL),
                                 .log = &w->log,
                                 .store = w->store,
                                 .shell = &w->shell,
                                 .hash_key = {{1, 2, 3}},
                                 .cloak_seed = {{7, 7, w->seeds++}},
                                 .now = now,
                                 .wall = wall,
                                 .journal = world_journal,
                                 .motd = w->motd,
                                 .config_text = config ? config : ""};
    w->srv = session_begin(&start);
    session_check(w->srv);
}

struct world *
world_new(const char *config)
{
    struct world *w = xcalloc(1, sizeof *w);
    w->log = (struct log){.level = LOG_LEVEL_DEBUG, .write = take_log, .ctx = w};
    w->logged = xstrdup("");
    w->shell =
        (struct shell){w, submit, reread_tls, reread, die, restart, report_memory};
    w->store = store_ram_new();
    w->store->durable = true;
    begin(w, config, 1000000, WORLD_WALL);
    return w;
}

/* Every key is text (state/store.h). */
static void
check_key(void *ctx, const void *key, size_t key_len, const void *value, size_t n)
{
    const char *at = key;
    size_t len = 0;
    (void)ctx, (void)value, (void)n;
    for (size_t i = 0; i < key_len; i += len) {
        len = str_utf8(at + i, key_len - i);
        CU_ASSERT_FATAL(len > 0 && (unsigned char)at[i] >= ' ' && at[i] != 0x7f);
    }
}

static void
end(struct world *w)
{
    session_shutdown(w->srv, "test ends");
    world_settle(w);
    session_end(w->srv);
}

static void
check_keys(struct world *w)
{
    store_each(w->store, check_key, NULL);
}

void
world_restart(struct world *w, const char *config)
{
    msec now = w->srv->now, wall = w->srv->wall;
    end(w);
    w->n_jobs = w->n_asked = 0;
    store_ram_reopen(w->store);
    begin(w, config, now, wall);
}

void
world_free(struct world *w)
{
    end(w);
    check_keys(w);
    for (int i = 0; i < w->n_actors; i++)
        free(w->actors[i].inbox);
    store_ram_free(w->store);
    free(w->logged);
    free(w);
}

void
world_sleep(struct world *w, msec ms)
{
    while (ms > 0) {
        msec due = session_tick(w->srv);
        world_settle(w);
        msec step = due < ms ? due : ms;
        session_clock(w->srv, w->srv->now + step, w->srv->wall + step);
        ms -= step;
    }
    session_tick(w->srv);
    world_settle(w);
}

void
world_leap(struct world *w, msec ms)
{
    session_clock(w->srv, w->srv->now + ms, w->srv->wall + ms);
    world_sleep(w, 0);
}

void
world_set_wall(struct world *w, msec wall)
{
    session_clock(w->srv, w->srv->now, wall);
}

void
world_store_news(struct world *w)
{
    struct store_news news;
    while (store_ram_news(w->store, &news))
        session_stored(w->srv, &news);
    world_settle(w);
}

struct host *
world_host(const struct world *w, const char *address)
{
    struct addr addr;
    CU_ASSERT_FATAL(addr_parse(address, &addr));
    return host_find(w->srv, &addr);
}

struct host *
world_settled_host(const struct world *w, const char *address)
{
    struct host *h = world_host(w, address);
    if (h)
        host_settle(w->srv, h);
    return h;
}

size_t
world_counted(const struct world *w, const char *row)
{
    struct census all;
    subsystems_census(w->srv, &all);
    for (size_t i = 0; i < all.n_rows; i++)
        if (strcmp(all.rows[i].name, row) == 0)
            return all.rows[i].n;
    CU_FAIL("no such row");
    return 0;
}
