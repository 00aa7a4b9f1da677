/* The stored form of a fact: it is read back as it was written, and no other bytes are
 * accepted. Every byte of a record is flipped and every length cut, because disks do
 * both. */
#include "base/hash.h"
#include "policy/ban/ban.h"
#include "policy/host.h"
#include "state/record.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "world.h"

static const char full_text[] = "*@192.0.2.7";

static void
make(struct record *r)
{
    record_begin(r, 'K');
    record_add_text(r, full_text);
    record_add_number(r, 0x1122334455667788u);
    record_add_text(r, "");
    record_add_number(r, UINT64_MAX);
    record_seal(r);
}

/* Gives a right checksum to bytes that no writer has made. */
static void
reseal(uint8_t *bytes, size_t n)
{
    uint32_t crc = hash_crc32(0, bytes, n - 4);
    for (int i = 0; i < 4; i++)
        bytes[n - 4 + (size_t)i] = (uint8_t)(crc >> 8 * i);
}

static void
numbers_out_of_range_read_as_the_last_that_is_in_it(void)
{
    static const uint64_t in_moment[] = {0, 1, (uint64_t)WALL_MAX - 1,
                                         (uint64_t)WALL_MAX};
    static const uint64_t beyond[] = {(uint64_t)WALL_MAX + 1, INT64_MAX,
                                      (uint64_t)INT64_MAX + 1, UINT64_MAX};
    struct record r;
    struct record_reader in;
    char err[100];
    record_begin(&r, 'x');
    for (int i = 0; i < 4; i++)
        record_add_number(&r, in_moment[i]);
    for (int i = 0; i < 4; i++)
        record_add_number(&r, beyond[i]);
    record_add_number(&r, UINT16_MAX);
    record_add_number(&r, UINT16_MAX + 1);
    record_seal(&r);
    CU_ASSERT_TRUE_FATAL(record_open(&in, r.bytes, r.len, err, sizeof err));
    for (int i = 0; i < 4; i++)
        CU_ASSERT(record_moment(&in) == (msec)in_moment[i]);
    for (int i = 0; i < 4; i++)
        CU_ASSERT(record_moment(&in) == WALL_MAX);
    for (int i = 0; i < 2; i++)
        EQUAL_NUMBER(record_number_to(&in, UINT16_MAX), UINT16_MAX);
    CU_ASSERT(record_moment(&in) == 0); /* none is left */
}

static void
fields_come_back_as_they_went_in(void)
{
    struct record r;
    struct record_reader in;
    char err[100], text[100];
    make(&r);
    CU_ASSERT_TRUE_FATAL(record_open(&in, r.bytes, r.len, err, sizeof err));
    EQUAL_NUMBER(in.kind, 'K');
    record_text(&in, text, sizeof text);
    EQUAL_TEXT(text, full_text);
    CU_ASSERT(record_number(&in) == 0x1122334455667788u);
    record_text(&in, text, sizeof text);
    EQUAL_TEXT(text, "");
    CU_ASSERT(record_number(&in) == UINT64_MAX);
}

static void
bytes_are_the_documented_ones(void)
{
    static const uint8_t want[] = {1, 'D', 2, 0, 'a', 'b', 7, 1, 0, 0, 0, 0, 0, 0};
    struct record r;
    record_begin(&r, 'D');
    record_add_text(&r, "ab");
    record_add_number(&r, 263);
    record_seal(&r);
    EQUAL_NUMBER(r.len, sizeof want + 4);
    CU_ASSERT(memcmp(r.bytes, want, sizeof want) == 0);
}

static void
missing_fields_read_as_nothing(void)
{
    struct record r;
    struct record_reader in;
    char err[100], text[10] = "x";
    record_begin(&r, 1);
    record_add_number(&r, 5);
    record_seal(&r);
    CU_ASSERT_TRUE_FATAL(record_open(&in, r.bytes, r.len, err, sizeof err));
    CU_ASSERT(record_number(&in) == 5);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT(record_number(&in) == 0);
        record_text(&in, text, sizeof text);
        EQUAL_TEXT(text, "");
    }
}

static void
every_flipped_bit_is_found(void)
{
    struct record r;
    struct record_reader in;
    char err[100];
    make(&r);
    for (size_t bit = 0; bit < r.len * 8; bit++) {
        r.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CU_ASSERT_FALSE(record_open(&in, r.bytes, r.len, err, sizeof err));
        r.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    CU_ASSERT_TRUE(record_open(&in, r.bytes, r.len, err, sizeof err));
}

static void
every_cut_is_found(void)
{
    struct record r;
    struct record_reader in;
    char err[100];
    make(&r);
    for (size_t n = 0; n < r.len; n++) {
        *err = '\0';
        CU_ASSERT_FALSE(record_open(&in, r.bytes, n, err, sizeof err));
        CU_ASSERT(*err != '\0');
    }
}

static void
a_newer_version_is_refused_by_name(void)
{
    struct record r;
    struct record_reader in;
    char err[100];
    make(&r);
    r.bytes[0] = 2;
    reseal(r.bytes, r.len);
    CU_ASSERT_FALSE(record_open(&in, r.bytes, r.len, err, sizeof err));
    CONTAINS(err, "version 2");
    r.bytes[0] = 0;
    reseal(r.bytes, r.len);
    CU_ASSERT_FALSE(record_open(&in, r.bytes, r.len, err, sizeof err));
}

static void
a_length_beyond_the_end_reads_as_empty(void)
{
    struct record r;
    struct record_reader in;
    char err[100], text[100];
    for (unsigned length = 3; length <= 0xFFFF; length += 13) {
        record_begin(&r, 1);
        record_add_text(&r, "ab");
        r.bytes[2] = (uint8_t)length;
        r.bytes[3] = (uint8_t)(length >> 8);
        record_seal(&r);
        CU_ASSERT_TRUE_FATAL(record_open(&in, r.bytes, r.len, err, sizeof err));
        record_text(&in, text, sizeof text);
        EQUAL_TEXT(text, "");
        CU_ASSERT(record_number(&in) == 0);
    }
}

static void
a_small_buffer_cuts_the_text_but_not_the_next_field(void)
{
    struct record r;
    struct record_reader in;
    char err[100], text[5];
    make(&r);
    CU_ASSERT_TRUE_FATAL(record_open(&in, r.bytes, r.len, err, sizeof err));
    record_text(&in, text, sizeof text);
    EQUAL_TEXT(text, "*@19");
    CU_ASSERT(record_number(&in) == 0x1122334455667788u);
}

static void
what_does_not_fit_is_refused_and_nothing_behind_it_is_taken(void)
{
    enum { OTHERS = 2 + 4 + 2 }; /* version, kind; CRC; the length of a text */
    static char text[RECORD_MAX];
    struct record r;
    for (size_t n = RECORD_MAX - OTHERS - 9; n <= RECORD_MAX - OTHERS + 1; n++) {
        memset(text, 'x', n);
        text[n] = '\0';
        record_begin(&r, 1);
        record_add_text(&r, text);
        CU_ASSERT(record_seal(&r) == (n <= RECORD_MAX - OTHERS));
        record_begin(&r, 1);
        record_add_text(&r, text);
        record_add_number(&r, 7);
        CU_ASSERT(record_seal(&r) == (n <= RECORD_MAX - OTHERS - 8));
    }
    record_begin(&r, 1);
    record_add_text(&r, text);
    record_add_number(&r, 7); /* fits without the text */
    record_add_text(&r, "");
    CU_ASSERT_FALSE(record_seal(&r));
    record_begin(&r, 1);
    CU_ASSERT_TRUE(record_seal(&r));
}

static void
random_bytes_are_never_believed(void)
{
    uint8_t bytes[64];
    struct record_reader in;
    char err[100];
    uint32_t x = 12345;
    for (int i = 0; i < 20000; i++) {
        for (size_t k = 0; k < sizeof bytes; k++) {
            x = x * 1103515245u + 12345u;
            bytes[k] = (uint8_t)(x >> 16);
        }
        CU_ASSERT_FALSE(record_open(&in, bytes, x >> 8 & 63, err, sizeof err));
    }
}

static void
text_that_cannot_stand_in_a_line_is_made_to(void)
{
    struct record r;
    struct record_reader in;
    char err[100], text[100], small[6];
    record_begin(&r, 1);
    record_add_text(&r, "a\r\nb\xff\xc3 \xc3\xa9\x02");
    record_add_text(&r, "1234\xc3\xa9");
    record_seal(&r);
    CU_ASSERT_TRUE_FATAL(record_open(&in, r.bytes, r.len, err, sizeof err));
    record_text(&in, text, sizeof text);
    EQUAL_TEXT(text, "a\?\?b\?\? \xc3\xa9\x02");
    record_text(&in, small, sizeof small);
    EQUAL_TEXT(small, "1234");
}

/* Counts the kinds of one owner and notes their letters. */
static size_t
take_letters(const struct record_kind *owner, bool taken[static UINT8_MAX + 1])
{
    size_t kinds = 0;
    for (const struct record_kind *kind = owner; kind->letter; kind++, kinds++) {
        char key[] = {(char)kind->letter, 'x'};
        CU_ASSERT_FALSE(taken[kind->letter]);
        taken[kind->letter] = true;
        CU_ASSERT_PTR_EQUAL(record_kind_find(owner, kind->letter), kind);
        CU_ASSERT_TRUE(record_kind_has(owner, key, sizeof key));
        CU_ASSERT_TRUE(kind->load != NULL && kind->name[0] != '\0');
    }
    return kinds;
}

static void
each_kind_is_found_by_its_letter_and_no_other(void)
{
    struct world *w = world_new(NULL);
    bool taken[UINT8_MAX + 1] = {false};
    size_t kinds = 0;
    for (const struct subsystem *const *row = w->srv->subsystems; *row; row++)
        if ((*row)->records)
            kinds += take_letters((*row)->records, taken);
    CU_ASSERT(kinds >= 6);
    CU_ASSERT_PTR_NULL(record_kind_find(ban_records, HOST_RECORD));
    CU_ASSERT_PTR_NULL(record_kind_find(ban_records, 0));
    CU_ASSERT_FALSE(record_kind_has(ban_records, "", 0));
    CU_ASSERT_FALSE(record_kind_has(ban_records, "H", 1));
    world_free(w);
}

/* Two rows with one id would share their bytes in each client and host. */
static void
each_row_has_the_id_of_its_line(void)
{
    struct world *w = world_new(NULL);
    int rows = 0;
    for (; w->srv->subsystems[rows]; rows++)
        EQUAL_NUMBER(w->srv->subsystems[rows]->id, rows);
    EQUAL_NUMBER(rows, SUBSYSTEMS);
    world_free(w);
}

SUITE(record)
{
    TEST(each_kind_is_found_by_its_letter_and_no_other);
    TEST(each_row_has_the_id_of_its_line);
    TEST(text_that_cannot_stand_in_a_line_is_made_to);
    TEST(numbers_out_of_range_read_as_the_last_that_is_in_it);
    TEST(fields_come_back_as_they_went_in);
    TEST(bytes_are_the_documented_ones);
    TEST(missing_fields_read_as_nothing);
    TEST(every_flipped_bit_is_found);
    TEST(every_cut_is_found);
    TEST(a_newer_version_is_refused_by_name);
    TEST(a_length_beyond_the_end_reads_as_empty);
    TEST(a_small_buffer_cuts_the_text_but_not_the_next_field);
    TEST(what_does_not_fit_is_refused_and_nothing_behind_it_is_taken);
    TEST(random_bytes_are_never_believed);
}
