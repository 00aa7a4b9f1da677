/* The index over the masks of one kind of ban: which of many can match at all. */
#ifndef POLICY_BAN_INDEX_H
#define POLICY_BAN_INDEX_H

#include "base/hash.h"
#include "base/list.h"
#include "proto/mask.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bans that share a key: one prefix, one host, one "*.suffix", or one gram. */
struct ban_bucket;

/* What a ban carries for the index. */
struct ban_indexed {
    struct list link;          /* in its bucket, or in index.rest */
    struct ban_bucket *bucket; /* NULL: in rest */
};

/* A zeroed struct with ban_index_init. */
struct ban_index {
    struct ban_bucket *buckets;      /* uthash by key */
    struct list rest;                /* masks that only a glob can judge */
    uint32_t lengths[129];           /* buckets of prefixes by length in bits */
    uint32_t hosts, suffixes, grams; /* buckets of these kinds */
    size_t memory;                   /* of the buckets, a sum of mem_block */
    uint8_t *filter; /* how many buckets by a short hash, 255: or more; NULL: none */
};

void ban_index_init(struct ban_index *index);

/* The entry stays where it is until it is removed; the mask is looked at here only. */
void ban_index_add(struct ban_index *index, const struct hash_key *key,
                   const struct mask *mask, struct ban_indexed *entry);
void ban_index_remove(struct ban_index *index, struct ban_indexed *entry);

/* All its memory, a sum of mem_block. */
size_t ban_index_memory(const struct ban_index *index);
/* Counters against a recount (asserts). */
void ban_index_check(const struct ban_index *index);

/* Calls fn for every entry whose mask may match the subject, until it returns true:
 * then true. Each is to be judged by mask_match still; none that it would accept is
 * left out, and one may come more than once. A subject without host and address texts
 * (NULL, at accept) is looked up by its addr alone; one without addr (a nick, a
 * channel, a real name) by its texts. */
bool ban_index_find(const struct ban_index *index, const struct hash_key *key,
                    const struct mask_subject *subject,
                    bool (*fn)(void *ctx, struct ban_indexed *entry), void *ctx);

#endif
