/* Prefixes with values, looked up by address: an array that is sorted once. */
#ifndef BASE_PREFIX_MAP_H
#define BASE_PREFIX_MAP_H

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct prefix_entry {
    struct prefix prefix;
    uint32_t value;  /* of this prefix */
    uint32_t all;    /* with those of all prefixes that mean its addresses as well */
    uint32_t parent; /* index of the longest prefix around it, plus 1; 0: none */
};

/* A zeroed struct is empty. */
struct prefix_map {
    struct prefix_entry *at;
    size_t n, room;
};

/* One more prefix; after the last one prefix_map_build. The same one may come twice. */
void prefix_map_add(struct prefix_map *map, const struct prefix *prefix,
                    uint32_t value);

/* Makes it ready; join says what two values are together (in any order the same). */
void prefix_map_build(struct prefix_map *map, uint32_t (*join)(uint32_t, uint32_t));

/* The values of all prefixes that mean this address (prefix_match), joined; false: none
 * does. The cost: one binary search, and a step for each prefix that lies around the
 * one it finds. */
bool prefix_map_find(const struct prefix_map *map, const struct addr *addr,
                     uint32_t *value);

void prefix_map_clear(struct prefix_map *map);

#endif
