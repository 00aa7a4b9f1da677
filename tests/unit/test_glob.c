/* Globs compared with a plain recursive matcher and with one that tries everything.
 * Some rows follow the "mask-match" vectors of the IRC parser tests (CC0). */
#include "base/str.h"
#include "dice.h"
#include "proto/casemap.h"
#include "proto/glob.h"
#include "test.h"

static void
globs_match_as_the_vectors_say(void)
{
    static const struct {
        const char *glob, *text;
        bool match;
    } cases[] = {
        {"*@127.0.0.1", "coolguy!ab@127.0.0.1", true},
        {"*@127.0.0.1", "cooldud3!~bc@127.0.0.1", true},
        {"*@127.0.0.1", "coolguy!ab@127.0.0.5", false},
        {"*@127.0.0.1", "cooldud3!~d@124.0.0.1", false},
        {"cool*@*", "coolguy!ab@127.0.0.1", true},
        {"cool*@*", "cooldud3!~bc@127.0.0.1", true},
        {"cool*@*", "cool132!ab@example.com", true},
        {"cool*@*", "koolguy!ab@127.0.0.5", false},
        {"cool*@*", "cooodud3!~d@124.0.0.1", false},
        {"cool!*@*", "cool!guyab@127.0.0.1", true},
        {"cool!*@*", "cool!~dudebc@127.0.0.1", true},
        {"cool!*@*", "cool!312ab@example.com", true},
        {"cool!*@*", "coolguy!ab@127.0.0.1", false},
        {"cool!*@*", "cooldud3!~bc@127.0.0.1", false},
        {"cool!*@*", "koolguy!ab@127.0.0.5", false},
        {"cool!*@*", "cooodud3!~d@124.0.0.1", false},
        {"cool!?username@*", "cool!ausername@127.0.0.1", true},
        {"cool!?username@*", "cool!~username@127.0.0.1", true},
        {"cool!?username@*", "cool!username@127.0.0.1", false},
        {"cool!a?*@*", "cool!ab@127.0.0.1", true},
        {"cool!a?*@*", "cool!abc@127.0.0.1", true},
        {"cool!a?*@*", "cool!a@127.0.0.1", false},
        {"cool[guy]!*@*", "cool[guy]!guy@127.0.0.1", true},
        {"cool[guy]!*@*", "cool[guy]!a@example.com", true},
        {"cool[guy]!*@*", "coolg!ab@127.0.0.1", false},
        {"cool[guy]!*@*", "cool[!ac@127.0.1.1", false},
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"?", "", false},
        {"**", "abc", true},
        {"*?*?*", "a", false},
        {"*?*?*", "ab", true},
        {"AbC", "aBc", true},
        {"a[", "a{", false},
        {"a*b*c", "aXbXbXc", true},
        {"a*b*c", "aXbXbX", false},
        {"*aab", "aaaaaaaaab", true},
        {"a\\*", "a\\xyz", true},
        {"??", "\xC3\xBC", true},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (mask_glob(cases[i].glob, cases[i].text) != cases[i].match)
            EQUAL_TEXT(cases[i].glob, cases[i].text);
        CU_ASSERT_EQUAL(mask_glob(cases[i].glob, cases[i].text), cases[i].match);
    }
}

static bool
slow_glob(const char *glob, const char *text)
{
    if (*glob == '\0')
        return *text == '\0';
    if (*glob == '*')
        return slow_glob(glob + 1, text) ||
               (*text != '\0' && slow_glob(glob, text + 1));
    if (*text == '\0' || (*glob != '?' && casemap_fold(*glob) != casemap_fold(*text)))
        return false;
    return slow_glob(glob + 1, text + 1);
}

static void
random_text(uint64_t *seed, const char *alphabet, unsigned longest, char *out)
{
    unsigned n = dice(seed, longest + 1);
    unsigned letters = (unsigned)strlen(alphabet);

    for (unsigned i = 0; i < n; i++)
        out[i] = alphabet[dice(seed, letters)];
    out[n] = '\0';
}

static void
globs_agree_with_brute_force(void)
{
    uint64_t seed = 3;
    int matched = 0;

    for (int round = 0; round < 200000; round++) {
        char glob[16], text[16];
        bool want;

        random_text(&seed, "aAb*?*", 9, glob);
        random_text(&seed, "aBb", 12, text);
        want = slow_glob(glob, text);
        if (mask_glob(glob, text) != want)
            CU_FAIL_FATAL("mask_glob is wrong");
        matched += want;
    }
    CU_ASSERT_TRUE(matched > 10000 && matched < 190000);
}

/* All meanings of a glob, row by row, for globs and texts of any length. */
static bool
glob_by_rows(const char *glob, const char *text)
{
    enum { LONGEST = 700 };
    bool row[LONGEST + 1] = {true}, next[LONGEST + 1];
    size_t n = strlen(text);

    for (; *glob != '\0'; glob++) {
        next[0] = row[0] && *glob == '*';
        for (size_t i = 1; i <= n; i++) {
            bool same =
                *glob == '?' || casemap_fold(*glob) == casemap_fold(text[i - 1]);

            next[i] = *glob == '*' ? row[i] || next[i - 1] : row[i - 1] && same;
        }
        memcpy(row, next, n + 1);
    }
    return row[n];
}

/* A glob that matches the text, or nearly: runs of bytes become `*`, single bytes `?`,
 * and one byte may differ. */
static void
glob_of_text(uint64_t *seed, const char *text, char *glob)
{
    size_t n = strlen(text);
    size_t wrong = n == 0 || dice(seed, 2) ? 0 : dice(seed, n) + 1;

    for (size_t i = 0; text[i] != '\0'; i++) {
        unsigned what = dice(seed, 20);

        if (i + 1 == wrong)
            *glob++ = '~';
        else if (what == 0)
            *glob++ = '?';
        else if (what == 1)
            *glob++ = '*';
        else
            *glob++ = dice(seed, 2) ? text[i] : casemap_fold(text[i]);
        if (what == 2)
            *glob++ = '*';
    }
    *glob = '\0';
}

static void
long_globs_agree_with_all_trials(void)
{
    static const unsigned lengths[] = {40, 62, 66, 130, 260, 520, 640};
    uint64_t seed = 7;
    int matched = 0, rounds = 0;

    for (size_t l = 0; l < sizeof(lengths) / sizeof(lengths[0]); l++)
        for (int round = 0; round < 1500; round++, rounds++) {
            char text[700], glob[1400];
            bool want;

            random_text(&seed, round % 2 ? "ab" : "aB\xC3\xBC[", lengths[l], text);
            glob_of_text(&seed, text, glob);
            want = glob_by_rows(glob, text);
            if (mask_glob(glob, text) != want)
                CU_FAIL_FATAL("mask_glob is wrong");
            matched += want;
        }
    CU_ASSERT_TRUE(matched > rounds / 10 && matched < rounds - rounds / 10);
}

/* Globs for which the plain loop compares again and again: runs that match nearly
 * everywhere. */
static void
hostile_globs_are_little_work(void)
{
    static const struct {
        const char *run;
        unsigned times;
        char end;
        unsigned text;
        size_t most;
    } cases[] = {
        {"a", 30, 'b', 64, 600},    {"a?", 15, 'b', 64, 600},
        {"a", 100, 'b', 200, 1500}, {"a?", 50, 'b', 200, 1500},
        {"*a", 30, 'b', 64, 600},   {"*aa", 50, 'b', 200, 1500},
        {"a", 250, 'b', 510, 5000}, {"a", 250, '*', 200, 700},
        {"*", 250, '*', 200, 1000},
    };
    char glob[512], text[512];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t work = 0;
        struct str s;

        str_init(&s, glob, sizeof(glob));
        str_addc(&s, '*');
        for (unsigned k = 0; k < cases[i].times; k++)
            str_add(&s, cases[i].run);
        str_addc(&s, cases[i].end);
        str_addc(&s, '*');
        memset(text, 'a', cases[i].text);
        text[cases[i].text] = '\0';
        CU_ASSERT_EQUAL(mask_glob_work(glob, text, &work), glob_by_rows(glob, text));
        if (work > cases[i].most)
            EQUAL_TEXT(glob, "little work");
    }
}

/* The work is also counted where the plain loop decides. */
static void
work_is_counted(void)
{
    size_t work = 5;

    CU_ASSERT_TRUE(mask_glob_work("ab*", "abc", &work));
    CU_ASSERT_TRUE(work > 5 && work < 15);
}

SUITE(glob)
{
    TEST(globs_match_as_the_vectors_say);
    TEST(globs_agree_with_brute_force);
    TEST(long_globs_agree_with_all_trials);
    TEST(hostile_globs_are_little_work);
    TEST(work_is_counted);
}
