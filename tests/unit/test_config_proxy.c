/* Proxy blocks, and listeners that are unix sockets or stand behind a proxy. */
#include "faulty.h"

static void
unix_listeners_are_read(void)
{
    struct config *c =
        faulty_none("listen \"unix:/run/ircd/irc.sock\" { }\n"
                    "class \"tor\" { match = { \"fc00::/7\" } }\n"
                    "listen \"unix:tor.sock\" { mode = \"0600\" proxy = true\n"
                    "class = \"tor\" }\n"
                    "listen \"unix:x\" { mode = 000 }");
    CU_ASSERT_EQUAL_FATAL(c->n_listen, 3);
    EQUAL_TEXT(c->listen[0].text, "unix:/run/ircd/irc.sock");
    EQUAL_TEXT(c->listen[0].path, "/run/ircd/irc.sock");
    EQUAL_NUMBER(c->listen[0].port, 0);
    EQUAL_NUMBER(c->listen[0].mode, 0660);
    CU_ASSERT_TRUE(addr_is_loopback(&c->listen[0].addr));
    CU_ASSERT_FALSE(c->listen[0].proxy);
    CU_ASSERT_PTR_NULL(c->listen[0].class);
    EQUAL_TEXT(c->listen[1].path, "tor.sock");
    EQUAL_NUMBER(c->listen[1].mode, 0600);
    CU_ASSERT_TRUE(c->listen[1].proxy);
    EQUAL_TEXT(c->listen[1].class, "tor");
    EQUAL_NUMBER(c->listen[2].mode, 0);
    config_free(c);
}

#define DIGITS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
proxies_are_read(void)
{
    struct config *c = faulty_none(
        "proxy haproxy { match = { \"10.0.0.2\", \"2001:db8::/64\" } accepts = { "
        "\"proxy-protocol\" } }\n"
        "proxy \"kiwi\" { match = { \"192.0.2.9\" } accepts = { webirc, "
        "proxy-protocol }\n"
        "token = \"sha256:" DIGITS "\" certfp = { \"" DIGITS "\",\n"
        "\"AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:"
        "AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89\" }\n"
        "trusts = { \"certfp\" } connections = 1000 }");
    CU_ASSERT_EQUAL_FATAL(c->n_proxy, 2);
    EQUAL_TEXT(c->proxy[0].name, "haproxy");
    EQUAL_NUMBER(c->proxy[0].n_match, 2);
    EQUAL_NUMBER(c->proxy[0].accepts, ACCEPTS_PROXY_PROTOCOL);
    EQUAL_NUMBER(c->proxy[0].connections, 0);
    CU_ASSERT_PTR_NULL(c->proxy[0].token);
    EQUAL_NUMBER(c->proxy[1].accepts, ACCEPTS_PROXY_PROTOCOL | ACCEPTS_WEBIRC);
    EQUAL_TEXT(c->proxy[1].token, "sha256:" DIGITS);
    CU_ASSERT_EQUAL_FATAL(c->proxy[1].n_certfp, 2);
    EQUAL_TEXT(c->proxy[1].certfp[0], DIGITS);
    EQUAL_TEXT(c->proxy[1].certfp[1],
               "abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789");
    EQUAL_NUMBER(c->proxy[1].trusts, TRUSTS_CERTFP);
    EQUAL_NUMBER(c->proxy[1].connections, 1000);
    config_free(c);
}

static void
wrong_proxies_are_refused(void)
{
#define A "proxy a {\nmatch = { "
#define WEBIRC A "\"10.0.0.1\" } accepts = { webirc }\n"
    static const struct wrong cases[] = {
        {"proxy \"\" { match = { \"10.0.0.1\" } accepts = { proxy-protocol } }",
         "t.conf:1: proxy \"\": not a name"},
        {"proxy a { match = { \"10.0.0.1\" } }",
         "t.conf:1: proxy \"a\": option accepts is missing: how it tells"},
        {"proxy a { accepts = { proxy-protocol } }",
         "t.conf:1: proxy \"a\": option match is missing: the addresses of the "
         "proxy\n"},
        {A "\"10.0.0.1/8\" } accepts = { proxy-protocol } }",
         "t.conf:2: proxy \"a\" match: \"10.0.0.1/8\" is one address of a network"},
        {A "\"0.0.0.0/0\" } accepts = { proxy-protocol } }",
         "t.conf:2: proxy \"a\" match: \"0.0.0.0/0\" is not the address of a proxy; it "
         "is every address"},
        {A "\"::/0\" } accepts = { proxy-protocol } }",
         "t.conf:2: proxy \"a\" match: \"::/0\" is not the address of a proxy"},
        {A "\"10.0.0.1\" } accepts = { x-forwarded-for } }",
         "t.conf:2: proxy \"a\" accepts: \"x-forwarded-for\" is not "
         "\"proxy-protocol\", \"webirc\" or \"forwarded\"\n"},
        {A "\"10.0.0.1\" } accepts = { forwarded } trusts = { certfp } }",
         "t.conf:1: proxy \"a\": token, certfp and trusts are for accepts = { "
         "\"webirc\" } only\n"},
        {WEBIRC "}", "t.conf:1: proxy \"a\": webirc needs a token or a certfp; `ircd "
                     "--make-token`"},
        {WEBIRC "token = secret }", "t.conf:3: proxy \"a\" token: the value is not the "
                                    "SHA-256 of a token; a token "
                                    "is never written here as plain text"},
        {WEBIRC "token = \"" DIGITS "\" }",
         "t.conf:3: proxy \"a\" token: the value is not the SHA-256 of a token"},
        {WEBIRC "token = \"sha256:" DIGITS "0\" }",
         "t.conf:3: proxy \"a\" token: the value is not the SHA-256 of a token"},
        {WEBIRC "certfp = { \"ab:cd\" } }",
         "t.conf:3: proxy \"a\" certfp: not a SHA-256 fingerprint: 64 hex "
         "digits"},
        {WEBIRC "certfp = { \"" DIGITS "0\" } }",
         "t.conf:3: proxy \"a\" certfp: not a SHA-256 fingerprint"},
        {WEBIRC "certfp = { \"" DIGITS "\" } trusts = { secure } }",
         "t.conf:3: proxy \"a\" trusts: \"secure\" is not \"certfp\"\n"},
        {WEBIRC "certfp = { \"" DIGITS "\" } connections = -1 }",
         "t.conf:3: proxy \"a\" connections: \"-1\" is not a whole number from 0 to "
         "1000000 (connections)\n"},
        {A "\"10.0.0.1\" } accepts = { proxy-protocol } token = \"sha256:" DIGITS
           "\" }",
         "t.conf:1: proxy \"a\": token, certfp and trusts are for accepts = { "
         "\"webirc\" "
         "} only\n"},
        {A "\"10.0.0.1\" } accepts = { proxy-protocol } trusts = { certfp } }",
         "t.conf:1: proxy \"a\": token, certfp and trusts are for accepts"},
    };
    EACH_IS_TOLD(cases);
#undef A
#undef WEBIRC
}

static void
options_of_listeners_go_together(void)
{
    static const struct wrong cases[] = {
        {"listen '1.2.3.4:1' { mode = \"0600\" }",
         "t.conf:1: listen \"1.2.3.4:1\": option mode is for unix sockets only"},
        {"listen 'unix:' { }",
         "t.conf:1: listen \"unix:\": the path of the socket is missing, as in "},
        {"listen 'unix:/run/' { }", "t.conf:1: listen \"unix:/run/\": the path of the"},
        {"listen 'unix:/a' { mode = 600 }",
         "t.conf:1: listen \"unix:/a\" mode: \"600\" is not an access mode in octal "
         "digits, as in \"0660\"\n"},
        {"listen 'unix:/a' { mode = \"0980\" }", "t.conf:1: listen \"unix:/a\" mode: "},
        {"listen 'unix:/a' { mode = \"01777\" }",
         "t.conf:1: listen \"unix:/a\" mode: "},
        {"listen 'unix:/a' { mode = \"rw\" }", "t.conf:1: listen \"unix:/a\" mode: "},
        {"listen 'unix:/a' { }\nlisten 'unix:/a' { }",
         "t.conf:2: block listen 'unix:/a' is there twice; the first is on line 1\n"},
        {"listen 'unix:/a' {\nclass = tor }",
         "t.conf:2: listen \"unix:/a\" class: \"tor\" is no class block; there is "
         "none\n"},
        {"class a { match = { \"10.0.0.1\" } }\nlisten '1.2.3.4:1' {\nclass = tor }",
         "t.conf:3: listen \"1.2.3.4:1\" class: \"tor\" is no class block; there are: "
         "\"a\"\n"},
        {"listen '1.2.3.4:1' { proxy = true }",
         "t.conf:1: listen \"1.2.3.4:1\": proxy = true needs a proxy block with "
         "accepts"},
        {"listen '1.2.3.4:1' { proxy = true }\nproxy a { match = { \"10.0.0.1\" } "
         "accepts "
         "= { webirc } token = \"sha256:" DIGITS "\" }",
         "t.conf:1: listen \"1.2.3.4:1\": proxy = true needs a proxy block with "
         "accepts"},
    };
    EACH_IS_TOLD(cases);
    EQUAL_NUMBER(faulty_count("listen 'unix:/a' { proxy = true }"), 0);
    EQUAL_NUMBER(
        faulty_count("listen '1.2.3.4:1' { proxy = true }\nproxy a { match = { "
                     "\"10.0.0.1\" } accepts = { proxy-protocol } }"),
        0);
}

SUITE(config_proxy)
{
    TEST(unix_listeners_are_read);
    TEST(proxies_are_read);
    TEST(wrong_proxies_are_refused);
    TEST(options_of_listeners_go_together);
}
