/* Replaces the addresses in a recording by others. */
#ifndef SRC_REPLAY_ANONYMISE_ADDR_H
#define SRC_REPLAY_ANONYMISE_ADDR_H

#include "base/addr.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>

#define ANONYMISE_ADDRS_MAX (1u << 18) /* networks and addresses in the table */

struct anonymise_addr_entry;

/* A struct that is zeroed except for its key is empty. */
struct anonymise_addrs {
    /* of the hash table; the new addresses do not depend on it */
    struct hash_key key;
    struct anonymise_addr_entry *entries; /* uthash by prefix */
    size_t n;
    unsigned networks[2]; /* numbers given: IPv6, IPv4 */
};

/* Writes the address that replaces addr: always the same one, and for no other address.
 * The addresses of one network (IPv4 /24, IPv6 /56) or one IPv6 /64 stay together in
 * one, without others. IPv4 is numbered through 10.0.0.0/8, because the ranges for
 * documentation hold only three networks; IPv6 through 2001:db8::/32. False: the table
 * is full. */
bool anonymise_addr(struct anonymise_addrs *a, const struct addr *addr,
                    struct addr *out);
void anonymise_addrs_clear(struct anonymise_addrs *a);

#endif
