/* Prefixes with values, looked up by address. The map is an array that is sorted
 * once. */
#ifndef BASE_PREFIX_MAP_H
#define BASE_PREFIX_MAP_H

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct prefix_entry {
    struct prefix prefix;
    uint32_t value; /* of this prefix alone */
    /* joined with the values of all prefixes around it that match its addresses */
    uint32_t all;
    uint32_t parent; /* index of the longest prefix around it, plus 1; 0: none */
};

/* A zeroed struct is empty. */
struct prefix_map {
    struct prefix_entry *at;
    size_t n;    /* entries */
    size_t room; /* for so many entries */
};

/* Adds a prefix with a value; the same prefix may be added twice. prefix_map_build must
 * follow the last one. */
void prefix_map_add(struct prefix_map *map, const struct prefix *prefix,
                    uint32_t value);

/* Sorts the map, so that it can be searched. join combines two values; its result must
 * not depend on their order. */
void prefix_map_build(struct prefix_map *map, uint32_t (*join)(uint32_t, uint32_t));

/* Joins the values of all prefixes that match the address (prefix_match) into *value;
 * false: no prefix matches. It costs one binary search, and one step for each prefix
 * around the entry that was found. */
bool prefix_map_find(const struct prefix_map *map, const struct addr *addr,
                     uint32_t *value);

void prefix_map_clear(struct prefix_map *map);

#endif
