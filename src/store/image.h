/* The content of the store in memory, from which a file can be written at any time. Its
 * count and checksum are also in the meta record of a file. Used by one thread at a
 * time. */
#ifndef SRC_STORE_IMAGE_H
#define SRC_STORE_IMAGE_H

#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct item {
    UT_hash_handle hh;
    struct item *next_dirty; /* in image.dirty */
    uint8_t *value; /* NULL: the key is deleted, but perhaps not in the files yet */
    uint32_t value_len;
    uint32_t key_len;
    uint32_t crc;    /* image_crc of the record; unused without a value */
    bool dirty;      /* in image.dirty */
    uint64_t sifted; /* epoch of the save of its value, if image_sift set it */
    uint8_t key[];
};

struct image {
    struct item *items;   /* by key, in order of arrival */
    struct item *dirty;   /* changed since image_clean */
    uint64_t count;       /* items with a value */
    size_t memory;        /* of all items, as a sum of mem_block */
    uint64_t checksum;    /* sum of their CRCs, so their order does not matter */
    struct hash_key seed; /* random, because clients choose some of the keys */
};

void image_init(struct image *m);
void image_clear(struct image *m);

/* Sets the value of a key (NULL: deletes it) and marks it as dirty. The bytes are
 * copied. */
void image_put(struct image *m, const void *key, size_t key_len, const void *value,
               size_t value_len);
/* Adds a record that was read from a file; crc is its checksum, which is right. The
 * item is not dirty. False, without a change, if the key has a value already. */
bool image_load(struct image *m, const void *key, size_t key_len, const void *value,
                size_t value_len, uint32_t crc);
/* Loads the records of a scan: image_load_record is a scan_fn (dbfile.h) with this as
 * its ctx. */
struct image_loading {
    struct image *image;
    bool twice; /* a key was read more than once */
};
void image_load_record(void *ctx, const void *key, size_t key_len, const void *value,
                       size_t value_len, uint32_t crc);

/* Adds a record that was found by a search of all bytes, where a record may be in
 * several states. It replaces a value unless that is of a later save. */
void image_sift(struct image *m, const void *key, size_t key_len, const void *value,
                size_t value_len, uint32_t crc, uint64_t epoch);
/* The number of items, with deleted ones, and their memory. */
struct mem_sum image_held(const struct image *m);

/* Marks all items as saved in all files, and frees deleted items. */
void image_clean(struct image *m);

/* The checksum of a record: of its key, its value and the length of its key. */
uint32_t image_crc(const void *key, size_t key_len, const void *value,
                   size_t value_len);

#endif
