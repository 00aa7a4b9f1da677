/* The index over the masks of one kind of bans: finds the few bans with a mask that may
 * match. */
#ifndef POLICY_BAN_INDEX_H
#define POLICY_BAN_INDEX_H

#include "base/hash.h"
#include "base/list.h"
#include "proto/mask.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bans that have one key: a prefix, a host, a "*.suffix", or a gram. */
struct ban_bucket;

/* The part of a ban that the index uses. */
struct ban_indexed {
    struct list link;          /* in the bucket, or in index.rest */
    struct ban_bucket *bucket; /* NULL: the ban is in index.rest */
};

/* Set up with ban_index_init. */
struct ban_index {
    struct ban_bucket *buckets; /* uthash by key */
    /* Bans with a mask that has no key; each look-up compares all of them. */
    struct list rest;
    /* the number of buckets of prefixes of each length in bits */
    uint32_t lengths[129];
    uint32_t hosts, suffixes, grams; /* the number of buckets of each kind */
    size_t memory;                   /* bytes of the buckets, a sum of mem_block */
    /* the number of buckets for each short hash, at most 255; NULL: no bucket */
    uint8_t *filter;
};

void ban_index_init(struct ban_index *index);

/* Adds an entry, which must not move in memory until it is removed. The index does not
 * keep the mask. */
void ban_index_add(struct ban_index *index, const struct hash_key *key,
                   const struct mask *mask, struct ban_indexed *entry);
void ban_index_remove(struct ban_index *index, struct ban_indexed *entry);

/* The bytes of the index, a sum of mem_block. */
size_t ban_index_memory(const struct ban_index *index);
/* Asserts that the counters equal a recount. */
void ban_index_check(const struct ban_index *index);

/* Calls fn for each entry with a mask that may match the subject. Stops and returns
 * true if fn returns true. fn must still compare the mask (mask_match). No entry with a
 * matching mask is left out, but fn may be called twice for one entry. If the host and
 * the address of the subject are NULL (at accept), only its addr is looked up. If its
 * addr is NULL (a nick, a channel, a real name), only its texts are. */
bool ban_index_find(const struct ban_index *index, const struct hash_key *key,
                    const struct mask_subject *subject,
                    bool (*fn)(void *ctx, struct ban_indexed *entry), void *ctx);

#endif
