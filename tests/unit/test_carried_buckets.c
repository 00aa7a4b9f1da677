/* A new connection has no new budget: the debt of a client is carried to the next
 * client of its host. */
#include "policy/carried_buckets.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "world.h"

#define SPAMMER "192.0.2.66"

static const char roomy[] =
    "flood { burst = 100000 }\nstrikes { limit = 1000 }\n"
    "limits { connect_rate = \"999/1s\" per_host = 30 per_network = 999 "
    "unregistered_per_host = 30 ping_every = \"1h\" ping_timeout = \"1h\" }\n";

static struct world *
begin(const char *config, int people)
{
    char nick[8];
    struct world *w = world_new(config);
    for (int i = 0; i < people; i++) {
        snprintf(nick, sizeof nick, "p%d", i);
        world_user(w, nick);
    }
    return w;
}

static void
write_to(struct world *w, struct actor *a, int from, int to)
{
    for (int i = from; i < to && !a->closed; i++)
        world_sayf(w, a, "PRIVMSG p%d :buy", i);
}

/* The number of people that have received anything. */
static unsigned
reached(struct world *w)
{
    unsigned n = 0;
    for (int i = 0; i < w->n_actors; i++)
        n += world_count(&w->actors[i], "* PRIVMSG p* :buy") > 0;
    return n;
}

static void
a_spammer_that_reconnects_reaches_no_more_people(void)
{
    struct world *w = begin(NULL, 80);
    for (int i = 0; i < 6; i++) {
        struct actor *s = world_connect(w, SPAMMER);
        world_say(w, s, "NICK spam\r\nUSER s 0 * :s");
        write_to(w, s, 10 * i, 10 * i + 10);
        world_sleep(w, 6 * MSEC_SECOND);
        if (!s->closed)
            world_say(w, s, "QUIT");
        world_sleep(w, 2 * MSEC_SECOND);
    }
    CU_ASSERT(reached(w) >= 10 && reached(w) <= 12);
    world_free(w);
}

/* The next client may be another user behind the same address. */
static void
what_another_has_left_makes_wait_but_gives_no_strikes(void)
{
    char nick[16];
    struct world *w = world_new(NULL);
    for (int i = 0; i < 14; i++) {
        snprintf(nick, sizeof nick, "t%d", i);
        world_user(w, nick);
    }
    struct actor *first = world_user_at(w, "first", "192.0.2.9");
    for (int i = 0; i < 10; i++) {
        world_sayf(w, first, "PRIVMSG t%d :hi", i);
        world_sleep(w, 1000);
    }
    world_say(w, first, "QUIT");
    struct actor *next = world_user_at(w, "next", "192.0.2.9");
    for (int i = 10; i < 14; i++) {
        world_sayf(w, next, "PRIVMSG t%d :hi", i);
        AWAIT(w, next, ":irc.localhost 707 next *");
        world_sleep(w, 1100);
    }
    CU_ASSERT(!next->closed);
    EQUAL_NUMBER(policy_of(next->client)->host->strikes, 0);
    world_free(w);
}

/* The first client spends its ten targets. The next one of its host is refused ten
 * times for that, and then for what it does itself. */
static void
only_what_carried_buckets_explain_is_no_offence(void)
{
    struct world *w = begin(roomy, 40);
    struct actor *s = world_user_at(w, "s", SPAMMER);
    write_to(w, s, 0, 10);
    world_say(w, s, "QUIT");
    s = world_user_at(w, "s", SPAMMER);
    const struct host *h = policy_of(s->client)->host;
    for (int i = 0; i < 10; i++) {
        write_to(w, s, 10 + i, 11 + i);
        AWAIT(w, s, "* 707 s p1*");
        world_sleep(w, MSEC_SECOND);
        EQUAL_NUMBER(h->strikes, 0);
    }
    write_to(w, s, 20, 21);
    EQUAL_NUMBER(h->strikes, 2);
    /* A minute later one more refusal is explained: without the carried debt one token
     * would have come back, and the debt took it. */
    world_leap(w, MSEC_MINUTE);
    write_to(w, s, 21, 22); /* the token that came back */
    write_to(w, s, 22, 23);
    EQUAL_NUMBER(h->strikes, 4);
    world_free(w);
}

static void
a_spammer_that_reconnects_is_banned_all_the_same(void)
{
    struct world *w = begin(NULL, 80);
    struct actor *s = world_user_at(w, "s", SPAMMER);
    for (int i = 0; i < 10; i++) {
        write_to(w, s, i, i + 1);
        world_sleep(w, MSEC_SECOND);
    }
    world_say(w, s, "QUIT");
    world_sleep(w, MSEC_SECOND);
    s = world_user_at(w, "s", SPAMMER);
    int lines = 0;
    for (; lines < 1200 && !s->closed; lines++) {
        write_to(w, s, 10 + lines % 70, 11 + lines % 70);
        world_sleep(w, 500);
    }
    CU_ASSERT(s->closed);
    CU_ASSERT(lines < 30);
    AWAIT(w, s, "ERROR :Closing Link: * (You are banned (K-line) until *");
    CU_ASSERT(reached(w) <= 12);
    world_free(w);
}

/* Each bucket that is carried, beside the one of targets. */
static void
each_carried_bucket_excuses_as_many_as_it_holds(void)
{
    static const struct {
        const char *form;
        int burst;
    } cases[] = {{"NICK n~", 5}, {"AWAY :~", 5}, {"KNOCK #closed~", 3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = begin(roomy, 2);
        struct actor *op = &w->actors[0], *s = NULL;
        policy_of(op->client)->exempt = UINT16_MAX;
        for (int k = 0; k < 50; k++)
            world_sayf(w, op, "JOIN #closed%d\r\nMODE #closed%d +i", k, k);
        for (int round = 0; round < 2; round++) {
            s = world_user_at(w, "s", SPAMMER);
            for (int k = 0; k < (round + 1) * cases[i].burst; k++) {
                char line[40] = "";
                size_t before = strcspn(cases[i].form, "~");
                snprintf(line, sizeof line, "%.*s%d", (int)before, cases[i].form,
                         k + 20 * round);
                world_say(w, s, line);
                w->srv->now += 1100 * round; /* a strike a second */
                EQUAL_NUMBER(policy_of(s->client)->host->strikes > 0,
                             k >= cases[i].burst);
            }
            world_say(w, s, "QUIT");
        }
        world_free(w);
    }
}

/* The main bucket: lines that would have run or waited without the carried debt are
 * excused. */
static void
lines_refused_for_carried_buckets_are_no_offence_and_those_beyond_are(void)
{
    struct world *w = world_new("limits { connect_rate = \"99/1s\" }\n");
    struct actor *s = world_user_at(w, "s", SPAMMER);
    /* As after a long answer. */
    policy_of(s->client)->counters[COUNTER_lines].full_at = w->srv->now + 11 * 5000;
    world_close(w, s);
    s = world_connect(w, SPAMMER);
    world_say(w, s, "NICK s");
    world_sleep(w, MSEC_SECOND);
    world_say(w, s, "USER s 0 * :s"); /* the token that it has spent itself */
    for (int i = 0; i < 10 + 16 - 1; i++)
        world_say(w, s, "ISON x");
    EQUAL_NUMBER(policy_of(s->client)->held_lines, 16);
    EQUAL_NUMBER(world_count(s, "* :ISON refused: *"), 5);
    EQUAL_NUMBER(policy_of(s->client)->host->strikes, 0);
    world_say(w, s, "ISON x");
    EQUAL_NUMBER(policy_of(s->client)->host->strikes, 1);
    world_free(w);
}

static void
what_was_taken_over_ends_when_it_is_paid_off(void)
{
    struct world *w = begin(roomy, 40);
    struct actor *s = world_user_at(w, "s", SPAMMER);
    write_to(w, s, 0, 10);
    world_say(w, s, "QUIT");
    s = world_user_at(w, "s", SPAMMER);
    CU_ASSERT(policy_of(s->client)->own_spending != NULL);
    world_leap(w, 10 * MSEC_MINUTE - 2);
    world_say(w, s, "AWAY :x");
    CU_ASSERT(policy_of(s->client)->own_spending != NULL);
    world_leap(w, 2);
    write_to(w, s, 10, 20);
    NEVER(w, s, "* 707 *");
    CU_ASSERT(policy_of(s->client)->own_spending == NULL);
    write_to(w, s, 20, 21);
    EQUAL_NUMBER(policy_of(s->client)->host->strikes, 2);
    world_free(w);
}

static void
carried_buckets_fill_with_time_and_are_forgotten(void)
{
    struct world *w = begin(roomy, 20);
    struct actor *s = world_user_at(w, "s", SPAMMER);
    write_to(w, s, 0, 10);
    world_say(w, s, "QUIT");
    world_leap(w, 3 * MSEC_MINUTE);
    s = world_user_at(w, "s", SPAMMER);
    write_to(w, s, 10, 13);
    SILENT(w, s);
    write_to(w, s, 13, 14);
    AWAIT(w, s, "* 707 s p13 *");
    EQUAL_NUMBER(carried_held(w->srv, policy_of(s->client)->host).n, 0);
    world_say(w, s, "QUIT");
    world_leap(w, 10 * MSEC_MINUTE);
    world_sleep(w, 5 * MSEC_SECOND);
    s = world_user_at(w, "s", SPAMMER);
    EQUAL_NUMBER(carried_held(w->srv, policy_of(s->client)->host).n, 0);
    write_to(w, s, 0, 10);
    SILENT(w, s);
    world_free(w);
}

static void
each_of_several_comes_back_with_carried_buckets_and_none_with_two(void)
{
    struct world *w = begin(roomy, 80);
    struct actor *s[4];
    char nick[8];
    for (int i = 0; i < 3; i++) {
        snprintf(nick, sizeof nick, "s%d", i);
        s[i] = world_user_at(w, nick, SPAMMER);
        write_to(w, s[i], 10 * i, 10 * i + 10);
    }
    EQUAL_NUMBER(reached(w), 30);
    for (int i = 0; i < 3; i++)
        world_say(w, s[i], "QUIT");
    for (int i = 0; i < 4; i++) {
        snprintf(nick, sizeof nick, "s%d", i);
        s[i] = world_user_at(w, nick, SPAMMER);
        write_to(w, s[i], 40 + 10 * i, 50 + 10 * i);
    }
    for (int i = 0; i < 3; i++)
        CU_ASSERT(world_count(s[i], "* 707 *") > 0);
    SILENT(w, s[3]); /* the fourth owes nothing */
    EQUAL_NUMBER(reached(w), 40);
    world_free(w);
}

static void
a_client_that_is_still_on_costs_the_next_one_nothing(void)
{
    struct world *w = begin(roomy, 40);
    struct actor *s = world_user_at(w, "s", SPAMMER);
    struct actor *idle = world_user_at(w, "idle", SPAMMER);
    write_to(w, s, 0, 10);
    world_say(w, idle, "QUIT"); /* owes nothing */
    struct actor *bob = world_user_at(w, "bob", SPAMMER);
    write_to(w, bob, 10, 20);
    SILENT(w, bob);
    /* A client of another address carries nothing of it. */
    world_say(w, s, "QUIT");
    struct actor *eve = world_user_at(w, "eve", "192.0.2.67");
    write_to(w, eve, 20, 30);
    SILENT(w, eve);
    world_free(w);
}

static void
former_targets_stay_free_for_a_client_that_comes_back(void)
{
    struct world *w = begin(roomy, 40);
    struct actor *s = world_user_at(w, "s", SPAMMER);
    write_to(w, s, 0, 10);
    world_close(w, s);
    s = world_user_at(w, "s", SPAMMER);
    write_to(w, s, 0, 10);
    SILENT(w, s);
    write_to(w, s, 10, 11);
    AWAIT(w, s, "* 707 s p10 *");
    world_free(w);
}

static void
gateways_and_the_exempt_owe_nothing(void)
{
    static const char *const more[] = {
        "class \"web\" { match = { \"192.0.2.0/24\" } strikes = \"disconnect\" }",
        "exempt \"192.0.2.0/24\" { from = { \"flood\" } }"};
    for (size_t i = 0; i < 2; i++) {
        char config[800];
        snprintf(config, sizeof config, "%s%s", roomy, more[i]);
        struct world *w = begin(config, 20);
        struct actor *s = world_user_at(w, "s", SPAMMER);
        write_to(w, s, 0, 10);
        world_say(w, s, "QUIT");
        s = world_user_at(w, "t", SPAMMER);
        EQUAL_NUMBER(carried_held(w->srv, policy_of(s->client)->host).n, 0);
        write_to(w, s, 10, 20);
        SILENT(w, s);
        world_free(w);
    }
}

static void
the_main_budget_is_owed_as_well_and_registration_does_not_wait_for_it(void)
{
    struct world *w = world_new("limits { connect_rate = \"99/1s\" }\n");
    struct actor *s = world_user_at(w, "s", SPAMMER);
    world_sleep(w, 10 * MSEC_SECOND);
    for (int i = 0; i < 10; i++)
        world_say(w, s, "ISON x");
    world_close(w, s);
    s = world_connect(w, SPAMMER);
    world_say(w, s, "CAP LS\r\nNICK s\r\nUSER s 0 * :s\r\nCAP END");
    AWAIT(w, s, "* 001 s *");
    world_say(w, s, "ISON x");
    NEVER(w, s, "* 303 *");
    world_sleep(w, 500);
    EQUAL_NUMBER(world_count(s, "* 303 *"), 1);
    world_free(w);
}

/* A host with strikes is remembered for days, its carried buckets for minutes. */
static void
full_carried_buckets_are_forgotten_where_strikes_are_not(void)
{
    struct addr addr;
    struct world *w = world_new(world_alice);
    struct actor *root = world_oper(w, "root");
    struct actor *bob = world_user_at(w, "bob", "192.0.2.9");
    world_say(w, root, "STRIKE bob 3 :x");
    for (int i = 0; i < 5; i++)
        world_sayf(w, bob, "NICK bob%d", i);
    world_say(w, bob, "QUIT");
    CU_ASSERT_FATAL(addr_parse("192.0.2.9", &addr));
    const struct host *h = host_find(w->srv, &addr);
    CU_ASSERT_FATAL(h != NULL);
    EQUAL_NUMBER(carried_held(w->srv, h).n, 1);
    world_leap(w, 2 * MSEC_MINUTE);
    world_sleep(w, 2000);
    h = host_find(w->srv, &addr);
    CU_ASSERT_FATAL(h != NULL);
    EQUAL_NUMBER(h->strikes, 3);
    EQUAL_NUMBER(carried_held(w->srv, h).n, 0);
    world_free(w);
}

static void
joins_are_not_owed(void)
{
    struct world *w = world_new("limits { connect_rate = \"99/1s\" }\n");
    for (int i = 0; i < 2; i++) {
        char list[512];
        int n = 0;
        struct actor *s = world_user_at(w, "s", SPAMMER);
        for (int k = 0; k < 50; k++)
            n += snprintf(list + n, sizeof list - (size_t)n, "%s#c%d", k ? "," : "", k);
        world_sayf(w, s, "JOIN %s", list);
        EQUAL_NUMBER(world_count(s, "* 366 *"), 50);
        NEVER(w, s, "*refused*");
        world_close(w, s);
        world_sleep(w, MSEC_SECOND);
    }
    world_free(w);
}

static void
a_host_keeps_the_sixteen_emptiest(void)
{
    struct world *w = begin(roomy, 40);
    struct actor *s[20];
    char nick[8];
    for (int i = 0; i < 20; i++) {
        snprintf(nick, sizeof nick, "s%d", i);
        s[i] = world_user_at(w, nick, SPAMMER);
        write_to(w, s[i], 0, i < 17 ? 5 : 1);
    }
    for (int i = 0; i < 20; i++)
        world_close(w, s[i]);
    int owing = 0;
    for (int i = 0; i < 20; i++) {
        snprintf(nick, sizeof nick, "s%d", i);
        s[i] = world_user_at(w, nick, SPAMMER);
        write_to(w, s[i], 10, 20);
        owing += world_count(s[i], "* 707 *") == 5;
    }
    EQUAL_NUMBER(owing, 16);
    world_free(w);
}

SUITE(carried_buckets)
{
    TEST(a_spammer_that_reconnects_reaches_no_more_people);
    TEST(what_another_has_left_makes_wait_but_gives_no_strikes);
    TEST(only_what_carried_buckets_explain_is_no_offence);
    TEST(a_spammer_that_reconnects_is_banned_all_the_same);
    TEST(each_carried_bucket_excuses_as_many_as_it_holds);
    TEST(lines_refused_for_carried_buckets_are_no_offence_and_those_beyond_are);
    TEST(what_was_taken_over_ends_when_it_is_paid_off);
    TEST(carried_buckets_fill_with_time_and_are_forgotten);
    TEST(each_of_several_comes_back_with_carried_buckets_and_none_with_two);
    TEST(a_client_that_is_still_on_costs_the_next_one_nothing);
    TEST(former_targets_stay_free_for_a_client_that_comes_back);
    TEST(gateways_and_the_exempt_owe_nothing);
    TEST(the_main_budget_is_owed_as_well_and_registration_does_not_wait_for_it);
    TEST(full_carried_buckets_are_forgotten_where_strikes_are_not);
    TEST(joins_are_not_owed);
    TEST(a_host_keeps_the_sixteen_emptiest);
}
