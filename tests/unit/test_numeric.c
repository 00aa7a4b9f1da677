/* The text of numerics: as printf makes it, but a parameter stays one parameter. */
#include "../../src/state/numeric.h" /* state's own header */
#include "test.h"

static size_t room = 600; /* bytes of a text, with its NUL */

static const char *format(const char *fmt, ...) ATTR_PRINTF(1, 2);

static const char *
format(const char *fmt, ...)
{
    static char out[600];
    va_list args;
    va_start(args, fmt);
    size_t n = numeric_text(out, room, fmt, args);
    va_end(args);
    EQUAL_NUMBER(n, strlen(out));
    return out;
}

static void
each_conversion_is_as_in_printf(void)
{
    EQUAL_TEXT(format("%s %c :%d", "a", 'b', -3), "a b :-3");
    EQUAL_TEXT(format("%u %zu :x", 7u, (size_t)8), "7 8 :x");
    EQUAL_TEXT(format("%lld %llu :x", -9LL, 10ULL), "-9 10 :x");
    EQUAL_TEXT(format(":%llu days, %llu:%02llu", 1ULL, 2ULL, 3ULL), ":1 days, 2:03");
    EQUAL_TEXT(format(":100%%"), ":100%");
    EQUAL_TEXT(format("%s", ""), "");
}

static void
what_a_user_wrote_stays_one_word(void)
{
    static const struct {
        const char *wrote, *sent;
    } cases[] = {
        {"#a", "#a"},
        {"", "*"},
        {":", "*"},
        {" ", "*"},
        {":a b", "a"},
        {" a", "a"},
        {"a b c", "a"},
        {"::x", "x"},
        {"a:b", "a:b"},
        {"%s%n", "%s%n"},
        {"\xc3\xa9 x", "\xc3\xa9"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[64];
        snprintf(want, sizeof want, "%s :No such channel", cases[i].sent);
        EQUAL_TEXT(format("%s :No such channel", cases[i].wrote), want);
    }
    EQUAL_TEXT(format("%c :is unknown", ':'), "* :is unknown");
    EQUAL_TEXT(format("%c :is unknown", ' '), "* :is unknown");
}

static void
the_last_parameter_and_parts_of_words_are_left_alone(void)
{
    EQUAL_TEXT(format(":%s", "a  b "), ":a  b ");
    EQUAL_TEXT(format("%s", "a b"), "a b");
    EQUAL_TEXT(format("%s +%s%s", "#a", "kl", " key 5"), "#a +kl key 5");
    EQUAL_TEXT(format("%s:are supported", "A=1 B "), "A=1 B :are supported");
    EQUAL_TEXT(format("#a :%s and %s x", "a b", ":c d"), "#a :a b and :c d x");
}

static void
a_long_word_leaves_room_for_the_text(void)
{
    char word[512];
    memset(word, 'x', sizeof word);
    memcpy(word + NUMERIC_WORD_MAX - 1, "\xc3\xa9", 2); /* does not fit */
    word[sizeof word - 1] = '\0';
    const char *got = format("%s :No such channel", word);
    EQUAL_NUMBER(strcspn(got, " "), NUMERIC_WORD_MAX - 1);
    CONTAINS(got, "x :No such channel");
}

static void
what_does_not_fit_is_cut(void)
{
    room = 8;
    EQUAL_TEXT(format(":0123456789"), ":012345");
    room = 600;
}

SUITE(numeric)
{
    TEST(each_conversion_is_as_in_printf);
    TEST(what_a_user_wrote_stays_one_word);
    TEST(the_last_parameter_and_parts_of_words_are_left_alone);
    TEST(a_long_word_leaves_room_for_the_text);
    TEST(what_does_not_fit_is_cut);
}
