/* Counters: each row of the table is tried on both sides of its limit; asking for a
 * verdict changes nothing. */
#include "config/config.h"
#include "policy/client_policy.h"
#include "policy/counter.h"
#include "policy/flood.h"
#include "policy/host.h"
#include "policy/targets.h"
#include "policy/throttle.h"
#include "world.h"

static const char config[] =
    "limits { connect_rate = \"7/1m\" wrong_passwords = \"4/2m\" per_host = 2 "
    "channels_per_client = 15 ping_every = \"1h\" ping_timeout = \"1h\" }\n"
    "flood { burst = 6 interval = \"300ms\" nick = \"3/30s\" away = \"5/50s\" "
    "invite = \"2/20s\" join = \"8/80s\" knock = \"1/10s\" targets = \"9/90s\" "
    "ctcp = \"4/40s\" }\n"
    "class \"office\" { match = { \"198.51.100.0/24\" } nick = \"11/22s\" burst = 3 "
    "connect_rate = \"2/1m\" per_host = 4 }\n";

#define SECOND MSEC_SECOND
static const struct {
    enum counter which;
    int burst;
    msec each;
    int burst_of_class;
    msec each_of_class;
} rows[COUNTERS] = {
    {COUNTER_lines, 6, 300, 3, 300},
    {COUNTER_free_lines, 20, SECOND, 20, SECOND},
    {COUNTER_nick, 3, 10 * SECOND, 11, 2 * SECOND},
    {COUNTER_away, 5, 10 * SECOND, 5, 10 * SECOND},
    {COUNTER_invite, 2, 10 * SECOND, 2, 10 * SECOND},
    {COUNTER_join, 8, 10 * SECOND, 8, 10 * SECOND},
    {COUNTER_knock, 1, 10 * SECOND, 1, 10 * SECOND},
    {COUNTER_target, 9, 10 * SECOND, 9, 10 * SECOND},
    {COUNTER_ctcp, 4, 10 * SECOND, 4, 10 * SECOND},
    {COUNTER_free_join, 30, 2 * SECOND, 60, SECOND},
    {COUNTER_connection, 7, 60 * SECOND / 7, 2, 30 * SECOND},
    {COUNTER_password, 4, 30 * SECOND, 4, 30 * SECOND},
};

static struct subject
subject_of(const struct world *w, const struct actor *a, enum counter which)
{
    const struct client_policy *p = policy_of(a->client);
    return (int)which < SESSION_COUNTERS ? subject_session(a->client)
                                         : subject_host(w->srv, p->host, p->class);
}

/* A row begins full, gives its burst, and one more each interval, exact to the
 * millisecond. */
static void
exhaust_row(struct world *w, struct actor *a, enum counter which, int burst, msec each)
{
    struct subject s = subject_of(w, a, which);
    s.counters[which - s.first].full_at = 0;
    for (int i = 0; i < burst; i++) {
        EQUAL_NUMBER(counter_left(w->srv, &s, which), burst - i);
        CU_ASSERT(counter_has(w->srv, &s, which, 1));
        EQUAL_NUMBER(counter_wait(w->srv, &s, which, 1), 0);
        CU_ASSERT(counter_take(w->srv, &s, which, 1));
    }
    EQUAL_NUMBER(counter_full_at(&s, which), w->srv->now + burst * each);
    EQUAL_NUMBER(counter_left(w->srv, &s, which), 0);
    EQUAL_NUMBER(counter_wait(w->srv, &s, which, 1), each);
    CU_ASSERT(!counter_take(w->srv, &s, which, 1));
    w->srv->now += each - 1;
    CU_ASSERT(!counter_has(w->srv, &s, which, 1));
    EQUAL_NUMBER(counter_wait(w->srv, &s, which, 1), 1);
    w->srv->now += 1;
    CU_ASSERT(counter_has(w->srv, &s, which, 1));
    CU_ASSERT(!counter_has(w->srv, &s, which, 2) || burst == 1);
    CU_ASSERT(counter_take(w->srv, &s, which, 1));
    counter_give(w->srv, &s, which, 1);
    CU_ASSERT(counter_has(w->srv, &s, which, 1));
}

static void
each_counter_has_its_allowance_to_the_millisecond(void)
{
    struct world *w = world_new(config);
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    struct actor *ann = world_user_at(w, "ann", "198.51.100.7");
    for (int i = 0; i < COUNTERS; i++) {
        EQUAL_NUMBER(rows[i].which, i);
        exhaust_row(w, bob, rows[i].which, rows[i].burst, rows[i].each);
        exhaust_row(w, ann, rows[i].which, rows[i].burst_of_class,
                    rows[i].each_of_class);
    }
    world_free(w);
}

static void
a_session_has_its_own_and_a_host_shares(void)
{
    struct world *w = world_new(config);
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    struct actor *eve = world_user_at(w, "eve", "192.0.2.7");
    struct actor *far = world_user_at(w, "far", "192.0.2.8");
    for (int i = 0; i < COUNTERS; i++) {
        struct subject own = subject_of(w, bob, (enum counter)i);
        struct subject next = subject_of(w, eve, (enum counter)i);
        struct subject other = subject_of(w, far, (enum counter)i);
        own.counters[i - (int)own.first].full_at = w->srv->now + MSEC_DAY;
        bool shared = counter_full_at(&next, (enum counter)i) == w->srv->now + MSEC_DAY;
        EQUAL_NUMBER(shared, i >= SESSION_COUNTERS);
        CU_ASSERT(counter_full_at(&other, (enum counter)i) <= w->srv->now + MSEC_HOUR);
    }
    world_free(w);
}

/* The bucket of lines may owe the price of an answer. No other bucket lacks more than
 * an empty one when a limit becomes stricter, and a refusal does not change that. */
static void
a_stricter_limit_holds_from_the_first_refusal(void)
{
    struct world *w = world_new(config);
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    struct subject s = subject_session(bob->client);
    msec begun = w->srv->now;
    for (int i = 0; i < SESSION_COUNTERS; i++)
        s.counters[i].full_at = begun + MSEC_DAY;
    CU_ASSERT(!counter_take(w->srv, &s, COUNTER_nick, 1));
    counter_settle(w->srv, &s, COUNTER_away);
    CU_ASSERT(!counter_take(w->srv, &s, COUNTER_lines, 1));
    EQUAL_NUMBER(counter_full_at(&s, COUNTER_nick), begun + 30 * SECOND);
    EQUAL_NUMBER(counter_full_at(&s, COUNTER_away), begun + 50 * SECOND);
    EQUAL_NUMBER(counter_full_at(&s, COUNTER_lines), begun + MSEC_DAY);
    w->srv->now += 9 * SECOND;
    CU_ASSERT(!counter_take(w->srv, &s, COUNTER_nick, 1));
    EQUAL_NUMBER(counter_wait(w->srv, &s, COUNTER_nick, 1), SECOND);
    EQUAL_NUMBER(counter_wait(w->srv, &s, COUNTER_away, 1), SECOND);
    world_free(w);
}

static void
what_was_charged_is_given_back_exactly(void)
{
    struct world *w = world_new(config);
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    struct subject s = subject_of(w, bob, COUNTER_password);
    for (int n = 1; n <= 50; n++) {
        msec before = counter_full_at(&s, COUNTER_password);
        msec from = before > w->srv->now ? before : w->srv->now;
        msec charged = counter_charge(w->srv, &s, COUNTER_password, n);
        EQUAL_NUMBER(counter_full_at(&s, COUNTER_password), from + charged);
        counter_give_back(&s, COUNTER_password, charged);
        EQUAL_NUMBER(counter_full_at(&s, COUNTER_password), from);
    }
    world_free(w);
}

/* A verdict may be asked for any number of times: the answer and all counters stay the
 * same. */
static void
verdicts_change_nothing(void)
{
    struct world *w = world_new(config);
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    struct actor *eve = world_user_at(w, "eve", "192.0.2.8");
    struct client *c = bob->client;
    struct subject s = subject_session(c);
    for (int owed = 0; owed < 3; owed++) {
        for (int i = 0; i < SESSION_COUNTERS; i++)
            s.counters[i].full_at = w->srv->now + owed * MSEC_HOUR;
        struct client_policy before = *policy_of(c);
        struct throttle_refusal refusal;
        struct addr fresh;
        CU_ASSERT_FATAL(addr_parse("203.0.113.9", &fresh));
        for (int k = 0; k < 20; k++) {
            int seconds[2] = {0, 0};
            for (int cost = -1; cost < 9; cost++)
                EQUAL_NUMBER(flood_judge(w->srv, c, cost),
                             flood_judge(w->srv, c, cost));
            for (int i = 0; i < SESSION_COUNTERS; i++) {
                enum counter which = (enum counter)i;
                EQUAL_NUMBER(flood_judge_counter(w->srv, c, which, &seconds[0]),
                             flood_judge_counter(w->srv, c, which, &seconds[1]));
                EQUAL_NUMBER(seconds[0], seconds[1]);
            }
            EQUAL_NUMBER(targets_judge(w->srv, c, eve->client), TARGET_NEW);
            CU_ASSERT(flood_is_offence(w->srv, c));
            CU_ASSERT(throttle_judge(w->srv, &fresh, NULL, &refusal));
            CU_ASSERT(host_find(w->srv, &fresh) == NULL);
        }
        EQUAL_NUMBER(memcmp(&before, policy_of(c), sizeof before), 0);
    }
    world_free(w);
}

SUITE(counter)
{
    TEST(each_counter_has_its_allowance_to_the_millisecond);
    TEST(a_session_has_its_own_and_a_host_shares);
    TEST(a_stricter_limit_holds_from_the_first_refusal);
    TEST(what_was_charged_is_given_back_exactly);
    TEST(verdicts_change_nothing);
}
