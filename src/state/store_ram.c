/* The store in memory: for a server without a database, and for tests that restart a
 * core on the same records or make the store fail.
 *
 * Must never claim to be durable. */
#include "state/store_ram.h"

#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct fact {
    UT_hash_handle hh;
    void *value; /* owned */
    size_t value_len;
    size_t key_len;
    char key[];
};

/* A put of the open group. */
struct staged {
    struct staged *next;
    size_t key_len, value_len;
    bool gone;
    char bytes[];
};

struct store_ram {
    struct store store; /* must be first: one pointer is both */
    struct hash_key seed;
    struct fact *facts;   /* by key */
    size_t memory;        /* memory of the facts, a sum of mem_block */
    store_ticket tickets; /* last ticket given */
    store_ticket saved;   /* last ticket that was reported as saved */
    store_ticket failed;  /* last ticket that was reported as failed */
    /* reason for failures (store_ram_fail); NULL: none */
    char *why;
    struct staged *staged, **staged_last; /* puts of the open group, in order */
    bool is_cut;
    unsigned steps; /* if is_cut: puts and commits that still have an effect */
};

static struct store_ram *
ram_of_store(struct store *s)
{
    return (struct store_ram *)s;
}

static size_t
fact_memory(const struct fact *f)
{
    return mem_block(sizeof *f + f->key_len) + mem_block(f->value_len);
}

static void
forget_fact(struct store_ram *ram, struct fact *f)
{
    ram->memory -= fact_memory(f);
    HASH_DEL(ram->facts, f);
    free(f->value);
    free(f);
}

static struct fact *
add_fact(struct store_ram *ram, const void *key, size_t key_len, unsigned hash)
{
    struct fact *f = xcalloc(1, sizeof *f + key_len);
    memcpy(f->key, key, key_len);
    f->key_len = key_len;
    ram->memory += fact_memory(f);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, ram->facts, f->key, key_len, hash, f);
    return f;
}

static void
apply_put(struct store_ram *ram, const void *key, size_t key_len, const void *value,
          size_t value_len)
{
    unsigned hash = hash_bytes(&ram->seed, key, key_len);
    struct fact *f;
    HASH_FIND_BYHASHVALUE(hh, ram->facts, key, key_len, hash, f);
    if (value == NULL) {
        if (f != NULL)
            forget_fact(ram, f);
        return;
    }
    if (f == NULL)
        f = add_fact(ram, key, key_len, hash);
    ram->memory -= fact_memory(f);
    free(f->value);
    f->value = memcpy(xmalloc(value_len), value, value_len);
    f->value_len = value_len;
    ram->memory += fact_memory(f);
}

static void
stage_put(struct store_ram *ram, const void *key, size_t key_len, const void *value,
          size_t value_len)
{
    size_t n = value ? value_len : 0;
    struct staged *one = xmalloc(sizeof *one + key_len + n);
    *one = (struct staged){.key_len = key_len, .value_len = n, .gone = value == NULL};
    memcpy(one->bytes, key, key_len);
    if (n > 0)
        memcpy(one->bytes + key_len, value, n);
    *ram->staged_last = one;
    ram->staged_last = &one->next;
}

/* Ends the open group and applies its puts, unless `works` is false. */
static void
end_group(struct store_ram *ram, bool works)
{
    struct staged *one;
    while ((one = ram->staged) != NULL) {
        ram->staged = one->next;
        if (works)
            apply_put(ram, one->bytes, one->key_len,
                      one->gone ? NULL : one->bytes + one->key_len, one->value_len);
        free(one);
    }
    ram->staged_last = &ram->staged;
}

/* True if the present put or commit has an effect. */
static bool
take_step(struct store_ram *ram)
{
    return !ram->is_cut || (ram->steps > 0 && ram->steps-- > 0);
}

static store_ticket
put_fact(struct store *s, const void *key, size_t key_len, const void *value,
         size_t value_len)
{
    struct store_ram *ram = ram_of_store(s);
    if (take_step(ram))
        (s->grouping ? stage_put : apply_put)(ram, key, key_len, value, value_len);
    return ++ram->tickets;
}

static void
commit_group(struct store *s)
{
    end_group(ram_of_store(s), take_step(ram_of_store(s)));
}

static void
scan_facts(struct store *s, const void *prefix, size_t prefix_len, store_fn *fn,
           void *ctx)
{
    for (struct fact *f = ram_of_store(s)->facts; f != NULL; f = f->hh.next)
        if (store_has_prefix(f->key, f->key_len, prefix, prefix_len))
            fn(ctx, f->key, f->key_len, f->value, f->value_len);
}

static struct mem_sum
count_facts(struct store *s)
{
    const struct store_ram *ram = ram_of_store(s);
    return (struct mem_sum){HASH_COUNT(ram->facts),
                            ram->memory + HASH_MEMORY(ram->facts)};
}

static const struct store_ops ops = {
    .put = put_fact, .commit = commit_group, .scan = scan_facts, .count = count_facts};

struct store *
store_ram_new(void)
{
    struct store_ram *ram = xcalloc(1, sizeof *ram);
    ram->store = (struct store){.ops = &ops, .durable = false};
    ram->staged_last = &ram->staged;
    /* The core has no random source. The address of the store is the best seed there
     * is. */
    memcpy(ram->seed.bytes, &ram, sizeof ram);
    return &ram->store;
}

void
store_ram_free(struct store *s)
{
    struct fact *f, *next;
    if (s == NULL)
        return;
    struct store_ram *ram = ram_of_store(s);
    end_group(ram, false);
    HASH_ITER(hh, ram->facts, f, next) {
        forget_fact(ram, f);
    }
    free(ram->why);
    free(ram);
}

void
store_ram_reopen(struct store *s)
{
    struct store_ram *ram = ram_of_store(s);
    ram->tickets = ram->saved = ram->failed = 0;
    end_group(ram, false);
    s->grouping = 0;
}

void
store_ram_cut(struct store *s, unsigned steps)
{
    ram_of_store(s)->is_cut = true;
    ram_of_store(s)->steps = steps;
}

bool
store_ram_news(struct store *s, struct store_news *news)
{
    struct store_ram *ram = ram_of_store(s);
    assert(s->grouping == 0);
    store_ticket *told = ram->why ? &ram->failed : &ram->saved;
    if (*told == ram->tickets)
        return false;
    *told = ram->tickets;
    *news = (struct store_news){.upto = ram->tickets, .why = ram->why};
    return true;
}

void
store_ram_fail(struct store *s, const char *why)
{
    xreplace(&ram_of_store(s)->why, why);
}
