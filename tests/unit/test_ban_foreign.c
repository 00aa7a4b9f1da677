/* Lines of the files of other servers: the ban that each becomes, or the reason why it
 * is none. */
#include "base/str.h"
#include "policy/ban_format/foreign.h"
#include "test.h"

#define DATE "\"2005/3/17 05.33\""

/* Read as `set mask set_at until setter :reason|oper reason`, times in seconds. */
static void
describe(enum ban_read verdict, const struct ban_foreign *got, char *out, size_t size)
{
    const struct ban_text *b = &got->ban;
    if (verdict == BAN_READ_TAKEN)
        str_format(out, size, "%s %s %lld %lld %s :%s|%s", ban_kinds[b->kind].set,
                   b->mask.text, (long long)b->set_at / 1000,
                   (long long)b->until / 1000, b->setter, b->reason, b->oper_reason);
    else
        str_format(out, size, "%s",
                   verdict == BAN_READ_SKIPPED   ? got->skipped
                   : verdict == BAN_READ_REFUSED ? got->why
                                                 : "nothing");
}

/* A kind of ban that this program lacks: its lines are skipped. The table is right with
 * and without it. */
static bool
lacks(const char *want)
{
    char set[16];
    str_format(set, sizeof set, "%.*s", (int)strcspn(want, " "), want);
    return (strcmp(set, "XLINE") == 0 || strcmp(set, "RESV") == 0) &&
           ban_text_kind(set) == BAN_KINDS;
}

/* clang-format off */
static const struct { const char *file, *line, *want; } csv[] = {
    /* ratbox, charybdis, solanum (bantool -e), hybrid 7 */
    {"kline.conf", "\"*\",\"192.0.2.7\",\"spam\",\"for opers\"," DATE ",\"alice\",1111033988",
     "KLINE *@192.0.2.7 1111033988 0 alice :spam|for opers"},
    {"kline.conf.perm", "\"~bad\",\"*.example.org\",\"spam | secret\",\"\"," DATE ",\"alice{a}\",1111033988",
     "KLINE bad@*.example.org 1111033988 0 alice{a} :spam|secret"},
    {"-", "\"*\",\"192.0.2.0/24\",\"a, \"quoted\" word\",\"\"," DATE ",\"alice\",\"1111033988\"",
     "KLINE *@192.0.2.0/24 1111033988 0 alice :a, \"quoted\" word|"},
    {"kline.conf", "\"u\",\"host.example\",\"spam\",\"\"," DATE ",\"alice\",1111033988,1999999999",
     "KLINE u@host.example 1111033988 1999999999 alice :spam|"},
    {"kline.conf", "\"u\", \"host.example\", \"spam\"", "KLINE u@host.example 0 0  :spam|"},
    {"kline.conf", "\"u\",\"host.example\",\"\"", "KLINE u@host.example 0 0  :no reason given|"},
    {"dline.conf", "\"192.0.2.0/24\",\"proxies\",\"\"," DATE ",\"alice\",1111033988",
     "DLINE 192.0.2.0/24 1111033988 0 alice :proxies|"},
    {"-", "\"2001:db8::1\",\"proxies\",\"o\"," DATE ",\"alice\",1111033988,1999999999",
     "DLINE 2001:db8::1 1111033988 1999999999 alice :proxies|o"},
    {"/etc/dline.conf", "\"192.0.2.7\",\"proxies\"", "DLINE 192.0.2.7 0 0  :proxies|"},
    {"xline.conf", "\"*spambot*\",\"0\",\"no bots\",\"alice\",1111080437", "XLINE *spambot* 1111080437 0 alice :no bots|"},
    {"-", "\"*spambot*\",\"0\",\"no bots\",\"alice\",1111080437", "XLINE *spambot* 1111080437 0 alice :no bots|"},
    {"xline.conf", "\"*spambot*\",\"no bots\",\"o\"," DATE ",\"alice\",1111080437",
     "XLINE *spambot* 1111080437 0 alice :no bots|o"},
    {"xline.conf", "\"*free\\smoney*\",\"0\",\"spam\",\"god\",1704190260", "XLINE *free\\smoney* 1704190260 0 god :spam|"},
    {"xline.conf", "\"\\s\\sa\\sb\\s\",\"0\",\"spam\",\"god\",1", "XLINE \\s\\sa\\sb\\s 1 0 god :spam|"},
    {"resv.conf", "\"OseK\",\"banned nick\",\"alice\",1111031619", "RESV OseK 1111031619 0 alice :banned nick|"},
    {"-", "\"#warez*\",\"no\",\"alice\",1111031619", "RESV #warez* 1111031619 0 alice :no|"},
    {"cresv.conf", "\"#warez\",\"no\",1999999999", "RESV #warez 0 1999999999  :no|"},
    /* quotes inside: alone, doubled, behind a backslash */
    {"resv.conf", "\"a\",\"say \"\"hi\"\" there\",\"b\",1", "RESV a 1 0 b :say \"hi\" there|"},
    {"resv.conf", "\"a\",\"say \"\"hi\"\"\",\"b\",1", "RESV a 1 0 b :say \"hi\"|"},
    {"resv.conf", "\"a\",\"say \"\"hi\"\", bob\",\"b\",1", "RESV a 1 0 b :say \"hi\", bob|"},
    {"resv.conf", "\"a\",\"say \"hi\"\",\"b\",1", "RESV a 1 0 b :say \"hi\"|"},
    {"resv.conf", "\"a\",\"say \\\"hi\\\"\",\"b\",1", "RESV a 1 0 b :say \"hi\"|"},
    {"resv.conf", "\"a\",\"\",\"b\",1", "RESV a 1 0 b :no reason given|"},
    /* what cannot be */
    {"xline.conf", "\"a\\b\",\"0\",\"x\",\"alice\",1111080437", "or a backslash"},
    {"xline.conf", "\"foo@bar\",\"0\",\"x\",\"alice\",1111080437", "X-lines with @ or #"},
    {"rkline.conf", "\".*\",\".*\",\"x\",\"\"," DATE ",\"alice\",1", "regular expressions"},
    {"kline.conf", "\"a\",\"1.2.3\",\"x\",\"\"," DATE ",\"alice\",1", "1.2.3"},
    {"kline.conf", "\"a@b\",\"c.example\",\"x\",\"\"," DATE ",\"alice\",1", "more than one '@'"},
    {"kline.conf", "\"a\",\"b.example\",\"x\",\"\"," DATE ",\"alice\",soon", "\"soon\": expected seconds since 1970"},
    {"kline.conf", "\"a\",\"b.example\",\"x\",\"\"," DATE ",\"alice\",1,99999999999999999999", "expected seconds since 1970"},
    {"kline.conf", "\"a\",\"b.example", "expected fields in quotes"},
    {"kline.conf", "\"a\"", "expected the columns of a kline.conf"},
    {"-", "\"a\",\"b\"", "expected the columns of a kline.conf"},
    {"dline.conf", "\"host.example\",\"x\"", "is not an address"},
};

static const struct { const char *line, *want; } lines[] = {
    {"VERSION 1", "nothing"},
    {"VERSION 2", "expected VERSION 1"},
    {"LINE K foo@*.example.org alice 1700000000 3600 :hello there", "KLINE foo@*.example.org 1700000000 1700003600 alice :hello there|"},
    {"LINE G *@192.0.2.0/24 irc.example.org 1700000000 0 :a|b", "KLINE *@192.0.2.0/24 1700000000 0 irc.example.org :a|b"},
    {"LINE Z 192.0.2.0/24 alice 1700000000 0 :", "DLINE 192.0.2.0/24 1700000000 0 alice :no reason given|"},
    {"LINE Z 192.0.2.* alice 1700000000 0 :x", "KLINE *@192.0.2.* 1700000000 0 alice :x|"},
    {"LINE Q Bad*Nick alice 1700000000 60 :x", "RESV Bad*Nick 1700000000 1700000060 alice :x|"},
    {"LINE CBAN #warez alice 1700000000 0 :x", "RESV #warez 1700000000 0 alice :x|"},
    {"LINE E *@192.0.2.7 alice 1700000000 0 :x", "E-lines: an exempt block"},
    {"LINE R .*bot.* alice 1700000000 0 :x", "regular expressions"},
    {"LINE SHUN a!b@c alice 1700000000 0 :x", "shuns"},
    {"LINE WHAT a@b alice 1700000000 0 :x", "of a kind that this server does not have"},
    {"LINE K a@b.example alice 1700000000 0 x", "expected LINE <type> <mask>"},
    {"LINE K a@b.example", "expected LINE <type> <mask>"},
    {"LINE K a@b.example alice -5 0 :x", "\"-5\": expected seconds since 1970"},
    {"LINE K a@b.example alice 1700000000 1h :x", "\"1h\": expected a length in seconds"},
    {"LINE K 1.2.3 alice 1700000000 0 :x", "1.2.3"},
};
/* clang-format on */

static void
quoted_fields_become_what_they_mean(void)
{
    for (size_t i = 0; i < sizeof csv / sizeof *csv; i++) {
        struct ban_foreign got;
        char line[512], text[700];
        str_format(line, sizeof line, "%s", csv[i].line);
        enum ban_read verdict =
            ban_foreign_csv(line, ban_foreign_hint(csv[i].file), &got);
        describe(verdict, &got, text, sizeof text);
        bool skipped = verdict == BAN_READ_SKIPPED && lacks(csv[i].want);
        CONTAINS(skipped ? csv[i].want : text, csv[i].want);
    }
}

static void
lines_of_an_xline_db_become_what_they_mean(void)
{
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct ban_foreign got;
        char line[512], text[700];
        str_format(line, sizeof line, "%s", lines[i].line);
        enum ban_read verdict = ban_foreign_xline(line, &got);
        describe(verdict, &got, text, sizeof text);
        bool skipped = verdict == BAN_READ_SKIPPED && lacks(lines[i].want);
        CONTAINS(skipped ? lines[i].want : text, lines[i].want);
    }
}

static void
a_long_reason_is_cut_at_a_character(void)
{
    struct ban_foreign got;
    char line[900];
    struct str s;
    str_init(&s, line, sizeof line);
    str_add(&s, "LINE K a@b.example alice 1700000000 0 :x");
    for (int i = 0; i < 200; i++)
        str_add(&s, "\xc3\xa9");
    EQUAL_NUMBER(ban_foreign_xline(line, &got), BAN_READ_TAKEN);
    EQUAL_NUMBER(got.cut, true);
    EQUAL_NUMBER(strlen(got.ban.reason), 255);
    str_format(line, sizeof line, "LINE K a@b.example alice 1700000000 0 :short");
    EQUAL_NUMBER(ban_foreign_xline(line, &got), BAN_READ_TAKEN);
    EQUAL_NUMBER(got.cut, false);
}

static void
masks_with_a_length_and_a_reason_are_klines(void)
{
    static const struct {
        const char *line, *mask;
        msec until;
        const char *reason, *oper_reason;
    } plain[] = {
        {"*@192.0.2.1", "*@192.0.2.1", 0, "no reason given", ""},
        {"192.0.2.1 0", "*@192.0.2.1", 0, "no reason given", ""},
        {"192.0.2.1\tnever  spam", "*@192.0.2.1", 0, "spam", ""},
        {"~a@b.example 1h spam | seen", "a@b.example", MSEC_HOUR + 7, "spam", "seen"},
        {"2001:db8::/32 spam twice 1d", "*@2001:db8::/32", 0, "spam twice 1d", ""},
        {"a@b.example 1h30m :spam", "a@b.example", 90 * MSEC_MINUTE + 7, "spam", ""},
    };
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        struct ban_foreign got;
        char line[200];
        str_format(line, sizeof line, "%s", plain[i].line);
        CU_ASSERT(ban_foreign_is_plain(line));
        EQUAL_NUMBER(ban_foreign_plain(line, 7, &got), BAN_READ_TAKEN);
        EQUAL_NUMBER(got.ban.kind, BAN_KLINE);
        EQUAL_TEXT(got.ban.mask.text, plain[i].mask);
        EQUAL_NUMBER(got.ban.until, plain[i].until);
        EQUAL_TEXT(got.ban.reason, plain[i].reason);
        EQUAL_TEXT(got.ban.oper_reason, plain[i].oper_reason);
    }
}

static void
a_number_without_a_unit_is_no_length_of_a_mask(void)
{
    struct ban_foreign got;
    char line[200] = "a@b.example 3600 spam", mask[] = "a@b@c 1h x";
    EQUAL_NUMBER(ban_foreign_plain(line, 7, &got), BAN_READ_REFUSED);
    CONTAINS(got.why, "\"3600\": expected a length with a unit");
    EQUAL_NUMBER(ban_foreign_plain(mask, 7, &got), BAN_READ_REFUSED);
    static const char *const others[] = {"junk", "KLINE a@b until=never :x", "",
                                         "a.b.c", "#channel"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        CU_ASSERT_FALSE(ban_foreign_is_plain(others[i]));
}

SUITE(ban_foreign)
{
    TEST(quoted_fields_become_what_they_mean);
    TEST(lines_of_an_xline_db_become_what_they_mean);
    TEST(masks_with_a_length_and_a_reason_are_klines);
    TEST(a_number_without_a_unit_is_no_length_of_a_mask);
    TEST(a_long_reason_is_cut_at_a_character);
}
