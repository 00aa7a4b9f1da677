/* Lines are split into their parts. The table `split` follows the "msg-split" vectors
 * of the IRC parser tests (CC0): tags are written unescaped as key=value; the last of
 * equal keys counts. */
#include "base/str.h"
#include "proto/message.h"
#include "test.h"

/* clang-format off */
static const struct {
    const char *input, *tags, *source, *verb;
    const char *params[6];
} split[] = {
    {"foo bar baz asdf", NULL, NULL, "foo",
     {"bar", "baz", "asdf", NULL}},
    {":coolguy foo bar baz asdf", NULL, "coolguy", "foo",
     {"bar", "baz", "asdf", NULL}},
    {"foo bar baz :asdf quux", NULL, NULL, "foo",
     {"bar", "baz", "asdf quux", NULL}},
    {"foo bar baz :", NULL, NULL, "foo",
     {"bar", "baz", "", NULL}},
    {"foo bar baz ::asdf", NULL, NULL, "foo",
     {"bar", "baz", ":asdf", NULL}},
    {":coolguy foo bar baz :asdf quux", NULL, "coolguy", "foo",
     {"bar", "baz", "asdf quux", NULL}},
    {":coolguy foo bar baz :  asdf quux ", NULL, "coolguy", "foo",
     {"bar", "baz", "  asdf quux ", NULL}},
    {":coolguy PRIVMSG bar :lol :) ", NULL, "coolguy", "PRIVMSG",
     {"bar", "lol :) ", NULL}},
    {":coolguy foo bar baz :", NULL, "coolguy", "foo",
     {"bar", "baz", "", NULL}},
    {":coolguy foo bar baz :  ", NULL, "coolguy", "foo",
     {"bar", "baz", "  ", NULL}},
    {"@a=b;c=32;k;rt=ql7 foo", "a=b;c=32;k=;rt=ql7;", NULL, "foo",
     {NULL}},
    {"@a=b\\\\and\\nk;c=72\\s45;d=gh\\:764 foo", "a=b\\and\nk;c=72 45;d=gh;764;", NULL, "foo",
     {NULL}},
    {"@c;h=;a=b :quux ab cd", "c=;h=;a=b;", "quux", "ab",
     {"cd", NULL}},
    {":src JOIN #chan", NULL, "src", "JOIN",
     {"#chan", NULL}},
    {":src JOIN :#chan", NULL, "src", "JOIN",
     {"#chan", NULL}},
    {":src AWAY", NULL, "src", "AWAY",
     {NULL}},
    {":src AWAY ", NULL, "src", "AWAY",
     {NULL}},
    {":cool\tguy foo bar baz", NULL, "cool\tguy", "foo",
     {"bar", "baz", NULL}},
    {":coolguy!ag@net\0035w\003ork.admin PRIVMSG foo :bar baz", NULL, "coolguy!ag@net\0035w\003ork.admin", "PRIVMSG",
     {"foo", "bar baz", NULL}},
    {":coolguy!~ag@n\002et\00305w\017ork.admin PRIVMSG foo :bar baz", NULL, "coolguy!~ag@n\002et\00305w\017ork.admin", "PRIVMSG",
     {"foo", "bar baz", NULL}},
    {"@tag1=value1;tag2;vendor1/tag3=value2;vendor2/tag4= :irc.example.com COMMAND param1 param2 :param3 param3", "tag1=value1;tag2=;vendor1/tag3=value2;vendor2/tag4=;", "irc.example.com", "COMMAND",
     {"param1", "param2", "param3 param3", NULL}},
    {":irc.example.com COMMAND param1 param2 :param3 param3", NULL, "irc.example.com", "COMMAND",
     {"param1", "param2", "param3 param3", NULL}},
    {"@tag1=value1;tag2;vendor1/tag3=value2;vendor2/tag4 COMMAND param1 param2 :param3 param3", "tag1=value1;tag2=;vendor1/tag3=value2;vendor2/tag4=;", NULL, "COMMAND",
     {"param1", "param2", "param3 param3", NULL}},
    {"COMMAND", NULL, NULL, "COMMAND",
     {NULL}},
    {"@foo=\\\\\\\\\\:\\\\s\\s\\r\\n COMMAND", "foo=\\\\;\\s \r\n;", NULL, "COMMAND",
     {NULL}},
    {":gravel.mozilla.org 432  #momo :Erroneous Nickname: Illegal characters", NULL, "gravel.mozilla.org", "432",
     {"#momo", "Erroneous Nickname: Illegal characters", NULL}},
    {":gravel.mozilla.org MODE #tckk +n ", NULL, "gravel.mozilla.org", "MODE",
     {"#tckk", "+n", NULL}},
    {":services.esper.net MODE #foo-bar +o foobar  ", NULL, "services.esper.net", "MODE",
     {"#foo-bar", "+o", "foobar", NULL}},
    {"@tag1=value\\\\ntest COMMAND", "tag1=value\\ntest;", NULL, "COMMAND",
     {NULL}},
    {"@tag1=value\\1 COMMAND", "tag1=value1;", NULL, "COMMAND",
     {NULL}},
    {"@tag1=value1\\ COMMAND", "tag1=value1;", NULL, "COMMAND",
     {NULL}},
    {"@tag1=1;tag2=3;tag3=4;tag1=5 COMMAND", "tag1=5;tag2=3;tag3=4;", NULL, "COMMAND",
     {NULL}},
    {"@tag1=1;tag2=3;tag3=4;tag1=5;vendor/tag2=8 COMMAND", "tag1=5;tag2=3;tag3=4;vendor/tag2=8;", NULL, "COMMAND",
     {NULL}},
    {":SomeOp MODE #channel :+i", NULL, "SomeOp", "MODE",
     {"#channel", "+i", NULL}},
    {":SomeOp MODE #channel +oo SomeUser :AnotherUser", NULL, "SomeOp", "MODE",
     {"#channel", "+oo", "SomeUser", "AnotherUser", NULL}},
};
/* clang-format on */

#define SPLIT (sizeof(split) / sizeof(split[0]))

/* Whether a later tag has the same key. */
static bool
comes_again(const struct tag *tag, const char *cursor)
{
    struct tag later;

    while (tag_next(&cursor, &later)) {
        if (later.key_len == tag->key_len &&
            memcmp(later.key, tag->key, tag->key_len) == 0)
            return true;
    }
    return false;
}

/* The values of a tag section by key, as in the table. */
static void
list_tags(const char *tags, char *out, size_t size)
{
    char order[16][64], value[200];
    struct tag tag;
    struct str s;
    int n = 0;

    str_init(&s, out, size);
    for (const char *at = tags; tag_next(&at, &tag) && n < 16;) {
        str_format(order[n++], 64, "%.*s", (int)tag.key_len, tag.key);
        for (int i = 0; i < n - 1; i++) {
            if (strcmp(order[i], order[n - 1]) == 0) {
                n--;
                break;
            }
        }
    }
    for (int i = 0; i < n; i++) {
        for (const char *at = tags; tag_next(&at, &tag);) {
            if (strlen(order[i]) != tag.key_len ||
                memcmp(order[i], tag.key, tag.key_len) != 0 || comes_again(&tag, at))
                continue;
            tag_unescape(tag.value, tag.value_len, value, sizeof(value));
            str_addf(&s, "%s=%s;", order[i], value);
        }
    }
}

static void
lines_split_as_the_vectors_say(void)
{
    for (size_t i = 0; i < SPLIT; i++) {
        char line[600], tags[600];
        struct message m;

        str_format(line, sizeof(line), "%s", split[i].input);
        EQUAL_NUMBER(message_parse(line, strlen(line), &m), MESSAGE_OK);
        EQUAL_TEXT(m.verb, split[i].verb);
        EQUAL_NUMBER(m.tags != NULL, split[i].tags != NULL);
        EQUAL_NUMBER(m.source != NULL, split[i].source != NULL);
        if (m.source != NULL)
            EQUAL_TEXT(m.source, split[i].source);
        if (m.tags != NULL) {
            list_tags(m.tags, tags, sizeof(tags));
            EQUAL_TEXT(tags, split[i].tags);
        }
        for (int p = 0; p < m.nparams; p++)
            EQUAL_TEXT(m.params[p], split[i].params[p]);
        CU_ASSERT_PTR_NULL(split[i].params[m.nparams]);
        CU_ASSERT_PTR_NULL(m.params[m.nparams]);
    }
}

static void
the_verb_is_found_without_parsing(void)
{
    static const struct {
        const char *line, *verb;
    } more[] = {
        {"", ""},           {"   ", ""},        {"@a", ""},        {"@a ", ""},
        {":a", ""},         {":a ", ""},        {"@a :b", ""},     {"  PING x", "PING"},
        {"@a  :b  C", "C"}, {"@a :b :c", ":c"}, {"@a @b c", "@b"}, {"PING", "PING"},
    };
    size_t len;

    for (size_t i = 0; i < SPLIT; i++) {
        const char *verb = message_verb(split[i].input, strlen(split[i].input), &len);

        EQUAL_NUMBER(len, strlen(split[i].verb));
        CU_ASSERT_TRUE(memcmp(verb, split[i].verb, len) == 0);
    }
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        const char *verb = message_verb(more[i].line, strlen(more[i].line), &len);

        EQUAL_NUMBER(len, strlen(more[i].verb));
        CU_ASSERT_TRUE(memcmp(verb, more[i].verb, len) == 0);
    }
}

static void
lines_without_a_verb_are_blank(void)
{
    static const char *const cases[] = {
        "",   " ",    "     ", "@",     "@a=b",    "@a=b ", ":",
        ": ", ":src", "@ :",   "@a :b", "@a :b  ", "  :a"};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char line[32];
        struct message m;

        str_format(line, sizeof(line), "%s", cases[i]);
        EQUAL_NUMBER(message_parse(line, strlen(line), &m), MESSAGE_BLANK);
    }
}

static void
bytes_that_smuggle_are_refused(void)
{
    static const char bad[] = {'\0', '\r', '\n'};

    for (size_t b = 0; b < sizeof(bad); b++) {
        for (size_t at = 0; at < 11; at++) {
            char line[] = "@t :s V p p";
            struct message m;

            line[at] = bad[b];
            EQUAL_NUMBER(message_parse(line, 11, &m), MESSAGE_BAD_BYTE);
        }
    }
}

/* Byte by byte, as the contract of message_look says. */
static enum message_status
looks(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] == '\0' || bytes[i] == '\r' || bytes[i] == '\n')
            return MESSAGE_BAD_BYTE;
    for (size_t i = 0, length; i < n; i += length)
        if ((length = str_utf8(bytes + i, n - i)) == 0)
            return MESSAGE_BAD_TEXT;
    return MESSAGE_OK;
}

static void
each_byte_at_each_place_is_seen(void)
{
    char text[24];

    for (size_t n = 0; n <= sizeof text; n++) {
        for (size_t at = 0; at < n; at++) {
            for (int byte = 0; byte < 256; byte++) {
                memset(text, byte % 2 ? 0x7f : 0x0e, n);
                text[at] = (char)byte;
                EQUAL_NUMBER(message_look(text, n), looks(text, n));
            }
        }
        EQUAL_NUMBER(message_look(text, 0), MESSAGE_OK);
    }
}

static void
any_mixture_of_bytes_is_seen(void)
{
    static const char some[] = "\0\1\r\n\x0e\x7f\x80\xc3\xa9\xff"
                               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    unsigned seen[3] = {0};
    unsigned dice = 7;
    char text[40];

    for (int round = 0; round < 100000; round++) {
        size_t n = (dice = dice * 1103515245u + 12345u) >> 16 & 31;
        for (size_t i = 0; i < n; i++) {
            dice = dice * 1103515245u + 12345u;
            text[i] = some[(dice >> 16) % (sizeof some - 1)];
        }
        enum message_status want = looks(text, n);
        EQUAL_NUMBER(message_look(text, n), want);
        seen[want == MESSAGE_OK ? 0 : want == MESSAGE_BAD_BYTE ? 1 : 2]++;
    }
    CU_ASSERT(seen[0] > 1000 && seen[1] > 1000 && seen[2] > 1000);
}

static void
the_fifteenth_parameter_takes_the_rest(void)
{
    static const struct {
        const char *rest, *last;
        int n;
    } cases[] = {
        {"", NULL, 13},         {" n", NULL, 14},
        {" n o", "o", 15},      {" n o p q", "o p q", 15},
        {" n :o p", "o p", 15}, {" n o :p", "o :p", 15},
        {" n :", "", 15},       {" n   o", "o", 15},
        {" :n o p", NULL, 14},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char line[128];
        struct message m;

        str_format(line, sizeof(line), "V a b c d e f g h i j k l m%s", cases[i].rest);
        EQUAL_NUMBER(message_parse(line, strlen(line), &m), MESSAGE_OK);
        EQUAL_NUMBER(m.nparams, cases[i].n);
        EQUAL_TEXT(m.params[12], "m");
        CU_ASSERT_PTR_NULL(m.params[m.nparams]);
        if (cases[i].last != NULL)
            EQUAL_TEXT(m.params[14], cases[i].last);
    }
}

static void
empty_sections_are_none(void)
{
    char line[] = "@ : VERB";
    struct message m;

    EQUAL_NUMBER(message_parse(line, strlen(line), &m), MESSAGE_OK);
    CU_ASSERT_PTR_NULL(m.tags);
    CU_ASSERT_PTR_NULL(m.source);
    EQUAL_TEXT(m.verb, "VERB");
    EQUAL_NUMBER(m.nparams, 0);
}

static void
tag_sections_are_measured(void)
{
    static const struct {
        const char *line;
        size_t length;
    } cases[] = {
        {"", 0},    {"PING", 0}, {" @a b", 0}, {"@a b", 3},  {"@a   b", 5},
        {"@ b", 2}, {"@a", 2},   {"@a  ", 4},  {"@a @b", 3}, {":s @a", 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        EQUAL_NUMBER(message_tags_length(cases[i].line, strlen(cases[i].line)),
                     cases[i].length);
    EQUAL_NUMBER(message_tags_length("@abc def", 3), 3);
}

static void
tags_are_walked(void)
{
    static const struct {
        const char *tags, *seen;
    } cases[] = {
        {"", ""},
        {"a", "a|"},
        {"a=", "a=|"},
        {"a=b=c", "a=b=c|"},
        {"a;b=1;", "a|b=1|"},
        {";;a;;", "a|"},
        {"=x;a", "a|"},
        {"+draft/reply=1;vendor.example/x", "+draft/reply=1|vendor.example/x|"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *at = cases[i].tags;
        char seen[100];
        struct tag tag;
        struct str s;

        str_init(&s, seen, sizeof(seen));
        while (tag_next(&at, &tag)) {
            str_addn(&s, tag.key, tag.key_len);
            str_add(&s, tag.value != NULL ? "=" : "");
            str_addn(&s, tag.value != NULL ? tag.value : "", tag.value_len);
            str_addc(&s, '|');
        }
        EQUAL_TEXT(seen, cases[i].seen);
        CU_ASSERT_FALSE(tag_next(&at, &tag));
    }
}

static void
tag_values_are_unescaped(void)
{
    static const struct {
        const char *value, *text;
    } cases[] = {
        {"", ""},         {"plain", "plain"}, {"\\:\\s\\\\\\r\\n", "; \\\r\n"},
        {"a\\bc", "abc"}, {"a\\", "a"},       {"\\", ""},
        {"\\\\s", "\\s"}, {"\\\\\\s", "\\ "}, {"\xC3\xBC\\s", "\xC3\xBC "},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[32] = "?";

        EQUAL_NUMBER(tag_unescape(cases[i].value, strlen(cases[i].value), out, 32),
                     strlen(cases[i].text));
        EQUAL_TEXT(out, cases[i].text);
    }
}

static void
a_value_that_does_not_fit_is_empty(void)
{
    char out[5] = "?";

    EQUAL_NUMBER(tag_unescape("abcd", 4, out, 5), 4);
    EQUAL_TEXT(out, "abcd");
    EQUAL_NUMBER(tag_unescape("abcde", 5, out, 5), 0);
    EQUAL_TEXT(out, "");
    EQUAL_NUMBER(tag_unescape("\\sbcd\\", 6, out, 5), 4);
    EQUAL_TEXT(out, " bcd");
    EQUAL_NUMBER(tag_unescape(NULL, 0, out, 1), 0);
    EQUAL_TEXT(out, "");
    EQUAL_NUMBER(tag_unescape("a", 1, out, 1), 0);
    EQUAL_NUMBER(tag_unescape("a", 1, out, 0), 0);
}

static void
random_lines_stay_in_bounds(void)
{
    unsigned seed = 11;
    int ok = 0;

    for (int round = 0; round < 50000; round++) {
        char line[41], *heap;
        size_t n, verb_len;
        struct message m;

        for (n = 0; n < 40; n++) {
            seed = seed * 1103515245u + 12345u;
            line[n] = "aB  ::@@;=\\\t#!"[(seed >> 16) % 14];
        }
        n = (seed >> 8) % 41;
        heap = malloc(n + 1); /* exactly this size, for the sanitizers */
        memcpy(heap, line, n);
        heap[n] = '\0';
        message_verb(heap, n, &verb_len);
        if (message_parse(heap, n, &m) == MESSAGE_OK) {
            ok++;
            if (strlen(m.verb) != verb_len || verb_len == 0 ||
                m.nparams > MESSAGE_PARAMS)
                CU_FAIL_FATAL("two readings of one line");
        } else if (verb_len > 0) {
            CU_FAIL_FATAL("a verb in a blank line");
        }
        free(heap);
    }
    CU_ASSERT_TRUE(ok > 10000);
}

SUITE(message)
{
    TEST(lines_split_as_the_vectors_say);
    TEST(the_verb_is_found_without_parsing);
    TEST(lines_without_a_verb_are_blank);
    TEST(bytes_that_smuggle_are_refused);
    TEST(each_byte_at_each_place_is_seen);
    TEST(any_mixture_of_bytes_is_seen);
    TEST(the_fifteenth_parameter_takes_the_rest);
    TEST(empty_sections_are_none);
    TEST(tag_sections_are_measured);
    TEST(tags_are_walked);
    TEST(tag_values_are_unescaped);
    TEST(a_value_that_does_not_fit_is_empty);
    TEST(random_lines_stay_in_bounds);
}
