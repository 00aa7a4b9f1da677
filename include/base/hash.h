/* Seeded hashing for uthash: call its _BYHASHVALUE macros with what hash_bytes returns.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/mem.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* uthash, with memory that cannot fail. */
#define uthash_malloc(size) xmalloc(size)
#define uthash_fatal(why) abort()
#include <uthash.h>

/* Memory that a uthash table takes beside what is in it, a sum of mem_block; head: its
 * first item, NULL when it is empty. */
#define HASH_MEMORY(head) HASH_MEMORY_BY(hh, head)
/* The same of a table whose handle is not the field hh. */
#define HASH_MEMORY_BY(hh, head)                                                       \
    ((head) ? mem_block(sizeof *(head)->hh.tbl) +                                      \
                  mem_block((head)->hh.tbl->num_buckets * sizeof(UT_hash_bucket))      \
            : 0)

struct hash_key {
    uint8_t bytes[16]; /* random; from the shell */
};

/* SipHash-2-4 (libsodium crypto_shorthash) folded to 32 bits. */
unsigned hash_bytes(const struct hash_key *key, const void *bytes, size_t n);
/* The same, all 64 bits. */
uint64_t hash_wide(const struct hash_key *key, const void *bytes, size_t n);

/* CRC-32 (ISO 3309, as in zlib); start with crc 0 and feed the result back for more
 * bytes. */
uint32_t hash_crc32(uint32_t crc, const void *bytes, size_t n);

#endif
