/* STRIKES: all hosts with strikes in pieces, some of them, or one in detail. */
#include "crowd.h"
#include "enact/strike.h"
#include "policy/host.h"
#include "state/cursor.h"
#include "state/rest.h"

#define MANY 100000
#define PIECE (CURSOR_BYTES + 1024) /* and what was begun */

static struct world *w;
static struct actor *alice;

static void
begin(const char *more)
{
    char config[1024];
    snprintf(config, sizeof config,
             "%soper \"watch\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
             "privileges = { \"check\" } }\n%s",
             world_easy, more);
    w = world_new(config);
    alice = world_oper(w, "alice");
}

static struct host *
mark(int i, uint16_t strikes)
{
    struct addr addr = {{[10] = 0xff, [11] = 0xff, [12] = 100}};
    addr.ip[13] = (uint8_t)(i >> 16);
    addr.ip[14] = (uint8_t)(i >> 8);
    addr.ip[15] = (uint8_t)i;
    struct host *h = host_get(w->srv, &addr);
    h->strikes = strikes;
    h->strike_at = h->level_at = w->srv->wall;
    snprintf(h->cause, sizeof h->cause, "flood");
    snprintf(h->by, sizeof h->by, "server");
    host_place(w->srv, h);
    return h;
}

static void
each_host_is_one_line_and_the_end_is_told(void)
{
    begin("");
    world_say(w, alice, "STRIKES");
    EXPECT(w, alice, ":irc.localhost NOTICE alice :End of STRIKES: 0 hosts");
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    enact_strike(w->srv, bob->client, STRIKE_FLOOD);
    world_say(w, alice, "STRIKE 2001:db8::7 5 :advertising");
    world_drain_all(w);
    world_say(w, alice, "STRIKES");
    EXPECT(
        w, alice,
        "* :STRIKES 192.0.2.7: 1 of 5, level 0, the last for messages sent too fast on "
        "bob by server, since 2026-11-22 00:00:00 UTC");
    EXPECT(
        w, alice,
        "* :STRIKES 2001:db8::/64: 0 of 5, level 1, the last for advertising on ? by "
        "alice, since 2026-11-22 00:00:00 UTC");
    EXPECT(w, alice, "* :End of STRIKES: 2 hosts");
    SILENT(w, alice);
    world_free(w);
}

static void
patterns_and_networks_choose(void)
{
    static const struct {
        const char *pattern;
        int hosts;
    } cases[] = {
        {"*", 4},
        {"192.0.2.*", 2},
        {"192.0.2.0/24", 2},
        {"192.0.?.7", 2},
        {"2001:db8::/32", 1},
        {"2001:*", 1},
        {"b?b", 1},
        {"*@192.0.2.7", 1},
        {"192.0.2.7", 1},
        {"192.0.2.9", 0},
        {"bob", 1},
        {"0.0.0.0/0", 3},
        {"10.0.0.0/8", 0},
        {"x*", 0},
    };
    begin("");
    world_user_at(w, "bob", "192.0.2.7");
    world_say(w, alice, "STRIKE bob 1");
    world_say(w, alice, "STRIKE 192.0.2.8 1");
    world_say(w, alice, "STRIKE 192.0.3.7 1");
    world_say(w, alice, "STRIKE 2001:db8::1 1");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[64];
        world_drain_all(w);
        world_sayf(w, alice, "STRIKES %s", cases[i].pattern);
        snprintf(want, sizeof want, "* :End of STRIKES: %d host%s", cases[i].hosts,
                 cases[i].hosts == 1 ? "" : "s");
        AWAIT(w, alice, want);
        SILENT(w, alice);
    }
    world_free(w);
}

static void
one_host_comes_in_detail(void)
{
    begin("");
    world_say(w, alice, "STRIKE 192.0.2.7 2 :rude");
    world_drain_all(w);
    world_say(w, alice, "STRIKES 192.0.2.7");
    EXPECT(w, alice, "* :STRIKES 192.0.2.7");
    EXPECT(w, alice, "* :Strikes: 2 of 5, the last for rude, by alice");
    EXPECT(w, alice, "* :Strikes: counted since *, one is forgotten at *; at 5 the *");
    EXPECT(w, alice, "* :Offence level: 0");
    EXPECT(w, alice, "* :End of STRIKES: 1 host");
    world_say(w, alice, "STRIKES 203.0.113.1");
    AWAIT(w, alice, "* :End of STRIKES: 0 hosts");
    world_say(w, alice, "STRIKES nobody");
    EXPECT(w, alice,
           "* :STRIKES refused: 'nobody' is not a nick*Example: STRIKES 192.0.2.*");
    EXPECT(w, alice, "* :End of STRIKES: 0 hosts");
    world_free(w);
}

static void
what_has_decayed_is_not_listed(void)
{
    begin("");
    world_say(w, alice, "STRIKE 192.0.2.7 1");
    session_clock(w->srv, w->srv->now, w->srv->wall + 10 * MSEC_MINUTE - 1);
    world_say(w, alice, "STRIKES");
    AWAIT(w, alice, "* :End of STRIKES: 1 host");
    session_clock(w->srv, w->srv->now, w->srv->wall + 1);
    world_say(w, alice, "STRIKES");
    AWAIT(w, alice, "* :End of STRIKES: 0 hosts");
    world_free(w);
}

static void
an_operator_without_see_address_reads_nicks_alone(void)
{
    begin("");
    struct actor *watch = world_user(w, "watch");
    world_say(w, watch, "OPER watch secret");
    world_user_at(w, "bob", "192.0.2.7");
    world_say(w, alice, "STRIKE bob 1");
    world_drain_all(w);
    static const char *const blind[] = {"192.0.2.*", "192.0.2.0/24", "1*"};
    for (size_t i = 0; i < 3; i++) {
        world_sayf(w, watch, "STRIKES %s", blind[i]);
        EXPECT(w, watch, "* :End of STRIKES: 0 hosts");
    }
    world_say(w, watch, "STRIKES b*");
    EXPECT(w, watch, "* :STRIKES ?: 1 of 5, level 0, * on bob by alice, since *");
    EXPECT(w, watch, "* :End of STRIKES: 1 host");
    world_say(w, watch, "STRIKES 192.0.2.7");
    NEVER(w, watch, "*bob*");
    AWAIT(w, watch, "* :End of STRIKES: 1 host");
    world_say(w, watch, "STRIKES bob");
    NEVER(w, watch, "*192.0.2*");
    AWAIT(w, watch, "* :End of STRIKES: 1 host");
    world_free(w);
}

static void
a_hundred_thousand_hosts_come_in_pieces(void)
{
    begin("strikes { hosts = 200000 }");
    w->log.level = LOG_LEVEL_WARN;
    for (int i = 0; i < MANY; i++)
        mark(i, i % 2);
    world_say(w, alice, "STRIKES");
    CU_ASSERT(alice->len <= PIECE);
    unsigned n = world_count(alice, "* :STRIKES *");
    unsigned ends = 0;
    for (int turns = 0; crowd_waits(w) && turns < 3000; turns++) {
        world_drain(alice);
        CU_ASSERT(crowd_turn(w, alice) <= PIECE);
        n += world_count(alice, "* :STRIKES *");
        ends += world_count(alice, "* :End of STRIKES: 50000 hosts");
    }
    EQUAL_NUMBER(n, MANY / 2);
    EQUAL_NUMBER(ends, 1);
    world_free(w);
}

static void
a_cursor_steps_over_hosts_that_are_forgotten(void)
{
    begin("strikes { hosts = 1000 }");
    w->log.level = LOG_LEVEL_WARN;
    for (int i = 0; i < 900; i++)
        mark(i, 1);
    world_say(w, alice, "STRIKES");
    CU_ASSERT_FATAL(crowd_waits(w));
    struct cursor *cur = LIST_ENTRY(cursors_of(w->srv)->all.next, struct cursor, link);
    unsigned n = world_count(alice, "* :STRIKES *");
    world_drain(alice);
    /* Meanwhile all hosts are forgotten but those with a client. */
    host_trim(w->srv, 0, 100000);
    const struct host *stands = rest_place(cur);
    CU_ASSERT(stands == NULL || stands->connections > 0);
    crowd_turn(w, alice);
    CU_ASSERT(!crowd_waits(w));
    char want[64];
    snprintf(want, sizeof want, "* :End of STRIKES: %u hosts", n);
    AWAIT(w, alice, want);
    world_free(w);
}

SUITE(strikes_list)
{
    TEST(each_host_is_one_line_and_the_end_is_told);
    TEST(patterns_and_networks_choose);
    TEST(one_host_comes_in_detail);
    TEST(what_has_decayed_is_not_listed);
    TEST(an_operator_without_see_address_reads_nicks_alone);
    TEST(a_hundred_thousand_hosts_come_in_pieces);
    TEST(a_cursor_steps_over_hosts_that_are_forgotten);
}
