/* The lockout of OPER: three failures of a host begin ten minutes of it. */
#include "policy/host.h"
#include "policy/oper_lockout.h"
#include "policy/policy.h"
#include "world.h"

static const char config[] =
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@192.0.2.*\" } "
    "privileges = { \"all\" } }\n"
    "limits { ping_every = \"1h\" ping_timeout = \"1h\" connect_rate = \"99/1s\" }\n";

static void
try_times(struct world *w, struct actor *a, const char *line, int times)
{
    for (int i = 0; i < times; i++) {
        world_say(w, a, line);
        world_sleep(w, 2000);
    }
}

static void
three_failures_lock_oper_for_ten_minutes(void)
{
    struct world *w = world_new(config);
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    struct actor *same = world_user_at(w, "same", "192.0.2.7");
    struct actor *other = world_user_at(w, "other", "192.0.2.8");
    world_say(w, bob, "OPER alice wrong");
    EXPECT(w, bob, "* 464 bob :Password incorrect");
    EXPECT(w, bob, "* :Strike 2 of 5: wrong operator password. *");
    world_say(w, same, "OPER alice wrong");
    world_say(w, bob, "OPER alice wrong");
    world_drain_all(w);
    world_say(w, bob, "OPER alice secret");
    EXPECT(w, bob,
           "* NOTICE bob :OPER refused: too many failures from your host; try again in "
           "10m");
    world_say(w, same, "OPER alice secret");
    EXPECT(w, same, "* :OPER refused: *");
    world_say(w, other, "OPER alice secret");
    AWAIT(w, other, "* 381 other *");
    world_leap(w, 10 * MSEC_MINUTE - 1);
    world_say(w, bob, "OPER alice secret");
    AWAIT(w, bob, "* :OPER refused: *try again in 1s");
    world_leap(w, 1);
    world_say(w, bob, "OPER alice secret");
    AWAIT(w, bob, "* 381 bob *");
    world_free(w);
}

static void
every_kind_of_failure_counts(void)
{
    static const struct {
        const char *line, *address, *answer;
    } cases[] = {
        {"OPER alice wrong", "192.0.2.7", "* 464 bob *"},
        {"OPER nobody secret", "192.0.2.7", "* 464 bob *"},
        {"OPER ALICE secret", "192.0.2.7", "* 464 bob *"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(config);
        struct actor *bob = world_user_at(w, "bob", cases[i].address);
        for (int n = 0; n < 3; n++) {
            world_say(w, bob, cases[i].line);
            AWAIT(w, bob, cases[i].answer);
        }
        world_drain(bob);
        world_sleep(w, 5000);
        world_say(w, bob, cases[i].line);
        EXPECT(w, bob, "* :OPER refused: *");
        CU_ASSERT(bob->client && bob->client->user.oper == NULL);
        world_free(w);
    }
}

#define TEN (10 * MSEC_MINUTE)

/* Any three attempts within ten minutes, whenever the ten minutes begin. */
static void
three_failures_within_any_ten_minutes_lock_oper(void)
{
    static const struct {
        msec at[4]; /* failures; -1: no more */
        bool closed;
    } cases[] = {
        {{0, 0, -1}, false},
        {{0, 0, 0, -1}, true},
        {{0, 0, TEN - 1, -1}, true},
        {{0, 0, TEN, -1}, false},
        {{0, TEN / 2, TEN - 1, -1}, true},
        {{0, TEN / 2, TEN, -1}, false},
        {{0, TEN - 1, TEN, -1}, false},
        {{0, TEN - 1, TEN, TEN + 1}, true},
        {{0, TEN - 1000, TEN + 1000, TEN + 1001}, true},
        {{0, TEN, 2 * TEN, 3 * TEN}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(config);
        struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
        for (int n = 0; n < 4 && cases[i].at[n] >= 0; n++) {
            world_leap(w, n ? cases[i].at[n] - cases[i].at[n - 1] : 0);
            world_say(w, bob, "OPER alice wrong");
            AWAIT(w, bob, "* 464 *");
        }
        world_drain(bob);
        world_say(w, bob, "OPER alice secret");
        EQUAL_NUMBER(bob->client->user.oper == NULL, cases[i].closed);
        world_free(w);
    }
}

static void
failures_before_the_lockout_are_forgotten_at_its_end(void)
{
    struct world *w = world_new(config);
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    for (int round = 0; round < 3; round++) {
        try_times(w, bob, "OPER alice wrong", 3);
        EQUAL_NUMBER(world_count(bob, "* 464 *"), 3);
        world_drain(bob);
        world_leap(w, TEN);
    }
    world_free(w);
}

/* A client with one right password could otherwise guess another one for ever. */
static void
a_success_takes_back_its_own_attempt_alone(void)
{
    struct world *w = world_new(config);
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    try_times(w, bob, "OPER alice wrong", 2);
    for (int i = 0; i < 5; i++) {
        try_times(w, bob, "OPER alice secret", 1);
        CU_ASSERT(bob->client->user.oper != NULL);
        try_times(w, bob, "MODE bob -o", 1);
        CU_ASSERT(bob->client->user.oper == NULL);
    }
    try_times(w, bob, "OPER alice wrong", 1);
    world_drain(bob);
    try_times(w, bob, "OPER alice secret", 1);
    EXPECT(w, bob, "* :OPER refused: too many failures *");
    world_free(w);
}

static void
a_success_among_failures_at_the_same_time_allows_one_more(void)
{
    struct world *w = world_new(config);
    struct actor *who[3];
    char nick[8];
    w->verify_later = true;
    for (int i = 0; i < 3; i++) {
        snprintf(nick, sizeof nick, "g%d", i);
        who[i] = world_user_at(w, nick, "192.0.2.7");
        world_say(w, who[i], i ? "OPER alice wrong" : "OPER alice secret");
    }
    world_verify(w);
    CU_ASSERT(who[0]->client->user.oper != NULL);
    w->verify_later = false;
    try_times(w, who[1], "OPER alice wrong", 2);
    AWAIT(w, who[1], "* 464 *");
    AWAIT(w, who[1], "* 464 *");
    AWAIT(w, who[1], "* :OPER refused: too many failures *");
    world_free(w);
}

static void
reconnecting_does_not_end_the_lockout(void)
{
    struct world *w = world_new(config);
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    try_times(w, bob, "OPER alice wrong", 3);
    world_close(w, bob);
    world_leap(w, 9 * MSEC_MINUTE);
    world_sleep(w, 3000);
    bob = world_user_at(w, "bob", "192.0.2.7");
    world_say(w, bob, "OPER alice secret");
    EXPECT(w, bob, "* :OPER refused: *");
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 0);
    world_free(w);
}

static void
the_wall_clock_does_not_move_the_lockout(void)
{
    struct world *w = world_new(config);
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    try_times(w, bob, "OPER alice wrong", 3);
    static const msec jumps[] = {MSEC_DAY, -MSEC_DAY, 60 * 365 * MSEC_DAY};
    for (size_t i = 0; i < 3; i++) {
        world_drain(bob);
        world_set_wall(w, WORLD_WALL + jumps[i]);
        world_say(w, bob, "OPER alice secret");
        EXPECT(w, bob, "* :OPER refused: *try again in 9m5?s");
        world_sleep(w, 2000);
    }
    world_free(w);
}

static void
guesses_at_the_same_time_are_no_more_than_in_a_row(void)
{
    struct world *w = world_new(world_easy);
    struct actor *who[6];
    char nick[8];
    unsigned looked_at = 0;
    w->verify_later = true;
    for (int i = 0; i < 6; i++) {
        snprintf(nick, sizeof nick, "g%d", i);
        who[i] = world_user_at(w, nick, "192.0.2.7");
        world_say(w, who[i], "OPER alice wrong");
    }
    looked_at = (unsigned)w->n_jobs;
    world_verify(w);
    EQUAL_NUMBER(looked_at, 3);
    AWAIT(w, who[2], "* 464 g2 *");
    EXPECT(w, who[3], "* :OPER refused: too many failures from your host; *");
    world_free(w);
}

SUITE(oper_lockout)
{
    TEST(three_failures_lock_oper_for_ten_minutes);
    TEST(every_kind_of_failure_counts);
    TEST(three_failures_within_any_ten_minutes_lock_oper);
    TEST(failures_before_the_lockout_are_forgotten_at_its_end);
    TEST(a_success_takes_back_its_own_attempt_alone);
    TEST(a_success_among_failures_at_the_same_time_allows_one_more);
    TEST(reconnecting_does_not_end_the_lockout);
    TEST(the_wall_clock_does_not_move_the_lockout);
    TEST(guesses_at_the_same_time_are_no_more_than_in_a_row);
}
