/* The meta record of a file: its store, its content, and the content from which it was
 * made (its parent).
 *
 * On disk: the version of the format, epoch, count, checksum; since version 3 also the
 * identity of the store, the epoch, count and checksum of the parent, and the time of
 * the save. Numbers have 64 bits, the lowest byte first. */
#ifndef SRC_STORE_META_H
#define SRC_STORE_META_H

#include "base/msec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    META_VERSION = 3,    /* version of the files that this server writes */
    META_BYTES = 72,     /* bytes of the value of a meta record */
    META_BYTES_OLD = 32, /* bytes of that value up to version 2 */
    STORE_ID_TEXT = 17   /* bytes of the text of an identity */
};

/* A content of a store. */
struct mark {
    uint64_t epoch;    /* counts attempts to save */
    uint64_t count;    /* records */
    uint64_t checksum; /* their sum */
};

struct meta {
    /* Identity: random, the same in all files of a store; 0: version 2. */
    uint64_t store;
    struct mark now;    /* the content of the file */
    struct mark parent; /* the content before that save; zeros in version 2 */
    msec saved_at;      /* wall; 0: unknown */
};

enum meta_verdict { META_FINE, META_BROKEN, META_NEWER };

/* Reads a value of n bytes with a correct checksum. META_NEWER: a newer version of the
 * server wrote it, and *out is not set. */
enum meta_verdict meta_read(const uint8_t *value, size_t n, struct meta *out);

/* Writes the value of a meta record. */
void meta_write(const struct meta *meta, uint8_t out[META_BYTES]);

bool mark_equal(const struct mark *a, const struct mark *b);

/* A new identity, at random; never 0. */
uint64_t meta_new_store(void);

/* Writes the identity of a store as 16 hex digits. */
void meta_store_text(uint64_t store, char out[STORE_ID_TEXT]);

#endif
