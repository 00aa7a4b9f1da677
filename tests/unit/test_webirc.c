/* WEBIRC: a gateway that proves itself moves its client to the address that it tells,
 * and any other WEBIRC ends its client. */
#include "config/config.h"
#include "policy/host.h"
#include "proto/mode.h"
#include "state/client_end.h"
#include "world.h"

#define GATE "198.51.100.1"
#define HOME "192.0.2.7"
/* SHA-256 of "token" and of "other" */
#define TOKEN "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0"
#define OTHER "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa"
#define PRINT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define KIWI(more)                                                                     \
    "proxy kiwi { match = { \"" GATE                                                   \
    "\", \"127.0.0.1\", \"::1\" } accepts = { webirc } "                               \
    "token = \"sha256:" TOKEN "\" " more " } "

static void
say_webirc(struct world *w, struct actor *a, const char *token, const char *address,
           const char *options)
{
    world_sayf(w, a, "WEBIRC %s gw host.example %s%s%s", token, address,
               options ? " :" : "", options ? options : "");
}

static void
register_client(struct world *w, struct actor *a, const char *nick)
{
    world_sayf(w, a, "NICK %s", nick);
    world_say(w, a, "USER u 0 * :Real");
}

static unsigned
connections_of(struct world *w, const char *address)
{
    const struct host *h = world_host(w, address);
    return h ? h->connections : 0;
}

static void
the_client_has_the_address_that_the_gateway_tells(void)
{
    static const char *const addresses[][2] = {
        {HOME, HOME},
        {"0::1", "0::1"},
        {"2001:db8::7", "2001:db8::7"},
        {"0::ffff:192.0.2.7", HOME},
        {":2001:db8::7", "2001:db8::7"}, /* the colon begins the last parameter */
    };
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct world *w = world_new(KIWI(""));
        struct actor *a = world_connect(w, GATE);
        EQUAL_NUMBER(connections_of(w, GATE), 1);
        say_webirc(w, a, "token", addresses[i][0], NULL);
        SILENT(w, a);
        EQUAL_NUMBER(connections_of(w, GATE), 0);
        register_client(w, a, "ann");
        world_await(w, a, "* 001 ann *", __FILE__, __LINE__);
        char source[200];
        client_source(a->client, source, sizeof source);
        char want[200];
        snprintf(want, sizeof want, "ann!u@%s", addresses[i][1]);
        EQUAL_TEXT(source, want);
        EQUAL_TEXT(client_gateway(a->client), "kiwi");
        world_free(w);
    }
}

static void
a_wrong_webirc_ends_its_client(void)
{
    static const struct {
        const char *from, *line, *why;
    } cases[] = {
        {GATE, "WEBIRC wrong gw h 192.0.2.7", "Invalid WebIRC password"},
        {GATE, "WEBIRC sha256:" TOKEN " gw h 192.0.2.7", "Invalid WebIRC password"},
        {GATE, "WEBIRC " TOKEN " gw h 192.0.2.7", "Invalid WebIRC password"},
        {GATE, "WEBIRC : gw h 192.0.2.7",
         "WEBIRC needs a password, a gateway, a host and an address"},
        {"198.51.100.2", "WEBIRC token gw h 192.0.2.7", "Invalid WebIRC password"},
        {GATE, "WEBIRC token gw h 192.0.2", "Invalid WebIRC address"},
        {GATE, "WEBIRC token gw h host.example", "Invalid WebIRC address"},
        {GATE, "WEBIRC token gw h :", "Invalid WebIRC address"},
        {GATE, "WEBIRC token gw h",
         "WEBIRC needs a password, a gateway, a host and an address"},
        {GATE, "WEBIRC", "WEBIRC needs a password, a gateway, a host and an address"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(KIWI(""));
        struct actor *a = world_connect(w, cases[i].from);
        char want[200];
        snprintf(want, sizeof want, "ERROR :Closing Link: %s (%s)", cases[i].from,
                 cases[i].why);
        world_say(w, a, cases[i].line);
        world_await(w, a, want, __FILE__, __LINE__);
        CU_ASSERT_TRUE(a->closed);
        CU_ASSERT_PTR_NULL(world_host(w, HOME));
        world_free(w);
    }
}

static void
webirc_comes_first_or_never(void)
{
    static const char *const before[] = {"CAP LS 302", "NICK ann", "PASS x", "PING 1",
                                         "WEBIRC token gw h 192.0.2.8"};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        struct world *w = world_new(KIWI(""));
        struct actor *a = world_connect(w, GATE);
        world_say(w, a, before[i]);
        say_webirc(w, a, "token", HOME, NULL);
        AWAIT(w, a, "ERROR :Closing Link: * (WEBIRC must be the first command)");
        CU_ASSERT_TRUE(a->closed);
        CU_ASSERT_PTR_NULL(world_host(w, HOME));
        world_free(w);
    }
    struct world *w = world_new(KIWI(""));
    struct actor *a = world_user_at(w, "ann", GATE);
    say_webirc(w, a, "token", HOME, NULL);
    EXPECT(w, a, "* 462 ann *");
    CU_ASSERT_PTR_NULL(world_host(w, HOME));
    world_free(w);
}

/* A WEBIRC line that is too long is not read, so its user would go on with the address of
 * the gateway. */
static void
a_first_line_that_is_too_long_ends_a_gateway(void)
{
    char filling[600];
    memset(filling, 'x', sizeof filling - 1);
    filling[sizeof filling - 1] = '\0';
    struct world *w = world_new(KIWI(""));
    struct actor *a = world_connect(w, GATE), *b = world_connect(w, "198.51.100.2");
    say_webirc(w, a, "token", HOME, filling);
    EXPECT(w, a, "ERROR :Closing Link: " GATE " (Invalid WEBIRC line)");
    CU_ASSERT_TRUE(a->closed);
    CONTAINS(w->logged, "why=\"the line is too long\"");
    say_webirc(w, b, "token", HOME, filling);
    EXPECT(w, b, "* 417 * :Input line was too long");
    CU_ASSERT_FALSE(b->closed);
    a = world_connect(w, GATE);
    say_webirc(w, a, "token", HOME, NULL);
    say_webirc(w, a, "token", HOME, filling);
    EXPECT(w, a, "* 417 * :Input line was too long");
    CU_ASSERT_FALSE(a->closed);
    world_free(w);
}

static void
the_certificate_of_a_gateway_proves_it(void)
{
    struct world *w =
        world_new("proxy kiwi { match = { \"" GATE
                  "\" } accepts = { webirc } certfp = { \"" PRINT "\" } }");
    struct connection_info info = {.listener = "test", .certfp = PRINT, .secure = true};
    struct actor *a = world_connect_with(w, GATE, info);
    say_webirc(w, a, "anything", HOME, "secure");
    register_client(w, a, "ann");
    AWAIT(w, a, "* 001 ann *");
    CU_ASSERT_PTR_NULL(client_certfp(a->client)); /* it was the gateway's */
    CU_ASSERT(a->client->user.modes & USER_SECURE);
    a = world_connect(w, GATE);
    say_webirc(w, a, "anything", HOME, NULL);
    AWAIT(w, a, "ERROR *Invalid WebIRC password*");
    info.certfp = TOKEN;
    a = world_connect_with(w, GATE, info);
    say_webirc(w, a, "anything", HOME, NULL);
    AWAIT(w, a, "ERROR *Invalid WebIRC password*");
    a = world_connect_with(
        w, "198.51.100.2",
        (struct connection_info){.listener = "test", .certfp = PRINT});
    say_webirc(w, a, "anything", HOME, NULL);
    AWAIT(w, a, "ERROR *Invalid WebIRC password*");
    world_free(w);
}

static void
a_token_is_good_from_its_own_gateway_only(void)
{
    struct world *w =
        world_new(KIWI("") "proxy lounge { match = { \"198.51.100.9\" } "
                           "accepts = { webirc } token = \"sha256:" OTHER "\" }");
    struct actor *a = world_connect(w, "198.51.100.9");
    say_webirc(w, a, "token", HOME, NULL);
    AWAIT(w, a, "ERROR *(Invalid WebIRC password)");
    a = world_connect(w, "198.51.100.9");
    say_webirc(w, a, "other", HOME, NULL);
    EQUAL_TEXT(client_gateway(a->client), "lounge");
    world_free(w);
}

static void
two_gateways_of_one_address_have_tokens_of_their_own(void)
{
    struct world *w =
        world_new(KIWI("") "proxy lounge { match = { \"" GATE "\" } accepts = "
                           "{ webirc } token = \"sha256:" OTHER "\" }");
    struct actor *a = world_connect(w, GATE), *b = world_connect(w, GATE);
    say_webirc(w, a, "other", HOME, NULL);
    say_webirc(w, b, "token", HOME, NULL);
    EQUAL_TEXT(client_gateway(a->client), "lounge");
    EQUAL_TEXT(client_gateway(b->client), "kiwi");
    world_free(w);
}

/* The user is secure if both parts of its way are. */
static void
secure_counts_if_the_way_to_the_gateway_is_secure(void)
{
    static const struct {
        const char *from, *options;
        bool by_tls, secure;
    } cases[] = {
        {GATE, "secure", true, true},
        {GATE, "secure=x", true, true},
        {GATE, "local-port=1 secure remote-port=2", true, true},
        {GATE, "secure", false, false},
        {GATE, NULL, true, false},
        {GATE, "insecure", true, false},
        {GATE, "securely", true, false},
        {GATE, "x=secure", true, false},
        {"127.0.0.1", "secure", false, true},
        {"127.0.0.1", "", false, false},
        {"::1", "secure", false, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(KIWI(""));
        struct connection_info info = {.listener = "test", .secure = cases[i].by_tls};
        struct actor *a = world_connect_with(w, cases[i].from, info);
        say_webirc(w, a, "token", HOME, cases[i].options);
        CU_ASSERT_PTR_NOT_NULL_FATAL(a->client);
        EQUAL_NUMBER(!!(a->client->user.modes & USER_SECURE), cases[i].secure);
        world_free(w);
    }
}

static void
the_fingerprint_of_a_user_needs_trust(void)
{
    static const struct {
        const char *more, *options, *want;
    } cases[] = {
        {"trusts = { certfp }", "certfp-sha-256=" PRINT, PRINT},
        {"trusts = { certfp }", "secure certfp-sha-256=" PRINT " x", PRINT},
        {"trusts = { certfp }",
         "certfp-sha-256="
         "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF",
         PRINT},
        {"trusts = { certfp }", "certfp-sha-256=" PRINT "0", NULL},
        {"trusts = { certfp }", "certfp-sha-256=0123", NULL},
        {"trusts = { certfp }", "certfp-sha-256=", NULL},
        {"trusts = { certfp }",
         "certfp-sha-256="
         "x0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
         NULL},
        {"trusts = { certfp }", "certfp-sha-512=" PRINT, NULL},
        {"", "certfp-sha-256=" PRINT, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char config[700];
        snprintf(config, sizeof config, KIWI("%s"), cases[i].more);
        struct world *w = world_new(config);
        struct actor *a = world_connect(w, GATE);
        say_webirc(w, a, "token", HOME, cases[i].options);
        CU_ASSERT_PTR_NOT_NULL_FATAL(a->client);
        const char *got = client_certfp(a->client);
        EQUAL_TEXT(got ? got : "none", cases[i].want ? cases[i].want : "none");
        world_free(w);
    }
}

static void
the_address_that_is_told_meets_its_limits_and_bans(void)
{
    struct actor *alice;
    char config[900];
    snprintf(config, sizeof config, "%slimits { per_host = 1 }" KIWI(""), world_alice);
    struct world *w = world_with_oper(config, &alice);
    world_say(w, alice, "DLINE 192.0.2.9 :gone");
    struct actor *a = world_connect(w, GATE), *b = world_connect(w, GATE),
                 *c = world_connect(w, GATE);
    CU_ASSERT_FATAL(!c->closed);
    say_webirc(w, a, "token", HOME, NULL);
    CU_ASSERT_FALSE(a->closed);
    say_webirc(w, b, "token", HOME, NULL);
    EXPECT(w, b,
           "ERROR :Closing Link: 192.0.2.7 (Too many connections from your host: at "
           "most 1 at a time)");
    say_webirc(w, c, "token", "192.0.2.9", NULL);
    EXPECT(w, c, "ERROR :Closing Link: 192.0.2.9 (*gone*");
    EQUAL_NUMBER(connections_of(w, GATE), 0);
    EQUAL_NUMBER(connections_of(w, HOME), 1);
    world_free(w);
}

/* Wrong tokens of a host are bounded like wrong server passwords; those from a gateway
 * give the gateway no strike and do not lock it out. */
static void
wrong_tokens_count_as_wrong_passwords(void)
{
    struct world *w = world_new(KIWI(""));
    struct actor *a = NULL;
    for (int i = 0; i < 4; i++) {
        a = world_connect(w, "203.0.113.1");
        say_webirc(w, a, "guess", HOME, NULL);
        if (i < 3)
            AWAIT(w, a, "ERROR *(Invalid WebIRC password)");
    }
    AWAIT(w, a,
          "ERROR *(Too many wrong WebIRC passwords from your host; try again in *");
    EQUAL_NUMBER(world_host(w, "203.0.113.1")->strikes, 3);
    for (int i = 0; i < 10; i++) {
        a = world_connect(w, GATE);
        say_webirc(w, a, "guess", HOME, NULL);
        AWAIT(w, a, "ERROR *(Invalid WebIRC password)");
    }
    EQUAL_NUMBER(world_host(w, GATE)->strikes, 0);
    a = world_connect(w, GATE);
    say_webirc(w, a, "token", HOME, NULL);
    CU_ASSERT_FALSE(a->closed);
    world_free(w);
}

static void
operators_see_the_gateway_in_whois(void)
{
    struct actor *alice;
    char config[900];
    snprintf(config, sizeof config, "%s" KIWI(""), world_alice);
    struct world *w = world_with_oper(config, &alice);
    struct actor *a = world_connect(w, GATE), *bob = world_user(w, "bob");
    say_webirc(w, a, "token", HOME, NULL);
    register_client(w, a, "ann");
    world_drain_all(w);
    world_say(w, bob, "WHOIS ann");
    NEVER(w, bob, "* 320 *");
    world_say(w, alice, "WHOIS ann");
    AWAIT(w, alice, "* 320 alice ann :is connected through the gateway kiwi");
    world_say(w, alice, "WHOIS bob");
    NEVER(w, alice, "* 320 *");
    world_free(w);
}

static void
check_names_the_gateway_and_its_block(void)
{
    struct actor *alice;
    char config[900];
    snprintf(config, sizeof config, "%s" KIWI("connections = 5"), world_alice);
    struct world *w = world_with_oper(config, &alice);
    struct actor *ann = world_connect(w, GATE), *bob = world_connect(w, GATE);
    say_webirc(w, ann, "token", HOME, NULL);
    register_client(w, ann, "ann");
    register_client(w, bob, "bob");
    world_drain_all(w);
    world_say(w, alice, "CHECK ann");
    AWAIT(w, alice, "* :Client: ann!u@*, through the gateway kiwi");
    world_say(w, alice, "CHECK " GATE);
    AWAIT(w, alice, "* :Client: bob!u@* (?s)");
    AWAIT(w, alice,
          "* :Proxy: \"kiwi\" has this address (clients: 2 of 5); a client listed here "
          "came without an address of its own");
    world_free(w);
}

static void
a_ban_on_a_proxy_needs_force(void)
{
    static const char *const masks[] = {GATE, "198.51.100.0/28", ("*@" GATE),
                                        "*@198.51.100.?"};
    struct actor *alice;
    char config[900];
    snprintf(config, sizeof config, "%s" KIWI(""), world_alice);
    struct world *w = world_with_oper(config, &alice);
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        world_sayf(w, alice, "KLINE 1h %s :x", masks[i]);
        AWAIT(w, alice, "*covers the proxy 'kiwi'*KLINE FORCE*");
        if (i < 2) {
            world_sayf(w, alice, "DLINE 1h %s :x", masks[i]);
            AWAIT(w, alice, "*covers the proxy 'kiwi'*DLINE FORCE*");
        }
    }
    CU_ASSERT(!world_connect(w, GATE)->closed);
    world_say(w, alice, "DLINE FORCE 1h " GATE " :x");
    CU_ASSERT(world_connect(w, GATE)->closed);
    world_say(w, alice, "DLINE 1h 198.51.100.16/28 :x");
    NEVER(w, alice, "*covers the proxy*");
    world_say(w, alice, "STRIKE " GATE " 1");
    AWAIT(w, alice, "*STRIKE refused: * is exempt from strikes*");
    world_free(w);
}

/* The connections of a gateway are those that it brings and those that it opens. */
static void
a_gateway_has_its_own_limit(void)
{
    struct world *w = world_new(KIWI("connections = 2"));
    struct actor *a = world_connect(w, GATE), *b = world_connect(w, GATE);
    say_webirc(w, a, "token", HOME, NULL);
    say_webirc(w, b, "token", "192.0.2.8", NULL);
    CU_ASSERT_FALSE(a->closed || b->closed);
    CU_ASSERT_TRUE(world_connect(w, GATE)->closed);
    world_close(w, a);
    CU_ASSERT_FALSE(world_connect(w, GATE)->closed);
    world_free(w);
}

/* The gateway that is full does not close the door of another one on its machine. */
static void
gateways_of_one_address_have_limits_of_their_own(void)
{
    struct world *w = world_new(
        KIWI("connections = 1") "proxy lounge { match = { \"" GATE
                                "\" } accepts = { webirc } "
                                "token = \"sha256:" OTHER "\" connections = 2 }");
    struct actor *a = world_connect(w, GATE), *b, *c;
    say_webirc(w, a, "token", HOME, NULL);
    b = world_connect(w, GATE);
    CU_ASSERT_FALSE(b->closed);
    say_webirc(w, b, "other", HOME, NULL);
    CU_ASSERT_FALSE(b->closed);
    c = world_connect(w, GATE);
    say_webirc(w, c, "token", HOME, NULL);
    EXPECT(w, c,
           "ERROR *(Too many connections from your gateway: at most 1 at a time)");
    c = world_connect(w, GATE);
    say_webirc(w, c, "other", HOME, NULL);
    CU_ASSERT_FALSE(c->closed);
    CU_ASSERT_TRUE(world_connect(w, GATE)->closed); /* both are full */
    world_close(w, a);
    CU_ASSERT_FALSE(world_connect(w, GATE)->closed);
    world_free(w);
}

/* What the gateway has sent is in no log. */
static void
the_token_is_never_logged(void)
{
    struct world *w = world_new("log { level = trace } " KIWI(""));
    struct actor *a = world_connect(w, GATE);
    w->log.level = LOG_LEVEL_TRACE;
    world_say(w, a, "WEBIRC verysecret gw h 192.0.2.7");
    CU_ASSERT_PTR_NOT_NULL_FATAL(strstr(w->logged, "WEBIRC ***"));
    CU_ASSERT_PTR_NULL(strstr(w->logged, "verysecret"));
    CONTAINS(w->logged, "event=webirc-failed");
    world_free(w);
}

SUITE(webirc)
{
    TEST(the_client_has_the_address_that_the_gateway_tells);
    TEST(a_wrong_webirc_ends_its_client);
    TEST(webirc_comes_first_or_never);
    TEST(a_first_line_that_is_too_long_ends_a_gateway);
    TEST(the_certificate_of_a_gateway_proves_it);
    TEST(a_token_is_good_from_its_own_gateway_only);
    TEST(two_gateways_of_one_address_have_tokens_of_their_own);
    TEST(secure_counts_if_the_way_to_the_gateway_is_secure);
    TEST(the_fingerprint_of_a_user_needs_trust);
    TEST(the_address_that_is_told_meets_its_limits_and_bans);
    TEST(wrong_tokens_count_as_wrong_passwords);
    TEST(operators_see_the_gateway_in_whois);
    TEST(check_names_the_gateway_and_its_block);
    TEST(a_ban_on_a_proxy_needs_force);
    TEST(a_gateway_has_its_own_limit);
    TEST(gateways_of_one_address_have_limits_of_their_own);
    TEST(the_token_is_never_logged);
}
