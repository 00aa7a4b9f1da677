/* Other addresses for those of a recording. */
#ifndef SRC_REPLAY_ANONYMISE_ADDR_H
#define SRC_REPLAY_ANONYMISE_ADDR_H

#include "base/addr.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>

#define ANONYMISE_ADDRS_MAX (1u << 18) /* networks and addresses remembered */

struct anonymise_addr_entry;

/* Zeroed but for the key: empty. */
struct anonymise_addrs {
    struct hash_key key;                  /* of the table; not of what it gives */
    struct anonymise_addr_entry *entries; /* uthash by prefix */
    size_t n;
    unsigned networks[2]; /* IPv6, IPv4 */
};

/* What stands for an address, always the same, and for no other one. Addresses of one
 * network (IPv4 /24, IPv6 /56) or IPv6 /64 stay in one, and others do not come in.
 * IPv4 is numbered through 10.0.0.0/8, for the ranges set aside for documentation hold
 * three networks only; IPv6 through 2001:db8::/32. False: the table is full. */
bool anonymise_addr(struct anonymise_addrs *a, const struct addr *addr,
                    struct addr *out);
void anonymise_addrs_clear(struct anonymise_addrs *a);

#endif
