/* Cloaks: three keyed hashes, of the host and of the two networks around it. A ban on
 * "*.<net>.<net>.cloak" covers a network without showing which it is.
 *
 * An IPv6 client owns a /64 and may change its address in it at will, so the /64 is its
 * host. */
#include "proto/cloak.h"

#include "base/str.h"

#include <sodium.h>

/* The smallest hash that BLAKE2b makes in libsodium; LABEL_CHARS characters of it are
 * shown. */
#define LABEL_BYTES 16
#define LABEL_CHARS 10 /* of 5 bits each */

static void
add_label(struct str *out, const struct cloak_key *key, const struct prefix *prefix)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
    uint8_t hash[LABEL_BYTES], in[sizeof prefix->addr.ip + 1];
    for (size_t i = 0; i < sizeof prefix->addr.ip; i++)
        in[i] = prefix->addr.ip[i];
    in[sizeof prefix->addr.ip] = prefix->bits;
    crypto_generichash(hash, sizeof hash, in, sizeof in, key->bytes, sizeof key->bytes);
    for (int i = 0; i < LABEL_CHARS; i++)
        str_addc(out, alphabet[hash[i] & 31]);
    str_addc(out, '.');
}

void
cloak_make(const struct cloak_key *key, const struct addr *addr, char out[CLOAK_TEXT])
{
    static const struct {
        unsigned v4, v6;
    } parts[] = {{32, 64}, {24, 56}, {16, 48}};
    struct prefix prefix;
    struct str s;
    str_init(&s, out, CLOAK_TEXT);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        addr_prefix(addr, parts[i].v4, parts[i].v6, &prefix);
        add_label(&s, key, &prefix);
    }
    str_add(&s, "cloak");
}
