/* Tables with a nick or channel name as the key: uthash that compares names by
 * CASEMAPPING=ascii.
 *
 * A file must include it before any other header that includes uthash.h. */
#ifndef SRC_STATE_NAME_TABLE_H
#define SRC_STATE_NAME_TABLE_H

#include "proto/casemap.h"

#define HASH_KEYCMP(a, b, n)                                                           \
    casemap_ncmp((const char *)(a), (const char *)(b), (size_t)(n))

#include "base/hash.h"
#include "proto/name.h"

/* The hash of a name of len bytes (at most NAME_CHANNEL_MAX); equal for names that
 * differ only in case. */
static inline unsigned
name_hash(const struct hash_key *key, const char *name, size_t len)
{
    char folded[NAME_CHANNEL_MAX + 1];
    casemap_fold_to(name, folded, sizeof folded);
    return hash_bytes(key, folded, len);
}

#endif
