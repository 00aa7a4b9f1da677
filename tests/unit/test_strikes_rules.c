/* The rules of strikes that test_strikes and test_host leave out, each on both sides;
 * and a hundred thousand hosts cost a turn no more than a few. */
#include "enact/strike.h"
#include "policy/ban/ban.h"
#include "policy/host.h"
#include "state/store_ram.h"
#include "world.h"

#define ADDRESS "192.0.2.7"
#define MANY 100000

static struct host *
mark(struct world *w, int i, uint16_t strikes)
{
    struct addr addr = {{[10] = 0xff, [11] = 0xff, [12] = 100}};
    addr.ip[13] = (uint8_t)(i >> 16);
    addr.ip[14] = (uint8_t)(i >> 8);
    addr.ip[15] = (uint8_t)i;
    struct host *h = host_get(w->srv, &addr);
    h->strikes = strikes;
    h->strike_at = h->level_at = w->srv->wall;
    host_save(w->srv, h);
    host_place(w->srv, h);
    return h;
}

/* The number of changes to the store since the last call. */
static store_ticket
puts_since(struct world *w, store_ticket *last)
{
    struct store_news news;
    store_ticket n = 0;
    if (store_ram_news(w->store, &news)) {
        n = news.upto - *last;
        *last = news.upto;
    }
    return n;
}

static void
weights_do_not_lead_beyond_the_limit(void)
{
    static const struct {
        int before;
        enum strike_cause cause;
        int want;
        bool banned;
    } cases[] = {
        {2, STRIKE_EXCESS_FLOOD, 4, false}, {3, STRIKE_EXCESS_FLOOD, 5, true},
        {4, STRIKE_EXCESS_FLOOD, 5, true},  {3, STRIKE_OPER, 4, false},
        {4, STRIKE_OPER, 4, false},         {4, STRIKE_FLOOD, 5, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[64];
        struct world *w = world_new(NULL);
        struct actor *bob = world_user_at(w, "bob", ADDRESS);
        for (int n = 0; n < cases[i].before; n++)
            enact_strike(w->srv, bob->client, STRIKE_FLOOD);
        world_drain(bob);
        enact_strike(w->srv, bob->client, cases[i].cause);
        world_sleep(w, 0);
        snprintf(want, sizeof want, "* :Strike %d of 5: *", cases[i].want);
        AWAIT(w, bob, want);
        EQUAL_NUMBER(bob->closed, cases[i].banned);
        world_free(w);
    }
}

static void
only_opers_with_the_strike_notice_on_see_it(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    struct actor *ann = world_oper(w, "ann");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    struct actor *eve = world_user_at(w, "eve", ADDRESS);
    world_say(w, ann, "MODE ann +s -s");
    world_drain_all(w);
    enact_strike(w->srv, bob->client, STRIKE_FLOOD);
    world_sleep(w, 0);
    EXPECT(w, alice, "*Strike 1 of 5 for " ADDRESS " (bob): messages sent too fast");
    SILENT(w, ann);
    SILENT(w, eve);
    world_free(w);
}

static void
a_decay_moves_the_next_one_by_a_whole_span(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    for (int i = 0; i < 3; i++)
        enact_strike(w->srv, bob->client, STRIKE_FLOOD);
    world_close(w, bob);
    /* Read late: the second decay still counts from the first one. */
    world_leap(w, 15 * MSEC_MINUTE);
    EQUAL_NUMBER(world_settled_host(w, ADDRESS)->strikes, 2);
    world_leap(w, 5 * MSEC_MINUTE - 1);
    EQUAL_NUMBER(world_settled_host(w, ADDRESS)->strikes, 2);
    world_leap(w, 1);
    EQUAL_NUMBER(world_settled_host(w, ADDRESS)->strikes, 1);
    world_free(w);
}

static void
a_new_offence_begins_the_time_of_forgiveness_again(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    for (int i = 0; i < 5; i++)
        enact_strike(w->srv, bob->client, STRIKE_FLOOD);
    world_leap(w, 29 * MSEC_DAY);
    bob = world_user_at(w, "bob", ADDRESS);
    CU_ASSERT_FATAL(!bob->closed);
    /* Strikes below the limit are no offence. */
    enact_strike(w->srv, bob->client, STRIKE_FLOOD);
    EQUAL_NUMBER(world_settled_host(w, ADDRESS)->level, 1);
    CU_ASSERT(world_settled_host(w, ADDRESS)->level_at == WORLD_WALL);
    for (int i = 0; i < 4; i++)
        enact_strike(w->srv, bob->client, STRIKE_FLOOD);
    EQUAL_NUMBER(world_settled_host(w, ADDRESS)->level, 2);
    world_leap(w, 30 * MSEC_DAY - 1);
    EQUAL_NUMBER(world_settled_host(w, ADDRESS)->level, 2);
    world_leap(w, 1);
    EQUAL_NUMBER(world_settled_host(w, ADDRESS)->level, 1);
    world_free(w);
}

static void
a_restart_changes_neither_ban_nor_what_it_says(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    world_say(w, alice, "STRIKE " ADDRESS " 5 :spam");
    world_say(w, alice, "STRIKE " ADDRESS " 2 :and again");
    world_drain_all(w);
    char before[4096];
    world_say(w, alice, "STRIKES " ADDRESS);
    world_say(w, alice, "STATS k");
    snprintf(before, sizeof before, "%s", alice->inbox);
    world_restart(w, world_alice);
    alice = world_oper(w, "alice");
    world_say(w, alice, "STRIKES " ADDRESS);
    world_say(w, alice, "STATS k");
    EQUAL_TEXT(alice->inbox, before);
    world_free(w);
}

static void
among_hosts_with_strikes_the_oldest_go_first_also_after_a_restart(void)
{
    struct world *w = world_new("strikes { hosts = 100 decay = \"1d\" }");
    for (int i = 0; i < 100; i++) {
        mark(w, i, 2);
        w->srv->wall += MSEC_SECOND;
    }
    /* Ticks look at the hosts in turn and keep their order. */
    for (int i = 0; i < 10; i++)
        world_leap(w, MSEC_SECOND);
    mark(w, 1000, 1);
    CU_ASSERT(world_settled_host(w, "100.0.0.0") == NULL &&
              world_settled_host(w, "100.0.0.1") != NULL);
    mark(w, 1, 3);
    mark(w, 1001, 1);
    CU_ASSERT(world_settled_host(w, "100.0.0.1") != NULL &&
              world_settled_host(w, "100.0.0.2") == NULL);
    world_restart(w, "strikes { hosts = 100 decay = \"1d\" }");
    EQUAL_NUMBER(w->srv->policy->n_hosts, 100);
    mark(w, 1002, 1);
    CU_ASSERT(world_settled_host(w, "100.0.0.1") != NULL &&
              world_settled_host(w, "100.0.0.3") == NULL);
    CU_ASSERT(world_settled_host(w, "100.0.0.4") != NULL);
    session_check(w->srv);
    world_free(w);
}

static void
a_table_made_smaller_shrinks_a_little_at_a_time(void)
{
    struct world *w = world_new("strikes { hosts = 2000 }");
    store_ticket last = 0;
    for (int i = 0; i < 2000; i++)
        mark(w, i, 2);
    puts_since(w, &last);
    w->rehash_text = "strikes { hosts = 100 }";
    CU_ASSERT(world_rehash(w));
    puts_since(w, &last);
    mark(w, 5000, 1);
    CU_ASSERT(puts_since(w, &last) <= 17);
    for (int i = 0; i < 7; i++) {
        world_leap(w, MSEC_SECOND);
        store_ticket n = puts_since(w, &last);
        CU_ASSERT(n > 0 && n <= 256);
    }
    world_leap(w, MSEC_SECOND);
    EQUAL_NUMBER(w->srv->policy->n_hosts, 100);
    puts_since(w, &last);
    world_leap(w, MSEC_SECOND);
    EQUAL_NUMBER(puts_since(w, &last), 0);
    /* The newest, number 5000. */
    CU_ASSERT(world_settled_host(w, "100.0.19.136") != NULL);
    session_check(w->srv);
    world_free(w);
}

static void
ticks_over_a_hundred_thousand_hosts_store_little_and_only_what_ends(void)
{
    struct world *w = world_new("strikes { hosts = 200000 }");
    store_ticket last = 0;
    w->log.level = LOG_LEVEL_WARN;
    for (int i = 0; i < MANY; i++)
        mark(w, i, 2);
    puts_since(w, &last);
    world_leap(w, 10 * MSEC_MINUTE);
    for (int i = 0; i < 100; i++)
        world_leap(w, MSEC_SECOND);
    /* One strike of two has decayed: that needs no write. */
    EQUAL_NUMBER(puts_since(w, &last), 0);
    world_leap(w, 10 * MSEC_MINUTE);
    puts_since(w, &last);
    for (int i = 0; i < 100; i++) {
        world_leap(w, MSEC_SECOND);
        store_ticket n = puts_since(w, &last);
        CU_ASSERT(n > 0 && n <= 32);
    }
    EQUAL_NUMBER(w->srv->policy->n_hosts > MANY - 4000, true);
    /* One strike is one write, however many hosts there are. */
    mark(w, 7, 3);
    EQUAL_NUMBER(puts_since(w, &last), 1);
    world_free(w);
}

static void
a_host_that_goes_while_its_turn_comes_is_stepped_over(void)
{
    struct world *w = world_new("strikes { hosts = 1000 }");
    for (int i = 0; i < 100; i++)
        mark(w, i, 1);
    world_leap(w, MSEC_SECOND);
    struct host *next = LIST_ENTRY(w->srv->policy->settling, struct host, age);
    strike_clear(w->srv, next);
    CU_ASSERT(w->srv->policy->settling != &next->age);
    world_leap(w, MSEC_SECOND);
    host_trim(w->srv, 0, 1000);
    EQUAL_NUMBER(w->srv->policy->n_hosts, 0);
    CU_ASSERT(w->srv->policy->settling == &w->srv->policy->idle_struck);
    world_leap(w, MSEC_SECOND);
    session_check(w->srv);
    world_free(w);
}

static void
a_record_without_an_operators_words_is_read_as_before(void)
{
    struct world *w = world_new(NULL);
    mark(w, 1, 2);
    CU_ASSERT(world_settled_host(w, "100.0.0.1")->note == NULL);
    world_restart(w, NULL);
    CU_ASSERT_FATAL(world_settled_host(w, "100.0.0.1") != NULL);
    CU_ASSERT(world_settled_host(w, "100.0.0.1")->note == NULL);
    world_free(w);
}

/* Clients go on trying after the refusal at registration. */
static void
whatever_kline_bans_a_host_it_gets_no_strikes_for_trying_again(void)
{
    static const struct {
        const char *address, *mask;
        int strikes;
    } cases[] = {
        {"192.0.2.1", "*@192.0.2.1", 0},
        {"192.0.2.1", "*@192.0.2.0/24", 0},
        {"192.0.2.1", "*@192.0.2.*", 0},
        {"192.0.2.1", "bob@192.0.2.0/24", 1}, /* the host is not banned */
        {"2001:db8::1", "*@2001:db8::/32", 0},
        {"2001:db8::1", "*@2001:db8::1", 0},
        {"2001:db8::1", "*@2001:db8::2", 1},
        {"192.0.2.1", "*@192.0.3.0/24", 1},
        {"192.0.2.1", "bob@*", 1},
        {"192.0.2.9", "*@192.0.2.0/24", 1}, /* exempt from bans */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct addr addr;
        struct world *w = world_new(
            "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
            "privileges = { \"all\" } }\n"
            "limits { connect_rate = \"1/10m\" ping_every = \"1h\" ping_timeout = "
            "\"1h\" }\n"
            "exempt \"192.0.2.9\" { from = { \"bans\" } }\n");
        struct actor *alice = world_oper(w, "alice");
        world_sayf(w, alice, "KLINE FORCE 1h %s :x", cases[i].mask);
        world_sleep(w, MSEC_MINUTE);
        for (int n = 0; n < 1 + 3 + 1; n++)
            world_close(w, world_user_at(w, "bob", cases[i].address));
        CU_ASSERT_FATAL(addr_parse(cases[i].address, &addr));
        EQUAL_NUMBER(host_find(w->srv, &addr)->strikes, cases[i].strikes);
        world_free(w);
    }
}

/* A client that stayed under a ban as an operator, and is none any more, ends at the
 * limit as any other; whether the ban is longer than the step of the ladder or becomes
 * so. */
static void
at_the_limit_a_ban_that_is_there_ends_those_it_left(void)
{
    static const struct {
        const char *kline, *told;
    } cases[] = {
        {"KLINE FORCE 1d *@" ADDRESS " :x", "*a longer ban is there already,*"},
        {"KLINE FORCE *@" ADDRESS " :x", "*a longer ban is there already,*"},
        {"KLINE FORCE 1m *@" ADDRESS " :x", "*banned until *"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(world_alice);
        struct actor *alice = world_oper(w, "alice");
        struct actor *ann = world_user_at(w, "ann", ADDRESS);
        world_say(w, ann, "OPER alice secret");
        world_say(w, alice, cases[i].kline);
        world_store_news(w);
        world_say(w, ann, "MODE ann -o");
        CU_ASSERT(!ann->closed);
        world_drain_all(w);
        world_say(w, alice, "STRIKE " ADDRESS " 5 :x");
        world_store_news(w);
        CU_ASSERT(ann->closed);
        AWAIT(w, ann, "ERROR :Closing Link: * (You are banned (K-line) *: x)");
        CU_ASSERT(world_count(alice, cases[i].told) == 1);
        CU_ASSERT(world_count(alice, "*: removed 1 client, saved") == 1);
        world_free(w);
    }
}

SUITE(strikes_rules)
{
    TEST(weights_do_not_lead_beyond_the_limit);
    TEST(only_opers_with_the_strike_notice_on_see_it);
    TEST(a_decay_moves_the_next_one_by_a_whole_span);
    TEST(a_new_offence_begins_the_time_of_forgiveness_again);
    TEST(a_restart_changes_neither_ban_nor_what_it_says);
    TEST(among_hosts_with_strikes_the_oldest_go_first_also_after_a_restart);
    TEST(a_table_made_smaller_shrinks_a_little_at_a_time);
    TEST(ticks_over_a_hundred_thousand_hosts_store_little_and_only_what_ends);
    TEST(a_host_that_goes_while_its_turn_comes_is_stepped_over);
    TEST(a_record_without_an_operators_words_is_read_as_before);
    TEST(at_the_limit_a_ban_that_is_there_ends_those_it_left);
    TEST(whatever_kline_bans_a_host_it_gets_no_strikes_for_trying_again);
}
