/* The lockout of OPER against a plain list of times, and how long attempts are kept. */
#include "dice.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "policy/oper_lockout.h"
#include "policy/policy.h"
#include "state/subsystem.h"
#include "world.h"

#define ADDRESS "192.0.2.7"
#define TEN (10 * MSEC_MINUTE)
#define SLOW "limits { ping_every = \"1h\" ping_timeout = \"1h\" per_host = 9 }\n"
#define TRIES 600

static const char alice_only[] =
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"all\" } }\n" SLOW;

/* The result of an attempt in the list. */
struct moment {
    struct oper_attempt try;
    bool counts; /* until it is taken back */
};

/* The number of attempts up to number i that count at the time of that one. */
static int
counted_at(const struct moment *all, int i, msec now)
{
    int n = 0;
    for (int k = 0; k <= i; k++)
        n += all[k].counts && now - all[k].try.at < TEN;
    return n;
}

/* The end of the lockout; 0: there is none. Each attempt with which three count begins
 * it anew. */
static msec
opens(const struct moment *all, int n, msec now)
{
    for (int i = n - 1; i >= 0; i--) {
        msec at = all[i].try.at;
        if (all[i].counts && now - at < TEN && counted_at(all, i, at) >= 3)
            return at + TEN;
    }
    return 0;
}

static void
compare(const struct world *w, const struct host *h, const struct moment *all, int n)
{
    int fails, seconds;
    msec now = w->srv->now, until = opens(all, n, now);
    oper_lockout_look(w->srv, h, &fails, &seconds);
    EQUAL_NUMBER(seconds, until ? (until - now + 999) / 1000 : 0);
    EQUAL_NUMBER(fails, counted_at(all, n - 1, now));
    EQUAL_NUMBER(oper_lockout_subsystem.host_is_done(w->srv, h),
                 until == 0 && counted_at(all, n - 1, now) == 0);
}

/* Both sides of the end of a window, mostly of one that matters. */
static msec
some_time(const struct world *w, const struct moment *all, int n, uint64_t *seed)
{
    static const msec near[] = {TEN - 1, TEN, TEN + 1};
    static const msec steps[] = {0, 0, 1, 1000, TEN / 3, TEN / 2, TEN - 1, TEN};
    if (n == 0 || dice(seed, 2))
        return steps[dice(seed, 8)];
    int back = 1 + (int)dice(seed, 4);
    msec at = all[n > back ? n - back : 0].try.at + near[dice(seed, 3)];
    return at > w->srv->now ? at - w->srv->now : 0;
}

static void
play(uint64_t seed)
{
    static struct moment all[TRIES];
    struct world *w = world_new(alice_only);
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    int n = 0, refused = 0, seconds;
    while (n < TRIES && refused < 10 * TRIES) {
        session_clock(w->srv, w->srv->now + some_time(w, all, n, &seed), w->srv->wall);
        if (dice(&seed, 8) == 0)
            oper_lockout_tick(w->srv);
        compare(w, policy_of(bob->client)->host, all, n);
        struct moment *late = &all[n > 4 ? n - 1 - (int)dice(&seed, 5) : 0];
        if (n > 0 && late->counts && dice(&seed, 3) == 0) {
            oper_lockout_take_back(w->srv, &late->try);
            late->counts = false;
            compare(w, policy_of(bob->client)->host, all, n);
            continue;
        }
        bool closed = opens(all, n, w->srv->now) != 0;
        bool let_in = oper_lockout_enter(w->srv, bob->client, &all[n].try, &seconds);
        EQUAL_NUMBER(let_in, !closed);
        all[n].counts = let_in;
        n += let_in;
        refused += !let_in;
        compare(w, policy_of(bob->client)->host, all, n);
    }
    EQUAL_NUMBER(n, TRIES);
    CU_ASSERT(refused > TRIES / 20);
    world_free(w);
}

static void
it_is_a_plain_list_of_moments(void)
{
    for (unsigned seed = 1; seed <= 40; seed++)
        play(seed);
}

static void
failures_further_apart_never_close_it(void)
{
    static const struct {
        msec apart;
        int looked_at;
    } cases[] = {
        {TEN / 2, 40}, {6 * MSEC_MINUTE, 40}, {9 * MSEC_MINUTE, 40}, {TEN / 2 - 1, 3},
        {TEN / 4, 3},  {4 * MSEC_MINUTE, 3},  {TEN / 2 + 1, 40},     {TEN, 40}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(alice_only);
        struct actor *bob = world_user_at(w, "bob", ADDRESS);
        int n = 0;
        for (; n < 40 && world_count(bob, "* :OPER refused: *") == 0; n++) {
            world_say(w, bob, "OPER alice wrong");
            world_leap(w, cases[i].apart);
        }
        EQUAL_NUMBER(world_count(bob, "* 464 *"), cases[i].looked_at);
        world_free(w);
    }
}

static void
hosts_without_failures_have_no_record(void)
{
    struct world *w = world_new(alice_only);
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    EQUAL_NUMBER(world_counted(w, "hosts with failed OPERs"), 0);
    world_say(w, bob, "OPER alice secret");
    AWAIT(w, bob, "* 381 *");
    EQUAL_NUMBER(world_counted(w, "hosts with failed OPERs"), 0);
    world_say(w, bob, "OPER alice wrong");
    EQUAL_NUMBER(world_counted(w, "hosts with failed OPERs"), 1);
    world_leap(w, TEN - 1);
    world_sleep(w, 0);
    EQUAL_NUMBER(world_counted(w, "hosts with failed OPERs"), 1);
    world_sleep(w, 1000);
    EQUAL_NUMBER(world_counted(w, "hosts with failed OPERs"), 0);
    for (int i = 0; i < 3; i++)
        world_say(w, bob, "OPER alice wrong");
    world_close(w, bob);
    world_leap(w, TEN - 2000);
    EQUAL_NUMBER(world_counted(w, "hosts with failed OPERs"), 1);
    world_sleep(w, 4000);
    EQUAL_NUMBER(world_counted(w, "hosts with failed OPERs"), 0);
    world_free(w);
}

static void
a_new_limit_holds_for_failures_that_were_there(void)
{
    char config[400];
    snprintf(config, sizeof config, "%sopers { failures = \"5/10m\" }\n", alice_only);
    struct world *w = world_new(config);
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    for (int i = 0; i < 4; i++)
        world_say(w, bob, "OPER alice wrong");
    w->rehash_text = alice_only; /* 3/10m */
    CU_ASSERT_FATAL(world_rehash(w));
    world_sleep(w, 5000);
    world_drain(bob);
    world_say(w, bob, "OPER alice wrong");
    AWAIT(w, bob, "* 464 *");
    world_say(w, bob, "OPER alice secret");
    AWAIT(w, bob, "* :OPER refused: *; try again in 10m");
    world_leap(w, TEN);
    world_say(w, bob, "OPER alice secret");
    AWAIT(w, bob, "* 381 *");
    world_free(w);
}

SUITE(oper_lockout_times)
{
    TEST(it_is_a_plain_list_of_moments);
    TEST(failures_further_apart_never_close_it);
    TEST(hosts_without_failures_have_no_record);
    TEST(a_new_limit_holds_for_failures_that_were_there);
}
