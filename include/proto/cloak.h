/* Cloaked hosts: what others see instead of an address. */
#ifndef PROTO_CLOAK_H
#define PROTO_CLOAK_H

#include "base/addr.h"

#include <stddef.h>
#include <stdint.h>

#define CLOAK_TEXT 64 /* room for any cloak */

struct cloak_key {
    uint8_t bytes[32]; /* random, and kept in the store: bans on cloaks last */
};

/* "<address>.</24>.</16>.cloak" (IPv6: /64, /56, /48), each a keyed BLAKE2b hash: the
 * same address is always the same, neighbours share the end, and nobody without the key
 * can go back. */
void cloak_make(const struct cloak_key *key, const struct addr *addr,
                char out[CLOAK_TEXT]);

#endif
