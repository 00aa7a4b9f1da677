/* Numbers networks, and what is in them, in the order they come.
 *
 * A table and no hash of the address: with a hash two networks could become one, and
 * who knows the key could go back. The table is bounded; nothing is ever reused. */
#include "alias.h"

struct alias_entry {
    UT_hash_handle hh;
    struct prefix key;
    unsigned number; /* in what it is part of */
    unsigned parts;  /* numbers given to what is in it */
};

/* The entry of a prefix; a new one gets the next number of *parts, below limit. */
static struct alias_entry *
entry_of(struct alias *a, const struct prefix *key, unsigned *parts, unsigned limit)
{
    struct alias_entry *e;
    unsigned hash = hash_bytes(&a->key, key, sizeof *key);
    HASH_FIND_BYHASHVALUE(hh, a->entries, key, sizeof *key, hash, e);
    if (e || *parts >= limit || a->n >= ALIAS_MAX)
        return e;
    e = xcalloc(1, sizeof *e);
    e->key = *key;
    e->number = (*parts)++;
    a->n++;
    HASH_ADD_BYHASHVALUE(hh, a->entries, key, sizeof e->key, hash, e);
    return e;
}

static struct alias_entry *
part_of(struct alias *a, const struct addr *addr, unsigned bits, unsigned *parts,
        unsigned limit)
{
    struct prefix key;
    memset(&key, 0, sizeof key);
    addr_prefix(addr, bits, bits, &key);
    return entry_of(a, &key, parts, limit);
}

static bool
alias_v4(struct alias *a, const struct addr *addr, struct addr *out)
{
    struct alias_entry *net = part_of(a, addr, 24, &a->networks[1], 1u << 16);
    struct alias_entry *e = net ? part_of(a, addr, 32, &net->parts, 256) : NULL;
    if (e == NULL)
        return false;
    *out = (struct addr){{[10] = 0xff, [11] = 0xff, [12] = 10}};
    out->ip[13] = (uint8_t)(net->number >> 8);
    out->ip[14] = (uint8_t)net->number;
    out->ip[15] = (uint8_t)e->number;
    return true;
}

static bool
alias_v6(struct alias *a, const struct addr *addr, struct addr *out)
{
    struct alias_entry *net = part_of(a, addr, 56, &a->networks[0], 1u << 24);
    struct alias_entry *sub = net ? part_of(a, addr, 64, &net->parts, 256) : NULL;
    struct alias_entry *e = sub ? part_of(a, addr, 128, &sub->parts, ALIAS_MAX) : NULL;
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
alias_of(struct alias *a, const struct addr *addr, struct addr *out)
{
    return addr_is_v4(addr) ? alias_v4(a, addr, out) : alias_v6(a, addr, out);
}

void
alias_clear(struct alias *a)
{
    struct alias_entry *e, *next;
    HASH_ITER(hh, a->entries, e, next) {
        HASH_DEL(a->entries, e);
        free(e);
    }
    *a = (struct alias){0};
}
