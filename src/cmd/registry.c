/* The index of all commands by verb, with counters of their use.
 *
 * Each file of handlers has a table of rows; the build lists the tables in tables.inc. A
 * verb is looked up once for each line. */
#include "cmd/registry.h"

#include "base/attr.h"
#include "base/mem.h"
#include "cmd/command.h"
#include "state/census.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND_TABLE(name) extern const struct command name[];
#include "tables.inc"
#undef COMMAND_TABLE

static const struct command *const tables[] = {
#define COMMAND_TABLE(name) name,
#include "tables.inc"
#undef COMMAND_TABLE
};

/* A power of two, several times as many as there are commands. */
#define SLOTS 512

struct commands {
    size_t n;
    /* By hash, with linear probing: an index into use, plus one; 0: empty. */
    uint8_t slots[SLOTS];
    struct command_use use[]; /* sorted by name */
};

const char *const registry_group_titles[COMMAND_GROUPS] = {
    [GROUP_CHAT] = "Chat",
    [GROUP_CHANNEL] = "Moderating a channel",
    [GROUP_LOOK] = "Looking",
    [GROUP_SERVER] = "This server",
    [GROUP_CONNECT] = "Connecting",
    [GROUP_PEOPLE] = "Operators, people",
    [GROUP_BANS] = "Operators, bans",
    [GROUP_OVERRIDE] = "Operators, channels",
    [GROUP_OPERATE] = "Operators, server",
};

static int
compare_names(const void *a, const void *b)
{
    const struct command *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

const struct command **
registry_all(size_t *n)
{
    size_t rows = 0;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct command *row = tables[t]; row->name; row++)
            rows++;
    const struct command **all = xcalloc(rows, sizeof(struct command *));
    *n = 0;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct command *row = tables[t]; row->name; row++)
            all[(*n)++] = row;
    qsort(all, rows, sizeof(struct command *), compare_names);
    return all;
}

/* Clears the bit in which the two cases of a letter differ; other bytes change, too. */
static unsigned
fold_byte(char byte)
{
    return (unsigned char)byte & 0xDFU;
}

/* The slot where the search for a verb begins. Three letters and the length spread the
 * verbs nearly as well as all letters do, and need no loop. */
static size_t
hash_verb(const char *verb, size_t len)
{
    if (len == 0)
        return 0;
    unsigned first = fold_byte(verb[0]), middle = fold_byte(verb[len / 2]);
    unsigned last = fold_byte(verb[len - 1]);
    return (first * 31 + middle * 131 + last * 7 + len * 61) % SLOTS;
}

static void
fill_slots(struct commands *all)
{
    assert(all->n < SLOTS / 2 && all->n < UINT8_MAX);
    for (size_t i = 0; i < all->n; i++) {
        const char *name = all->use[i].row->name;
        size_t slot = hash_verb(name, strlen(name));
        while (all->slots[slot])
            slot = (slot + 1) % SLOTS;
        all->slots[slot] = (uint8_t)(i + 1);
    }
}

static struct commands **
commands_at(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_registry);
}

static void
init_registry(struct server *srv, const struct server_start *start)
{
    (void)start;
    size_t n;
    const struct command **rows = registry_all(&n);
    struct commands *all = xcalloc(1, sizeof *all + n * sizeof(struct command_use));
    *commands_at(srv) = all;
    all->n = n;
    for (size_t i = 0; i < n; i++)
        all->use[i] =
            (struct command_use){.row = rows[i], .len = strlen(rows[i]->name)};
    free(rows);
    fill_slots(all);
}

static void
free_registry(struct server *srv)
{
    free(*commands_at(srv));
    *commands_at(srv) = NULL;
}

/* True if a verb of len bytes is the name of this command, which has capital letters
 * alone. */
static bool
is_verb(const char *verb, size_t len, const struct command_use *use)
{
    if (use->len != len)
        return false;
    if (memcmp(verb, use->row->name, len) == 0) /* most clients send capitals */
        return true;
    for (size_t i = 0; i < len; i++)
        if (fold_byte(verb[i]) != (unsigned char)use->row->name[i])
            return false;
    return true;
}

ATTR_HOT struct command_use *
registry_use(const struct server *srv, const char *verb, size_t len)
{
    struct commands *all = *commands_at(srv);
    for (size_t slot = hash_verb(verb, len); all->slots[slot];
         slot = (slot + 1) % SLOTS) {
        struct command_use *use = &all->use[all->slots[slot] - 1];
        if (is_verb(verb, len, use))
            return use;
    }
    return NULL;
}

const struct command *
registry_find(const struct server *srv, const char *verb, size_t len)
{
    return registry_row_of(registry_use(srv, verb, len));
}

const struct command *
registry_row(const struct server *srv, size_t i, uint64_t *runs, uint64_t *bytes)
{
    const struct commands *all = *commands_at(srv);
    if (i >= all->n)
        return NULL;
    if (runs)
        *runs = all->use[i].runs;
    if (bytes)
        *bytes = all->use[i].bytes;
    return all->use[i].row;
}

static void
add_registry(const struct server *srv, struct census *out)
{
    const struct commands *all = *commands_at(srv);
    census_add_self(out, mem_block(sizeof *all + all->n * sizeof(struct command_use)));
}

const struct subsystem registry_subsystem = {
    .id = SUBSYSTEM_registry,
    .state = sizeof(struct commands *),
    .memory = add_registry,
    .init = init_registry,
    .free = free_registry,
};
