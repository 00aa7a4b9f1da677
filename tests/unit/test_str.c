/* The bounded builder of texts and the strict number parser, on both sides of every
 * limit. */
#include "base/str.h"
#include "test.h"

#include <inttypes.h>
#include <limits.h>

static void
builder_joins_pieces(void)
{
    char room[32];
    struct str s;

    str_init(&s, room, sizeof(room));
    EQUAL_TEXT(room, "");
    str_add(&s, "one");
    str_addc(&s, ' ');
    str_addn(&s, "two and more", 3);
    str_addf(&s, " %d", 3);
    EQUAL_TEXT(room, "one two 3");
    EQUAL_NUMBER(s.len, 9);
    CU_ASSERT_FALSE(s.cut);
}

static void
same_unsigned(uint64_t number, int width)
{
    char room[48], right[48];
    struct str s;

    str_init(&s, room, sizeof room);
    str_addu(&s, number, width);
    snprintf(right, sizeof right, "%0*" PRIu64, width, number);
    EQUAL_TEXT(room, right);
}

static void
same_signed(int64_t number, int width)
{
    char room[48], right[48];
    struct str s;

    str_init(&s, room, sizeof room);
    str_addd(&s, number, width);
    snprintf(right, sizeof right, "%0*" PRId64, width, number);
    EQUAL_TEXT(room, right);
}

/* Two digits are written at a time: each width with each number of digits. */
static void
numbers_are_written_as_printf_does(void)
{
    for (int width = 0; width <= 32; width++) {
        uint64_t edge = 1;

        for (int digits = 1; digits <= 20; digits++, edge *= 10) {
            for (int off = -2; off <= 2; off++) {
                same_unsigned(edge + (uint64_t)off, width);
                same_signed(-(int64_t)(edge / 2) + off, width);
            }
        }
        same_unsigned(UINT64_MAX, width);
        same_signed(INT64_MAX, width);
        same_signed(INT64_MIN, width);
    }
}

static void
builder_cuts_exactly_at_its_room(void)
{
    char room[6] = "?????";
    struct str s;

    str_init(&s, room, 5);
    str_add(&s, "abcd");
    CU_ASSERT_FALSE(s.cut);
    EQUAL_TEXT(room, "abcd");
    str_addc(&s, 'e');
    CU_ASSERT_TRUE(s.cut);
    EQUAL_TEXT(room, "abcd");
    str_addf(&s, "%d", 5);
    EQUAL_TEXT(room, "abcd");
    EQUAL_NUMBER(s.len, 4);
    EQUAL_NUMBER(room[5], '\0');
}

static void
builder_cuts_formatted_text(void)
{
    char room[8];
    struct str s;

    str_init(&s, room, sizeof(room));
    str_addf(&s, "%s", "1234567");
    CU_ASSERT_FALSE(s.cut);
    str_init(&s, room, sizeof(room));
    str_addf(&s, "%s", "12345678");
    CU_ASSERT_TRUE(s.cut);
    EQUAL_TEXT(room, "1234567");
    EQUAL_NUMBER(s.len, 7);
}

static void
builder_of_one_byte_is_always_empty(void)
{
    char room[1];
    struct str s;

    str_init(&s, room, 1);
    str_add(&s, "");
    CU_ASSERT_FALSE(s.cut);
    str_add(&s, "x");
    CU_ASSERT_TRUE(s.cut);
    EQUAL_TEXT(room, "");
}

static void
format_always_terminates(void)
{
    char room[4] = "zzz";

    str_format(room, sizeof(room), "%s", "abcdef");
    EQUAL_TEXT(room, "abc");
    str_format(room, 0, "%s", "x");
    EQUAL_TEXT(room, "abc");
}

static void
numbers_are_read_strictly(void)
{
    static const struct {
        const char *text;
        uint64_t min, max;
        bool ok;
        uint64_t value;
    } cases[] = {
        {"0", 0, 9, true, 0},
        {"7", 7, 7, true, 7},
        {"6", 7, 9, false, 0},
        {"10", 7, 9, false, 0},
        {"18446744073709551615", 0, UINT64_MAX, true, UINT64_MAX},
        {"18446744073709551616", 0, UINT64_MAX, false, 0},
        {"99999999999999999999", 0, UINT64_MAX, false, 0},
        {"", 0, 9, false, 0},
        {"00", 0, 9, false, 0},
        {"08", 0, 9, false, 0},
        {"+8", 0, 9, false, 0},
        {"-1", 0, 9, false, 0},
        {" 8", 0, 9, false, 0},
        {"8 ", 0, 9, false, 0},
        {"8x", 0, 9, false, 0},
        {"0x8", 0, 9, false, 0},
        {"\xB2", 0, 9, false, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t n = 12345;

        EQUAL_NUMBER(str_to_uint(cases[i].text, cases[i].min, cases[i].max, &n),
                     cases[i].ok);
        CU_ASSERT_EQUAL(n, cases[i].ok ? cases[i].value : 12345);
    }
}

static void
hex_digits_have_a_value_in_either_case(void)
{
    static const char digits[] = "0123456789abcdef", capitals[] = "0123456789ABCDEF";
    int known = 0;
    for (int c = CHAR_MIN; c <= CHAR_MAX; c++)
        known += str_hex_digit((char)c) >= 0;
    EQUAL_NUMBER(known, 22);
    for (int i = 0; i < 16; i++) {
        EQUAL_NUMBER(str_hex_digit(digits[i]), i);
        EQUAL_NUMBER(str_hex_digit(capitals[i]), i);
    }
}

static void
utf8_characters_are_measured(void)
{
    EQUAL_NUMBER(str_utf8("a", 1), 1);
    EQUAL_NUMBER(str_utf8("", 1), 1);
    EQUAL_NUMBER(str_utf8("", 0), 0);
    EQUAL_NUMBER(str_utf8("\xC3\xBC!", 3), 2);
    EQUAL_NUMBER(str_utf8("\xC3\xBC", 1), 0);
    EQUAL_NUMBER(str_utf8("\xE2\x82\xAC", 3), 3);
    EQUAL_NUMBER(str_utf8("\xF0\x9F\x98\x80", 4), 4);
    EQUAL_NUMBER(str_utf8("\xF0\x9F\x98\x80", 3), 0);
    EQUAL_NUMBER(str_utf8("\x80", 1), 0);
}

/* The fast code for simple formats and vsnprintf must give the same text. */
#define SAME_AS_SNPRINTF(size, ...)                                                    \
    do {                                                                               \
        char ours[64], theirs[64];                                                     \
        str_format(ours, size, __VA_ARGS__);                                           \
        snprintf(theirs, size, __VA_ARGS__);                                           \
        EQUAL_TEXT(ours, theirs);                                                      \
    } while (0)

static void
formats_mean_what_printf_means(void)
{
    for (size_t size = 1; size <= 40; size++) {
        SAME_AS_SNPRINTF(size, "plain text without anything");
        SAME_AS_SNPRINTF(size, "%s", "");
        SAME_AS_SNPRINTF(size, "%s%s", "one", "two");
        SAME_AS_SNPRINTF(size, ":%s %s %s :%s", "a!b@c", "PRIVMSG", "#a", "100%s %n");
        SAME_AS_SNPRINTF(size, "%c%s%c", '@', "#chan", '!');
        SAME_AS_SNPRINTF(size, "100%% of %s%%", "all");
        SAME_AS_SNPRINTF(size, "%s has %d of %05u", "ann", -3, 42U);
        SAME_AS_SNPRINTF(size, "%d|%d|%d|%u", INT_MIN, 0, INT_MAX, UINT_MAX);
        SAME_AS_SNPRINTF(size, "%04d-%02d-%02d %03d", 2026, 1, 12, 7);
        SAME_AS_SNPRINTF(size, "%02d|%02d|%04d", -3, 100, -12);
        SAME_AS_SNPRINTF(size, "%2d|%09d", 5, -77);
        SAME_AS_SNPRINTF(size, "%.3s|%-6s|%s", "abcdef", "x", "y");
    }
}

SUITE(str)
{
    TEST(formats_mean_what_printf_means);
    TEST(builder_joins_pieces);
    TEST(numbers_are_written_as_printf_does);
    TEST(builder_cuts_exactly_at_its_room);
    TEST(builder_cuts_formatted_text);
    TEST(builder_of_one_byte_is_always_empty);
    TEST(format_always_terminates);
    TEST(numbers_are_read_strictly);
    TEST(hex_digits_have_a_value_in_either_case);
    TEST(utf8_characters_are_measured);
}
