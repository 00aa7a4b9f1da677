/* Options about TLS: fingerprints, OPER without TLS. */
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "policy/access.h"
#include "policy/privs.h"
#include "test.h"

#include <string.h>

static const struct config_words words = {.privileges = privs_names,
                                          .host_mask = access_host_mask};

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
         "t.conf:1: oper \"a\": option hosts is missing: from where OPER works, or its "
         "token is accepted\n"},
        {"opers { plaintext = maybe }",
         "t.conf:1: opers.plaintext: \"maybe\" is not loopback, allow or never\n"},
    };
    EACH_IS_TOLD(cases);
}

static void
a_class_needs_a_condition(void)
{
#define NEEDS                                                                          \
    "t.conf:1: class \"a\": option match is missing: the addresses it is for, or tls " \
    "= "                                                                               \
    "true, or certfp\n"
    static const struct wrong cases[] = {
        {"class a { }", NEEDS},
        {"class a { per_host = 5 }", NEEDS},
        {"class a { tls = false }",
         NEEDS}, /* it is for all clients, not for plain ones */
        {"class a { certfp = { \"12\" } }",
         "t.conf:1: class \"a\" certfp: not a SHA-256 fingerprint: 64 hex digits, with "
         "or "
         "without colons\n"},
    };
    char told[4000];
    EACH_IS_TOLD(cases);
    struct config *c = parse("class a { tls = true }\n"
                             "class b { match = { \"::/0\" } tls = false }\n"
                             "class c { certfp = { \"" HEX60 "7777\" } }",
                             told);
    CU_ASSERT_EQUAL_FATAL(c->n_class, 3);
    CU_ASSERT(c->class[0].tls && c->class[0].n_match == 0);
    CU_ASSERT(!c->class[1].tls && c->class[1].n_certfp == 0);
    EQUAL_TEXT(c->class[2].certfp[0], HEX60 "7777");
    config_free(c);
}

static void
options_without_effect_are_refused(void)
{
#define PAIR "certificate = c key = k"
    static const struct wrong cases[] = {
        {"listen \"192.0.2.1:6667\" { redirect = true }",
         "t.conf:1: listen \"192.0.2.1:6667\" redirect: there is no listener with tls "
         "= "
         "true that clients could use instead\n"},
        {"listen \"0.0.0.0:6667\" { redirect = true }\n"
         "listen \"[::1]:6697\" { tls = true }",
         "t.conf:1: listen \"0.0.0.0:6667\" redirect: there is no listener with tls = "
         "true that other machines reach\n"},
        {"listen \"192.0.2.1:6697\" {\nredirect = true tls = true }",
         "t.conf:1: listen \"192.0.2.1:6697\" redirect: a listener with tls = true has "
         "nothing to redirect\n"},
        {"tls a.example.org { " PAIR " preload = true }",
         "t.conf:1: tls \"a.example.org\" preload: it needs sts with a duration above "
         "0s\n"},
        {"tls a.example.org { " PAIR " preload = true sts = \"0s\" }",
         "t.conf:1: tls \"a.example.org\" preload: it needs sts with a duration above "
         "0s\n"},
        {"tls a.example.org { " PAIR " sts = 30 }",
         "t.conf:1: tls \"a.example.org\" sts: \"30\" is not a duration from 0s to "
         "3650d; "
         "it lacks a unit (ms, s, m, h, d, w or y)\n"},
        {"tls a.example.org { " PAIR " sts = \"11y\" }",
         "t.conf:1: tls \"a.example.org\" sts: \"11y\" is not a duration from 0s to "
         "3650d\n"},
    };
    char told[4000];
    EACH_IS_TOLD(cases);
    struct config *c =
        parse("tls a.example.org { " PAIR " }\n"
              "tls b.example.org { " PAIR " sts = \"0s\" }\n"
              "tls c.example.org { " PAIR " sts = \"1d\" preload = yes }\n"
              "listen \"127.0.0.1:6667\" { redirect = true }\n"
              "listen \"[::1]:6697\" { tls = true }",
              told);
    CU_ASSERT_EQUAL_FATAL(c->n_tls, 3);
    EQUAL_NUMBER(c->tls[0].sts, -1);
    EQUAL_NUMBER(c->tls[1].sts, 0);
    EQUAL_NUMBER(c->tls[2].sts, 86400000);
    CU_ASSERT(c->tls[2].preload && !c->tls[0].preload);
    EQUAL_NUMBER(config_public_tls_port(c), 0);
    EQUAL_NUMBER(config_tls_port(c, true), 6697);
    EQUAL_NUMBER(config_tls_port(c, false), 0);
    config_free(c);
}

/* What `ircd -t` and the start warn of. */
static void
listeners_without_tls_are_told(void)
{
#define READ_ON_THE_WAY                                                                \
    "other machines connect without TLS, so passwords and messages can be read on "    \
    "the "                                                                             \
    "way; "
#define NO_CLIENT                                                                      \
    "class \"a\": no client is of this class, because no listener has tls = true, "    \
    "and "                                                                             \
    "no proxy may tell "
#define WEBIRC "proxy k { match = ::2 accepts = webirc certfp = \"" HEX60 "7777\" }\n"
    static const struct wrong cases[] = {
        {"", ""},
        {"listen \"127.0.0.1:6667\" { } listen \"[::1]:6667\" { }", ""},
        {"listen \"0.0.0.0:6697\" { tls = true }", ""},
        {"listen \"127.0.0.1:6697\" { tls = true } tls irc.example.org { " PAIR "}",
         ""},
        {"listen \"127.0.0.1:6697\" { proxy = true } tls irc.example.org { " PAIR "}\n"
         "proxy p { match = ::2 accepts = proxy-protocol }",
         ""},
        {"listen \"127.0.0.1:6697\" { } tls irc.example.org { " PAIR "}",
         "tls \"irc.example.org\": no client gets this certificate, because no "
         "listener has tls = true; add one, as in listen \"[::]:6697\" { tls = true "
         "}\n"},
        {"listen \"0.0.0.0:6667\" { redirect = true } listen \"[::]:6697\" { tls = "
         "true v6only = false }",
         ""},
        {"listen \"[::]:6667\" { redirect = true } listen \"[::]:6697\" { tls = true }",
         ""},
        /* [::] takes no IPv4 */
        {"listen \"0.0.0.0:6667\" { redirect = true } listen \"[::]:6697\" { tls = "
         "true }",
         "listen \"0.0.0.0:6667\": its clients cannot reach the port with TLS; add a "
         "listener with tls = true for IPv4\n"},
        {"listen \"[::]:6667\" { redirect = true v6only = false }\n"
         "listen \"0.0.0.0:6697\" { tls = true }",
         "listen \"[::]:6667\": its clients cannot reach the port with TLS; add a "
         "listener with tls = true for IPv6\n"},
        {"listen \"0.0.0.0:6667\" { } listen \"[::1]:6697\" { tls = true }",
         "listen \"0.0.0.0:6667\": " READ_ON_THE_WAY
         "add a listener with tls = true\n"},
        {"listen \"192.0.2.1:6667\" { } listen \"0.0.0.0:6697\" { tls = true }",
         "listen \"192.0.2.1:6667\": " READ_ON_THE_WAY
         "redirect = true sends them to port 6697\n"},
        {"listen \"192.0.2.1:6667\" { } listen \"[2001:db8::1]:6697\" { tls = true "
         "v6only = false }",
         "listen \"192.0.2.1:6667\": " READ_ON_THE_WAY
         "add a listener with tls = true for IPv4\n"},
        {"opers { plaintext = never } listen \"[::1]:6667\" { }\n"
         "oper a { hosts = { \"*@*\" } certfp = { \"" HEX60 "7777\" } }",
         "opers.plaintext = never: OPER works nowhere, because no listener has tls = "
         "true\n"},
        {"opers { plaintext = never } listen \"[::1]:6667\" { }", ""},
        /* a proxy may say that there is TLS */
        {"opers { plaintext = never } listen \"[::1]:6667\" { }\n" WEBIRC
         "oper a { hosts = { \"*@*\" } certfp = { \"" HEX60 "7777\" } }",
         ""},
        {"class a { tls = true } listen \"[::1]:6667\" { }",
         NO_CLIENT "that a client has TLS\n"},
        {"class a { match = ::1 } listen \"[::1]:6667\" { }", ""},
        {"class a { tls = true } listen \"[::1]:6697\" { tls = true }", ""},
        {"class a { tls = true } listen \"[::1]:6667\" { }\n" WEBIRC, ""},
        {"class a { tls = true } listen \"[::1]:6667\" { class = a }", ""},
        {"class a { tls = true } listen \"unix:x\" { proxy = true }", ""},
        {"class a { certfp = \"" HEX60 "7777\" } listen \"[::1]:6697\" { tls = yes }",
         ""},
        {"class a { certfp = \"" HEX60 "7777\" } listen \"[::1]:6667\" { }\n" WEBIRC,
         NO_CLIENT "the fingerprint of a certificate\n"},
        {"class a { certfp = \"" HEX60 "7777\" } listen \"[::1]:6667\" { }\n"
         "proxy g { match = ::2 accepts = webirc certfp = \"" HEX60 "7777\" "
         "trusts = certfp }",
         ""},
        /* the default: OPER from other machines needs TLS */
        {"listen \"0.0.0.0:6667\" { } listen \"[::1]:6697\" { tls = true }\n"
         "oper a { hosts = { \"*@*\" } certfp = { \"" HEX60 "7777\" } }",
         "listen \"0.0.0.0:6667\": " READ_ON_THE_WAY "add a listener with tls = true\n"
         "opers.plaintext = loopback: OPER works from this machine alone, because no "
         "listener with tls = true is for other machines\n"},
        {"listen \"127.0.0.1:6667\" { }\n"
         "oper a { hosts = { \"*@*\" } certfp = { \"" HEX60 "7777\" } }",
         ""},
        {"listen \"0.0.0.0:6697\" { tls = true }\n"
         "listen \"0.0.0.0:6667\" { redirect = true }\n"
         "oper a { hosts = { \"*@*\" } certfp = { \"" HEX60 "7777\" } }",
         ""},
    };
    char faults[4000], told[4000];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str s;
        struct config *c = parse(cases[i].text, faults);
        CU_ASSERT_PTR_NOT_NULL_FATAL(c);
        str_init(&s, told, sizeof told);
        config_plaintext(c, take_fault, &s);
        EQUAL_TEXT(told, cases[i].fault);
        config_free(c);
    }
}

SUITE(config_secure)
{
    TEST(fingerprints_are_read_with_colons_or_without);
    TEST(wrong_fingerprints_are_refused);
    TEST(a_class_needs_a_condition);
    TEST(options_without_effect_are_refused);
    TEST(listeners_without_tls_are_told);
}
