/* The keyed hash and the CRC, compared with published values. */
#include "base/hash.h"
#include "test.h"

static struct hash_key
counting_key(void)
{
    struct hash_key key;

    for (int i = 0; i < 16; i++)
        key.bytes[i] = (uint8_t)i;
    return key;
}

/* The SipHash-2-4 test vectors: key 00..0f, input 00..; the value's halves are folded.
 */
static void
hash_is_siphash_folded(void)
{
    struct hash_key key = counting_key();
    uint8_t in[15];

    for (int i = 0; i < 15; i++)
        in[i] = (uint8_t)i;
    EQUAL_NUMBER(hash_bytes(&key, in, 0), 0x726fdb47u ^ 0xdd0e0e31u);
    EQUAL_NUMBER(hash_bytes(&key, in, 15), 0xa129ca61u ^ 0x49be45e5u);
}

static void
hash_depends_on_the_key(void)
{
    struct hash_key one = counting_key(), two = counting_key();

    two.bytes[15] ^= 1;
    CU_ASSERT_NOT_EQUAL(hash_bytes(&one, "nick", 4), hash_bytes(&two, "nick", 4));
    EQUAL_NUMBER(hash_bytes(&one, "nick", 4), hash_bytes(&one, "nickname", 4));
}

static void
crc_is_that_of_zlib(void)
{
    EQUAL_NUMBER(hash_crc32(0, "", 0), 0);
    EQUAL_NUMBER(hash_crc32(0, "123456789", 9), 0xCBF43926u);
    EQUAL_NUMBER(hash_crc32(0, "a", 1), 0xE8B7BE43u);
    EQUAL_NUMBER(hash_crc32(0, "\xFF\xFF\xFF\xFF", 4), 0xFFFFFFFFu);
}

static void
crc_continues_over_pieces(void)
{
    for (size_t cut = 0; cut <= 9; cut++) {
        uint32_t crc = hash_crc32(0, "123456789", cut);

        EQUAL_NUMBER(hash_crc32(crc, &"123456789"[cut], 9 - cut), 0xCBF43926u);
    }
}

static void
crc_sees_every_flipped_bit(void)
{
    char record[64] = "a record with some text in it";
    uint32_t whole = hash_crc32(0, record, sizeof(record));
    int unseen = 0;

    for (size_t bit = 0; bit < sizeof(record) * 8; bit++) {
        record[bit / 8] ^= (char)(1 << bit % 8);
        unseen += hash_crc32(0, record, sizeof(record)) == whole;
        record[bit / 8] ^= (char)(1 << bit % 8);
    }
    EQUAL_NUMBER(unseen, 0);
}

SUITE(hash)
{
    TEST(hash_is_siphash_folded);
    TEST(hash_depends_on_the_key);
    TEST(crc_is_that_of_zlib);
    TEST(crc_continues_over_pieces);
    TEST(crc_sees_every_flipped_bit);
}
