/* Cloaks: the host names that users see in the place of addresses. */
#ifndef PROTO_CLOAK_H
#define PROTO_CLOAK_H

#include "base/addr.h"

#include <stddef.h>
#include <stdint.h>

#define CLOAK_TEXT 64 /* room for any cloak */

struct cloak_key {
    uint8_t bytes[32]; /* random; stored, because bans on cloaks outlive a restart */
};

/* Writes "<address>.</24>.</16>.cloak" (IPv6: /64, /56, /48), each a keyed BLAKE2b
 * hash. An address always has the same cloak, and neighbours share the end of theirs.
 * Without the key the address cannot be found. */
void cloak_make(const struct cloak_key *key, const struct addr *addr,
                char out[CLOAK_TEXT]);

#endif
