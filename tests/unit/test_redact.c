/* The form that log.redact gives to a value; one client has one token everywhere. */
#include "base/redact.h"
#include "base/str.h"
#include "test.h"

static struct redact
redacting(enum redact_mode mode)
{
    return (struct redact){.mode = mode, .key = {{1, 2, 3}}};
}

static const char *
redacted(enum redact_mode mode, const char *key, const char *value)
{
    static char out[4][2048];
    static int n;
    struct redact r = redacting(mode);
    char *room = out[n++ % 4];
    return redact_value(&r, key, value, room, sizeof out[0]);
}

static void
modes_are_three_words(void)
{
    enum redact_mode mode = REDACT_NONE;
    CU_ASSERT(redact_parse("hash", &mode) && mode == REDACT_HASH);
    CU_ASSERT(redact_parse("full", &mode) && mode == REDACT_FULL);
    CU_ASSERT(redact_parse("none", &mode) && mode == REDACT_NONE);
    CU_ASSERT(!redact_parse("Hash", &mode) && !redact_parse("", &mode));
    EQUAL_NUMBER(mode, REDACT_NONE);
}

static void
without_redaction_the_value_itself_stands(void)
{
    static const char value[] = "bob!b@192.0.2.7";
    CU_ASSERT(redacted(REDACT_NONE, "client", value) == value);
    CU_ASSERT(redacted(REDACT_HASH, "by", value) == value);
    CU_ASSERT(redacted(REDACT_FULL, "until", value) == value);
}

static void
addresses_alone_are_hidden_from_readers_without_see_address(void)
{
    static const struct {
        const char *key, *value, *want;
    } cases[] = {
        {"client", "bob!b@192.0.2.7", "bob!b@*"},
        {"client", "bob!b@2001:db8::7", "bob!b@*"},
        {"client", "bob!b@x.cloak", "bob!b@x.cloak"},
        {"nick", "bob", "bob"},
        {"host", "192.0.2.0/24", "*/24"},
        {"host", "0::1", "*"},
        {"mask", "*@192.0.2.*", "*@*"},
        {"mask", "*@192.0.2.1?", "*@*"},
        {"mask", "guest*", "guest*"},
        {"mask", "*free\\smoney*", "*free\\smoney*"},
        {"why", "the host 192.0.2.7, of *@192.0.2.0/24.", "the host *, of *@*/24."},
        {"told", "You are banned: go, 192.0.2.7!", "You are banned: go, *!"},
        {"reason", "evades from [2001:db8::1]: bye!", "evades from *: bye!"},
        {"by", "192.0.2.7", "192.0.2.7"},
        {"removed", "7", "7"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        EQUAL_TEXT(redacted(REDACT_ADDRESSES, cases[i].key, cases[i].value),
                   cases[i].want);
}

static void
full_keeps_the_form_and_no_name(void)
{
#define R "<redacted>"
    static const struct {
        const char *key, *value, *want;
    } cases[] = {
        {"client", "bob!b@192.0.2.7", R "!" R "@" R},
        {"client", "*!*@192.0.2.7", "*!*@" R},
        {"nick", "bob", R},
        {"nick", "*", "*"},
        {"host", "192.0.2.0/24", R "/24"},
        {"host", "2001:db8::/64", R "/64"},
        {"mask", "*@192.0.2.*", "*@" R},
        {"mask", "?ob*!*@*", R "!*@*"},
        {"mask", "a bot's *name", R},
        {"mask", "", ""},
        {"reason", "spam, says bob", R},
        {"reason", "", ""},
        {"a key without a row", "bob", R},
        {"why", "a wrong password", "a wrong password"},
        {"why", "f:2: \"b@1.2.3.4x\": not a mask", "f:2: \"" R "@" R "\": not a mask"},
        {"why", "match: 1.2.3.4/33, 0.3.0 at 14:03:05",
         "match: " R ", 0.3.0 at 14:03:05"},
        {"why", "from 2001:db8::1.", "from " R "."},
        {"why", "prefix 2001:db8::", "prefix " R},
        {"why", "at [::1]:6667 ...", "at " R " ..."},
        {"why", "nick[x]!u@h, (bob!*@*)", R "!" R "@" R ", (" R "!*@*)"},
        {"why", "no! really", "no! really"},
        {"told", "You are banned (K-line) until 14:03:05 UTC (10m): bob, you spam",
         "You are banned (K-line) until 14:03:05 UTC (10m): " R},
        {"told", "The server is full", "The server is full"},
    };
#undef R
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        EQUAL_TEXT(redacted(REDACT_FULL, cases[i].key, cases[i].value), cases[i].want);
}

static void
one_address_is_one_token_however_it_is_written(void)
{
    static const struct {
        const char *key, *value, *before, *after;
    } cases[] = {
        {"host", "192.0.2.7", "", ""},
        {"host", "::ffff:192.0.2.7", "", ""},
        {"host", "::FFFF:c000:207", "", ""},
        {"host", "192.0.2.7/32", "", ""},
        {"mask", "*@192.0.2.7", "*@", ""},
        {"client", "*!*@192.0.2.7", "*!*@", ""},
        {"why", "from 192.0.2.7: no", "from ", ": no"},
        {"note", "(*@192.0.2.7)", "(*@", ")"},
        {"told", "Refused 192.0.2.7: ", "Refused ", ": "},
    };
    char token[64], want[128];
    str_format(token, sizeof token, "%s", redacted(REDACT_HASH, "host", "192.0.2.7"));
    EQUAL_NUMBER(strlen(token), 14);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        str_format(want, sizeof want, "%s%s%s", cases[i].before, token, cases[i].after);
        EQUAL_TEXT(redacted(REDACT_HASH, cases[i].key, cases[i].value), want);
    }
    EQUAL_TEXT(redacted(REDACT_HASH, "host", "2001:DB8:0::1"),
               redacted(REDACT_HASH, "host", "2001:db8::1"));
    /* As a parameter it may not begin with a colon. */
    EQUAL_TEXT(redacted(REDACT_HASH, "host", "0::1"),
               redacted(REDACT_HASH, "host", "::1"));
}

static void
one_nick_is_one_token_in_any_case(void)
{
    char token[64], want[128];
    str_format(token, sizeof token, "%s", redacted(REDACT_HASH, "nick", "bob"));
    EQUAL_TEXT(redacted(REDACT_HASH, "nick", "BOB"), token);
    str_format(want, sizeof want, "%s!%s@*", token, token);
    EQUAL_TEXT(redacted(REDACT_HASH, "mask", "Bob!bob@*"), want);
    CU_ASSERT(strcmp(redacted(REDACT_HASH, "nick", "bop"), token) != 0);
}

static void
another_key_makes_other_tokens(void)
{
    char a[64], b[64];
    struct redact one = redacting(REDACT_HASH), two = one;
    two.key.bytes[15] ^= 1;
    EQUAL_NUMBER(strcmp(redact_value(&one, "host", "192.0.2.7", a, sizeof a),
                        redact_value(&two, "host", "192.0.2.7", b, sizeof b)) != 0,
                 true);
}

static void
a_value_that_is_too_long_is_cut_and_shows_nothing(void)
{
    char value[3000], out[100];
    struct redact r = redacting(REDACT_HASH);
    static const char *const keys[] = {"reason", "why", "client", "told"};
    for (size_t i = 0; i + 1 < sizeof value; i++)
        value[i] = i % 8 == 7 ? ' ' : "b@1.2.3"[i % 8];
    value[sizeof value - 1] = '\0';
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *got = redact_value(&r, keys[i], value, out, sizeof out);
        CU_ASSERT(strlen(got) < sizeof out);
        CU_ASSERT(strstr(got, "1.2.3") == NULL);
    }
}

SUITE(redact)
{
    TEST(modes_are_three_words);
    TEST(without_redaction_the_value_itself_stands);
    TEST(addresses_alone_are_hidden_from_readers_without_see_address);
    TEST(full_keeps_the_form_and_no_name);
    TEST(one_address_is_one_token_however_it_is_written);
    TEST(one_nick_is_one_token_in_any_case);
    TEST(another_key_makes_other_tokens);
    TEST(a_value_that_is_too_long_is_cut_and_shows_nothing);
}
