/* Keyed hashes for the tables of uthash: its _BYHASHVALUE macros take the result of
 * hash_bytes. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/mem.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* uthash with xmalloc, which cannot fail. */
#define uthash_malloc(size) xmalloc(size)
#define uthash_fatal(why) abort()
#include <uthash.h>

/* The bytes that a uthash table takes beside its items, as a sum of mem_block. head:
 * its first item; NULL: it is empty. */
#define HASH_MEMORY(head) HASH_MEMORY_BY(hh, head)
/* The same for a table with a handle other than the field hh. */
#define HASH_MEMORY_BY(hh, head)                                                       \
    ((head) ? mem_block(sizeof *(head)->hh.tbl) +                                      \
                  mem_block((head)->hh.tbl->num_buckets * sizeof(UT_hash_bucket))      \
            : 0)

struct hash_key {
    uint8_t bytes[16]; /* random; the shell makes it */
};

/* SipHash-2-4 (libsodium crypto_shorthash) folded to 32 bits. */
unsigned hash_bytes(const struct hash_key *key, const void *bytes, size_t n);
/* The same, all 64 bits. */
uint64_t hash_wide(const struct hash_key *key, const void *bytes, size_t n);

/* CRC-32 (ISO 3309, as in zlib). The first call takes crc 0; a call with more bytes
 * takes the result of the call before. */
uint32_t hash_crc32(uint32_t crc, const void *bytes, size_t n);

#endif
