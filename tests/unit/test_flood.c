/* Flood control as users see it: tokens, held lines, refusals, and the lines that are
 * free. */
#include "policy/client_policy.h"
#include "world.h"

static void
tokens_left_run_lines_at_once_and_the_next_waits(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user(w, "bob");
    world_say_times(w, bob, "ISON bob", 11);
    EQUAL_NUMBER(world_count(bob, "* 303 *"), 10);
    world_sleep(w, 499);
    EQUAL_NUMBER(world_count(bob, "* 303 *"), 10);
    world_sleep(w, 1);
    EQUAL_NUMBER(world_count(bob, "* 303 *"), 11);
    NEVER(w, bob, "*Strike*");
    world_free(w);
}

static void
held_lines_keep_their_order(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user(w, "bob");
    struct actor *eve = world_user(w, "eve");
    for (int i = 0; i < 26; i++)
        world_sayf(w, bob, "PRIVMSG eve :line %d.", i);
    EQUAL_NUMBER(world_count(eve, "* PRIVMSG eve *"), 10);
    world_sleep(w, 7999);
    EQUAL_NUMBER(world_count(eve, "* PRIVMSG eve *"), 25);
    world_sleep(w, 1);
    for (int i = 0; i < 26; i++) {
        char want[64];
        snprintf(want, sizeof want, "* PRIVMSG eve :line %d.", i);
        EXPECT(w, eve, want);
    }
    SILENT(w, eve);
    SILENT(w, bob);
    world_free(w);
}

static void
a_line_beyond_the_hold_is_refused_in_words_with_one_strike_a_second(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user(w, "bob");
    world_say_times(w, bob, "ISON bob", 26);
    EQUAL_NUMBER(world_count(bob, "* 303 *"), 10);
    world_drain(bob);
    world_say(w, bob, "ison bob");
    EXPECT(w, bob,
           ":irc.localhost NOTICE bob :ISON refused: you are sending too fast, and 16 "
           "lines wait already");
    EXPECT(w, bob,
           ":irc.localhost NOTICE bob :Strike 1 of 5: messages sent too fast. At 5 "
           "your address is banned for 10 minutes.");
    world_say(w, bob, "WHOIS bob");
    EXPECT(w, bob, "* NOTICE bob :WHOIS refused: *");
    SILENT(w, bob);
    world_sleep(w, 999);
    world_drain(bob);
    world_say_times(w, bob, "AWAY", 2); /* one token came back, so there is one place */
    EXPECT(w, bob, "* NOTICE bob :AWAY refused: *");
    SILENT(w, bob);
    world_sleep(w, 1);
    world_drain(bob);
    world_say_times(w, bob, "nonsense", 2);
    AWAIT(w, bob, "* NOTICE bob :A line was refused: *");
    EXPECT(w, bob, "* NOTICE bob :Strike 2 of 5: *");
    CU_ASSERT(!bob->closed);
    world_free(w);
}

static void
pouring_short_lines_is_refused_and_not_disconnected_until_strikes_ban(void)
{
    struct world *w = world_new("strikes { limit = 1000 }");
    struct actor *bob = world_user(w, "bob");
    world_say_times(w, bob, "ISON bob", 5000);
    CU_ASSERT(!bob->closed);
    EQUAL_NUMBER(world_count(bob, "* :Strike *"), 1);
    world_sleep(w, 20 * MSEC_SECOND);
    EQUAL_NUMBER(world_count(bob, "* 303 *"), 26);
    world_free(w);
}

static void
overlong_lines_cost_a_token_each_and_are_refused_at_last(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user(w, "bob");
    for (int i = 0; i < 27; i++)
        world_sayf(w, bob, "PRIVMSG bob :%0*d", 600, 7);
    EQUAL_NUMBER(world_count(bob, "* 417 *"), 10);
    EQUAL_NUMBER(world_count(bob, "* :Strike 1 of 5: *"), 1);
    world_say(w, bob, "ISON bob");
    NEVER(w, bob, "* 303 *");
    world_sleep(w, 9 * MSEC_SECOND);
    EQUAL_NUMBER(world_count(bob, "* 417 *"), 26);
    world_say(w, bob, "ISON bob");
    EQUAL_NUMBER(world_count(bob, "* 303 *"), 1);
    world_free(w);
}

static void
overlong_lines_count_before_registration_as_well(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_connect(w, "192.0.2.1");
    for (int i = 0; i < 20; i++)
        world_sayf(w, bob, "NICK %0*d", 600, 7);
    CU_ASSERT(!bob->closed);
    world_sayf(w, bob, "NICK %0*d", 600, 7);
    AWAIT(w, bob, "ERROR :Closing Link: 192.0.2.1 (Excess Flood)");
    world_free(w);
}

static void
pings_are_free_within_reason(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user(w, "bob");
    world_say_times(w, bob, "PING x", 20);
    EQUAL_NUMBER(world_count(bob, "* PONG *"), 20);
    world_say_times(w, bob, "ISON x", 10);
    EQUAL_NUMBER(world_count(bob, "* 303 *"), 10);
    world_say(w, bob, "PING x");
    EQUAL_NUMBER(world_count(bob, "* PONG *"), 20);
    world_sleep(w, 1000);
    EQUAL_NUMBER(world_count(bob, "* PONG *"), 21);
    world_free(w);
}

static void
ping_and_quit_pass_a_full_hold(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user(w, "bob");
    world_say_times(w, bob, "ISON bob", 26);
    world_drain(bob);
    world_say(w, bob, "PING 1");
    EXPECT(w, bob, "* PONG irc.localhost :1");
    world_say(w, bob, "QUIT :enough");
    AWAIT(w, bob, "ERROR :Closing Link: * (Quit: enough)");
    CU_ASSERT(bob->closed);
    world_free(w);
}

static void
bytes_without_an_end_disconnect_at_the_receive_queue(void)
{
    static const struct {
        bool registered;
        size_t limit;
    } cases[] = {{true, 16384}, {false, 4096}};
    static char junk[20000];
    memset(junk, 'x', sizeof junk);
    for (size_t i = 0; i < 2; i++)
        for (size_t piece = 1; piece <= 16384; piece *= 128) {
            struct world *w = world_new(world_alice);
            struct actor *alice = world_oper(w, "alice");
            struct actor *bob = cases[i].registered ? world_user(w, "bob")
                                                    : world_connect(w, "192.0.2.9");
            for (size_t sent = 0, n; sent < cases[i].limit; sent += n) {
                n = cases[i].limit - sent < piece ? cases[i].limit - sent : piece;
                world_send(w, bob, junk, n);
            }
            CU_ASSERT(!bob->closed);
            world_send(w, bob, junk, 1);
            CU_ASSERT(bob->closed);
            AWAIT(w, bob, "* :Strike 2 of 5: receive queue overrun. *");
            AWAIT(w, bob, "ERROR :Closing Link: * (Excess Flood)");
            AWAIT(w, alice, "* :??? Strike 2 of 5 for *receive queue overrun");
            world_free(w);
        }
}

static void
lines_before_registration_have_a_budget(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_connect(w, "192.0.2.1");
    world_say_times(w, bob, "PONG x", 20);
    CU_ASSERT(!bob->closed);
    world_say(w, bob, "PONG x");
    AWAIT(w, bob, "* NOTICE ? :Strike 2 of 5: *");
    EXPECT(w, bob, "ERROR :Closing Link: 192.0.2.1 (Excess Flood)");
    CU_ASSERT(bob->closed);
    world_free(w);
}

static void
exempt_hosts_and_operators_with_the_privilege_are_not_limited(void)
{
    struct world *w = world_new(
        "exempt \"192.0.2.0/24\" { from = { \"flood\" } }\n"
        "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
        "privileges = { \"all\" } }\n"
        "oper \"al\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
        "privileges = { \"kill\" } }\n");
    struct actor *bob = world_user_at(w, "bob", "192.0.2.1");
    struct actor *alice = world_oper(w, "alice");
    struct actor *al = world_user(w, "al");
    world_say(w, al, "OPER al secret");
    world_sleep(w, 5000);
    world_drain_all(w);
    world_say_times(w, bob, "ISON x", 200);
    world_say_times(w, alice, "ISON x", 200);
    world_say_times(w, al, "ISON x", 200);
    EQUAL_NUMBER(world_count(bob, "* 303 *"), 200);
    EQUAL_NUMBER(world_count(alice, "* 303 *"), 200);
    EQUAL_NUMBER(world_count(al, "* 303 *"), 10);
    for (int i = 0; i < 20; i++)
        world_sayf(w, bob, "NICK bob%d", i);
    NEVER(w, bob, "*refused*");
    world_free(w);
}

static void
a_class_has_its_own_burst_and_hold(void)
{
    struct world *w = world_new(
        "class \"bots\" { match = { \"192.0.2.0/24\" } burst = 40 hold = 0 }\n");
    struct actor *bot = world_user_at(w, "bot", "192.0.2.1");
    struct actor *bob = world_user(w, "bob");
    world_say_times(w, bot, "ISON x", 41);
    EQUAL_NUMBER(world_count(bot, "* 303 *"), 40);
    EQUAL_NUMBER(world_count(bot, "*ISON refused*"), 1);
    world_say_times(w, bob, "ISON x", 41);
    EQUAL_NUMBER(world_count(bob, "* 303 *"), 10);
    world_free(w);
}

static void
wall_clock_jumps_give_no_tokens(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user(w, "bob");
    world_say_times(w, bob, "ISON x", 11);
    static const msec jumps[] = {MSEC_DAY, -MSEC_DAY, 60 * 365 * MSEC_DAY};
    for (size_t i = 0; i < 3; i++) {
        world_set_wall(w, WORLD_WALL + jumps[i]);
        world_sleep(w, 100);
        EQUAL_NUMBER(world_count(bob, "* 303 *"), 10);
    }
    world_sleep(w, 200);
    EQUAL_NUMBER(world_count(bob, "* 303 *"), 11);
    world_free(w);
}

static void
the_exempt_wait_for_a_worker_and_lose_no_line(void)
{
    struct world *w = world_new("oper \"alice\" { password = \"$argon2id$secret\" "
                                "hosts = { \"*@*\" } privileges = { \"all\" } }\n"
                                "exempt \"192.0.2.7\" { from = { \"flood\" } }");
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    struct actor *eve = world_user_at(w, "eve", "192.0.2.8");
    w->verify_later = true;
    world_say(w, bob, "OPER alice wrong");
    for (int i = 0; i < 40; i++)
        world_sayf(w, bob, "PRIVMSG bob :%d", i);
    SILENT(w, bob);
    world_say(w, eve, "OPER alice wrong");
    for (int i = 0; i < 40; i++)
        world_sayf(w, eve, "PRIVMSG eve :%d", i);
    /* 16 lines are held and 10 more run for the tokens of ann; the rest is refused
     * without a strike. */
    EQUAL_NUMBER(policy_of(eve->client)->held_lines, 26);
    NEVER(w, eve, "*Strike*");
    world_verify(w);
    EQUAL_NUMBER(world_count(bob, ":bob!* PRIVMSG bob :*"), 40);
    world_free(w);
}

SUITE(flood)
{
    TEST(tokens_left_run_lines_at_once_and_the_next_waits);
    TEST(held_lines_keep_their_order);
    TEST(a_line_beyond_the_hold_is_refused_in_words_with_one_strike_a_second);
    TEST(pouring_short_lines_is_refused_and_not_disconnected_until_strikes_ban);
    TEST(overlong_lines_cost_a_token_each_and_are_refused_at_last);
    TEST(overlong_lines_count_before_registration_as_well);
    TEST(pings_are_free_within_reason);
    TEST(ping_and_quit_pass_a_full_hold);
    TEST(bytes_without_an_end_disconnect_at_the_receive_queue);
    TEST(lines_before_registration_have_a_budget);
    TEST(exempt_hosts_and_operators_with_the_privilege_are_not_limited);
    TEST(a_class_has_its_own_burst_and_hold);
    TEST(wall_clock_jumps_give_no_tokens);
    TEST(the_exempt_wait_for_a_worker_and_lose_no_line);
}
