/* The disk form of a record: a frame of lengths, epoch and checksum, then the value.
 *
 * The frame identifies a record by its bytes alone, so it is found anywhere in a file,
 * even if GDBM's own tables are damaged. Old records and the meta record have only a
 * checksum. Must never read beyond the n bytes that it is given. */
#include "entry.h"

#include "image.h"

#include <string.h>

enum { FRAME = 12 }; /* bytes of lengths and epoch, which begin at offset 2 */

void
entry_put_number(uint8_t *at, uint64_t n, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(n >> 8 * i);
}

uint64_t
entry_get_number(const uint8_t *at, int bytes)
{
    uint64_t n = 0;
    for (int i = 0; i < bytes; i++)
        n |= (uint64_t)at[i] << 8 * i;
    return n;
}

/* The CRC of a record, continued over its lengths and epoch. */
static uint32_t
frame_crc(const uint8_t *entry, uint32_t crc)
{
    return hash_crc32(crc, entry + 2, FRAME);
}

size_t
entry_unwrap(const uint8_t *key, size_t key_len, const uint8_t *entry, size_t n,
             uint32_t *crc)
{
    size_t head = entry[0] == ENTRY_PLAIN ? ENTRY_PLAIN_WRAP : ENTRY_WRAP;
    if (n < head || (entry[0] != ENTRY_PLAIN && entry[0] != ENTRY_VERSION))
        return 0;
    *crc = image_crc(key, key_len, entry + head, n - head);
    if (entry[0] == ENTRY_PLAIN)
        return entry_get_number(entry + 1, 4) == *crc ? head : 0;
    bool fits = entry[1] == 0 && entry_get_number(entry + 2, 2) == key_len &&
                entry_get_number(entry + 4, 2) == n - head;
    return fits && entry_get_number(entry + 14, 4) == frame_crc(entry, *crc) ? head : 0;
}

size_t
entry_wrap(uint8_t *entry, const struct item *it, uint64_t epoch)
{
    entry[0] = ENTRY_VERSION;
    entry[1] = 0;
    entry_put_number(entry + 2, it->key_len, 2);
    entry_put_number(entry + 4, it->value_len, 2);
    entry_put_number(entry + 6, epoch, 8);
    entry_put_number(entry + 14, frame_crc(entry, it->crc), 4);
    memcpy(entry + ENTRY_WRAP, it->value, it->value_len);
    return ENTRY_WRAP + it->value_len;
}
