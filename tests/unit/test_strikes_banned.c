/* A banned host gets no strikes, whatever its clients do until they are refused; and
 * the offence level ends with the ladder. */
#include "enact/strike.h"
#include "policy/ban/ban.h"
#include "policy/host.h"
#include "world.h"

#define ADDRESS "192.0.2.7"
#define OPER                                                                           \
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "            \
    "privileges = { \"all\" } }\n"
#define QUIET "limits { ping_every = \"1h\" ping_timeout = \"1h\" }\n"
#define LADDER 5 /* steps, by default */

/* The record of ADDRESS, made if there is none, with all that has decayed until now. */
static struct host *
get_host(struct world *w)
{
    struct addr addr;
    CU_ASSERT_FATAL(addr_parse(ADDRESS, &addr));
    struct host *h = host_get(w->srv, &addr);
    host_settle(w->srv, h);
    return h;
}

static void
pour(struct world *w, struct actor *a, const char *line, int times)
{
    for (int i = 0; i < times && !a->closed; i++)
        world_say(w, a, line);
}

/* More lines than a client may send before registration: two strikes, where it counts.
 */
static void
attack(struct world *w, const char *address)
{
    struct actor *a = world_connect(w, address);
    pour(w, a, "PING x", 25);
    CU_ASSERT(a->closed);
}

static void
five_minutes_of_pings_from_a_banned_address_leave_its_level(void)
{
    static const char *const bans[] = {
        NULL, "KLINE 1h *@" ADDRESS " :x", "KLINE *@192.0.2.0/24 :x",
        "KLINE FORCE *@192.0.2.* :x", "DLINE " ADDRESS " :x"};
    for (size_t i = 0; i < sizeof bans / sizeof *bans; i++) {
        struct world *w = world_new(OPER QUIET);
        struct actor *alice = world_oper(w, "alice");
        world_leap(w, 2 * MSEC_MINUTE);
        if (bans[i])
            world_say(w, alice, bans[i]);
        for (int second = 0; second < 300; second++) {
            attack(w, ADDRESS);
            world_leap(w, MSEC_SECOND);
        }
        /* The automatic ban comes with the third connection, and is the only effect. */
        EQUAL_NUMBER(get_host(w)->level, bans[i] ? 0 : 1);
        EQUAL_NUMBER(get_host(w)->strikes, 0);
        world_leap(
            w, 10 * MSEC_MINUTE); /* an automatic ban is over, and it counts again */
        attack(w, ADDRESS);
        EQUAL_NUMBER(get_host(w)->strikes, bans[i] ? 0 : 2);
        world_free(w);
    }
}

/* Each cause of a strike before registration. */

static void
leave_unregistered(struct world *w, const char *address)
{
    for (int i = 0; i < 2; i++) {
        world_connect(w, address);
        world_sleep(w, 31 * MSEC_SECOND);
    }
}

static void
overrun(struct world *w, const char *address)
{
    static char junk[5000];
    memset(junk, 'x', sizeof junk);
    world_send(w, world_connect(w, address), junk, sizeof junk);
}

static void
guess(struct world *w, const char *address)
{
    struct actor *a = world_connect(w, address);
    world_say(w, a, "PASS wrong\r\nNICK joe\r\nUSER joe 0 * :joe");
}

static void
connect_too_fast(struct world *w, const char *address)
{
    for (int i = 0; i < 6 + 3 + 1; i++)
        world_close(w, world_connect(w, address));
}

static const struct {
    void (*act)(struct world *w, const char *address);
    int strikes;
} ways[] = {
    {attack, 2}, {overrun, 2},          {leave_unregistered, 1},
    {guess, 1},  {connect_too_fast, 1},
};

static void
no_way_before_registration_leads_a_banned_host_to_a_strike(void)
{
    static const struct {
        const char *ban;
        bool is_kept_away;
    } cases[] = {
        {"KLINE 1h *@" ADDRESS " :x", true},
        {"KLINE FORCE 1h *@192.0.2.* :x", true},
        {"KLINE 1h bob@" ADDRESS " :x", false}, /* other users of it are not banned */
        {"KLINE 1h *@192.0.3.0/24 :x", false},
        {"KLINE 1s *@" ADDRESS " :x", false}, /* over by then */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t n = 0; n < sizeof ways / sizeof *ways; n++) {
            struct world *w =
                world_new(OPER QUIET "server { password = \"$argon2id$right\" }\n"
                                     "exempt \"10.0.0.0/8\" { from = { \"bans\" } }\n");
            struct actor *alice = world_connect(w, "10.1.1.1");
            world_say(w, alice, "PASS right\r\nNICK alice\r\nUSER alice 0 * :a");
            world_say(w, alice, "OPER alice secret");
            world_say(w, alice, cases[i].ban);
            world_sleep(w, MSEC_MINUTE + MSEC_SECOND);
            ways[n].act(w, ADDRESS);
            EQUAL_NUMBER(get_host(w)->strikes,
                         cases[i].is_kept_away ? 0 : ways[n].strikes);
            world_free(w);
        }
}

static void
an_exempt_host_is_not_kept_away_and_is_struck(void)
{
    struct world *w =
        world_new(OPER QUIET "exempt \"" ADDRESS "\" { from = { \"bans\" } }\n");
    world_say(w, world_oper(w, "alice"), "KLINE 1h *@" ADDRESS " :x");
    attack(w, ADDRESS);
    EQUAL_NUMBER(get_host(w)->strikes, 2);
    world_free(w);
}

/* A ban on one user of an address does not cover the others. */
static void
a_ban_of_a_user_keeps_that_user_from_strikes_and_no_other(void)
{
    struct world *w = world_new(OPER QUIET);
    struct actor *alice = world_oper(w, "alice");
    struct actor *ann = world_user_at(w, "ann", ADDRESS);
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    world_say(w, bob, "OPER alice secret");
    world_say(w, alice, "KLINE FORCE 1h bob@" ADDRESS " :x");
    world_say(w, bob, "MODE bob -o");
    pour(w, ann, "ISON ann", 27);
    EQUAL_NUMBER(get_host(w)->strikes, 1);
    CU_ASSERT(!ann->closed && !bob->closed);
    pour(w, bob, "ISON bob", 28);
    EQUAL_NUMBER(get_host(w)->strikes, 1);
    /* The client stayed under the ban as an operator; the first offence ends it. */
    CU_ASSERT(bob->closed);
    AWAIT(w, bob, "ERROR :Closing Link: * (You are banned (K-line) *: x)");
    world_free(w);
}

static void
an_operator_on_a_banned_host_stays_and_gets_no_strikes(void)
{
    struct world *w = world_new(
        "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
        "privileges = { \"kline\" } }\n" QUIET);
    struct actor *alice = world_user_at(w, "alice", ADDRESS);
    world_say(w, alice, "OPER alice secret");
    world_say(w, alice, "KLINE FORCE 1h *@" ADDRESS " :x");
    pour(w, alice, "ISON alice", 30);
    CU_ASSERT(!alice->closed);
    EQUAL_NUMBER(get_host(w)->strikes, 0);
    world_free(w);
}

static void
offend(struct world *w)
{
    struct actor *a = world_connect(w, ADDRESS);
    for (int i = 0; i < 5; i++)
        if (a->client)
            enact_strike(w->srv, a->client, STRIKE_FLOOD);
    world_sleep(w, 0);
    world_close(w, a);
}

static void
the_level_ends_with_the_ladder_and_so_does_the_time_to_forgive(void)
{
    struct world *w = world_new(QUIET);
    for (int i = 1; i <= 20; i++) {
        offend(w);
        EQUAL_NUMBER(get_host(w)->level, i < LADDER ? i : LADDER);
        world_leap(w, 7 * MSEC_DAY);
    }
    world_leap(w, -7 * MSEC_DAY);
    for (int left = LADDER; left > 0; left--) {
        world_leap(w, 30 * MSEC_DAY - 1);
        EQUAL_NUMBER(get_host(w)->level, left);
        world_leap(w, 1);
        EQUAL_NUMBER(get_host(w)->level, left - 1);
    }
    world_free(w);
}

static void
a_stored_level_beyond_the_ladder_is_read_as_its_end(void)
{
    static const uint16_t stored[] = {LADDER, LADDER + 1, 11, UINT16_MAX};
    for (size_t i = 0; i < sizeof stored / sizeof *stored; i++) {
        struct addr addr;
        struct world *w = world_new(QUIET);
        CU_ASSERT_FATAL(addr_parse(ADDRESS, &addr));
        struct host *h = host_get(w->srv, &addr);
        h->level = stored[i];
        h->level_at = w->srv->wall;
        host_save(w->srv, h);
        world_restart(w, QUIET);
        EQUAL_NUMBER(host_find(w->srv, &addr)->level, LADDER);
        world_leap(w, LADDER * 30 * MSEC_DAY - 1);
        EQUAL_NUMBER(get_host(w)->level, 1);
        world_leap(w, 1);
        EQUAL_NUMBER(get_host(w)->level, 0);
        world_free(w);
    }
}

static void
a_ladder_made_shorter_shortens_the_level(void)
{
    struct world *w = world_new(OPER QUIET);
    struct actor *alice = world_oper(w, "alice");
    for (int i = 0; i < 4; i++) {
        offend(w);
        world_leap(w, MSEC_DAY);
    }
    w->rehash_text = OPER QUIET "strikes { ladder = { \"1m\", \"2m\" } }\n";
    CU_ASSERT_FATAL(world_rehash(w));
    world_drain(alice);
    world_say(w, alice, "CHECK " ADDRESS);
    AWAIT(w, alice, "* :Offence level: 2, falls by one at *");
    offend(w);
    EQUAL_NUMBER(get_host(w)->level, 2);
    world_free(w);
}

SUITE(strikes_banned)
{
    TEST(five_minutes_of_pings_from_a_banned_address_leave_its_level);
    TEST(no_way_before_registration_leads_a_banned_host_to_a_strike);
    TEST(an_exempt_host_is_not_kept_away_and_is_struck);
    TEST(a_ban_of_a_user_keeps_that_user_from_strikes_and_no_other);
    TEST(an_operator_on_a_banned_host_stays_and_gets_no_strikes);
    TEST(the_level_ends_with_the_ladder_and_so_does_the_time_to_forgive);
    TEST(a_stored_level_beyond_the_ladder_is_read_as_its_end);
    TEST(a_ladder_made_shorter_shortens_the_level);
}
