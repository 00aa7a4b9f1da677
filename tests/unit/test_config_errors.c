/* Faults in configuration files: each is reported with file, line, value and the value
 * that was expected. */
#include "faulty.h"

static void
wrong_numbers_are_refused_with_the_range(void)
{
#define PER_HOST "t.conf:2: limits.per_host: \""
#define RANGE "\" is not a whole number from 1 to 1000000 (connections)\n"
    static const struct wrong cases[] = {
        {"limits {\nper_host = 3x }", PER_HOST "3x" RANGE},
        {"limits {\nper_host = 0 }", PER_HOST "0" RANGE},
        {"limits {\nper_host = 1000001 }", PER_HOST "1000001" RANGE},
        {"limits {\nper_host = 99999999999999999999 }",
         PER_HOST "99999999999999999999" RANGE},
        {"limits {\nper_host = -1 }", PER_HOST "-1" RANGE},
        {"limits {\nper_host = 0x10 }", PER_HOST "0x10" RANGE},
        {"limits {\nper_host = 010 }", PER_HOST "010" RANGE},
        {"limits {\nper_host = 1e3 }", PER_HOST "1e3" RANGE},
        {"limits {\nper_host = 3.5 }", PER_HOST "3.5" RANGE},
        {"limits {\nper_host = \"\" }", PER_HOST RANGE},
        {"limits {\nper_host = \" 3\" }", PER_HOST " 3" RANGE},
        {"limits {\nper_host = yes }", PER_HOST "yes" RANGE},
        {"limits { recvq = 1 }", "t.conf:1: limits.recvq: \"1\" is not a whole number "
                                 "from 4096 to 1048576 (bytes)\n"},
        {"class a { match = \"::1\" per_host = 0 }",
         "t.conf:1: class \"a\" per_host: \"0\" is not a whole number from 1 to "
         "1000000"},
        {"class a { match = \"::1\" hold = 1001 }",
         "t.conf:1: class \"a\" hold: \"1001\" is not a whole number from 0 to 1000 "
         "(lines)"},
    };
    EACH_IS_TOLD(cases);
}

static void
wrong_durations_rates_and_words_are_refused(void)
{
#define PING "t.conf:1: limits.ping_every: \""
    static const struct wrong cases[] = {
        {"limits { ping_every = 90 }",
         PING "90\" is not a duration from 5s to 1h; it lacks a "
              "unit (ms, s, m, h, d, w or y)\n"},
        {"limits { ping_every = 0 }", PING "0\" is not a duration from 5s to 1h\n"},
        {"limits { ping_every = 4s }", PING "4s\" is not a duration from 5s to 1h\n"},
        {"limits { ping_every = 61m }", PING "61m\" is not a duration from 5s to 1h\n"},
        {"limits { ping_every = \"5 s\" }",
         PING "5 s\" is not a duration from 5s to 1h\n"},
        {"limits { connect_rate = 6 }", "t.conf:1: limits.connect_rate: \"6\" is not a "
                                        "rate: count/duration with a unit, as in "
                                        "\"6/60s\"\n"},
        {"limits { connect_rate = 6/60 }",
         "t.conf:1: limits.connect_rate: \"6/60\" is not"},
        {"limits { connect_rate = 0/60s }",
         "t.conf:1: limits.connect_rate: \"0/60s\" is not"},
        {"strikes { ladder = { 10m, 0s } }",
         "t.conf:1: strikes.ladder: \"0s\" is not a duration from 1s to 3650d\n"},
        {"strikes { ladder = {\n10m,\n60,\n1h } }",
         "t.conf:3: strikes.ladder: \"60\" is not a duration from 1s to 3650d; it "
         "lacks a unit"},
        {"strikes { ladder = { } }",
         "t.conf:1: ladder is an empty list; expected at least one"},
        {"server { announce_opers = maybe }",
         "t.conf:1: server.announce_opers: \"maybe\" is not true or false\n"},
        {"server { announce_opers = 1 }",
         "t.conf:1: server.announce_opers: \"1\" is not true"},
        {"log { level = loud }",
         "t.conf:1: log.level: \"loud\" is not error, warn, info, debug or trace\n"},
        {"log { format = xml }", "t.conf:1: log.format: \"xml\" is not text or json\n"},
    };
    EACH_IS_TOLD(cases);
}

static void
wrong_names_are_refused(void)
{
#define SERVER "t.conf:1: server.name: \""
    static const struct wrong cases[] = {
        {"server { name = localhost }", SERVER "localhost\" is not a server name: "},
        {"server { name = \"\" }", SERVER "\" is not a server name: "},
        {"server { name = a..b }", SERVER "a..b\" is not a server name: "},
        {"server { name = .a }", SERVER ".a\" is not a server name: "},
        {"server { name = a.b. }", SERVER "a.b.\" is not a server name: "},
        {"server { name = -a.b }", SERVER "-a.b\" is not a server name: "},
        {"server { name = a-.b }", SERVER "a-.b\" is not a server name: "},
        {"server { name = a_b.c }", SERVER "a_b.c\" is not a server name: "},
        {"server { name = \"a.b c\" }", SERVER "a.b c\" is not a server name: "},
        {"server { network = \"\" }", "t.conf:1: server.network: \"\" is not one word"},
        {"server { network = \"a b\" }",
         "t.conf:1: server.network: \"a b\" is not one word"},
        {"server { network = \"a=b\" }",
         "t.conf:1: server.network: \"a=b\" is not one word"},
        {"oper \"a b\" { }",
         "t.conf:1: oper \"a b\": not a name: one word of 1 to 50 bytes\n"},
        {"class \"\" { }", "t.conf:1: class \"\": not a name: one word"},
    };
    EACH_IS_TOLD(cases);
}

static void
passwords_in_the_clear_are_refused_and_never_shown(void)
{
    static const struct wrong cases[] = {
        {"server { password = hunter2 }",
         "t.conf:1: server.password: the value is not an argon2id string; a password "
         "is never written here as plain text, `ircd --hash-password` makes the "
         "string\n"},
        {"server { password = \"$6$x$hunter2\" }",
         "t.conf:1: server.password: the value is not"},
        {"server { password = \"$argon2id$hunter2 x\" }",
         "t.conf:1: server.password: the value"},
        {"oper a { hosts = \"*@*\"\npassword = \"hunter2\" }",
         "t.conf:2: oper \"a\" password: the value is not an argon2id string; "},
        {"oper a { hosts = \"*@*\" password = \"\" }",
         "t.conf:1: oper \"a\" password: the value"},
        {"oper a { hosts = \"*@*\" password = \"$argon2id$x\" \"hunter2\" }",
         "t.conf:1: superfluous value"},
        {"server { password = \"${hunter2}\" }",
         "t.conf:1: environment variables are not supported"},
    };
    EACH_IS_TOLD(cases);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        faulty_count(cases[i].text);
        CU_ASSERT_PTR_NULL(strstr(faulty_told, "hunter2"));
    }
}

static void
what_stands_twice_is_refused(void)
{
    static const struct wrong cases[] = {
        {"limits { }\nlimits { }",
         "t.conf:2: block limits is there twice; the first is on line 1\n"},
        {"limits {\nper_host = 1\nper_host = 2 }",
         "t.conf:3: option per_host is set twice; the first is on line 2\n"},
        {"listen '1.2.3.4:1' { }\nlisten \"1.2.3.4:1\" { }",
         "t.conf:2: block listen \"1.2.3.4:1\" is there twice; the first is on line "
         "1\n"},
        {"listen \"1.2.3.4:1\" { }\nlisten \"[::ffff:1.2.3.4]:1\" { }",
         "t.conf:2: listen \"[::ffff:1.2.3.4]:1\": the same address and port as on "
         "line 1\n"},
        {"exempt ::/8 { from = bans }\nexempt 0::/8 { from = bans }",
         "t.conf:2: exempt \"0::/8\": ::/8 has an exempt block already\n"},
        {"class a { match = \"::1\" }\nclass a { match = \"::2\" }",
         "t.conf:2: block class a is there twice; the first is on line 1\n"},
        {"oper a { password = \"$argon2id$x\" hosts = \"*@*\" }\noper 'a' { }",
         "t.conf:2: block oper 'a' is there twice; the first is on line 1\n"},
    };
    EACH_IS_TOLD(cases);
}

static void
what_a_block_needs_is_named(void)
{
    static const struct wrong cases[] = {
        {"\noper a { hosts = \"*@*\" }", "t.conf:2: oper \"a\": option password is "
                                         "missing; `ircd --hash-password` makes"},
        {"\noper a { password = \"$argon2id$x\" }",
         "t.conf:2: oper \"a\": option hosts is missing"},
        {"oper a { password = \"$argon2id$x\" hosts = { \"nowhere\" } }",
         "t.conf:1: oper \"a\" hosts: \"nowhere\" has no @\n"},
        {"oper a { password = \"$argon2id$x\" hosts = \"*@*\" privileges = { kill, kil "
         "} }",
         "t.conf:1: oper \"a\" privileges: \"kil\" is not a privilege; there are: all, "
         "kill, kline, rehash\n"},
        {"\nexempt ::1 { }", "t.conf:2: exempt \"::1\": option from is missing"},
        {"exempt ::1 { from = { bans, all } }",
         "t.conf:1: exempt \"::1\" from: \"all\" is not one of connections, throttle, "
         "flood, "
         "strikes, bans\n"},
        {"exempt 1.2.3.4/33 { from = bans }", "t.conf:1: exempt \"1.2.3.4/33\": "},
        {"\nclass a { per_host = 5 }",
         "t.conf:2: class \"a\": option match is missing"},
        {"class a { match = { nonsense } }", "t.conf:1: class \"a\" match: "},
        {"class a { match = \"::1\" strikes = kill }",
         "t.conf:1: class \"a\" strikes: \"kill\" is not \"ban\" or \"disconnect\"\n"},
        {"listen { }",
         "t.conf:1: block listen needs a title: listen \"ADDRESS:PORT\" { ... }\n"},
        {"server x { }", "t.conf:1: block server takes no title\n"},
    };
    EACH_IS_TOLD(cases);
}

static void
all_faults_are_told_in_the_order_of_lines(void)
{
    int n = faulty_count("server { name = bad }\n"
                         "limits { per_hots = 1 }\n"
                         "oper a {\n"
                         "  password = x\n"
                         "  hosts = { y }\n"
                         "}\n"
                         "flood { hold = 9999 ; }\n"
                         "listen 1.2.3.4 { v6only = 7 }\n"
                         "strikes { limit = 0\n");
    EQUAL_NUMBER(n, 9);
    const char *at = faulty_told;
    static const int lines[] = {1, 2, 4, 5, 7, 7, 8, 9, 9};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char want[20];
        snprintf(want, sizeof want, "t.conf:%d: ", lines[i]);
        EQUAL_NUMBER(strncmp(at, want, strlen(want)), 0);
        at = strchr(at, '\n') + 1;
    }
    EQUAL_TEXT(at, "");
}

static void
thousands_of_faults_are_counted_but_not_all_told(void)
{
    char text[8000];
    memset(text, '}', sizeof text - 1);
    for (size_t i = 1; i < sizeof text; i += 2)
        text[i] = '\n';
    text[sizeof text - 1] = '\0';
    EQUAL_NUMBER(faulty_count(text), 101);
    CONTAINS(faulty_told,
             "t.conf:100: this closing brace has no block to close\nt.conf: 3900 "
             "more faults\n");
}

static void
the_faults_that_are_told_are_the_first_of_the_file(void)
{
    static const char first[] = "limits { per_host = 0 }\noper a { }\n";
    char text[2000];
    memset(text, '\n', sizeof text);
    memcpy(text, first, strlen(first));
    for (size_t i = strlen(first); i < sizeof text; i += 2)
        text[i] = ';';
    text[sizeof text - 1] = '\0';
    EQUAL_NUMBER(faulty_count(text), 101);
    CONTAINS(faulty_told, "t.conf:1: limits.per_host: \"0\" is not a whole number");
    CONTAINS(faulty_told, "t.conf:2: oper \"a\": option password is missing; ");
    CONTAINS(faulty_told, "t.conf:2: oper \"a\": option hosts is missing: ");
    CONTAINS(faulty_told,
             "t.conf:99: unexpected \";\": options and blocks end without one\n");
}

static void
a_broken_file_leaves_nothing_behind_for_the_next(void)
{
    for (int i = 0; i < 3; i++) {
        EQUAL_NUMBER(faulty_count("server { name = \"a.b"), 2);
        EQUAL_NUMBER(faulty_count("server { name = \"a.b\" }"), 0);
    }
}

/* The "validate-hostname" vectors of the IRC parser tests (CC0), and more. They allow a
 * dot at the end, which this server refuses in its own name. */
static void
a_server_name_is_a_host_name_with_a_dot(void)
{
    static const struct {
        const char *name;
        bool valid;
    } cases[] = {
        {"irc.example.com", true},
        {"i.coolguy.net", true},
        {"irc-srv.net.uk", true},
        {"iRC.CooLguY.NeT", true},
        {"gsf.ds342.co.uk", true},
        {"324.net.uk", true},
        {"xn--bcher-kva.ch", true},
        {"services.", false},
        {"-lol-.net.uk", false},
        {"-lol.net.uk", false},
        {"_irc._sctp.lol.net.uk", false},
        {"irc", false},
        {"com", false},
        {"", false},
        {" ", false},
        {"example. net", false},
        {" example.org", false},
        {"example.org ", false},
        {"net.-lol", false},
        {"net.lol-", false},
        {"a..b", false},
        {".a", false},
        {"b\xC3\xBC.ch", false},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.b", true},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.b", false},
    };
    char text[128];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, "server { name = \"%s\" }", cases[i].name);
        EQUAL_NUMBER(faulty_count(text), cases[i].valid ? 0 : 1);
    }
}

static void
what_other_servers_have_is_answered_for_newcomers(void)
{
    static const struct wrong cases[] = {
        {"listen '1.2.3.4:1' { ssl = true }",
         "t.conf:1: unknown option \"ssl\" in block listen: TLS is switched on by tls "
         "= true in a block listen; a block tls has the certificate\n"},
        {"include 'opers.conf'",
         "t.conf:1: unknown block \"include\": an include stands outside of blocks, "
         "alone on its line: include \"conf.d/*.conf\"\n"},
        {"@include 'x'",
         "t.conf:1: unknown block \"@include\": an include stands outside"},
        {"link 'hub' { }",
         "t.conf:1: unknown block \"link\": this server has no links"},
        {"listen '1.2.3.4:1' { websocket = yes }", "if its list serves names it: "},
        {"http { }", "unknown block \"http\": a listener has it if its list serves"},
        {"listen '1.2.3.4:1' { port = 6667 }", "listen \"0.0.0.0:6667\" { }\n"},
        {"server { name = ${HOST} }",
         "t.conf:1: environment variables are not supported; write the value itself\n"},
        {"server { name = \"${HOST}\" }", "t.conf:1: environment variables are not"},
        {"server { description = hello world }",
         "t.conf:1: superfluous value; an option takes only one, and a text with "
         "blanks needs quotes\n"},
        {"listen '*:6667' { }", "\"0.0.0.0:6667\" is all of IPv4"},
        {"listen 'localhost:6667' { }", "names are not looked up"},
        {"listen '6667' { }", "the address is missing"},
        {"listen '0.0.0.0' { }", "the port is missing"},
        {"listen '::1:6667' { }", "an IPv6 address stands in brackets"},
    };
    EACH_CONTAINS(cases);
}

static void
neighbours_that_are_swapped_are_one_mistake(void)
{
    static const struct wrong cases[] = {
        {"server { nmae = 'a.b' }", "did you mean \"name\"?"},
        {"server { naem = 'a.b' }", "did you mean \"name\"?"},
        {"sevrer { }", "did you mean \"server\"?"},
        {"opre 'a' { }", "did you mean \"oper\"?"},
        {"limits { ping_evrey = '90s' }", "did you mean \"ping_every\"?"},
        {"server { emna = 'a.b' }", "unknown option \"emna\" in block server\n"},
    };
    EACH_CONTAINS(cases);
}

/* An option that is there but cannot be used does not count as missing. */
static void
one_mistake_is_one_fault(void)
{
#define HASH "password = '$argon2id$x' "
    static const struct wrong cases[] = {
        {"oper a { " HASH "hosts = { '*@a' '*@b' } }",
         "t.conf:1: missing \",\" in the list hosts\n"},
        {"oper a { " HASH "hosts = { '*@a',, '*@b' } }",
         "t.conf:1: superfluous \",\" in the list hosts\n"},
        {"oper a { " HASH "hosts = { } }", "t.conf:1: hosts is an empty list"},
        {"oper a { " HASH "hosts = \"*@\\a\" }", "t.conf:1: unknown escape"},
        {"exempt 10.0.0.1 { from = { bans flood } }", "t.conf:1: missing \",\""},
        {"class a { match = { 10.0.0.1 10.0.0.2 } }", "t.conf:1: missing \",\""},
    };
#undef HASH
    EACH_CONTAINS(cases);
    EQUAL_NUMBER(faulty_count("oper a { password = '$argon2id$x' }"), 1);
    CONTAINS(faulty_told, "option hosts is missing");
}

static void
one_address_of_a_network_is_no_network(void)
{
    static const struct wrong cases[] = {
        {"exempt 10.0.0.5/8 { from = bans }",
         "t.conf:1: exempt \"10.0.0.5/8\": \"10.0.0.5/8\" is one address of a network; "
         "write \"10.0.0.0/8\" for the network or \"10.0.0.5\" for the address\n"},
        {"class a { match = { 10.0.0.0/8, 2001:db8::1/64 } }",
         "write \"2001:db8::/64\" for the network or \"2001:db8::1\" for the address"},
        {"exempt 10.0.0.1/31 { from = bans }", "write \"10.0.0.0/31\""},
    };
    EACH_CONTAINS(cases);
    EQUAL_NUMBER(faulty_count("exempt 10.0.0.5/32 { from = bans }\n"
                              "exempt 10.0.0.2/31 { from = bans }\n"
                              "exempt 10.0.0.6 { from = bans }\n"
                              "exempt 2001:db8::1/128 { from = bans }\n"
                              "exempt ::ffff:10.1.0.0/112 { from = bans }\n"
                              "exempt 0.0.0.0/0 { from = bans }"),
                 0);
}

static void
count_fault(void *ctx, const char *text)
{
    (void)text;
    ++*(int *)ctx;
}

static void
a_reader_that_asks_for_it_gets_a_configuration_with_faults(void)
{
    struct config_words words = faulty_words;
    static const char text[] =
        "server { nonsense = 1 }\ndatabase { path = \"there\" }\n"
        "limits { clients = many }";
    int n = 0;
    CU_ASSERT_PTR_NULL(config_parse("x", text, &words, count_fault, &n));
    words.keep_faulty = true;
    struct config *c = config_parse("x", text, &words, count_fault, &n);
    CU_ASSERT_FATAL(c != NULL);
    EQUAL_TEXT(c->database.path, "there");
    EQUAL_NUMBER(n, 4);
    config_free(c);
}

SUITE(config_errors)
{
    TEST(wrong_numbers_are_refused_with_the_range);
    TEST(a_reader_that_asks_for_it_gets_a_configuration_with_faults);
    TEST(wrong_durations_rates_and_words_are_refused);
    TEST(wrong_names_are_refused);
    TEST(passwords_in_the_clear_are_refused_and_never_shown);
    TEST(what_stands_twice_is_refused);
    TEST(what_a_block_needs_is_named);
    TEST(all_faults_are_told_in_the_order_of_lines);
    TEST(thousands_of_faults_are_counted_but_not_all_told);
    TEST(the_faults_that_are_told_are_the_first_of_the_file);
    TEST(a_broken_file_leaves_nothing_behind_for_the_next);
    TEST(a_server_name_is_a_host_name_with_a_dot);
    TEST(what_other_servers_have_is_answered_for_newcomers);
    TEST(neighbours_that_are_swapped_are_one_mistake);
    TEST(one_mistake_is_one_fault);
    TEST(one_address_of_a_network_is_no_network);
}
