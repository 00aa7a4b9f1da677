/* A walk of a uthash table by the reversed bits of its hashes.
 *
 * A table of 2^n buckets has an item in the bucket of the low n bits of its hash. With
 * the bits reversed, those are the high bits, so each bucket is one interval of the
 * order, and a bucket that is split becomes two neighbours. Items with equal hashes are
 * ordered by a second hash of their keys. */
#include "base/hash_walk.h"

#define BUCKET_WORK 8 /* a bucket that is looked at */
#define ITEM_WORK 20  /* an item that is compared */

static uint32_t
reverse_bits(uint32_t n)
{
    n = (n >> 1 & 0x55555555u) | (n & 0x55555555u) << 1;
    n = (n >> 2 & 0x33333333u) | (n & 0x33333333u) << 2;
    n = (n >> 4 & 0x0F0F0F0Fu) | (n & 0x0F0F0F0Fu) << 4;
    n = (n >> 8 & 0x00FF00FFu) | (n & 0x00FF00FFu) << 8;
    return n >> 16 | n << 16;
}

static uint64_t
find_position(const UT_hash_handle *hh, const struct hash_key *key)
{
    uint64_t high = reverse_bits(hh->hashv);
    return high << 32 | (uint32_t)hash_wide(key, hh->key, hh->keylen);
}

/* The first item of the bucket at `from` or behind it; *at is its position. */
static UT_hash_handle *
find_in_bucket(const UT_hash_bucket *bucket, const struct hash_key *key, uint64_t from,
               uint64_t *at, size_t *work)
{
    UT_hash_handle *first = NULL;
    *work += BUCKET_WORK;
    for (UT_hash_handle *hh = bucket->hh_head; hh; hh = hh->hh_next) {
        *work += ITEM_WORK;
        /* The second hash matters only if the first is near. */
        uint32_t high = reverse_bits(hh->hashv);
        if (high < from >> 32 || (first && high > *at >> 32))
            continue;
        uint64_t position = find_position(hh, key);
        if (position < from || (first && position > *at))
            continue;
        first = hh;
        *at = position;
    }
    return first;
}

UT_hash_handle *
hash_walk(const UT_hash_table *table, const struct hash_key *key, uint64_t *at,
          size_t *work)
{
    uint64_t from = *at;
    /* the length of the interval of a bucket */
    uint64_t step = UINT64_C(1) << (64 - table->log2_num_buckets);
    for (;;) {
        uint32_t bucket = reverse_bits((uint32_t)(from >> 32));
        UT_hash_handle *hh = find_in_bucket(
            &table->buckets[bucket & (table->num_buckets - 1)], key, from, at, work);
        if (hh)
            return hh;
        uint64_t next = (from / step + 1) * step;
        if (next == 0) /* beyond the last bucket */
            return NULL;
        from = next;
    }
}

void *
hash_walk_item(const UT_hash_table *table, const struct hash_key *key, uint64_t *at,
               size_t *work)
{
    UT_hash_handle *hh = hash_walk(table, key, at, work);
    return hh ? ELMT_FROM_HH(table, hh) : NULL;
}
