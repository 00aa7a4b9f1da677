/* Numbers networks, and the addresses in them, in the order they come.
 *
 * It is a table and not a hash of the address: with a hash two networks could become
 * one, and a reader with the key could find the addresses. The table is bounded, and no
 * number is used twice. */
#include "anonymise_addr.h"

/* bits of a prefix */
#define V4_NETWORK 24
#define V6_NETWORK 56
#define V6_HOST 64

struct anonymise_addr_entry {
    UT_hash_handle hh;
    struct prefix key;
    unsigned number; /* among the parts of the prefix around it */
    unsigned parts;  /* numbers given to the prefixes in it */
};

/* The entry of a prefix. A new one gets the next number of *parts, below limit; NULL:
 * there is no number or room left. */
static struct anonymise_addr_entry *
find_addr_entry(struct anonymise_addrs *a, const struct prefix *key, unsigned *parts,
                unsigned limit)
{
    struct anonymise_addr_entry *e;
    unsigned hash = hash_bytes(&a->key, key, sizeof *key);
    HASH_FIND_BYHASHVALUE(hh, a->entries, key, sizeof *key, hash, e);
    if (e || *parts >= limit || a->n >= ANONYMISE_ADDRS_MAX)
        return e;
    e = xcalloc(1, sizeof *e);
    e->key = *key;
    e->number = (*parts)++;
    a->n++;
    HASH_ADD_BYHASHVALUE(hh, a->entries, key, sizeof e->key, hash, e);
    return e;
}

static struct anonymise_addr_entry *
find_addr_part(struct anonymise_addrs *a, const struct addr *addr, unsigned bits,
               unsigned *parts, unsigned limit)
{
    struct prefix key;
    memset(&key, 0, sizeof key);
    addr_prefix(addr, bits, bits, &key);
    return find_addr_entry(a, &key, parts, limit);
}

/* 10.x.y.z: the network is x.y, and the address in it z. */
static bool
anonymise_v4(struct anonymise_addrs *a, const struct addr *addr, struct addr *out)
{
    struct anonymise_addr_entry *net =
        find_addr_part(a, addr, V4_NETWORK, &a->networks[1], 1u << 16);
    struct anonymise_addr_entry *e =
        net ? find_addr_part(a, addr, 32, &net->parts, 256) : NULL;
    if (e == NULL)
        return false;
    *out = (struct addr){{[10] = 0xff, [11] = 0xff, [12] = 10}};
    out->ip[13] = (uint8_t)(net->number >> 8);
    out->ip[14] = (uint8_t)net->number;
    out->ip[15] = (uint8_t)e->number;
    return true;
}

/* 2001:db8::/32: the network is the next 24 bits, the /64 in it the next 8, and the
 * address in that the last 24. */
static bool
anonymise_v6(struct anonymise_addrs *a, const struct addr *addr, struct addr *out)
{
    struct anonymise_addr_entry *net =
        find_addr_part(a, addr, V6_NETWORK, &a->networks[0], 1u << 24);
    struct anonymise_addr_entry *sub =
        net ? find_addr_part(a, addr, V6_HOST, &net->parts, 256) : NULL;
    struct anonymise_addr_entry *e =
        sub ? find_addr_part(a, addr, 128, &sub->parts, ANONYMISE_ADDRS_MAX) : NULL;
    if (e == NULL)
        return false;
    *out = (struct addr){{0x20, 0x01, 0x0d, 0xb8}};
    unsigned host = e->number + 1;
    for (int i = 0; i < 3; i++) {
        out->ip[6 - i] = (uint8_t)(net->number >> (8 * i));
        out->ip[15 - i] = (uint8_t)(host >> (8 * i));
    }
    out->ip[7] = (uint8_t)sub->number;
    return true;
}

bool
anonymise_addr(struct anonymise_addrs *a, const struct addr *addr, struct addr *out)
{
    return addr_is_v4(addr) ? anonymise_v4(a, addr, out) : anonymise_v6(a, addr, out);
}

void
anonymise_addrs_clear(struct anonymise_addrs *a)
{
    struct anonymise_addr_entry *e, *next;
    HASH_ITER(hh, a->entries, e, next) {
        HASH_DEL(a->entries, e);
        free(e);
    }
    *a = (struct anonymise_addrs){0};
}
