/* Prefixes with values. They are sorted by address and then by length, so a prefix
 * stands behind the prefixes around it, and each entry stores only the longest of
 * those: its parent. All prefixes that match an address are on one path: it begins at
 * the last entry that does not begin behind the address, and goes on to the parents. */
#include "base/prefix_map.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void
prefix_map_add(struct prefix_map *map, const struct prefix *prefix, uint32_t value)
{
    if (map->n == map->room) {
        map->room = map->room ? 2 * map->room : 8;
        map->at = xrealloc(map->at, map->room * sizeof *map->at);
    }
    assert(map->n < UINT32_MAX);
    map->at[map->n++] = (struct prefix_entry){.prefix = *prefix, .value = value};
}

static int
compare_entries(const void *a, const void *b)
{
    const struct prefix *x = &((const struct prefix_entry *)a)->prefix;
    const struct prefix *y = &((const struct prefix_entry *)b)->prefix;
    int order = memcmp(x->addr.ip, y->addr.ip, sizeof x->addr.ip);
    return order != 0 ? order : x->bits - y->bits;
}

/* True if b lies in a, by the bits alone and whatever the family. */
static bool
encloses_prefix(const struct prefix *a, const struct prefix *b)
{
    unsigned whole = a->bits / 8, rest = a->bits % 8;
    if (a->bits > b->bits || memcmp(a->addr.ip, b->addr.ip, whole) != 0)
        return false;
    return rest == 0 ||
           ((a->addr.ip[whole] ^ b->addr.ip[whole]) & (0xFF00u >> rest) & 0xFF) == 0;
}

static struct prefix_entry *
find_parent(const struct prefix_map *map, const struct prefix_entry *e)
{
    return e->parent ? &map->at[e->parent - 1] : NULL;
}

/* The first entry that matches the address, from e on to the parents; NULL: none
 * does. */
static struct prefix_entry *
climb_to_match(const struct prefix_map *map, struct prefix_entry *e,
               const struct addr *addr)
{
    while (e && !prefix_match(&e->prefix, addr))
        e = find_parent(map, e);
    return e;
}

static void
merge_duplicates(struct prefix_map *map, uint32_t (*join)(uint32_t, uint32_t))
{
    size_t n = 0;
    for (size_t i = 0; i < map->n; i++) {
        if (n > 0 && compare_entries(&map->at[n - 1], &map->at[i]) == 0)
            map->at[n - 1].value = join(map->at[n - 1].value, map->at[i].value);
        else
            map->at[n++] = map->at[i];
    }
    map->n = n;
}

void
prefix_map_build(struct prefix_map *map, uint32_t (*join)(uint32_t, uint32_t))
{
    if (map->n == 0)
        return;
    qsort(map->at, map->n, sizeof *map->at, compare_entries);
    merge_duplicates(map, join);
    for (size_t i = 0; i < map->n; i++) {
        struct prefix_entry *e = &map->at[i], *p = i > 0 ? e - 1 : NULL;
        while (p && !encloses_prefix(&p->prefix, &e->prefix))
            p = find_parent(map, p);
        e->parent = p ? (uint32_t)(p - map->at) + 1 : 0;
        /* A prefix around it that matches the other family alone does not count. */
        p = climb_to_match(map, p, &e->prefix.addr);
        e->all = p ? join(e->value, p->all) : e->value;
    }
}

bool
prefix_map_find(const struct prefix_map *map, const struct addr *addr, uint32_t *value)
{
    /* finds the last entry that does not begin behind addr */
    size_t low = 0, high = map->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(map->at[middle].prefix.addr.ip, addr->ip, sizeof addr->ip) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    const struct prefix_entry *e =
        climb_to_match(map, low > 0 ? &map->at[low - 1] : NULL, addr);
    if (e == NULL)
        return false;
    *value = e->all;
    return true;
}

void
prefix_map_clear(struct prefix_map *map)
{
    free(map->at);
    *map = (struct prefix_map){0};
}
