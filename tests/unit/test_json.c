/* Strings of JSON: well-formed whatever the bytes are. */
#include "base/json.h"
#include "test.h"

static void
text_becomes_a_string(void)
{
    static const char *const cases[][2] = {
        {"", "\"\""},
        {"plain text", "\"plain text\""},
        {"a\"b\\c/d", "\"a\\\"b\\\\c/d\""},
        {"\n\r\t", "\"\\n\\r\\t\""},
        {"\x01\x02\x1f\x7f", "\"\\u0001\\u0002\\u001f\\u007f\""},
        {"\xC2\x80\xC2\x9F\xC2\xA0", "\"\\u0080\\u009f\xC2\xA0\""},
        {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80",
         "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\""},
        /* not UTF-8: a lone byte, a cut character, an overlong form, a surrogate, a
           character beyond U+10FFFF */
        {"\xFF", "\"\\ufffd\""},
        {"a\xE2\x82", "\"a\\ufffd\\ufffd\""},
        {"\xC0\xAF", "\"\\ufffd\\ufffd\""},
        {"\xED\xA0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
        {"\xF4\x90\x80\x80z", "\"\\ufffd\\ufffd\\ufffd\\ufffdz\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char room[200];
        struct str s;
        str_init(&s, room, sizeof room);
        json_add_string(&s, cases[i][0]);
        EQUAL_TEXT(room, cases[i][1]);
    }
}

static void
each_pair_of_bytes_becomes_a_string(void)
{
    for (int a = 1; a < 256; a++) {
        for (int b = 1; b < 256; b++) {
            char text[] = {(char)a, (char)b, '\0'}, room[32];
            struct str s;
            size_t left, n;
            str_init(&s, room, sizeof room);
            json_add_string(&s, text);
            left = s.len;
            for (const char *at = room; left > 0; at += n, left -= n) {
                n = str_utf8(at, left);
                CU_ASSERT_FATAL(n > 0);
                CU_ASSERT(n > 1 || (*at >= ' ' && *at != 0x7F));
            }
        }
    }
}

SUITE(json)
{
    TEST(text_becomes_a_string);
    TEST(each_pair_of_bytes_becomes_a_string);
}
