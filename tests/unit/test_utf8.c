/* UTF-8, strictly. */
#include "proto/utf8.h"
#include "test.h"

static void
validity_follows_rfc3629(void)
{
    static const struct {
        const char *bytes;
        size_t n;
        bool valid;
    } cases[] = {
        {"", 0, true},
        {"plain", 5, true},
        {"a\0b", 3, true},
        {"\x7F", 1, true},
        {"\x80", 1, false},
        {"\xBF", 1, false},
        {"\xC0\x80", 2, false},
        {"\xC1\xBF", 2, false},
        {"\xC2\x80", 2, true},
        {"\xC2\x7F", 2, false},
        {"\xC2\xC0", 2, false},
        {"\xDF\xBF", 2, true},
        {"\xE0\x9F\xBF", 3, false},
        {"\xE0\xA0\x80", 3, true},
        {"\xED\x9F\xBF", 3, true},
        {"\xED\xA0\x80", 3, false},
        {"\xED\xBF\xBF", 3, false},
        {"\xEE\x80\x80", 3, true},
        {"\xEF\xBF\xBF", 3, true},
        {"\xE2\x82", 2, false},
        {"\xE2\x82z", 3, false},
        {"\xF0\x8F\xBF\xBF", 4, false},
        {"\xF0\x90\x80\x80", 4, true},
        {"\xF4\x8F\xBF\xBF", 4, true},
        {"\xF4\x90\x80\x80", 4, false},
        {"\xF5\x80\x80\x80", 4, false},
        {"\xF8\x88\x80\x80\x80", 5, false},
        {"\xFE", 1, false},
        {"\xFF", 1, false},
        {"ok\xC3\xBCok", 6, true},
        {"ok\xC3", 3, false},
        {"\xC3\xBC\xBC", 3, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        EQUAL_NUMBER(utf8_valid(cases[i].bytes, cases[i].n), cases[i].valid);
}

/* Encodes any code point up to 21 bits, also those that must not be encoded. */
static size_t
encode(unsigned long c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 63));
        out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63));
    out[3] = (char)(0x80 | (c & 63));
    return 4;
}

static void
every_code_point_is_judged_rightly(void)
{
    unsigned long wrong = 0;

    for (unsigned long c = 0; c < 0x1FFFFF; c++) {
        char bytes[4];
        size_t n = encode(c, bytes);
        bool want = c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);

        wrong += utf8_valid(bytes, n) != want;
        wrong += n > 1 && utf8_valid(bytes, n - 1);
    }
    EQUAL_NUMBER(wrong, 0);
}

static void
cuts_fall_between_characters(void)
{
    static const struct {
        const char *text;
        size_t max, cut;
    } cases[] = {
        {"abc", 2, 2},
        {"abc", 3, 3},
        {"abc", 9, 3},
        {"abc", 0, 0},
        {"\xC3\xBC", 0, 0},
        {"\xC3\xBC", 1, 0},
        {"\xC3\xBC", 2, 2},
        {"a\xC3\xBC", 2, 1},
        {"a\xC3\xBC", 3, 3},
        {"\xE2\x82\xAC\xE2\x82\xAC", 3, 3},
        {"\xE2\x82\xAC\xE2\x82\xAC", 4, 3},
        {"\xE2\x82\xAC\xE2\x82\xAC", 5, 3},
        {"\xE2\x82\xAC\xE2\x82\xAC", 6, 6},
        {"\xF0\x9F\x98\x80z", 1, 0},
        {"\xF0\x9F\x98\x80z", 2, 0},
        {"\xF0\x9F\x98\x80z", 3, 0},
        {"\xF0\x9F\x98\x80z", 4, 4},
        {"\x80\x80\x80\x80\x80", 4, 4},
        {"\xFF\xFF\xFF", 2, 2},
        {"\xF0\x9F\x98z", 2, 2},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        EQUAL_NUMBER(utf8_cut(cases[i].text, strlen(cases[i].text), cases[i].max),
                     cases[i].cut);
}

static void
what_is_cut_from_valid_text_is_valid(void)
{
    const char *text = "a\xC3\xBC"
                       "b\xE2\x82\xAC\xF0\x9F\x98\x80\xC2\xA0z";
    size_t n = strlen(text);

    for (size_t max = 0; max <= n + 1; max++) {
        size_t cut = utf8_cut(text, n, max);

        CU_ASSERT_TRUE(utf8_valid(text, cut));
        CU_ASSERT_TRUE(cut <= max && (cut == n || cut + 4 > max));
    }
}

/* Each text of three bytes that begins a character, and longer ones behind these: in two
 * pieces, cut anywhere, the verdict is that of the whole text. */
static void
pieces_have_the_verdict_of_the_whole(void)
{
    unsigned long differences = 0;
    for (unsigned i = 0; i < 0x80 * 0x10000; i += 37) {
        char b[6] = {(char)(0x80 | i >> 16), (char)(i >> 8), (char)i, 'x', 'y', 'z'};
        if (i % 3 == 0) {
            b[3] = (char)0x80;
        } else if (i % 5 == 0) {
            memmove(b + 3, b, 3);
            memcpy(b, "abc", 3);
        }
        for (size_t cut = 0; cut <= sizeof b; cut++) {
            struct utf8_pieces p = {0};
            bool valid = utf8_continue(&p, b, cut) &&
                         utf8_continue(&p, b + cut, sizeof b - cut) && p.left == 0;
            differences += valid != utf8_valid(b, sizeof b);
        }
    }
    EQUAL_NUMBER(differences, 0);
}

static void
a_text_that_ends_within_a_character_is_unfinished(void)
{
    static const char text[] = "eight bytes \xF0\x9F\x98\x80";
    struct utf8_pieces p = {0};
    CU_ASSERT(utf8_continue(&p, text, 12) && p.left == 0);
    CU_ASSERT(utf8_continue(&p, text + 12, 1) && p.left == 3);
    CU_ASSERT(utf8_continue(&p, text + 13, 2) && p.left == 1);
    CU_ASSERT(utf8_continue(&p, text + 15, 0) && p.left == 1);
    CU_ASSERT(utf8_continue(&p, text + 15, 1) && p.left == 0);
}

SUITE(utf8)
{
    TEST(pieces_have_the_verdict_of_the_whole);
    TEST(a_text_that_ends_within_a_character_is_unfinished);
    TEST(validity_follows_rfc3629);
    TEST(every_code_point_is_judged_rightly);
    TEST(cuts_fall_between_characters);
    TEST(what_is_cut_from_valid_text_is_valid);
}
