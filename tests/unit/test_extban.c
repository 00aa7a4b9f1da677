/* Entries of channel lists: their forms, and the one form in which they are listed. */
#include "proto/extban.h"
#include "test.h"

static void
every_form_has_its_canonical_text(void)
{
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        {"ann", "ann!*@*"},
        {"user@host", "*!user@host"},
        {"10.0.0.7/8", "*!*@10.0.0.0/8"},
        {"~mute:ann", "~mute:ann!*@*"},
        {"~m:ann", "~m:ann!*@*"},
        {"~MUTE:ann", "~mute:ann!*@*"},
        {"~time:10m:ann", "~time:10m:ann!*@*"},
        {"~t:10:ann", "~t:10m:ann!*@*"},
        {"~time:90s:ann", "~time:1m30s:ann!*@*"},
        {"~time:24h:~mute:ann", "~time:1d:~mute:ann!*@*"},
        {"~t:1h:~m:~r:Bad bot*", "~t:1h:~m:~r:Bad?bot*"},
        {"~r:*spam*", "~r:*spam*"},
        {"~c:#Else", "~c:#Else"},
        {"~t:5:~Channel:#else", "~t:5m:~channel:#else"},
        {"~t:5:2001:db8::1", "~t:5m:*!*@2001:db8::1"},
        {"::1", "*!*@::1"},
        {"~mute:::1/64", "~mute:*!*@::/64"},
        {"~time:99999999d:ann", "~time:36500d:ann!*@*"},
    };
    struct extban ban, again;
    const char *why;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CU_ASSERT_FATAL(extban_parse(cases[i].text, &ban, &why));
        EQUAL_TEXT(ban.mask.text, cases[i].canonical);
        CU_ASSERT_FATAL(extban_parse(ban.mask.text, &again, &why));
        EQUAL_TEXT(again.mask.text, cases[i].canonical);
    }
}

static void
a_name_and_its_letter_mean_the_same(void)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"ann", "ANN!*@*", true},
        {"~m:ann", "~mute:ANN!*@*", true},
        {"~t:60:~m:~r:x", "~time:1h:~MUTE:~realname:X", true},
        {"~c:#Tea", "~channel:#tea", true},
        {"ann", "~m:ann", false},
        {"~m:ann", "~t:1h:~m:ann", false},
        {"~t:1h:ann", "~t:2h:ann", false},
        {"~r:#tea", "~c:#tea", false},
        {"~r:*!*@*", "*", false},
    };
    struct extban a, b;
    const char *why;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CU_ASSERT_FATAL(extban_parse(cases[i].a, &a, &why));
        CU_ASSERT_FATAL(extban_parse(cases[i].b, &b, &why));
        EQUAL_NUMBER(extban_same(&a, &b), cases[i].same);
        EQUAL_NUMBER(extban_same(&b, &a), cases[i].same);
    }
}

static void
what_is_not_valid_is_refused_with_words(void)
{
    static const char *const cases[] = {
        "",
        ":x",
        ":x!y@z",
        "::x",
        "~mute::x",
        "~",
        "~x",
        "~x:ann",
        "~mute",
        "~mute:",
        "~mute:~mute:ann",
        "~mute:~time:10m:ann",
        "~time:",
        "~time:10m",
        "~time:10m:",
        "~time:0:ann",
        "~time:500ms:ann",
        "~time:-1:ann",
        "~time:10x:ann",
        "~time:10m:~time:10m:ann",
        "~time:11111111111111111111111111111111111111m:ann",
        "~realname:",
        "~channel:",
        "~channel:else",
        "~channel:#a,b",
        "~channel:~realname:x",
        "~account:ann",
        "~user@host",
        "ann\a",
        "*@192.0.2\x1f.b",
        "~mute:\x7f*!*@*",
    };
    struct extban ban;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *why = NULL;
        if (extban_parse(cases[i], &ban, &why))
            printf("\n    taken: %s\n", cases[i]);
        CU_ASSERT(!extban_parse(cases[i], &ban, &why));
        CU_ASSERT(why != NULL && strlen(why) > 4);
    }
}

static void
what_is_too_long_is_refused_not_cut(void)
{
    char text[400];
    struct extban ban;
    const char *why;
    for (int n = 0; n < 200; n++) {
        int len = snprintf(text, sizeof text, "~time:10m:~mute:~realname:");
        memset(text + len, 'x', (size_t)n);
        text[len + n] = '\0';
        bool fits = n > 0 && len + n < MASK_TEXT;
        EQUAL_NUMBER(extban_parse(text, &ban, &why), fits);
        if (fits)
            EQUAL_TEXT(ban.mask.text, text);
    }
}

static void
a_control_character_of_a_real_name_is_any_character(void)
{
    struct extban ban;
    const char *why;
    CU_ASSERT(extban_parse("~realname:*\x03"
                           "4red \x7f",
                           &ban, &why));
    EQUAL_TEXT(ban.mask.text, "~realname:*?4red??");
}

static void
a_copy_stands_on_its_own(void)
{
    struct extban ban, copy;
    const char *why;
    CU_ASSERT(extban_parse("~t:1h:~m:~r:Bad*", &ban, &why));
    extban_copy(&copy, &ban);
    memset(&ban, 0, sizeof ban);
    EQUAL_NUMBER(copy.kind, EXTBAN_REALNAME);
    EQUAL_TEXT(copy.mask.nick, "Bad*");
    EQUAL_TEXT(copy.mask.text, "~t:1h:~m:~r:Bad*");
    EQUAL_NUMBER(copy.subject, strlen("~t:1h:~m:~r:"));
    EQUAL_NUMBER(copy.length, MSEC_HOUR);
    CU_ASSERT(copy.mute);
}

SUITE(extban)
{
    TEST(every_form_has_its_canonical_text);
    TEST(a_name_and_its_letter_mean_the_same);
    TEST(what_is_not_valid_is_refused_with_words);
    TEST(what_is_too_long_is_refused_not_cut);
    TEST(a_control_character_of_a_real_name_is_any_character);
    TEST(a_copy_stands_on_its_own);
}
