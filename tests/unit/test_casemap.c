/* CASEMAPPING=ascii. */
#include "proto/casemap.h"
#include "test.h"

static void
only_ascii_letters_fold(void)
{
    for (int i = 0; i < 256; i++) {
        char c = (char)(unsigned char)i;

        EQUAL_NUMBER(casemap_fold(c), i >= 'A' && i <= 'Z' ? c + 32 : c);
    }
}

static void
names_compare_folded(void)
{
    static const struct {
        const char *a, *b;
        int sign;
    } cases[] = {
        {"", "", 0},
        {"Alice", "aLICE", 0},
        {"a", "b", -1},
        {"b", "A", 1},
        {"a", "ab", -1},
        {"ab", "a", 1},
        {"a[", "a{", -1},
        {"~", "^", 1},
        {"\xC3", "a", 1},
        {"_", "a", -1},
        {"#\xC3\x84", "#\xC3\xA4", -1},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        EQUAL_NUMBER(casemap_cmp(cases[i].a, cases[i].b), cases[i].sign);
        EQUAL_NUMBER(casemap_cmp(cases[i].b, cases[i].a), -cases[i].sign);
        EQUAL_NUMBER(name_equal(cases[i].a, cases[i].b), cases[i].sign == 0);
    }
}

static void
counted_bytes_compare_folded(void)
{
    EQUAL_NUMBER(casemap_ncmp("ABc", "abD", 2), 0);
    EQUAL_NUMBER(casemap_ncmp("ABc", "abD", 3), -1);
    EQUAL_NUMBER(casemap_ncmp("ABe", "abD", 3), 1);
    EQUAL_NUMBER(casemap_ncmp("x", "y", 0), 0);
    EQUAL_NUMBER(casemap_ncmp("a\0b", "A\0c", 3), -1);
}

static void
folding_fits_its_room(void)
{
    char out[6] = "?????";

    EQUAL_NUMBER(casemap_fold_to("AbC[", out, 6), 4);
    EQUAL_TEXT(out, "abc[");
    EQUAL_NUMBER(casemap_fold_to("ABCDE", out, 6), 5);
    EQUAL_TEXT(out, "abcde");
    EQUAL_NUMBER(casemap_fold_to("ABCDEF", out, 6), 5);
    EQUAL_TEXT(out, "abcde");
    EQUAL_NUMBER(casemap_fold_to("X", out, 1), 0);
    EQUAL_TEXT(out, "");
    EQUAL_NUMBER(casemap_fold_to("X", out, 0), 0);
}

SUITE(casemap)
{
    TEST(only_ascii_letters_fold);
    TEST(names_compare_folded);
    TEST(counted_bytes_compare_folded);
    TEST(folding_fits_its_room);
}
