/* Text that grows, and texts that roff must not take for its own commands. */
#include "base/draft.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static void
text_grows(void)
{
    struct draft d = {0};
    for (int i = 0; i < 1000; i++)
        draft_addf(&d, "%d,", i % 10);
    CU_ASSERT_EQUAL(d.len, 2000);
    CU_ASSERT_EQUAL(strlen(d.at), 2000);
    CU_ASSERT_STRING_EQUAL(d.at + 1990, "5,6,7,8,9,");
    free(d.at);
}

static void
roff_reads_text_as_it_is(void)
{
    static const struct {
        const char *text, *page;
    } cases[] = {
        {"plain text", "plain text"},
        {"a\\sb", "a\\esb"},
        {".Sh NAME", "\\&.Sh NAME"},
        {"'tis", "\\&\\(aqtis"},
        {"-o \"x\"", "\\-o \\(dqx\\(dq"},
        {"~^`", "\\(ti\\(ha\\(ga"},
        {"a,\xE2\x80\xA6", "a,\\[u2026]"},
        {"\xF0\x9F\x8D\xB5", "\\[u1F375]"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct draft d = {0};
        draft_add(&d, "");
        draft_add_roff(&d, cases[i].text);
        CU_ASSERT_STRING_EQUAL(d.at, cases[i].page);
        free(d.at);
    }
}

static void
each_sentence_is_a_line(void)
{
    struct draft d = {0};
    draft_add_line(&d, "one");
    draft_add_line(&d, "Two. .three. 4.5 v.");
    CU_ASSERT_STRING_EQUAL(d.at, "one\nTwo.\n\\&.three.\n4.5 v.\n");
    free(d.at);
}

SUITE(draft)
{
    TEST(text_grows);
    TEST(roff_reads_text_as_it_is);
    TEST(each_sentence_is_a_line);
}
