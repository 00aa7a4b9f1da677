/* Other addresses for those of a recording. */
#ifndef SRC_REPLAY_ALIAS_H
#define SRC_REPLAY_ALIAS_H

#include "base/addr.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>

#define ALIAS_MAX (1u << 18) /* networks and addresses remembered */

struct alias_entry;

/* Zeroed but for the key: empty. */
struct alias {
    struct hash_key key;         /* of the table; not of what it gives */
    struct alias_entry *entries; /* uthash by prefix */
    size_t n;
    unsigned networks[2]; /* IPv6, IPv4 */
};

/* What stands for an address, always the same, and for no other one. Addresses of one
 * network (IPv4 /24, IPv6 /56) or IPv6 /64 stay in one, and others do not come in.
 * IPv4 is numbered through 10.0.0.0/8, for the ranges set aside for documentation hold
 * three networks only; IPv6 through 2001:db8::/32. False: the table is full. */
bool alias_of(struct alias *a, const struct addr *addr, struct addr *out);
void alias_clear(struct alias *a);

#endif
