/* Everything the store holds, in memory: the source from which a file can be written
 * again at any time, with the count and checksum that a file's meta record repeats. One
 * thread at a time. */
#ifndef SRC_STORE_IMAGE_H
#define SRC_STORE_IMAGE_H

#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct item {
    UT_hash_handle hh;
    struct item *next_dirty; /* in image.dirty */
    uint8_t *value;          /* NULL: the key is gone, and files may not know it yet */
    uint32_t value_len;
    uint32_t key_len;
    uint32_t crc;    /* image_crc of it; meaningless without a value */
    bool dirty;      /* in image.dirty */
    uint64_t sifted; /* epoch of the save it is of, when image_sift brought it */
    uint8_t key[];
};

struct image {
    struct item *items;   /* by key, in order of arrival */
    struct item *dirty;   /* changed since image_clean */
    uint64_t count;       /* items with a value */
    size_t memory;        /* of all items, a sum of mem_block */
    uint64_t checksum;    /* sum of their crcs, so the order does not matter */
    struct hash_key seed; /* keys are addresses that outsiders choose */
};

void image_init(struct image *m);
void image_clear(struct image *m);

/* "key now has this value" (NULL: is gone), copied and marked dirty. */
void image_put(struct image *m, const void *key, size_t key_len, const void *value,
               size_t value_len);
/* As read from a file: not dirty; crc is image_crc of it, as checked. False, and
 * nothing happens, if the key has a value already. */
bool image_load(struct image *m, const void *key, size_t key_len, const void *value,
                size_t value_len, uint32_t crc);
/* As found by looking at all bytes of files, where one record may be in several states:
 * replaces whatever is not known to be of a later save. */
void image_sift(struct image *m, const void *key, size_t key_len, const void *value,
                size_t value_len, uint32_t crc, uint64_t epoch);
/* Items, also those that are gone, and all their memory. */
struct mem_sum image_held(const struct image *m);

/* All files know everything now. */
void image_clean(struct image *m);

/* The checksum of one record; it covers key, value and where one ends. */
uint32_t image_crc(const void *key, size_t key_len, const void *value,
                   size_t value_len);

#endif
