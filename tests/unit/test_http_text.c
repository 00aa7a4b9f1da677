/* Texts inside a head: compared, cut and copied where they are. */
#include "proto/http_text.h"

#include "http_heads.h"
#include "test.h"

static struct http_text
text_of(const char *text)
{
    return (struct http_text){text, strlen(text)};
}

static void
a_text_is_compared_whole_and_without_case(void)
{
    CU_ASSERT_TRUE(http_text_is(text_of("Host"), "hOST"));
    CU_ASSERT_TRUE(http_text_is(text_of(""), ""));
    CU_ASSERT_FALSE(http_text_is(text_of("Host"), "hos"));
    CU_ASSERT_FALSE(http_text_is(text_of("Hos"), "host"));
    CU_ASSERT_FALSE(http_text_is((struct http_text){"a\0b", 3}, "a"));
    CU_ASSERT_FALSE(http_text_is(text_of("[x]"), "{x}"));
}

static void
a_token_has_the_characters_of_its_rule(void)
{
    static const char letters[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (int c = 0; c < 256; c++) {
        char byte = (char)c;
        bool want = c != 0 && strchr(letters, c) != NULL;
        if (http_text_is_token((struct http_text){&byte, 1}) != want)
            EQUAL_NUMBER(c, -1);
    }
    CU_ASSERT_FALSE(http_text_is_token(text_of("")));
    CU_ASSERT_FALSE(http_text_is_token(text_of("a b")));
    CU_ASSERT_TRUE(http_text_is_token(text_of("a-b")));
}

static void
blanks_and_tabs_are_trimmed(void)
{
    static const char *const cases[][2] = {{"", ""},       {" ", ""},
                                           {"\t \t", ""},  {" a\t", "a"},
                                           {"a b", "a b"}, {"\ra", "\ra"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        EQUAL_TEXT(heads_text(http_text_trim(text_of(cases[i][0]))), cases[i][1]);
}

static void
a_text_is_cut_at_the_first_mark(void)
{
    struct http_text rest = text_of("a::b"), before;
    CU_ASSERT_TRUE(http_text_cut(&rest, ':', &before));
    EQUAL_TEXT(heads_text(before), "a");
    CU_ASSERT_TRUE(http_text_cut(&rest, ':', &before));
    EQUAL_TEXT(heads_text(before), "");
    CU_ASSERT_FALSE(http_text_cut(&rest, ':', &before));
    EQUAL_TEXT(heads_text(before), "b");
    CU_ASSERT_FALSE(http_text_cut(&rest, ':', &before));
    EQUAL_TEXT(heads_text(before), "");
}

static void
a_copy_fits_and_has_no_nul(void)
{
    char out[4];
    CU_ASSERT_TRUE(http_text_copy(text_of("abc"), out, sizeof out));
    EQUAL_TEXT(out, "abc");
    CU_ASSERT_FALSE(http_text_copy(text_of("abcd"), out, sizeof out));
    EQUAL_TEXT(out, "");
    CU_ASSERT_FALSE(http_text_copy((struct http_text){"a\0b", 3}, out, sizeof out));
    EQUAL_TEXT(out, "");
    CU_ASSERT_TRUE(http_text_copy((struct http_text){NULL, 0}, out, sizeof out));
    EQUAL_TEXT(out, "");
}

SUITE(http_text)
{
    TEST(a_text_is_compared_whole_and_without_case);
    TEST(a_token_has_the_characters_of_its_rule);
    TEST(blanks_and_tabs_are_trimmed);
    TEST(a_text_is_cut_at_the_first_mark);
    TEST(a_copy_fits_and_has_no_nul);
}
