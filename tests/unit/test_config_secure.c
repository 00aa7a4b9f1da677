/* Options about TLS: fingerprints, OPER without TLS. */
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "policy/access.h"
#include "policy/privs.h"
#include "test.h"

#include <string.h>

static const struct config_words words = {privs_names, access_host_mask};

static void
take_fault(void *ctx, const char *text)
{
    struct str *s = ctx;
    str_addf(s, "%s\n", text);
}

/* The configuration, or NULL and its faults. */
static struct config *
parse(const char *text, char told[4000])
{
    struct str s;
    str_init(&s, told, 4000);
    return config_parse("t.conf", text, &words, take_fault, &s);
}

struct wrong {
    const char *text, *fault; /* all faults */
};

static void
each_is_told(const struct wrong *cases, size_t n)
{
    char told[4000];
    for (size_t i = 0; i < n; i++) {
        CU_ASSERT_PTR_NULL(parse(cases[i].text, told));
        EQUAL_TEXT(told, cases[i].fault);
    }
}
#define EACH_IS_TOLD(cases) each_is_told(cases, sizeof(cases) / sizeof *(cases))

/* As openssl prints it, and as WHOIS shows it. */
static void
fingerprints_are_read_with_colons_or_without(void)
{
    char told[4000];
    struct config *c = parse(
        "oper \"a\" { hosts = { \"*@*\" } certfp = {\n"
        "\"3C:4D:8B:1F:0A:9E:7D:6C:5B:4A:39:28:17:06:F5:E4:D3:C2:B1:A0:99:88:77:66:55:"
        "44:"
        "33:22:11:00:0F:ED\",\n"
        "\"3c4D8B1F0A9E7D6C5B4A39281706F5E4D3C2B1A0998877665544332211000FEd\" } }\n"
        "opers { plaintext = never }",
        told);
    CU_ASSERT_EQUAL_FATAL(c->n_oper, 1);
    CU_ASSERT_EQUAL_FATAL(c->oper[0].n_certfp, 2);
    for (int i = 0; i < 2; i++)
        EQUAL_TEXT(c->oper[0].certfp[i],
                   "3c4d8b1f0a9e7d6c5b4a39281706f5e4d3c2b1a0998877665544332211000fed");
    CU_ASSERT_PTR_NULL(c->oper[0].password);
    EQUAL_TEXT(c->opers.plaintext, "never");
    config_free(c);
}

static void
wrong_fingerprints_are_refused(void)
{
#define HEX60 "111111111122222222223333333333444444444455555555556666666666"
#define WANTED                                                                         \
    "t.conf:1: oper \"a\" certfp: not a SHA-256 fingerprint: 64 hex digits, with or "  \
    "without "                                                                         \
    "colons"
    static const struct wrong cases[] = {
        {"oper a { hosts = { \"*@*\" } certfp = { \"" HEX60 "777\" } }", WANTED "\n"},
        {"oper a { hosts = { \"*@*\" } certfp = { \"" HEX60 "77777\" } }", WANTED "\n"},
        {"oper a { hosts = { \"*@*\" } certfp = { \"" HEX60 "777g\" } }", WANTED "\n"},
        {"oper a { hosts = { \"*@*\" } certfp = { \"" HEX60 ":77:77:\" } }",
         WANTED "\n"},
        {"oper a { hosts = { \"*@*\" } certfp = { \"" HEX60 "::7777\" } }",
         WANTED "\n"},
        {"oper a { hosts = { \"*@*\" } certfp = { \"" HEX60 "7:777\" } }", WANTED "\n"},
        {"oper a { hosts = { \"*@*\" } certfp = { \" " HEX60 "7777\" } }", WANTED "\n"},
        {"oper a { hosts = { \"*@*\" } certfp = { \"\" } }", WANTED "\n"},
        {"oper a { hosts = { \"*@*\" } certfp = { "
         "\"da39a3ee5e6b4b0d3255bfef95601890afd80709\" } }",
         WANTED "; this one is SHA-1\n"},
        {"oper a { hosts = { \"*@*\" } certfp = { } }",
         "t.conf:1: certfp is an empty list; expected at least one value\n"},
        {"oper a { certfp = \"" HEX60 "7777\" }",
         "t.conf:1: oper \"a\": option hosts is missing: from where OPER works\n"},
        {"opers { plaintext = maybe }",
         "t.conf:1: opers.plaintext: \"maybe\" is not loopback, allow or never\n"},
    };
    EACH_IS_TOLD(cases);
}

static void
a_class_needs_a_condition(void)
{
#define NEEDS                                                                          \
    "t.conf:1: class \"a\": option match is missing: the addresses it is for\n"
    static const struct wrong cases[] = {
        {"class a { }", NEEDS},
        {"class a { per_host = 5 }", NEEDS},
        {"class a { certfp = { \"12\" } }",
         "t.conf:1: class \"a\" certfp: not a SHA-256 fingerprint: 64 hex digits, with "
         "or "
         "without colons\n"},
    };
    char told[4000];
    EACH_IS_TOLD(cases);
    struct config *c = parse("class a { tls = true } class b { match = { \"::/0\" } }\n"
                             "class c { certfp = { \"" HEX60 "7777\" } }",
                             told);
    CU_ASSERT_EQUAL_FATAL(c->n_class, 3);
    CU_ASSERT(c->class[0].tls && c->class[0].n_match == 0);
    CU_ASSERT(!c->class[1].tls && c->class[1].n_certfp == 0);
    EQUAL_TEXT(c->class[2].certfp[0], HEX60 "7777");
    config_free(c);
}

SUITE(config_secure)
{
    TEST(fingerprints_are_read_with_colons_or_without);
    TEST(wrong_fingerprints_are_refused);
    TEST(a_class_needs_a_condition);
}
