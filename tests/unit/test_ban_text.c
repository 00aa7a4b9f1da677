/* Bans as text: written and read back, and the texts that are refused. */
#include "base/mem.h"
#include "base/str.h"
#include "dice.h"
#include "policy/ban_format/text.h"
#include "test.h"

#include <limits.h>

#define SET 1795305785123 /* 2026-11-22 00:03:05.123 */

static void
make(struct ban *ban, const char *mask, const char *setter, const char *reason,
     const char *oper_reason)
{
    char err[200];
    *ban = (struct ban){.kind = BAN_KLINE, .set_at = SET, .until = SET + 1};
    CU_ASSERT_TRUE_FATAL(mask_parse_strict(mask, &ban->mask, err, sizeof err));
    str_format(ban->setter, sizeof ban->setter, "%s", setter);
    ban->reason = xstrdup(reason);
    ban->oper_reason = xstrdup(oper_reason);
}

static void
clear(struct ban *ban)
{
    free(ban->reason);
    free(ban->oper_reason);
}

static void
same_again(const struct ban *ban, const char *line)
{
    struct ban_text text;
    char err[320] = "";
    CU_ASSERT_TRUE_FATAL(ban_text_parse(line, &text, err, sizeof err));
    EQUAL_NUMBER(text.kind, ban->kind);
    EQUAL_TEXT(text.mask.text, ban->mask.text);
    EQUAL_NUMBER(text.set_at, ban->set_at);
    EQUAL_NUMBER(text.until, ban->until);
    EQUAL_NUMBER(text.automatic, ban->automatic);
    EQUAL_NUMBER(text.force, strstr(line, " force=yes ") != NULL);
    EQUAL_TEXT(text.setter, ban->setter);
    EQUAL_TEXT(text.reason, ban->reason);
    EQUAL_TEXT(text.oper_reason, ban->oper_reason);
}

static void
a_ban_is_one_readable_line(void)
{
    struct ban ban;
    char line[BAN_TEXT_LINE];
    make(&ban, "*@192.0.2.7", "alice", "spam, again", "same as last week");
    ban_text_format(&ban, false, line);
    EQUAL_TEXT(line, "KLINE *@192.0.2.7 set=2026-11-22T00:03:05.123Z "
                     "until=2026-11-22T00:03:05.124Z by=alice auto=no "
                     ":spam, again|same as last week");
    ban.until = 0;
    ban.automatic = true;
    ban_text_format(&ban, false, line);
    CONTAINS(line, " until=never by=alice auto=yes :");
    clear(&ban);
    make(&ban, "*@10.0.0.0/8", "alice", "x", "");
    ban_text_format(&ban, false, line);
    CONTAINS(line, " by=alice auto=no force=yes :x");
    same_again(&ban, line);
    clear(&ban);
}

/* Texts that the writer, the wire or the reader might change. */
static const struct {
    const char *text, *written;
} reasons[] = {
    {"", ""},
    {" ", "\\s"},
    {" a  b ", "\\sa \\sb\\s"},
    {"a|b\\c", "a\\|b\\\\c"},
    {"a\t\tb", "a\\t\\tb"},
    {"\x01\x02"
     "bold\x7f",
     "\\x01\\x02bold\\x7f"},
    {"caf\xc3\xa9 \xe2\x9c\x93", "caf\xc3\xa9 \xe2\x9c\x93"},
    {"caf\xe9", "caf\\xe9"},
    {"\xc2\x85next", "\\xc2\\x85next"},
    {"\\", "\\\\"},
    {":", ":"},
    {"# no comment", "# no comment"},
    {"set=x until=y", "set=x until=y"},
};

static void
every_text_comes_back_to_the_byte(void)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        struct ban ban;
        char line[BAN_TEXT_LINE], end[BAN_TEXT_LINE];
        make(&ban, "nick!user@*.example.org", "al\\i|ce", reasons[i].text,
             reasons[i].text);
        ban_text_format(&ban, false, line);
        str_format(end, sizeof end, " by=al\\\\i\\|ce auto=no :%s%s%s",
                   reasons[i].written, *reasons[i].text ? "|" : "", reasons[i].written);
        CONTAINS(line, end);
        same_again(&ban, line);
        clear(&ban);
    }
}

static uint64_t seed = 11;

static void
random_text(char *out, size_t size, bool word)
{
    static const char some[] = "  \t\x01"
                               "ab\\\\||::\xc3\xa9\xe2\x9c\x93\xff\x80\xc2";
    size_t n = dice(&seed, (unsigned)size), from = word ? 4 : 0;
    for (size_t i = 0; i < n; i++)
        out[i] = some[from + dice(&seed, (unsigned)(sizeof some - 1 - from))];
    out[n] = '\0';
}

/* The pieces that BANS EXPORT sends are joined as --load-bans joins them. */
static void
in_pieces(const struct ban *ban, const char *line, size_t max)
{
    char whole[BAN_TEXT_LINE] = "";
    struct str s;
    str_init(&s, whole, sizeof whole);
    for (const char *at = line; *at;) {
        char piece[BAN_TEXT_LINE];
        size_t n = ban_text_piece(at, max);
        str_format(piece, sizeof piece, "%.*s%s", (int)n, at, at[n] ? "\\" : "");
        CU_ASSERT_TRUE_FATAL(n > 0 && n <= max && strlen(piece) <= max);
        EQUAL_NUMBER(ban_text_is_continued(piece, strlen(piece)), at[n] != '\0');
        CU_ASSERT_TRUE(piece[0] != ' ' && piece[strlen(piece) - 1] != ' ');
        str_addn(&s, at, n);
        at += n;
    }
    EQUAL_TEXT(whole, line);
    same_again(ban, whole);
}

static void
random_bans_come_back_whole_and_in_pieces(void)
{
    for (int i = 0; i < 3000; i++) {
        struct ban ban;
        char setter[BAN_SETTER], reason[BAN_REASON], oper_reason[BAN_REASON];
        char line[BAN_TEXT_LINE];
        random_text(setter, sizeof setter, true);
        random_text(reason, sizeof reason, false);
        random_text(oper_reason, sizeof oper_reason, false);
        make(&ban, "*@2001:db8::/32", setter, reason, oper_reason);
        ban.set_at = (msec)dice(&seed, 1u << 30) * 4000 + dice(&seed, 1000) + 1;
        ban.until = dice(&seed, 2) ? ban.set_at + dice(&seed, 1u << 30) + 1 : 0;
        ban.automatic = dice(&seed, 2);
        ban_text_format(&ban, false, line);
        CU_ASSERT_PTR_NULL(strstr(line, "  "));
        same_again(&ban, line);
        in_pieces(&ban, line, 16 + dice(&seed, 400));
        clear(&ban);
    }
}

static void
what_is_left_out_has_a_meaning(void)
{
    struct ban_text text;
    char err[320];
    CU_ASSERT_TRUE(ban_text_parse("kline *@192.0.2.7", &text, err, sizeof err));
    EQUAL_NUMBER(text.until, 0);
    EQUAL_NUMBER(text.set_at, 0);
    EQUAL_TEXT(text.reason, "no reason given");
    EQUAL_TEXT(text.setter, "");
    CU_ASSERT_TRUE(
        ban_text_parse("DLINE  192.0.2.0/24\tby=bob  :x", &text, err, sizeof err));
    EQUAL_NUMBER(text.kind, BAN_DLINE);
    EQUAL_TEXT(text.setter, "bob");
    EQUAL_TEXT(text.reason, "x");
    EQUAL_TEXT(text.mask.text, "192.0.2.0/24");
    CU_ASSERT_TRUE(ban_text_parse("KLINE a@b.example until=1970-01-01T00:00:00.001Z "
                                  "set=1970-01-01T00:00:00.000Z",
                                  &text, err, sizeof err) == false);
    CU_ASSERT_TRUE(ban_text_parse("KLINE a@b.example until=1970-01-01T00:00:00.001Z",
                                  &text, err, sizeof err));
    EQUAL_NUMBER(text.until, 1);
}

#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
    const char *line, *why;
} broken[] = {
    {"FOO *@192.0.2.7", "\"FOO\" is no kind of ban: expected KLINE"},
    {"KLINE", "the mask is missing"},
    {"", "the mask is missing"},
    {"KLINE *@1.2.3 :x", "1.2.3"},
    {"KLINE a@b@c :x", "more than one '@'"},
    {"DLINE *@192.0.2.7 :x", "is not an address"},
    {"KLINE 1h *@192.0.2.7 :x",
     "\"1h\" is a duration, as in commands: expected the mask "
     "here, and the moment of its end behind it (until="},
    {"DLINE 60 192.0.2.7 :x", "\"60\" is a duration"},
    {"KLINE force *@192.0.2.7 :x", "\"force\" is a word of commands"},
    {"KLINE a@b.example until=tomorrow :x", "\"until=tomorrow\": expected until="},
    {"KLINE a@b.example set=never :x", "\"set=never\": expected set="},
    {"KLINE a@b.example set=2026-02-29T00:00:00Z :x", "expected set="},
    {"KLINE a@b.example until=1970-01-01T00:00:00Z :x", "expected until="},
    {"KLINE a@b.example until=1970-01-01T00:00:00.000Z :x", "expected until="},
    {"KLINE a@b.example set=1970-01-01T00:00:00Z :x", "expected set="},
    {"KLINE a@b.example auto=maybe :x", "\"auto=maybe\": expected auto=yes or auto=no"},
    {"KLINE a@b.example force= :x", "\"force=\": expected force=yes or force=no"},
    {"KLINE a@b.example until=never until=never :x",
     "\"until=never\": until= stands there twice"},
    {"KLINE a@b.example spam", "\"spam\" is not known: expected set="},
    {"KLINE a@b.example by=" A63 "b :x", "by= is longer than 63 bytes"},
    {"KLINE a@b.example :a\\qb", "a backslash before 'q' means nothing"},
    {"KLINE a@b.example :a\\", "a backslash before '' means nothing"},
    {"KLINE a@b.example :a\\x0", "a backslash before 'x' means nothing"},
    {"KLINE a@b.example :\\x00", "not 00"},
    {"KLINE a@b.example :a\\n:x PRIVMSG #c :y", "the reason has \\x0a in it"},
    {"KLINE a@b.example :a\\rb", "expected one line, without CR and LF"},
    {"KLINE a@b.example :a\\x0Ab", "the reason has \\x0a in it"},
    {"KLINE a@b.example :a|b\\x0d", "the reason for operators has \\x0d in it"},
    {"KLINE a@b.example by=a\\nb :x", "by= has \\x0a in it: expected one word"},
    {"KLINE a@b.example by=a\\sb :x", "by= has \\x20 in it: expected one word"},
    {"KLINE a@b.example by=a\\x7f :x", "by= has \\x7f in it: expected one word"},
    {"KLINE a@b.example set=2026-01-02T00:00:00Z until=2026-01-02T00:00:00Z :x",
     "until= is not after set="},
    {"KLINE a@b.example :" A63 A63 A63 A63 "1234",
     "the reason is longer than 255 bytes"},
    {"KLINE a@b.example :x|" A63 A63 A63 A63 "1234",
     "the reason for operators is longer than 255 bytes"},
};

static void
a_broken_line_names_the_value_and_what_was_expected(void)
{
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct ban_text text;
        char err[320] = "";
        CU_ASSERT_FALSE(ban_text_parse(broken[i].line, &text, err, sizeof err));
        CONTAINS(err, broken[i].why);
    }
}

static void
a_reason_of_the_longest_length_is_taken(void)
{
    struct ban_text text;
    char err[320];
    CU_ASSERT_TRUE(ban_text_parse("KLINE a@b.example by=" A63 " :" A63 A63 A63 A63
                                  "123|" A63 A63 A63 A63 "123",
                                  &text, err, sizeof err));
    EQUAL_NUMBER(strlen(text.reason), BAN_REASON - 1);
    EQUAL_NUMBER(strlen(text.oper_reason), BAN_REASON - 1);
    EQUAL_NUMBER(strlen(text.setter), BAN_SETTER - 1);
}

SUITE(ban_text)
{
    TEST(a_ban_is_one_readable_line);
    TEST(every_text_comes_back_to_the_byte);
    TEST(random_bans_come_back_whole_and_in_pieces);
    TEST(what_is_left_out_has_a_meaning);
    TEST(a_broken_line_names_the_value_and_what_was_expected);
    TEST(a_reason_of_the_longest_length_is_taken);
}
