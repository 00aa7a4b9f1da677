/* The store and the shell of a played core.
 *
 * What the store and the shell reported about their memory is in the journal, after the
 * entry at work. Each other answer of the shell is an entry of its own. While a turn is applied, no answer may
 * come from another source. */
#include "player_state.h"

#include "base/mem.h"
#include "base/str.h"
#include "state/store_ram.h"

bool
player_fail(struct player *p, const char *what)
{
    if (!p->failed)
        str_format(p->err, p->errlen, "differs at turn %llu: %s",
                   (unsigned long long)p->turn.number, what);
    p->failed = true;
    return false;
}

static store_ticket
put_played(struct store *s, const void *key, size_t key_len, const void *value,
           size_t value_len)
{
    return store_put(((struct played_store *)s)->ram, key, key_len, value, value_len);
}

/* No crash is played, so there is nothing to do at the end of a group. */
static void
commit_played(struct store *s)
{
    (void)s;
}

static void
scan_played(struct store *s, const void *prefix, size_t prefix_len, store_fn *fn,
            void *ctx)
{
    struct store *ram = ((struct played_store *)s)->ram;
    ram->ops->scan(ram, prefix, prefix_len, fn, ctx);
}

/* Reads the report from the journal. Outside a turn only tests ask for it. */
static struct mem_sum
count_played(struct store *s)
{
    struct player *p = ((struct played_store *)s)->player;
    struct turn_entry e;
    if (!p->at_work)
        return p->store.ram->ops->count(p->store.ram);
    if (!turn_next(&p->turn, &e) || e.kind != TURN_COUNT) {
        player_fail(p, "the store is asked for its size");
        return (struct mem_sum){0, 0};
    }
    uint64_t n = turn_get_u64(&e.fields), bytes = turn_get_u64(&e.fields);
    return (struct mem_sum){(size_t)n, (size_t)bytes};
}

static const struct store_ops played_ops = {
    .put = put_played,
    .commit = commit_played,
    .scan = scan_played,
    .count = count_played,
};

/* The functions of the shell do nothing: its answers are entries. */
static void
submit_played(void *ctx, uint64_t job, enum job_kind kind, const struct prefix *host,
              const void *payload, size_t n)
{
    (void)ctx, (void)job, (void)kind, (void)host, (void)payload, (void)n;
}

/* The configuration as it was in force. Its resolved database path and the number of
 * clients that the machine had room for come from the journal. */
struct config *
player_read_config(struct player *p, struct turn_entry *e, const char **text,
                   const char **motd)
{
    *text = turn_get_text(&e->fields);
    *motd = turn_get_text(&e->fields);
    const char *path = turn_get_text(&e->fields);
    int clients = (int)turn_get_u32(&e->fields);
    if (*text == NULL || path == NULL || e->fields.bad)
        return NULL;
    struct config *config = p->hooks.parse(p->hooks.ctx, *text);
    if (config == NULL)
        return NULL;
    xreplace(&config->database.path, path);
    config->limits.clients = clients;
    return config;
}

static void
reread_played(void *ctx, uint64_t asked)
{
    (void)ctx, (void)asked;
}

static void
die_played(void *ctx, const char *reason)
{
    (void)ctx, (void)reason;
}

static void
restart_played(void *ctx, uint64_t asked, const char *reason)
{
    (void)ctx, (void)asked, (void)reason;
}

/* Reads the report from the journal, as count_played does. */
static void
memory_played(void *ctx, struct shell_memory *out)
{
    struct player *p = ctx;
    struct mem_sum *const sums[] = {&out->connections, &out->handshakes, &out->parts,
                                    &out->webs};
    struct turn_entry e;
    *out = (struct shell_memory){.parts = {0, 0}};
    if (!p->at_work)
        return;
    if (!turn_next(&p->turn, &e) || e.kind != TURN_MEMORY) {
        player_fail(p, "the shell is asked for its memory");
        return;
    }
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
        sums[i]->n = (size_t)turn_get_u64(&e.fields);
        sums[i]->bytes = (size_t)turn_get_u64(&e.fields);
    }
}

static void
log_nothing(void *ctx, const char *line, size_t n)
{
    (void)ctx, (void)line, (void)n;
}

void
player_init_ports(struct player *p)
{
    p->store = (struct played_store){
        .store = {.ops = &played_ops}, .ram = store_ram_new(), .player = p};
    p->shell = (struct shell){p,          submit_played,  reread_played, reread_played,
                              die_played, restart_played, memory_played};
    p->log = (struct log){.level = LOG_LEVEL_ERROR, .write = log_nothing};
}
