/* Classes of TLS clients and of certificates. */
#include "policy/class.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "policy/throttle.h"
#include "world.h"

#define ONE "1111111111111111111111111111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222222222222222222222222222"

static const char config[] =
    "class \"near\"   { match = { \"192.0.2.0/28\" } tls = true }\n"
    "class \"staff\"  { certfp = { \"" ONE "\", \"" TWO
    "\" } match = { \"192.0.2.0/24\", "
    "\"2001:db8::/32\" } }\n"
    "class \"bots\"   { certfp = { \"" TWO "\" } }\n"
    "class \"office\" { match = { \"198.51.100.0/24\" } }\n"
    "class \"tls\"    { tls = true }\n"
    "class \"rest\"   { match = { \"::/0\" } }\n";

static const char *
class_name(const struct config_class *class)
{
    return class ? class->name : "-";
}

static void
the_first_class_with_all_its_conditions_counts(void)
{
    static const struct {
        const char *address, *certfp;
        bool secure;
        const char *class;
    } cases[] = {
        {"192.0.2.1", NULL, false, "-"},
        {"192.0.2.1", NULL, true, "near"},
        {"192.0.2.1", ONE, true, "near"},
        {"192.0.2.15", ONE, true, "near"},
        {"192.0.2.16", ONE, true, "staff"},
        {"192.0.2.16", TWO, true, "staff"},
        {"192.0.2.16", NULL, true, "tls"},
        {"192.0.2.16", "33", true, "tls"},
        {"2001:db8::1", ONE, true, "staff"},
        {"2001:db8::1", NULL, true, "tls"},
        {"2001:db8::1", NULL, false, "rest"},
        {"203.0.113.1", ONE, true, "tls"},
        {"203.0.113.1", TWO, true, "bots"},
        {"203.0.113.1", NULL, true, "tls"},
        {"203.0.113.1", NULL, false, "-"},
        {"198.51.100.1", NULL, true, "office"},
        {"198.51.100.1", TWO, true, "bots"},
        {"198.51.100.1", NULL, false, "office"},
        /* a certificate of a client that a gateway does not call secure */
        {"192.0.2.16", ONE, false, "staff"},
        {"203.0.113.1", ONE, false, "-"},
    };
    struct world *w = world_new(config);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct connection_facts facts = {.certfp = cases[i].certfp,
                                         .secure = cases[i].secure};
        struct addr addr;
        CU_ASSERT_FATAL(addr_parse(cases[i].address, &addr));
        EQUAL_TEXT(class_name(class_find(w->srv, &addr, &facts)), cases[i].class);
        struct connection_info info = {
            .listener = "test", .certfp = cases[i].certfp, .secure = cases[i].secure};
        struct actor *a = world_connect_with(w, cases[i].address, info);
        EQUAL_TEXT(class_name(policy_of(a->client)->class), cases[i].class);
        world_close(w, a);
        world_leap(w, 60 * MSEC_SECOND);
    }
    struct addr addr;
    CU_ASSERT_FATAL(addr_parse("198.51.100.7", &addr));
    EQUAL_TEXT(class_name(class_find(w->srv, &addr, NULL)), "office");
    world_free(w);
}

static bool
learns(struct world *w, struct actor *a, const char *certfp)
{
    struct connection_info info;
    session_info(a->client, &info);
    info.certfp = certfp;
    info.secure = true;
    bool stays = session_rehome(w->srv, a->client, &info);
    world_settle(w);
    return stays;
}

/* Before the handshake nothing else is known, but nothing else can come. */
static void
a_listener_with_tls_chooses_the_class_at_accept(void)
{
    struct world *w = world_new("listen \"192.0.2.9:6667\" { }\n"
                                "listen \"192.0.2.9:6697\" { tls = true }\n"
                                "class \"tls\" { tls = true per_host = 5 "
                                "unregistered_per_host = 5 }");
    struct connection_info plain = {.listener = "192.0.2.9:6667"};
    struct connection_info tls = {.listener = "192.0.2.9:6697", .secure = true}, info;
    for (int i = 0; i < 5; i++)
        CU_ASSERT_FALSE(world_connect_with(w, "198.51.100.1", tls)->closed);
    CU_ASSERT(world_connect_with(w, "198.51.100.1", tls)->closed);
    struct actor *a = world_connect_with(w, "198.51.100.2", tls);
    session_info(a->client, &info);
    CU_ASSERT(info.secure);
    /* A gateway on that listener may say that its client has no TLS. */
    info.secure = false;
    info.gateway = "kiwi";
    CU_ASSERT(session_rehome(w->srv, a->client, &info));
    CU_ASSERT_PTR_NULL(policy_of(a->client)->class);
    a = world_connect_with(w, "198.51.100.2", plain);
    session_info(a->client, &info);
    CU_ASSERT_FALSE(info.secure);
    world_free(w);
}

/* As the shell does: the class of the address at accept, that of the certificate after
 * the handshake. */
static void
a_handshake_chooses_the_class_again(void)
{
    struct world *w =
        world_new("class \"many\" { certfp = { \"" ONE "\" } per_host = 50 "
                  "connect_rate = \"50/60s\" strikes = \"disconnect\" }");
    struct actor *a[3];
    for (int i = 0; i < 3; i++) {
        a[i] = world_connect(w, "192.0.2.1");
        CU_ASSERT_FATAL(!a[i]->closed);
        CU_ASSERT(learns(w, a[i], ONE));
        EQUAL_TEXT(class_name(policy_of(a[i]->client)->class), "many");
    }
    struct host *h = world_host(w, "192.0.2.1");
    EQUAL_NUMBER(h->connections, 3);
    EQUAL_NUMBER(h->unregistered, 3);
    world_say(w, a[0], "NICK ann\r\nUSER ann 0 * :Ann");
    EQUAL_NUMBER(h->unregistered, 2);
    world_free(w);
}

static void
a_class_with_less_room_refuses_with_its_reason(void)
{
    struct world *w = world_new("class \"one\" { tls = true certfp = { \"" ONE "\" } "
                                "per_host = 1 }");
    struct actor *a = world_connect(w, "192.0.2.1"), *b = world_connect(w, "192.0.2.1");
    CU_ASSERT(learns(w, a, TWO));
    EQUAL_TEXT(class_name(policy_of(a->client)->class), "-");
    CU_ASSERT_FALSE(learns(w, b, ONE));
    AWAIT(w, b,
          "ERROR :Closing Link: 192.0.2.1 (Too many connections from your host: at "
          "most 1 at a time)");
    CU_ASSERT(b->closed);
    EQUAL_NUMBER(world_host(w, "192.0.2.1")->connections, 1);
    EQUAL_NUMBER(world_host(w, "192.0.2.1")->unregistered, 1);
    world_free(w);
}

/* Facts that choose no other class count nothing anew. */
static void
the_same_class_takes_no_second_connection(void)
{
    struct world *w = world_new("limits { connect_rate = \"2/60s\" }");
    struct actor *a = world_connect(w, "192.0.2.1");
    for (int i = 0; i < 5; i++)
        CU_ASSERT(learns(w, a, i % 2 ? ONE : TWO));
    CU_ASSERT_FALSE(world_connect(w, "192.0.2.1")->closed);
    CU_ASSERT(world_connect(w, "192.0.2.1")->closed);
    world_free(w);
}

/* One token of the rate is gone after a change of the class, as after one connection. */
static void
a_change_of_class_takes_one_connection(void)
{
    struct world *w = world_new("limits { connect_rate = \"3/60s\" }\n"
                                "class \"a\" { certfp = { \"" ONE "\" } }\n"
                                "class \"b\" { certfp = { \"" TWO "\" } }\n");
    struct actor *a = world_connect(w, "192.0.2.1");
    for (int i = 0; i < 6; i++)
        CU_ASSERT(learns(w, a, i % 2 ? ONE : TWO));
    EQUAL_NUMBER(throttle_connections_left(w->srv, world_host(w, "192.0.2.1"), NULL),
                 2);
    EQUAL_NUMBER(world_host(w, "192.0.2.1")->connections, 1);
    world_free(w);
}

/* Wrong server passwords of clients that have left before the answer: the class is that
 * of the client, not of its address. */
static void
a_strike_of_a_client_that_has_left_knows_its_class(void)
{
    static const char *const spare[] = {
        "class \"tls\" { tls = true strikes = \"disconnect\" }",
        "class \"tls\" { certfp = { \"" ONE "\" } strikes = \"disconnect\" }",
        "class \"other\" { certfp = { \"" TWO "\" } strikes = \"disconnect\" }"};
    for (size_t i = 0; i < sizeof spare / sizeof *spare; i++) {
        char text[600];
        snprintf(text, sizeof text,
                 "server { password = \"$argon2id$secret\" }\n"
                 "limits { connect_rate = \"99/1s\" wrong_passwords = \"99/1m\" }\n"
                 "strikes { limit = 3 } %s",
                 spare[i]);
        struct world *w = world_new(text);
        struct connection_info info = {
            .listener = "test", .secure = true, .certfp = ONE};
        w->verify_later = true;
        for (int n = 0; n < 3; n++) {
            struct actor *a = world_connect_with(w, "192.0.2.1", info);
            world_say(w, a, "PASS wrong\r\nNICK ann\r\nUSER ann 0 * :Ann");
            EQUAL_NUMBER(w->n_jobs, 1);
            world_close(w, a);
            world_verify(w);
        }
        struct actor *last = world_connect_with(w, "192.0.2.1", info);
        world_say(w, last, "PASS wrong\r\nNICK ann\r\nUSER ann 0 * :Ann");
        EQUAL_NUMBER(last->closed, i == 2); /* banned */
        world_free(w);
    }
}

static void
rehash_gives_new_classes_to_clients_that_are_on(void)
{
    char text[900];
    struct world *w = world_new(world_alice);
    struct connection_info info = {.listener = "test", .secure = true, .certfp = ONE};
    struct actor *ann = world_user_with(w, "ann", info), *bob = world_user(w, "bob");
    CU_ASSERT_PTR_NULL(policy_of(ann->client)->class);
    snprintf(text, sizeof text,
             "%s class \"tls\" { tls = true per_host = 7 }\n"
             "class \"all\" { match = { \"0.0.0.0/0\" } }",
             world_alice);
    w->rehash_text = text;
    CU_ASSERT(world_rehash(w));
    EQUAL_TEXT(class_name(policy_of(ann->client)->class), "tls");
    EQUAL_TEXT(class_name(policy_of(bob->client)->class), "all");
    struct actor *root = world_oper(w, "root");
    world_say(w, root, "CHECK ann");
    AWAIT(w, root, "* :Connections: host 1 of 7, *");
    AWAIT(w, root, "* :Class: tls; *");
    world_drain(root);
    world_say(w, root, "CHECK 10.1.1.1"); /* an address is no TLS client */
    AWAIT(w, root, "* :Class: all; *");
    world_free(w);
}

SUITE(class_facts)
{
    TEST(the_first_class_with_all_its_conditions_counts);
    TEST(a_listener_with_tls_chooses_the_class_at_accept);
    TEST(a_handshake_chooses_the_class_again);
    TEST(a_class_with_less_room_refuses_with_its_reason);
    TEST(the_same_class_takes_no_second_connection);
    TEST(a_change_of_class_takes_one_connection);
    TEST(a_strike_of_a_client_that_has_left_knows_its_class);
    TEST(rehash_gives_new_classes_to_clients_that_are_on);
}
