/* Pings and timeouts on both sides of every deadline, and clocks that jump. */
#include "policy/client_policy.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "world.h"

static void
the_silent_are_pinged_and_then_let_go(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user(w, "bob");
    world_sleep(w, 120 * MSEC_SECOND - 1);
    SILENT(w, bob);
    world_sleep(w, 1);
    EXPECT(w, bob, "PING :irc.localhost");
    world_sleep(w, 60 * MSEC_SECOND - 1);
    SILENT(w, bob);
    CU_ASSERT(!bob->closed);
    world_sleep(w, 1);
    EXPECT(w, bob, "ERROR :Closing Link: 10.1.1.1 (Ping timeout: 60 seconds)");
    CU_ASSERT(bob->closed);
    world_free(w);
}

static void
any_input_counts_as_an_answer(void)
{
    static const char *const inputs[] = {"PONG :irc.localhost\r\n", "PONG\r\n", "\r\n",
                                         "nonsense\r\n", "x"};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        struct world *w = world_new(NULL);
        struct actor *bob = world_user(w, "bob");
        world_sleep(w, 180 * MSEC_SECOND - 1);
        EXPECT(w, bob, "PING *");
        world_send(w, bob, inputs[i], strlen(inputs[i]));
        world_drain(bob);
        world_sleep(w, 120 * MSEC_SECOND - 1);
        SILENT(w, bob);
        world_sleep(w, 1);
        EXPECT(w, bob, "PING *");
        CU_ASSERT(!bob->closed);
        world_free(w);
    }
}

static void
a_client_that_talks_is_never_pinged(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user(w, "bob"), *eve = world_user(w, "eve");
    for (int i = 0; i < 10; i++) {
        world_sleep(w, 100 * MSEC_SECOND);
        world_say(w, bob, "PING x");
    }
    NEVER(w, bob, "PING *");
    CU_ASSERT(!bob->closed && eve->closed);
    world_free(w);
}

static void
nothing_extends_the_time_to_register(void)
{
    static const char *const lines[] = {
        "NICK bob",      "CAP LS 302",           "PING x",
        "USER a b c :d", "CAP REQ :server-time", ""};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct world *w = world_new(NULL);
        struct actor *bob = world_connect(w, "192.0.2.1");
        for (int n = 0; n < 15; n++) {
            world_sleep(w, 1900);
            world_say(w, bob, lines[i]);
        }
        world_sleep(w, 1499);
        CU_ASSERT(!bob->closed);
        world_sleep(w, 1);
        AWAIT(w, bob, "*ERROR :Closing Link: 192.0.2.1 (Registration timed out)");
        CU_ASSERT(bob->closed);
        world_free(w);
    }
}

static void
a_password_that_is_being_checked_extends_nothing(void)
{
    struct world *w = world_new("server { password = \"$argon2id$secret\" }");
    struct actor *bob = world_connect(w, "192.0.2.1");
    w->verify_later = true;
    world_say(w, bob, "PASS secret");
    world_say(w, bob, "NICK bob");
    world_say(w, bob, "USER bob 0 * :B");
    world_sleep(w, 30 * MSEC_SECOND);
    CU_ASSERT(bob->closed);
    world_verify(w); /* comes too late: no client waits for it */
    EQUAL_NUMBER(session_count(w->srv), 0);
    world_free(w);
}

static void
a_second_registration_timeout_in_a_row_is_struck(void)
{
    struct world *w = world_new(world_alice);
    struct actor *a = world_connect(w, "192.0.2.1");
    world_sleep(w, 30 * MSEC_SECOND);
    NEVER(w, a, "*Strike*");
    a = world_connect(w, "192.0.2.1");
    world_sleep(w, 30 * MSEC_SECOND);
    EXPECT(w, a, "* NOTICE ? :Strike 1 of 5: connections left unregistered. *");
    EXPECT(w, a, "ERROR *(Registration timed out)");
    world_close(w, world_user_at(w, "bob", "192.0.2.1"));
    a = world_connect(w, "192.0.2.1");
    world_sleep(w, 30 * MSEC_SECOND);
    NEVER(w, a, "*Strike*");
    CU_ASSERT(a->closed);
    world_free(w);
}

/* SIGSTOP and SIGCONT: no tick for an hour. */
static void
a_stall_times_out_no_client_that_answers(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user(w, "bob"), *eve = world_user(w, "eve");
    struct actor *fresh = world_connect(w, "192.0.2.1");
    world_sleep(w, 10 * MSEC_SECOND);
    session_clock(w->srv, w->srv->now + MSEC_HOUR, w->srv->wall + MSEC_HOUR);
    world_sleep(w, 0);
    CU_ASSERT(!bob->closed && !eve->closed && !fresh->closed);
    EXPECT(w, bob, "PING *");
    world_sleep(w, 10 * MSEC_SECOND);
    world_say(w, bob, "PONG x");
    world_say(w, fresh, "NICK fresh");
    world_say(w, fresh, "USER fresh 0 * :F");
    world_sleep(w, 50 * MSEC_SECOND - 1);
    CU_ASSERT(!bob->closed && !eve->closed && !fresh->closed);
    world_sleep(w, 1);
    CU_ASSERT(!bob->closed && eve->closed && !fresh->closed);
    world_free(w);
}

static void
a_stall_while_a_ping_is_out_leaves_time_to_answer(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user(w, "bob");
    world_sleep(w, 130 * MSEC_SECOND);
    session_clock(w->srv, w->srv->now + MSEC_HOUR, w->srv->wall + MSEC_HOUR);
    world_sleep(w, 59999);
    CU_ASSERT(!bob->closed);
    world_sleep(w, 1);
    CU_ASSERT(bob->closed);
    world_free(w);
}

static void
jumps_of_the_wall_clock_change_no_timer(void)
{
    static const msec jumps[] = {MSEC_DAY, -MSEC_DAY, 60 * 365 * MSEC_DAY,
                                 2147483648000LL - WORLD_WALL, -WORLD_WALL};
    for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++) {
        struct world *w = world_new(world_alice);
        struct actor *bob = world_user(w, "bob");
        struct actor *fresh = world_connect(w, "192.0.2.1");
        world_sleep(w, 29 * MSEC_SECOND);
        world_set_wall(w, WORLD_WALL + jumps[i]);
        world_sleep(w, 999);
        CU_ASSERT(!bob->closed && !fresh->closed);
        world_sleep(w, 1);
        CU_ASSERT(!bob->closed && fresh->closed);
        world_sleep(w, 90 * MSEC_SECOND - 1);
        SILENT(w, bob);
        world_sleep(w, 1);
        EXPECT(w, bob, "PING *");
        world_say(w, bob, "PONG x");
        struct actor *alice = world_oper(w, "alice");
        world_say(w, alice, "WHOIS bob bob");
        world_say(w, alice, "STATS u");
        world_say(w, alice, "KLINE 10m 198.51.100.1 :x");
        world_say(w, alice, "STATS k");
        NEVER(w, alice, "* -*");
        NEVER(w, alice, "*(-*");
        AWAIT(w, alice, "* 317 alice bob 120 * :*");
        AWAIT(w, alice, "* 242 alice :Server up 0 days, 0:02:00");
        AWAIT(w, alice, "* 216 *(10m), 0 hits: x");
        world_free(w);
    }
}

static void
new_times_apply_after_rehash(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user(w, "bob");
    world_sleep(w, 20 * MSEC_SECOND);
    w->rehash_text = "limits { ping_every = \"21s\" ping_timeout = \"5s\" }";
    CU_ASSERT_FATAL(world_rehash(w));
    world_sleep(w, 999);
    SILENT(w, bob);
    world_sleep(w, 1);
    EXPECT(w, bob, "PING *");
    world_sleep(w, 4999);
    CU_ASSERT(!bob->closed);
    world_sleep(w, 1);
    EXPECT(w, bob, "ERROR *(Ping timeout: 5 seconds)");
    world_free(w);
}

/* Each time for the clients of its listeners alone, also after input and REHASH. */
static void
clients_of_a_listener_are_pinged_after_its_time(void)
{
    static const struct {
        const char *listener;
        msec after;
    } cases[] = {
        {"0.0.0.0:1", 120 * MSEC_SECOND}, {"0.0.0.0:2", 45 * MSEC_SECOND},
        {"0.0.0.0:3", 45 * MSEC_SECOND},  {"0.0.0.0:4", 10 * MSEC_SECOND},
        {"0.0.0.0:5", 130 * MSEC_SECOND}, {"0.0.0.0:9", 120 * MSEC_SECOND},
    };
#define LISTEN                                                                         \
    "listen 0.0.0.0:1 { } listen 0.0.0.0:2 { serves = websocket }\n"                   \
    "listen 0.0.0.0:3 { ping_every = 45s } listen 0.0.0.0:4 { ping_every = 10s }\n"    \
    "listen 0.0.0.0:5 { ping_every = 130s serves = { websocket, chat } }\n"
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(LISTEN);
        struct connection_info info = {.listener = cases[i].listener};
        struct actor *a = world_user_with(w, "a", info);
        for (int k = 0; k < 2; k++) {
            world_say(w, a, "PONG x");
            world_drain(a);
            world_sleep(w, cases[i].after - 1);
            SILENT(w, a);
            world_sleep(w, 1);
            EXPECT(w, a, "PING *");
        }
        world_sleep(w, 59999);
        CU_ASSERT_FALSE(a->closed);
        world_sleep(w, 1);
        EXPECT(w, a, "ERROR *(Ping timeout: 60 seconds)");
        world_free(w);
    }
}

/* The listener is gone: its time is the one of limits. */
static void
a_time_of_a_listener_changes_with_rehash(void)
{
    static const struct {
        const char *after;
        msec every;
    } cases[] = {
        {"listen 0.0.0.0:2 { ping_every = 30s }", 30 * MSEC_SECOND},
        {"limits { ping_every = 25s } listen 0.0.0.0:1 { }", 25 * MSEC_SECOND},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new("listen 0.0.0.0:2 { ping_every = 20s }");
        struct connection_info info = {.listener = "0.0.0.0:2"};
        struct actor *a = world_user_with(w, "a", info);
        w->rehash_text = cases[i].after;
        CU_ASSERT_FATAL(world_rehash(w));
        world_drain(a);
        world_sleep(w, cases[i].every - 1);
        SILENT(w, a);
        world_sleep(w, 1);
        EXPECT(w, a, "PING *");
        world_free(w);
    }
}

static void
registration_timeouts_far_apart_are_no_offence(void)
{
    struct world *w = world_new("strikes { decay = \"1m\" }\n"
                                "limits { ping_every = \"1h\" ping_timeout = \"1h\" }");
    struct actor *on = world_user_at(w, "on", "192.0.2.1");
    for (int i = 0; i < 3; i++) {
        struct actor *a = world_connect(w, "192.0.2.1");
        world_sleep(w, 31 * MSEC_SECOND);
        CU_ASSERT(a->closed);
        NEVER(w, a, "*Strike*");
        world_sleep(w, MSEC_MINUTE);
    }
    EQUAL_NUMBER(policy_of(on->client)->host->strikes, 0);
    world_free(w);
}

SUITE(tick)
{
    TEST(the_silent_are_pinged_and_then_let_go);
    TEST(any_input_counts_as_an_answer);
    TEST(a_client_that_talks_is_never_pinged);
    TEST(nothing_extends_the_time_to_register);
    TEST(a_password_that_is_being_checked_extends_nothing);
    TEST(a_second_registration_timeout_in_a_row_is_struck);
    TEST(a_stall_times_out_no_client_that_answers);
    TEST(a_stall_while_a_ping_is_out_leaves_time_to_answer);
    TEST(jumps_of_the_wall_clock_change_no_timer);
    TEST(new_times_apply_after_rehash);
    TEST(clients_of_a_listener_are_pinged_after_its_time);
    TEST(a_time_of_a_listener_changes_with_rehash);
    TEST(registration_timeouts_far_apart_are_no_offence);
}
