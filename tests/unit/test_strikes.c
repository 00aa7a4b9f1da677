/* Strikes: told, decaying, escalating, remembered, and the hosts that never get any. */
#include "enact/strike.h"
#include "policy/ban/ban.h"
#include "policy/host.h"
#include "world.h"

#define ADDRESS "192.0.2.7"
#define FOR_FLOOD "5 strikes, the last for messages sent too fast"

static void
strike(struct world *w, struct actor *a, enum strike_cause cause)
{
    if (a->client)
        enact_strike(w->srv, a->client, cause);
    world_sleep(w, 0);
}

static void
strike_times(struct world *w, struct actor *a, int times)
{
    while (times-- > 0)
        strike(w, a, STRIKE_FLOOD);
}

static void
every_cause_has_its_weight_and_words(void)
{
    static const struct {
        enum strike_cause cause;
        int weight;
        const char *text;
    } cases[] = {
        {STRIKE_FLOOD, 1, "messages sent too fast"},
        {STRIKE_EXCESS_FLOOD, 2, "receive queue overrun"},
        {STRIKE_NICK, 1, "nick changed too often"},
        {STRIKE_JOIN, 1, "channels joined too fast"},
        {STRIKE_INVITE, 1, "invitations sent too fast"},
        {STRIKE_AWAY, 1, "away changed too often"},
        {STRIKE_KNOCK, 1, "knocks sent too fast"},
        {STRIKE_TARGET, 2, "new people written to too fast"},
        {STRIKE_CTCP, 1, "CTCP to channels sent too fast"},
        {STRIKE_OPER, 2, "wrong operator password"},
        {STRIKE_PASSWORD, 1, "wrong server password"},
        {STRIKE_RATE, 1, "connecting too fast"},
        {STRIKE_TIMEOUT, 1, "connections left unregistered"},
        {STRIKE_BY_OPER, 1, "given by an operator"},
    };
    EQUAL_NUMBER(sizeof cases / sizeof *cases, STRIKE_CAUSES);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[200];
        struct world *w = world_new(world_alice);
        struct actor *alice = world_oper(w, "alice");
        struct actor *bob = world_user_at(w, "bob", ADDRESS);
        strike(w, bob, cases[i].cause);
        snprintf(want, sizeof want,
                 ":irc.localhost NOTICE bob :Strike %d of 5: %s. At 5 your address is "
                 "banned for 10 minutes.",
                 cases[i].weight, cases[i].text);
        EXPECT(w, bob, want);
        snprintf(want, sizeof want, "*Strike %d of 5 for " ADDRESS " (bob): %s%s",
                 cases[i].weight, cases[i].text,
                 cases[i].cause == STRIKE_BY_OPER ? " (given by server)" : "");
        EXPECT(w, alice, want);
        EQUAL_NUMBER(world_settled_host(w, ADDRESS)->strikes, cases[i].weight);
        world_free(w);
    }
}

static void
one_strike_decays_at_a_time_counted_from_the_last(void)
{
    struct world *w = world_new("limits { ping_every = \"1h\" ping_timeout = \"1h\" }");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    strike_times(w, bob, 2);
    world_sleep(w, 9 * MSEC_MINUTE);
    strike(w, bob, STRIKE_FLOOD);
    EQUAL_NUMBER(world_settled_host(w, ADDRESS)->strikes, 3);
    static const struct {
        msec wait;
        int strikes;
    } steps[] = {{10 * MSEC_MINUTE - 1, 3},
                 {1, 2},
                 {10 * MSEC_MINUTE - 1, 2},
                 {1, 1},
                 {10 * MSEC_MINUTE, 0}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        world_leap(w, steps[i].wait);
        EQUAL_NUMBER(world_settled_host(w, ADDRESS)->strikes, steps[i].strikes);
    }
    world_drain(bob);
    strike(w, bob, STRIKE_FLOOD);
    AWAIT(w, bob, "* :Strike 1 of 5: *");
    world_free(w);
}

static void
the_ladder_is_climbed_and_its_last_step_repeats(void)
{
    static const struct {
        msec length;
        const char *words, *brief;
    } ladder[] = {
        {10 * MSEC_MINUTE, "10 minutes", "10m"}, {MSEC_HOUR, "1 hour", "1h"},
        {6 * MSEC_HOUR, "6 hours", "6h"},        {MSEC_DAY, "1 day", "1d"},
        {7 * MSEC_DAY, "7 days", "7d"},          {7 * MSEC_DAY, "7 days", "7d"},
    };
    struct world *w = world_new(world_alice);
    for (size_t i = 0; i < sizeof ladder / sizeof *ladder; i++) {
        char want[300];
        struct actor *alice = world_oper(w, "alice");
        struct actor *bob = world_user_at(w, "bob", ADDRESS);
        CU_ASSERT_FATAL(!bob->closed);
        strike_times(w, bob, 4);
        CU_ASSERT(!bob->closed);
        world_drain_all(w);
        strike(w, bob, STRIKE_FLOOD);
        snprintf(want, sizeof want,
                 "* :Strike 5 of 5: messages sent too fast. At 5 your address is "
                 "banned for %s.",
                 ladder[i].words);
        EXPECT(w, bob, want);
        snprintf(want, sizeof want,
                 "ERROR :Closing Link: " ADDRESS
                 " (You are banned (K-line) until 20*-*-* *:*:* UTC (%s): " FOR_FLOOD
                 ")",
                 ladder[i].brief);
        EXPECT(w, bob, want);
        CU_ASSERT(bob->closed);
        snprintf(want, sizeof want,
                 "*Automatic K-line ?@" ADDRESS " until *(%s): " FOR_FLOOD
                 ", removed 1",
                 ladder[i].brief);
        AWAIT(w, alice, want);
        EQUAL_NUMBER(world_settled_host(w, ADDRESS)->strikes, 0);
        EQUAL_NUMBER(world_settled_host(w, ADDRESS)->level, i < 5 ? i + 1 : 5);
        world_close(w, alice);
        world_leap(w, ladder[i].length - 1);
        bob = world_user_at(w, "bob", ADDRESS);
        CU_ASSERT(bob->closed);
        world_leap(w, 1);
    }
    world_free(w);
}

static void
the_banned_client_reads_why_and_until_when(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    strike_times(w, bob, 5);
    world_sleep(w, MSEC_MINUTE);
    bob = world_connect(w, ADDRESS);
    world_say(w, bob, "NICK bob");
    world_say(w, bob, "USER bob 0 * :Bob");
    EXPECT(w, bob,
           "* 465 bob :You are banned (K-line) until 2026-11-22 00:10:00 UTC "
           "(9m): " FOR_FLOOD);
    EXPECT(w, bob,
           "ERROR :Closing Link: " ADDRESS
           " (You are banned (K-line) until 2026-11-22 00:10:00 UTC (9m): " FOR_FLOOD
           ")");
    world_free(w);
}

static void
the_level_falls_by_one_each_thirty_days(void)
{
    struct world *w = world_new(NULL);
    for (int i = 0; i < 2; i++) {
        strike_times(w, world_user_at(w, "bob", ADDRESS), 5);
        world_leap(w, MSEC_HOUR);
    }
    EQUAL_NUMBER(world_settled_host(w, ADDRESS)->level, 2);
    world_leap(w, 30 * MSEC_DAY - MSEC_HOUR - 1);
    EQUAL_NUMBER(world_settled_host(w, ADDRESS)->level, 2);
    world_leap(w, 1);
    EQUAL_NUMBER(world_settled_host(w, ADDRESS)->level, 1);
    world_leap(w, 30 * MSEC_DAY);
    CU_ASSERT(world_settled_host(w, ADDRESS) == NULL ||
              world_settled_host(w, ADDRESS)->level == 0);
    world_leap(w, MSEC_MINUTE);
    CU_ASSERT(world_settled_host(w, ADDRESS) == NULL);
    world_restart(w, NULL);
    CU_ASSERT(world_settled_host(w, ADDRESS) == NULL);
    world_free(w);
}

static void
strikes_and_level_survive_a_restart(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    strike_times(w, bob, 5);
    world_leap(w, 10 * MSEC_MINUTE);
    bob = world_user_at(w, "bob", ADDRESS);
    strike_times(w, bob, 3);
    world_restart(w, NULL);
    EQUAL_NUMBER(world_settled_host(w, ADDRESS)->strikes, 3);
    EQUAL_NUMBER(world_settled_host(w, ADDRESS)->level, 1);
    EQUAL_TEXT(world_settled_host(w, ADDRESS)->cause, "flood");
    EQUAL_TEXT(world_settled_host(w, ADDRESS)->nick, "bob");
    EQUAL_TEXT(world_settled_host(w, ADDRESS)->by, "server");
    bob = world_user_at(w, "bob", ADDRESS);
    strike(w, bob, STRIKE_FLOOD);
    AWAIT(w, bob,
          "* :Strike 4 of 5: messages sent too fast. At 5 your address is banned for 1 "
          "hour.");
    strike(w, bob, STRIKE_FLOOD);
    CU_ASSERT(bob->closed);
    world_restart(w, NULL);
    CU_ASSERT(world_user_at(w, "bob", ADDRESS)->closed);
    world_leap(w, MSEC_HOUR);
    CU_ASSERT(!world_user_at(w, "bob", ADDRESS)->closed);
    world_free(w);
}

static void
strikes_decay_while_the_server_is_down(void)
{
    struct world *w = world_new(NULL);
    strike_times(w, world_user_at(w, "bob", ADDRESS), 4);
    session_clock(w->srv, w->srv->now, w->srv->wall + 25 * MSEC_MINUTE);
    world_restart(w, NULL);
    EQUAL_NUMBER(world_settled_host(w, ADDRESS)->strikes, 2);
    world_free(w);
}

static void
exempt_hosts_get_no_strikes(void)
{
    struct world *w = world_new("exempt \"192.0.2.0/24\" { from = { \"strikes\" } }");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    strike_times(w, bob, 20);
    SILENT(w, bob);
    EQUAL_NUMBER(world_settled_host(w, ADDRESS)->strikes, 0);
    world_free(w);
}

static void
nothing_is_exempt_by_itself(void)
{
    static const char *const addresses[] = {"127.0.0.1", "::1", "10.0.0.1"};
    for (size_t i = 0; i < 3; i++) {
        struct world *w = world_new(NULL);
        struct actor *bob = world_user_at(w, "bob", addresses[i]);
        strike_times(w, bob, 5);
        CU_ASSERT(bob->closed);
        CU_ASSERT(world_user_at(w, "bob", addresses[i])->closed);
        world_free(w);
    }
}

static void
a_gateway_loses_the_one_client_and_is_not_banned(void)
{
    struct world *w = world_new("class \"gate\" { match = { \"192.0.2.0/24\" } "
                                "strikes = \"disconnect\" }");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    struct actor *eve = world_user_at(w, "eve", ADDRESS);
    strike_times(w, bob, 4);
    AWAIT(w, bob,
          "* :Strike 4 of 5: messages sent too fast. At 5 you are disconnected.");
    strike(w, bob, STRIKE_FLOOD);
    AWAIT(w, bob, "ERROR :Closing Link: " ADDRESS " (" FOR_FLOOD ")");
    CU_ASSERT(bob->closed && !eve->closed);
    CU_ASSERT(!world_user_at(w, "bob", ADDRESS)->closed);
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 0);
    EQUAL_NUMBER(world_settled_host(w, ADDRESS)->strikes, 0);
    world_free(w);
}

static void
a_gateway_that_connects_too_fast_is_not_banned_either(void)
{
    struct world *w = world_new("class \"gate\" { match = { \"192.0.2.0/24\" } "
                                "strikes = \"disconnect\" connect_rate = \"1/1h\" }");
    world_close(w, world_connect(w, ADDRESS));
    world_sleep(w, MSEC_MINUTE);
    for (int i = 0; i < 30; i++) {
        CU_ASSERT(world_connect(w, ADDRESS)->closed);
        world_leap(w, 10 * MSEC_SECOND);
    }
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 0);
    world_free(w);
}

static void
an_automatic_ban_takes_the_whole_host_and_no_other(void)
{
    struct world *w = world_new("limits { per_network = 100 }");
    struct actor *one = world_user_at(w, "one", "2001:db8:0:1::1");
    struct actor *two = world_user_at(w, "two", "2001:db8:0:1:ffff::2");
    struct actor *other = world_user_at(w, "other", "2001:db8:0:2::1");
    struct actor *waiting = world_connect(w, "2001:db8:0:1::3");
    strike_times(w, one, 5);
    CU_ASSERT(one->closed && two->closed && !other->closed && !waiting->closed);
    world_say(w, waiting, "NICK late");
    world_say(w, waiting, "USER late 0 * :Late");
    CU_ASSERT(waiting->closed);
    CU_ASSERT(world_user_at(w, "evader", "2001:db8:0:1:1:2:3:4")->closed);
    world_free(w);
}

static void
an_automatic_ban_spares_the_exempt_in_its_range(void)
{
    struct world *w =
        world_new("exempt \"2001:db8:0:1::9\" { from = { \"strikes\" } }");
    struct actor *bob = world_user_at(w, "bob", "2001:db8:0:1::1");
    struct actor *ann = world_user_at(w, "ann", "2001:db8:0:1::9");
    strike_times(w, bob, 5);
    CU_ASSERT(bob->closed && !ann->closed);
    world_close(w, ann);
    CU_ASSERT(!world_user_at(w, "ann", "2001:db8:0:1::9")->closed);
    CU_ASSERT(world_user_at(w, "bob", "2001:db8:0:1::1")->closed);
    world_free(w);
}

static void
an_automatic_ban_never_hits_an_operator(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_user_at(w, "alice", ADDRESS);
    world_say(w, alice, "OPER alice secret");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    struct actor *eve = world_user_at(w, "eve", ADDRESS);
    strike_times(w, bob, 5);
    CU_ASSERT(bob->closed && !alice->closed && !eve->closed);
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 0);
    strike_times(w, alice, 20);
    CU_ASSERT(!alice->closed);
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 0);
    /* When the operator has given up its rights, the host is one like any other. */
    world_say(w, alice, "MODE alice -o");
    strike_times(w, eve, 5);
    CU_ASSERT(eve->closed && alice->closed);
    world_free(w);
}

static void
a_wrong_oper_password_alone_never_bans(void)
{
    struct world *w =
        world_new("oper a { password = \"$argon2id$x\" hosts = \"*@*\" }\n"
                  "opers { failures = \"1000/1m\" } flood { burst = 1000 }");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    for (int i = 0; i < 20; i++)
        world_say(w, bob, "OPER alice wrong");
    CU_ASSERT_FATAL(!bob->closed);
    EQUAL_NUMBER(world_settled_host(w, ADDRESS)->strikes, 4);
    w->rehash_text = "strikes { limit = 2 }";
    CU_ASSERT(world_rehash(w));
    strike(w, bob, STRIKE_OPER);
    CU_ASSERT(!bob->closed);
    strike(w, bob, STRIKE_FLOOD);
    CU_ASSERT(bob->closed);
    world_free(w);
}

static void
a_limit_of_one_bans_at_once(void)
{
    struct world *w = world_new("strikes { limit = 1 }");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    strike(w, bob, STRIKE_OPER);
    CU_ASSERT(!bob->closed);
    strike(w, bob, STRIKE_FLOOD);
    CU_ASSERT(bob->closed);
    world_free(w);
}

static void
an_automatic_ban_never_shortens_one_that_is_there(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    world_say(w, alice, "KLINE 30d *@" ADDRESS " :by hand");
    for (int i = 0; i < 8; i++) {
        struct actor *bob = world_connect(w, ADDRESS);
        CU_ASSERT(!bob->closed);
        strike(w, bob, STRIKE_FLOOD);
        world_close(w, bob);
        world_sleep(w, 15 * MSEC_SECOND);
    }
    struct ban *ban = ban_find(w->srv, BAN_KLINE, "*@" ADDRESS);
    CU_ASSERT_FATAL(ban != NULL);
    EQUAL_TEXT(ban->reason, "by hand");
    CU_ASSERT(ban->until == WORLD_WALL + 30 * MSEC_DAY);
    world_free(w);
}

static void
an_automatic_ban_is_lifted_like_any_other(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    strike_times(w, world_user_at(w, "bob", ADDRESS), 5);
    world_say(w, alice, "STATS k");
    AWAIT(w, alice,
          "* 216 alice k ?@" ADDRESS
          " irc.localhost :set 2026-11-22 00:00:00 UTC, until "
          "2026-11-22 00:10:00 UTC (10m), 1 hit, last 2026-11-22 "
          "00:00:00 UTC: " FOR_FLOOD "*");
    world_say(w, alice, "UNKLINE " ADDRESS);
    world_store_news(w);
    AWAIT(w, alice, "* :K-line ?@" ADDRESS " removed, saved");
    CU_ASSERT(!world_user_at(w, "bob", ADDRESS)->closed);
    world_free(w);
}

static void
flooding_alone_leads_all_the_way_to_the_ban(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    for (int s = 0; s < 10 && !bob->closed; s++) {
        for (int i = 0; i < 40; i++)
            world_say(w, bob, "PRIVMSG bob :spam");
        world_sleep(w, 1000);
    }
    CU_ASSERT(bob->closed);
    EQUAL_NUMBER(world_count(bob, "* :Strike ? of 5: *"), 5);
    AWAIT(w, bob, "ERROR *" FOR_FLOOD ")");
    CU_ASSERT(world_user_at(w, "bob", ADDRESS)->closed);
    world_free(w);
}

static void
a_clock_set_back_makes_nothing_wait_longer_than_from_now(void)
{
    static const msec jumps[] = {MSEC_DAY, -MSEC_DAY, 60 * 365 * MSEC_DAY};
    for (size_t i = 0; i < 3; i++) {
        struct world *w = world_new(NULL);
        struct actor *bob = world_user_at(w, "bob", ADDRESS);
        strike_times(w, bob, 2);
        world_set_wall(w, WORLD_WALL + jumps[i]);
        int left = world_settled_host(w, ADDRESS)->strikes;
        EQUAL_NUMBER(left, jumps[i] < 0 ? 2 : 0);
        world_leap(w, 20 * MSEC_MINUTE);
        EQUAL_NUMBER(world_settled_host(w, ADDRESS)->strikes, 0);
        world_free(w);
    }
}

static void
beside_an_operator_the_warning_says_what_will_happen(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_user_at(w, "alice", ADDRESS);
    world_say(w, alice, "OPER alice secret");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    strike(w, bob, STRIKE_FLOOD);
    EXPECT(w, bob,
           "*:Strike 1 of 5: messages sent too fast. At 5 you are disconnected.");
    world_free(w);
}

SUITE(strikes)
{
    TEST(every_cause_has_its_weight_and_words);
    TEST(one_strike_decays_at_a_time_counted_from_the_last);
    TEST(the_ladder_is_climbed_and_its_last_step_repeats);
    TEST(the_banned_client_reads_why_and_until_when);
    TEST(the_level_falls_by_one_each_thirty_days);
    TEST(strikes_and_level_survive_a_restart);
    TEST(strikes_decay_while_the_server_is_down);
    TEST(exempt_hosts_get_no_strikes);
    TEST(nothing_is_exempt_by_itself);
    TEST(a_gateway_loses_the_one_client_and_is_not_banned);
    TEST(a_gateway_that_connects_too_fast_is_not_banned_either);
    TEST(an_automatic_ban_takes_the_whole_host_and_no_other);
    TEST(an_automatic_ban_spares_the_exempt_in_its_range);
    TEST(an_automatic_ban_never_hits_an_operator);
    TEST(a_wrong_oper_password_alone_never_bans);
    TEST(a_limit_of_one_bans_at_once);
    TEST(an_automatic_ban_never_shortens_one_that_is_there);
    TEST(an_automatic_ban_is_lifted_like_any_other);
    TEST(flooding_alone_leads_all_the_way_to_the_ban);
    TEST(a_clock_set_back_makes_nothing_wait_longer_than_from_now);
    TEST(beside_an_operator_the_warning_says_what_will_happen);
}
