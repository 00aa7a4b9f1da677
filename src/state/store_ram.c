/* The store in memory: what a server without a database uses, and what tests use to
 * restart a core on the same facts and to have saving fail on demand.
 *
 * Must never claim to be durable. */
#include "base/hash.h"
#include "base/mem.h"
#include "state/store.h"

#include <stdlib.h>
#include <string.h>

struct fact {
    UT_hash_handle hh;
    void *value; /* owned */
    size_t value_len;
    size_t key_len;
    char key[];
};

struct store_ram {
    struct store store; /* first, so that one pointer is both */
    struct hash_key seed;
    struct fact *facts;   /* by key */
    size_t memory;        /* of these, a sum of mem_block */
    store_ticket tickets; /* given out */
    store_ticket saved;   /* told to be saved */
    store_ticket failed;  /* told to have failed */
    char *why;            /* of failing; NULL: all is well */
};

static struct store_ram *
of(struct store *s)
{
    return (struct store_ram *)s;
}

static size_t
memory(const struct fact *f)
{
    return mem_block(sizeof *f + f->key_len) + mem_block(f->value_len);
}

static void
forget(struct store_ram *ram, struct fact *f)
{
    ram->memory -= memory(f);
    HASH_DEL(ram->facts, f);
    free(f->value);
    free(f);
}

static struct fact *
add(struct store_ram *ram, const void *key, size_t key_len, unsigned hash)
{
    struct fact *f = xcalloc(1, sizeof *f + key_len);
    memcpy(f->key, key, key_len);
    f->key_len = key_len;
    ram->memory += memory(f);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, ram->facts, f->key, key_len, hash, f);
    return f;
}

static store_ticket
put(struct store *s, const void *key, size_t key_len, const void *value,
    size_t value_len)
{
    struct store_ram *ram = of(s);
    unsigned hash = hash_bytes(&ram->seed, key, key_len);
    struct fact *f;
    HASH_FIND_BYHASHVALUE(hh, ram->facts, key, key_len, hash, f);
    if (value == NULL) {
        if (f != NULL)
            forget(ram, f);
        return ++ram->tickets;
    }
    if (f == NULL)
        f = add(ram, key, key_len, hash);
    ram->memory -= memory(f);
    free(f->value);
    f->value = memcpy(xmalloc(value_len), value, value_len);
    f->value_len = value_len;
    ram->memory += memory(f);
    return ++ram->tickets;
}

static void
each(struct store *s,
     void (*fn)(void *ctx, const void *key, size_t key_len, const void *value,
                size_t value_len),
     void *ctx)
{
    for (struct fact *f = of(s)->facts; f != NULL; f = f->hh.next)
        fn(ctx, f->key, f->key_len, f->value, f->value_len);
}

static struct mem_sum
count(struct store *s)
{
    const struct store_ram *ram = of(s);
    return (struct mem_sum){HASH_COUNT(ram->facts),
                            ram->memory + HASH_MEMORY(ram->facts)};
}

static const struct store_ops ops = {.put = put, .each = each, .count = count};

struct store *
store_ram_new(void)
{
    struct store_ram *ram = xcalloc(1, sizeof *ram);
    ram->store = (struct store){.ops = &ops, .durable = false};
    /* The core has no random source; where memory lies is the best there is without
     * one. */
    memcpy(ram->seed.bytes, &ram, sizeof ram);
    return &ram->store;
}

void
store_ram_free(struct store *s)
{
    struct fact *f, *next;
    if (s == NULL)
        return;
    struct store_ram *ram = of(s);
    HASH_ITER(hh, ram->facts, f, next) {
        forget(ram, f);
    }
    free(ram->why);
    free(ram);
}

void
store_ram_reopen(struct store *s)
{
    struct store_ram *ram = of(s);
    ram->tickets = ram->saved = ram->failed = 0;
}

bool
store_ram_news(struct store *s, struct store_news *news)
{
    struct store_ram *ram = of(s);
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
    xreplace(&of(s)->why, why);
}
