/* Admission over time: a refusal ends as soon as its cause does, the order of the
 * checks, and wrong server passwords. */
#include "policy/host.h"
#include "world.h"

static void
rehash(struct world *w, const char *config)
{
    w->rehash_text = config;
    CU_ASSERT_FATAL(world_rehash(w));
}

static void
a_d_line_that_has_ended_refuses_no_client(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    world_say(w, alice, "DLINE 10m 192.0.2.1 :x");
    for (int i = 0; i < 100; i++)
        CU_ASSERT(world_connect(w, "192.0.2.1")->closed);
    /* Moves the clocks alone: no tick removes anything. */
    session_clock(w->srv, w->srv->now + 10 * MSEC_MINUTE - 1,
                  w->srv->wall + 10 * MSEC_MINUTE - 1);
    CU_ASSERT(world_connect(w, "192.0.2.1")->closed);
    session_clock(w->srv, w->srv->now + 1, w->srv->wall + 1);
    CU_ASSERT(!world_connect(w, "192.0.2.1")->closed);
    world_free(w);
}

static void
a_new_limit_holds_from_the_next_connection_on(void)
{
    static const struct {
        const char *before, *after;
    } cases[] = {
        {"limits { per_host = 1 }", "limits { per_host = 2 }"},
        {"limits { per_network = 1 }", "limits { per_network = 2 }"},
        {"limits { unregistered_per_host = 1 }",
         "limits { unregistered_per_host = 2 }"},
        {"limits { clients = 1 }", "limits { clients = 2 }"},
        {"limits { per_host = 1 }",
         "limits { per_host = 1 } exempt \"192.0.2.1\" { from = { \"connections\" } }"},
        {"limits { per_host = 1 }", "limits { per_host = 1 } class \"c\" { match = { "
                                    "\"192.0.2.1\" } per_host = 2 }"},
        {"limits { connect_rate = \"1/1h\" }",
         "limits { connect_rate = \"1/1h\" } "
         "exempt \"192.0.2.1\" { from = { \"throttle\" } }"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(cases[i].before);
        CU_ASSERT(!world_connect(w, "192.0.2.1")->closed);
        CU_ASSERT(world_connect(w, "192.0.2.1")->closed);
        rehash(w, cases[i].after);
        CU_ASSERT(!world_connect(w, "192.0.2.1")->closed);
        rehash(w, cases[i].before);
        CU_ASSERT(world_connect(w, "192.0.2.1")->closed);
        world_free(w);
    }
}

static void
a_milder_connect_rate_does_not_wait_for_the_old_one(void)
{
    struct world *w = world_new("limits { connect_rate = \"1/10m\" }");
    world_close(w, world_connect(w, "192.0.2.1"));
    EXPECT(w, world_connect(w, "192.0.2.1"), "*; try again in 10m)");
    rehash(w, "limits { connect_rate = \"6/60s\" }");
    EXPECT(w, world_connect(w, "192.0.2.1"), "*; try again in 10s)");
    world_leap(w, 10 * MSEC_SECOND);
    CU_ASSERT(!world_connect(w, "192.0.2.1")->closed);
    world_free(w);
}

/* Each of these checks would refuse the connection, and so would all behind it: the
 * first one gives the reason. */
static void
the_checks_come_in_their_order(void)
{
    static const struct {
        const char *limits, *why;
    } cases[] = {
        {"clients = 2 per_host = 1 per_network = 1 unregistered_per_host = 1 "
         "connect_rate = \"1/1h\"",
         "*(The server is full: *"},
        {"per_host = 1 per_network = 1 unregistered_per_host = 1 connect_rate = "
         "\"1/1h\"",
         "*(Too many connections from your host: *"},
        {"per_network = 1 unregistered_per_host = 1 connect_rate = \"1/1h\"",
         "*(Too many connections from your network: *"},
        {"unregistered_per_host = 1 connect_rate = \"1/1h\"",
         "*(Too many connections from your host that have not registered: *"},
        {"connect_rate = \"1/1h\"", "*(Connecting too fast: *"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char config[400];
        snprintf(config, sizeof config, "%s limits { %s }", world_alice,
                 cases[i].limits);
        struct world *w = world_new(config);
        struct actor *alice = world_oper(w, "alice");
        CU_ASSERT(!world_connect(w, "192.0.2.1")->closed);
        EXPECT(w, world_connect(w, "192.0.2.1"), cases[i].why);
        world_say(w, alice, "DLINE 192.0.2.1 :first");
        EXPECT(w, world_connect(w, "192.0.2.1"), "*(You are banned (D-line)*: first)");
        world_free(w);
    }
}

static void
a_refused_connection_costs_no_token_of_the_rate(void)
{
    struct world *w =
        world_new("limits { per_host = 1 connect_rate = \"2/1h\" per_network = 9 }");
    struct actor *a = world_connect(w, "192.0.2.1");
    for (int i = 0; i < 50; i++)
        EXPECT(w, world_connect(w, "192.0.2.1"), "*from your host: at most 1 *");
    world_close(w, a);
    a = world_connect(w, "192.0.2.1");
    CU_ASSERT(!a->closed);
    world_close(w, a);
    EXPECT(w, world_connect(w, "192.0.2.1"), "*(Connecting too fast: *");
    world_free(w);
}

static void
refusals_are_counted_and_logged_at_a_bounded_rate(void)
{
    unsigned lines = 0;
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    world_say(w, alice, "DLINE 192.0.2.1 :x");
    for (int i = 0; i < 3000; i++)
        EXPECT(w, world_connect(w, "192.0.2.1"), "ERROR :Closing Link: 192.0.2.1 (*");
    for (const char *at = w->logged; (at = strstr(at, "event=refused")); at++)
        lines++;
    CU_ASSERT(lines > 0 && lines < 50);
    CU_ASSERT(world_count(alice, "*Refused a connection*") < 50);
    EQUAL_NUMBER(w->srv->n_refused, 3000);
    world_drain(alice);
    world_say(w, alice, "STATS t");
    EXPECT(w, alice, "* 249 alice t :1 connections accepted, 3000 refused");
    world_free(w);
}

static const char with_password[] = "server { password = \"$argon2id$door\" }\n"
                                    "limits { connect_rate = \"999/1s\" }\n";

static struct actor *
try(struct world *w, const char *address, const char *password)
{
    static unsigned n;
    struct actor *a = world_connect(w, address);
    world_sayf(w, a, "PASS %s", password);
    world_sayf(w, a, "NICK n%u", n++);
    world_say(w, a, "USER n 0 * :N");
    return a;
}

static void
wrong_server_passwords_are_few_for_a_host(void)
{
    struct world *w = world_new(with_password);
    for (int i = 0; i < 3; i++)
        AWAIT(w, try(w, "192.0.2.1", "wrong"), "ERROR *(Wrong server password)");
    struct actor *a = try(w, "192.0.2.1", "door");
    EXPECT(w, a,
           "ERROR :Closing Link: 192.0.2.1 (Too many wrong server passwords from your "
           "host; try again in 3m20s)");
    CU_ASSERT(a->closed);
    CU_ASSERT(!try(w, "192.0.2.2", "door")->closed);
    world_leap(w, 200 * MSEC_SECOND - 1);
    EXPECT(w, try(w, "192.0.2.1", "door"), "*; try again in 1s)");
    world_leap(w, 1);
    CU_ASSERT(!try(w, "192.0.2.1", "door")->closed);
    CU_ASSERT(
        !try(w, "192.0.2.1", "door")->closed); /* a right password takes no token */
    AWAIT(w, try(w, "192.0.2.1", "wrong"), "ERROR *(Wrong server password)");
    CU_ASSERT(try(w, "192.0.2.1", "door")->closed);
    world_free(w);
}

static void
a_refused_look_at_the_password_is_no_strike(void)
{
    struct world *w = world_new(with_password);
    struct actor *a = NULL;
    for (int i = 0; i < 30; i++)
        a = try(w, "192.0.2.1", "wrong");
    struct addr addr;
    CU_ASSERT_FATAL(addr_parse("192.0.2.1", &addr));
    EQUAL_NUMBER(host_find(w->srv, &addr)->strikes, 3);
    EXPECT(w, a, "ERROR *(Too many wrong server passwords from your host; *");
    world_free(w);
}

static void
a_forgotten_password_is_no_wrong_one_and_the_exempt_may_guess(void)
{
    char config[300];
    snprintf(config, sizeof config,
             "%s exempt \"192.0.2.9\" { from = { \"throttle\", \"strikes\" } }",
             with_password);
    struct world *w = world_new(config);
    for (int i = 0; i < 10; i++) {
        struct actor *a = world_connect(w, "192.0.2.1");
        world_say(w, a, "NICK none\r\nUSER n 0 * :N");
        AWAIT(w, a, "ERROR *(This server needs a password (PASS))");
        AWAIT(w, try(w, "192.0.2.9", "wrong"), "ERROR *(Wrong server password)");
    }
    CU_ASSERT(!try(w, "192.0.2.1", "door")->closed);
    CU_ASSERT(!try(w, "192.0.2.9", "door")->closed);
    world_free(w);
}

SUITE(admission)
{
    TEST(a_d_line_that_has_ended_refuses_no_client);
    TEST(a_new_limit_holds_from_the_next_connection_on);
    TEST(a_milder_connect_rate_does_not_wait_for_the_old_one);
    TEST(the_checks_come_in_their_order);
    TEST(a_refused_connection_costs_no_token_of_the_rate);
    TEST(refusals_are_counted_and_logged_at_a_bounded_rate);
    TEST(wrong_server_passwords_are_few_for_a_host);
    TEST(a_refused_look_at_the_password_is_no_strike);
    TEST(a_forgotten_password_is_no_wrong_one_and_the_exempt_may_guess);
}
