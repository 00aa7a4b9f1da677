/* Correct configurations: defaults, values, and blocks with titles. Faults are in
 * test_config_errors.c. */
#include "base/addr.h"
#include "base/msec.h"
#include "faulty.h"

#define HASH "$argon2id$v=19$m=65536,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNo+/aGFz"

static void
empty_text_gives_the_defaults(void)
{
    static const char *const texts[] = {"",
                                        "\n\n",
                                        "# only a comment",
                                        "/* so */ // and so\n",
                                        "\xef\xbb\xbf",
                                        "limits { }",
                                        "limits\n{\r\n}\r\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct config *c = faulty_none(texts[i]);
        EQUAL_TEXT(c->server.name, "irc.localhost");
        EQUAL_TEXT(c->server.motd, "");
        EQUAL_TEXT(c->database.path, "var");
        EQUAL_TEXT(c->log.level, "info");
        CU_ASSERT_FALSE(c->server.announce_opers);
        EQUAL_NUMBER(c->limits.per_host, 3);
        EQUAL_NUMBER(c->limits.sendq_total, 536870912);
        EQUAL_NUMBER(c->limits.registration_timeout, 30 * MSEC_SECOND);
        EQUAL_NUMBER(c->limits.connect_rate.count, 6);
        EQUAL_NUMBER(c->limits.connect_rate.per, MSEC_MINUTE);
        EQUAL_NUMBER(c->flood.interval, 500);
        EQUAL_NUMBER(c->strikes.n_ladder, 5);
        EQUAL_NUMBER(c->strikes.ladder[0], 10 * MSEC_MINUTE);
        EQUAL_NUMBER(c->strikes.ladder[4], 7 * MSEC_DAY);
        EQUAL_NUMBER(c->strikes.forgive, 30 * MSEC_DAY);
        EQUAL_NUMBER(c->n_exempt + c->n_class + c->n_oper, 0);
        config_free(c);
    }
}

static void
without_listen_blocks_the_two_loopback_addresses_listen(void)
{
    char roles[CONFIG_SERVES_TEXT];
    struct config *c = faulty_none("");
    CU_ASSERT_EQUAL_FATAL(c->n_listen, 5);
    EQUAL_TEXT(c->listen[0].text, "127.0.0.1:6667");
    EQUAL_TEXT(c->listen[1].text, "[::1]:6667");
    CU_ASSERT_TRUE(addr_is_v4(&c->listen[0].addr));
    CU_ASSERT_FALSE(addr_is_v4(&c->listen[1].addr));
    EQUAL_NUMBER(c->listen[1].port, 6667);
    CU_ASSERT_TRUE(c->listen[1].v6only);
    CU_ASSERT_FALSE(c->listen[0].tls || c->listen[1].tls);
    EQUAL_TEXT(c->listen[2].text, "127.0.0.1:6697");
    EQUAL_TEXT(c->listen[3].text, "[::1]:6697");
    CU_ASSERT_TRUE(c->listen[2].tls && c->listen[3].tls);
    for (int i = 0; i < 4; i++)
        EQUAL_NUMBER(c->listen[i].serves, SERVES_IRC);
    EQUAL_TEXT(c->listen[4].text, "127.0.0.1:8067");
    CU_ASSERT_FALSE(c->listen[4].tls);
    EQUAL_TEXT(config_serves_text(c->listen[4].serves, roles),
               "chat,websocket,metrics,health,api,admin");
    EQUAL_NUMBER(c->listen[4].ping_every, 45 * MSEC_SECOND);
    config_free(c);
}

static void
without_a_certificate_no_built_in_listener_speaks_tls(void)
{
    static const char off[] = "tls_limits { self_signed = no }\n";
    char text[200];
    struct config *c = faulty_none(off);
    EQUAL_NUMBER(c->n_listen, 3);
    CU_ASSERT_FALSE(c->listen[0].tls || c->listen[1].tls || c->listen[2].tls);
    config_free(c);
    snprintf(text, sizeof text, "%stls a.b { certificate = c key = k }", off);
    c = faulty_none(text);
    EQUAL_NUMBER(c->n_listen, 5);
    config_free(c);
}

static void
certificates_are_read(void)
{
    struct config *c =
        faulty_none("listen 192.0.2.1:6697 { tls = true }\n"
                    "tls IRC.example.ORG {\n certificate = \"a b.pem\"\n key = c }\n"
                    "tls '*.example.org' { certificate = '/x' key = '/y' }\n"
                    "tls localhost { certificate = z key = z }");
    CU_ASSERT_TRUE_FATAL(c->n_listen == 1 && c->n_tls == 3);
    CU_ASSERT_TRUE(c->listen[0].tls);
    EQUAL_TEXT(c->tls[0].name, "irc.example.org");
    EQUAL_TEXT(c->tls[0].certificate, "a b.pem");
    EQUAL_TEXT(c->tls[0].key, "c");
    EQUAL_NUMBER(c->tls[0].line, 2);
    EQUAL_NUMBER(c->tls[0].certificate_line, 3);
    EQUAL_NUMBER(c->tls[0].key_line, 4);
    EQUAL_TEXT(c->tls[1].name, "*.example.org");
    EQUAL_TEXT(c->tls[2].name, "localhost");
    config_free(c);
}

static void
every_kind_of_value_is_read(void)
{
    struct config *c =
        faulty_none("server { name = \"irc.example.org\" announce_opers = YES\n"
                    "  network = Example description = 'a b' }\n"
                    "limits { per_host = 7 clients = \"5000\" ping_every = 1m30s\n"
                    "  connect_rate = \"10/1h\" }\n"
                    "flood { hold = 0 }\n"
                    "strikes { ladder = { 1m, '2h', \"3d\", } }\n");
    EQUAL_TEXT(c->server.name, "irc.example.org");
    EQUAL_TEXT(c->server.network, "Example");
    EQUAL_TEXT(c->server.description, "a b");
    CU_ASSERT_TRUE(c->server.announce_opers);
    EQUAL_NUMBER(c->limits.per_host, 7);
    EQUAL_NUMBER(c->limits.clients, 5000);
    EQUAL_NUMBER(c->limits.ping_every, 90 * MSEC_SECOND);
    EQUAL_NUMBER(c->limits.connect_rate.count, 10);
    EQUAL_NUMBER(c->limits.connect_rate.per, MSEC_HOUR);
    EQUAL_NUMBER(c->flood.hold, 0);
    CU_ASSERT_EQUAL_FATAL(c->strikes.n_ladder, 3);
    EQUAL_NUMBER(c->strikes.ladder[0], MSEC_MINUTE);
    EQUAL_NUMBER(c->strikes.ladder[1], 2 * MSEC_HOUR);
    EQUAL_NUMBER(c->strikes.ladder[2], 3 * MSEC_DAY);
    config_free(c);
}

static void
words_are_taken_for_yes_and_no(void)
{
    static const struct {
        const char *text;
        bool value;
    } cases[] = {{"true", true},   {"yes", true}, {"on", true},     {"True", true},
                 {"\"on\"", true}, {"no", false}, {"FALSE", false}, {"off", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[80];
        snprintf(text, sizeof text, "server { announce_opers = %s }", cases[i].text);
        struct config *c = faulty_none(text);
        EQUAL_NUMBER(c->server.announce_opers, cases[i].value);
        config_free(c);
    }
}

static void
text_is_taken_as_it_stands(void)
{
    static const struct {
        const char *written, *meant;
    } cases[] = {
        {"\"two words\"", "two words"},
        {"'two words'", "two words"},
        {"\"a \\\"b\\\" \\\\ \\$ '\"", "a \"b\" \\ $ '"},
        {"'a \\'b\\' \\\\ \\n \"'", "a 'b' \\ \\n \""},
        {"\"# no /* comment */ // {}\"", "# no /* comment */ // {}"},
        {"'${HOME}'", "${HOME}"},
        {"\"\\${HOME}\"", "${HOME}"},
        {"\"$HOME\"", "$HOME"},
        {"*@host", "*@host"},
        {"/etc/motd", "/etc/motd"},
        {"http://host/x", "http://host/x"},
        {"\"gr\xc3\xbc\xc3\x9f \xe2\x9c\x93 \xf0\x9f\x99\x82\"",
         "gr\xc3\xbc\xc3\x9f \xe2\x9c\x93 \xf0\x9f\x99\x82"},
        {"word/* comment */", "word"},
        {"word# comment", "word"},
        {"\"\"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[120];
        snprintf(text, sizeof text, "server { description = %s\n}", cases[i].written);
        struct config *c = faulty_none(text);
        EQUAL_TEXT(c->server.description, cases[i].meant);
        config_free(c);
    }
}

static void
argon2id_strings_are_taken_verbatim(void)
{
    struct config *c =
        faulty_none("server { password = \"" HASH "\" }\n"
                    "oper \"a\" { password = \"" HASH "\" hosts = { \"*@*\" } }\n"
                    "oper \"b\" { password = '" HASH "' hosts = '*@*' }\n");
    EQUAL_TEXT(c->server.password, HASH);
    CU_ASSERT_EQUAL_FATAL(c->n_oper, 2);
    EQUAL_TEXT(c->oper[0].password, HASH);
    EQUAL_TEXT(c->oper[1].password, HASH);
    config_free(c);
}

static void
both_ends_of_a_range_are_allowed(void)
{
    struct config *c =
        faulty_none("limits { per_host = 1 per_network = 1000000\n"
                    "  registration_timeout = \"1s\" ping_every = \"1h\"\n"
                    "  sendq_total = 2147483647 }");
    EQUAL_NUMBER(c->limits.per_host, 1);
    EQUAL_NUMBER(c->limits.per_network, 1000000);
    EQUAL_NUMBER(c->limits.registration_timeout, MSEC_SECOND);
    EQUAL_NUMBER(c->limits.ping_every, MSEC_HOUR);
    EQUAL_NUMBER(c->limits.sendq_total, 2147483647);
    config_free(c);
}

static void
listeners_are_read(void)
{
    struct config *c = faulty_none("listen \"0.0.0.0:6667\" { }\n"
                                   "\n"
                                   "listen \"[::]:6667\" { v6only = false }\n"
                                   "listen [2001:db8::1]:1 { }\n"
                                   "listen 192.0.2.1:65535\n{\n}\n");
    CU_ASSERT_EQUAL_FATAL(c->n_listen, 4);
    EQUAL_TEXT(c->listen[0].text, "0.0.0.0:6667");
    EQUAL_NUMBER(c->listen[0].port, 6667);
    CU_ASSERT_TRUE(c->listen[0].v6only);
    EQUAL_NUMBER(c->listen[1].line, 3);
    CU_ASSERT_FALSE(c->listen[1].v6only);
    EQUAL_NUMBER(c->listen[2].port, 1);
    EQUAL_NUMBER(c->listen[3].port, 65535);
    config_free(c);
}

static void
exemptions_are_read(void)
{
    struct config *c =
        faulty_none("exempt \"127.0.0.0/8\" { from = { \"connections\", \"bans\" } }\n"
                    "exempt \"2001:db8::/32\" { from = \"flood\" }\n"
                    "exempt \"192.0.2.1\" { from = { throttle, strikes, strikes } }");
    CU_ASSERT_EQUAL_FATAL(c->n_exempt, 3);
    EQUAL_NUMBER(c->exempt[0].from, EXEMPT_CONNECTIONS | EXEMPT_BANS);
    EQUAL_NUMBER(c->exempt[0].prefix.bits, 104);
    EQUAL_NUMBER(c->exempt[1].from, EXEMPT_FLOOD);
    EQUAL_NUMBER(c->exempt[2].from, EXEMPT_THROTTLE | EXEMPT_STRIKES);
    EQUAL_NUMBER(c->exempt[2].prefix.bits, 128);
    config_free(c);
}

static void
blocks_that_say_the_same_are_each_read_whole(void)
{
    struct config *c =
        faulty_none("exempt 192.0.2.1 { from = flood }\n"
                    "class a { match = ::1 hold = 3 }\n"
                    "exempt 192.0.2.2 { from = { bans, flood } }\n"
                    "exempt 192.0.2.3 {\n  # as the first\n  from=flood\n}\n"
                    "exempt 192.0.2.4 {\n  from=flood\n\n}\n"
                    "class b { match = ::1 hold = 3 }\n"
                    "exempt 192.0.2.5 { from = { bans, flood } }\n"
                    "class c { match = ::1 hold = 4 }\n"
                    "exempt 192.0.2.6 { from = throttle }\n"
                    "exempt 192.0.2.7 { from = flood }\n"
                    "class d { match = ::1 hold = 3 }");
    static const unsigned from[] = {
        EXEMPT_FLOOD, EXEMPT_FLOOD | EXEMPT_BANS, EXEMPT_FLOOD,
        EXEMPT_FLOOD, EXEMPT_FLOOD | EXEMPT_BANS, EXEMPT_THROTTLE,
        EXEMPT_FLOOD};
    static const int hold[] = {3, 3, 4, 3};
    CU_ASSERT_EQUAL_FATAL(c->n_exempt, 7);
    for (size_t i = 0; i < 7; i++) {
        EQUAL_NUMBER(c->exempt[i].from, from[i]);
        EQUAL_NUMBER(c->exempt[i].prefix.addr.ip[15], i + 1);
    }
    CU_ASSERT_EQUAL_FATAL(c->n_class, 4);
    for (size_t i = 0; i < 4; i++)
        EQUAL_NUMBER(c->class[i].hold, hold[i]);
    config_free(c);
}

static void
classes_override_only_what_they_name(void)
{
    struct config *c = faulty_none(
        "class \"bots\" { match = { \"10.1.0.0/16\", \"::1\" } per_host = 50\n"
        "  hold = 0 connect_rate = \"9/1s\" strikes = \"disconnect\" }\n"
        "class \"web\" { match = \"10.2.0.0/16\" strikes = ban }\n");
    CU_ASSERT_EQUAL_FATAL(c->n_class, 2);
    EQUAL_TEXT(c->class[0].name, "bots");
    EQUAL_NUMBER(c->class[0].n_match, 2);
    EQUAL_NUMBER(c->class[0].per_host, 50);
    EQUAL_NUMBER(c->class[0].per_network, -1);
    EQUAL_NUMBER(c->class[0].unregistered_per_host, -1);
    EQUAL_NUMBER(c->class[0].burst, -1);
    EQUAL_NUMBER(c->class[0].hold, 0);
    EQUAL_NUMBER(c->class[0].connect_rate.count, 9);
    EQUAL_NUMBER(c->class[0].strikes, STRIKES_DISCONNECT);
    EQUAL_NUMBER(c->class[1].connect_rate.count, 0);
    EQUAL_NUMBER(c->class[1].strikes, STRIKES_BAN);
    config_free(c);
}

static void
opers_are_read(void)
{
    struct config *c = faulty_none(
        "oper \"a\" { password = \"" HASH "\" hosts = { \"*@10.0.0.*\", \"x@h\" }\n"
        "  privileges = { \"kill\", \"rehash\" } }\n"
        "oper \"b\" { password = \"" HASH
        "\" hosts = { \"*@*\" } privileges = { all } }\n"
        "oper \"c\" { password = \"" HASH "\" hosts = { \"*@*\" } }\n");
    CU_ASSERT_EQUAL_FATAL(c->n_oper, 3);
    EQUAL_TEXT(c->oper[0].name, "a");
    EQUAL_NUMBER(c->oper[0].n_hosts, 2);
    EQUAL_TEXT(c->oper[0].hosts[1], "x@h");
    EQUAL_NUMBER(c->oper[0].privileges, 5);
    CU_ASSERT_TRUE(c->oper[1].privileges == UINT64_MAX);
    EQUAL_NUMBER(c->oper[2].privileges, 0);
    config_free(c);
}

static void
freeing_nothing_is_fine(void)
{
    config_free(NULL);
    CU_PASS("config_free(NULL) returned");
}

SUITE(config)
{
    TEST(empty_text_gives_the_defaults);
    TEST(without_listen_blocks_the_two_loopback_addresses_listen);
    TEST(every_kind_of_value_is_read);
    TEST(words_are_taken_for_yes_and_no);
    TEST(text_is_taken_as_it_stands);
    TEST(argon2id_strings_are_taken_verbatim);
    TEST(both_ends_of_a_range_are_allowed);
    TEST(without_a_certificate_no_built_in_listener_speaks_tls);
    TEST(listeners_are_read);
    TEST(certificates_are_read);
    TEST(exemptions_are_read);
    TEST(blocks_that_say_the_same_are_each_read_whole);
    TEST(classes_override_only_what_they_name);
    TEST(opers_are_read);
    TEST(freeing_nothing_is_fine);
}
