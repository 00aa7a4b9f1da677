/* The form of a record in a GDBM file: a frame and the core's value. */
#ifndef SRC_STORE_ENTRY_H
#define SRC_STORE_ENTRY_H

#include <stddef.h>
#include <stdint.h>

struct item;

enum {
    ENTRY_VERSION = 2, /* first byte of a record */
    ENTRY_PLAIN = 1,   /* first byte of the meta record and of records before 0.3.0 */
    ENTRY_GONE = 3,    /* first byte of a record that is about to be removed or moved */
    ENTRY_PLAIN_WRAP = 5, /* bytes in front of the value, after ENTRY_PLAIN */
    ENTRY_WRAP = 18,      /* the same, after ENTRY_VERSION */
    ENTRY_MAX = ENTRY_WRAP + UINT16_MAX
};

/* Numbers of 1 to 8 bytes, the lowest first. */
void entry_put_number(uint8_t *at, uint64_t n, int bytes);
uint64_t entry_get_number(const uint8_t *at, int bytes);

/* The offset of the core's value in an entry of n bytes, and its CRC. 0: the entry is
 * broken. */
size_t entry_unwrap(const uint8_t *key, size_t key_len, const uint8_t *entry, size_t n,
                    uint32_t *crc);

/* The disk form of a record in `entry` (ENTRY_MAX bytes); returns its length. */
size_t entry_wrap(uint8_t *entry, const struct item *it, uint64_t epoch);

#endif
