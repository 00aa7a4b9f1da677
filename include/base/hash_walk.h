/* A walk of a uthash table that can stop anywhere and go on later, without a place of
 * its own in the table.
 *
 * The order is that of the hashes with their bits reversed, which a table keeps when it
 * grows: the items of a bucket stay together when the bucket is split. So an item has
 * the same position as long as its key does not change. A walk meets each item that is
 * there all the time exactly once, whatever is added and removed meanwhile, and finds
 * its next item without a scan from the start. */
#ifndef BASE_HASH_WALK_H
#define BASE_HASH_WALK_H

#include "base/hash.h"

#include <stddef.h>
#include <stdint.h>

/* The first item of the table at *at or behind it; 0 is the start. *at becomes the
 * position of the item. NULL: there is none. The next item is at *at + 1 or behind it,
 * unless *at is UINT64_MAX. *work grows by the time it takes, about a nanosecond a
 * unit. key is the key of the hashes. */
UT_hash_handle *hash_walk(const UT_hash_table *table, const struct hash_key *key,
                          uint64_t *at, size_t *work);

/* The same for the table with this head, by the handle hh, as a pointer to its items;
 * a NULL head is an empty table. */
#define HASH_WALK(head, key, at, work)                                                 \
    ((void *)((head) ? hash_walk_item((head)->hh.tbl, (key), (at), (work)) : NULL))
void *hash_walk_item(const UT_hash_table *table, const struct hash_key *key,
                     uint64_t *at, size_t *work);

#endif
