/* Entries of channel lists: their forms, and the one form in which they are listed. */
#include "proto/extban.h"
#include "test.h"

static void
every_form_has_one_canonical_text(void)
{
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        {"ann", "ann!*@*"},
        {"user@host", "*!user@host"},
        {"10.0.0.7/8", "*!*@10.0.0.0/8"},
        {"~mute:ann", "~mute:ann!*@*"},
        {"~m:ann", "~mute:ann!*@*"},
        {"~MUTE:ann", "~mute:ann!*@*"},
        {"~time:10m:ann", "~time:10m:ann!*@*"},
        {"~t:10:ann", "~time:10m:ann!*@*"},
        {"~time:90s:ann", "~time:1m30s:ann!*@*"},
        {"~time:24h:~mute:ann", "~time:1d:~mute:ann!*@*"},
        {"~t:1h:~m:~r:Bad bot*", "~time:1h:~mute:~realname:Bad?bot*"},
        {"~r:*spam*", "~realname:*spam*"},
        {"~c:#Else", "~channel:#Else"},
        {"~t:5:~c:#else", "~time:5m:~channel:#else"},
        {"~t:5:2001:db8::1", "~time:5m:*!*@2001:db8::1"},
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
what_is_not_valid_is_refused_with_words(void)
{
    static const char *const cases[] = {
        "",
        ":x",
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
a_copy_stands_on_its_own(void)
{
    struct extban ban, copy;
    const char *why;
    CU_ASSERT(extban_parse("~t:1h:~m:~r:Bad*", &ban, &why));
    extban_copy(&copy, &ban);
    memset(&ban, 0, sizeof ban);
    EQUAL_NUMBER(copy.kind, EXTBAN_REALNAME);
    EQUAL_TEXT(copy.mask.nick, "Bad*");
    EQUAL_TEXT(copy.mask.text, "~time:1h:~mute:~realname:Bad*");
    EQUAL_NUMBER(copy.length, MSEC_HOUR);
    CU_ASSERT(copy.mute);
}

SUITE(extban)
{
    TEST(every_form_has_one_canonical_text);
    TEST(what_is_not_valid_is_refused_with_words);
    TEST(what_is_too_long_is_refused_not_cut);
    TEST(a_copy_stands_on_its_own);
}
