/* Two hashes with different jobs: a keyed one for tables whose keys users choose, so
 * that nobody can choose names that collide, and a CRC that finds damaged records. The
 * CRC goes by half bytes: records are short, and a table of 16 entries can be checked
 * by eye. Must never be used without the random key where a user chooses the bytes. */
#include "base/hash.h"

#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(struct hash_key) == crypto_shorthash_KEYBYTES, "key size");

unsigned
hash_bytes(const struct hash_key *key, const void *bytes, size_t n)
{
    unsigned char out[crypto_shorthash_BYTES];
    uint32_t half[2];

    crypto_shorthash(out, bytes, n, key->bytes);
    memcpy(half, out, sizeof(half));
    return half[0] ^ half[1];
}

uint64_t
hash_wide(const struct hash_key *key, const void *bytes, size_t n)
{
    uint64_t out;
    _Static_assert(sizeof out == crypto_shorthash_BYTES, "hash size");
    crypto_shorthash((unsigned char *)&out, bytes, n, key->bytes);
    return out;
}

/* clang-format off */
static const uint32_t crc_of[16] = { /* of a half byte; polynomial 0xEDB88320, reflected */
    0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
    0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
};
/* clang-format on */

uint32_t
hash_crc32(uint32_t crc, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    crc = ~crc;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        crc = crc_of[crc & 15] ^ crc >> 4;
        crc = crc_of[crc & 15] ^ crc >> 4;
    }
    return ~crc;
}
