/* Answers as `ircd ctl` reads them: which lines belong to one, its end, refusals. */
#include "base/str.h"
#include "proto/control_answer.h"
#include "test.h"

static enum control_line
take(struct control_answer *a, const char *text, struct control_text *out)
{
    static char line[CONTROL_LINE_MAX];
    str_format(line, sizeof line, "%s", text);
    return control_answer_take(a, line, strlen(line), out);
}

static void
one_line_with_the_label_is_a_whole_answer(void)
{
    static const struct {
        const char *line, *code, *text;
        bool refuses;
    } cases[] = {
        {"@label=c1 :s NOTICE ctl1 :K-line on a, saved", "NOTICE", "K-line on a, saved",
         false},
        {"@label=c1 :s NOTICE ctl1 :KLINE refused: too broad", "NOTICE",
         "KLINE refused: too broad", true},
        {"@label=c1 :s NOTICE ctl1 :DLINE refused", "NOTICE", "DLINE refused", false},
        {"@label=c1 :s WARN * NOT_SAVED :K-line on a, NOT saved: full", "WARN",
         "K-line on a, NOT saved: full", true},
        {"@label=c1 :s WARN KLINE OTHER :NOT_SAVED", "WARN", "KLINE OTHER NOT_SAVED",
         false},
        {"@label=c1 :s 481 ctl1 :Permission denied", "481", "Permission denied", true},
        {"@label=c1 :s 599 ctl1", "599", "", true},
        {"@label=c1 :s 249 ctl1 s :up: 1s", "249", "s up: 1s", false},
        {"@time=x;label=c1 :s FAIL KLINE CODE :no", "FAIL", "KLINE CODE no", true},
        {"@label=c1 :s NOTE KLINE CODE :yes", "NOTE", "KLINE CODE yes", false},
        {"@label=c1 :s 4x1 ctl1 :odd", "4x1", "odd", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct control_answer a;
        struct control_text text;
        control_answer_begin(&a, "c1", "KLINE");
        CU_ASSERT_FATAL(take(&a, cases[i].line, &text) == CONTROL_TEXT);
        EQUAL_TEXT(text.code, cases[i].code);
        EQUAL_TEXT(text.text, cases[i].text);
        CU_ASSERT(text.refuses == cases[i].refuses && a.refused == cases[i].refuses);
        CU_ASSERT(a.done);
    }
}

static void
an_acknowledgement_ends_an_answer_without_a_text(void)
{
    struct control_answer a;
    struct control_text text;
    control_answer_begin(&a, "c1", "WALLOPS");
    CU_ASSERT(take(&a, "@label=c1 :s ACK", &text) == CONTROL_OTHER);
    CU_ASSERT(a.done && !a.refused);
}

static void
a_batch_of_the_label_is_an_answer_until_its_end(void)
{
    static const struct {
        const char *line;
        enum control_line kind;
        bool done;
    } lines[] = {
        {":s NOTICE ctl1 :before", CONTROL_OTHER, false},
        {"@label=other :s 249 ctl1 :of another", CONTROL_OTHER, false},
        {":s BATCH +out netjoin", CONTROL_OTHER, false},
        {"@batch=out :s NOTICE ctl1 :of another", CONTROL_OTHER, false},
        {"@label=c1 :s BATCH +r1 labeled-response", CONTROL_OTHER, false},
        {"@batch=r1 :s 249 ctl1 :one", CONTROL_TEXT, false},
        {"PING :s", CONTROL_OTHER, false},
        {"@batch=r1 :s BATCH +r2 inner", CONTROL_OTHER, false},
        {"@batch=r2 :s 249 ctl1 :two", CONTROL_TEXT, false},
        {":s BATCH -r2", CONTROL_OTHER, false},
        {":s BATCH -r11", CONTROL_OTHER, false},
        {"@batch=r1 :s 481 ctl1 :three", CONTROL_TEXT, false},
        {":s BATCH -r1", CONTROL_OTHER, true},
    };
    struct control_answer a;
    struct control_text text;
    control_answer_begin(&a, "c1", "STATS");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        CU_ASSERT(take(&a, lines[i].line, &text) == lines[i].kind);
        CU_ASSERT(a.done == lines[i].done);
    }
    CU_ASSERT(a.refused);
}

static void
the_registration_is_understood_without_a_label(void)
{
    struct control_answer a;
    struct control_text text;
    control_answer_begin(&a, "", "");
    CU_ASSERT(take(&a, ":s 001 ctl1 :Welcome", &text) == CONTROL_OTHER);
    CU_ASSERT(take(&a, ":s 433 * ctl1 :in use", &text) == CONTROL_IN_USE);
    CU_ASSERT(take(&a, ":s 381 ctl1 :You are now", &text) == CONTROL_READY);
    CU_ASSERT(take(&a, "ERROR :Closing Link: x (full)", &text) == CONTROL_ENDED);
    EQUAL_TEXT(text.text, "Closing Link: x (full)");
    CU_ASSERT(take(&a, "@label= :s ACK", &text) == CONTROL_OTHER && !a.done);
    CU_ASSERT(take(&a, "   ", &text) == CONTROL_OTHER);
    CU_ASSERT(take(&a, "NOTICE ctl1 :\xff", &text) == CONTROL_BROKEN);
    CU_ASSERT(take(&a, "BATCH", &text) == CONTROL_OTHER && !a.done);
}

/* A caller, or the reason of a ban that BANS EXPORT and CHECK quote, may say anything. */
static void
a_text_does_not_say_that_a_change_is_not_saved(void)
{
    static const struct {
        const char *command, *line;
        bool unsaved;
    } cases[] = {
        {"BANS EXPORT", "NOTICE ctl1 :KLINE *@192.0.2.1 :x, NOT saved: y", false},
        {"CHECK 192.0.2.1", "NOTICE ctl1 :KLINE *@192.0.2.1 :x, NOT saved: y", false},
        {"GLOBOPS :NOT saved", "NOTICE * :*** GLOBOPS from ctl1: NOT saved", false},
        {"GLOBOPS :x", "NOTICE * :*** GLOBOPS from ctl1: WARN * NOT_SAVED :x", false},
        {"GLOBOPS :x", "WARN :* NOT_SAVED x", false},
        {"GLOBOPS :x", "WARN NOT_SAVED x :y", false},
        {"GLOBOPS :x", "NOTE * NOT_SAVED :y", false},
        {"KLINE *@192.0.2.1", "NOTICE ctl1 :K-line on a, NOT saved: y", false},
        {"KLINE *@192.0.2.1", "WARN * NOT_SAVED :K-line on a, NOT saved: y", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct control_answer a;
        struct control_text text;
        char line[200];
        control_answer_begin(&a, "c1", cases[i].command);
        str_format(line, sizeof line, "@label=c1 :s %s", cases[i].line);
        take(&a, line, &text);
        CU_ASSERT(text.refuses == cases[i].unsaved && a.refused == cases[i].unsaved);
        CU_ASSERT(text.unsaved == cases[i].unsaved);
    }
}

static void
a_refusal_is_known_however_the_command_is_written(void)
{
    static const struct {
        const char *command, *text;
        bool refuses;
    } cases[] = {
        {"kline 1h", "KLINE refused: the mask is missing", true},
        {"uNKLINE x", "UNKLINE refused: there is no K-line x", true},
        {"TESTMASK XLINE (", "TESTMASK XLINE refused: no regex", true},
        {"testmask RESV #*", "TESTMASK RESV refused: that counts members", true},
        {"KLINE x", "KLINES refused: no", false},
        {"KLINE x", "KLINE spam refused: no", false},
        {"KLINE x", "KLINE", false},
        {"kline x", "K-line x set: removed 0 clients, saved", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[CONTROL_LINE_MAX];
        struct control_answer a;
        struct control_text text;
        control_answer_begin(&a, "c1", cases[i].command);
        str_format(line, sizeof line, "@label=c1 :s NOTICE ctl1 :%s", cases[i].text);
        CU_ASSERT_FATAL(take(&a, line, &text) == CONTROL_TEXT);
        CU_ASSERT(text.refuses == cases[i].refuses && !text.unsaved);
    }
}

static void
a_shown_text_has_no_control_character(void)
{
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"", ""},
        {"plain \xc3\xa9 \xe2\x82\xac\t~", "plain \xc3\xa9 \xe2\x82\xac\t~"},
        {"\x1b[2J\a\x1f\x7f ", "\\x1b[2J\\x07\\x1f\\x7f "},
        {"\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", "\\x80\\x9b\\x9f\xc2\xa0"},
        {"\x9b\xff", "\\x9b\\xff"},
    };
    char shown[64];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        control_answer_show(cases[i].text, shown, sizeof shown);
        EQUAL_TEXT(shown, cases[i].shown);
    }
}

SUITE(control_answer)
{
    TEST(a_text_does_not_say_that_a_change_is_not_saved);
    TEST(a_refusal_is_known_however_the_command_is_written);
    TEST(a_shown_text_has_no_control_character);
    TEST(one_line_with_the_label_is_a_whole_answer);
    TEST(an_acknowledgement_ends_an_answer_without_a_text);
    TEST(a_batch_of_the_label_is_an_answer_until_its_end);
    TEST(the_registration_is_understood_without_a_label);
}
