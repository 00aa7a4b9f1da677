/* CHECK shows everything, changes nothing, and reveals no address. */
#include "enact/strike.h"
#include "policy/ban/ban.h"
#include "policy/host.h"
#include "state/store_ram.h"
#include "world.h"

#define ADDRESS "192.0.2.7"
#define WARDEN                                                                         \
    "oper \"warden\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "           \
    "privileges = { \"check\" } }\n"

static struct world *w;
static struct actor *alice;

static void
begin(const char *more)
{
    char config[1024];
    snprintf(config, sizeof config, "%s%s%s", world_easy, WARDEN, more);
    w = world_new(config);
    alice = world_oper(w, "alice");
}

static void
a_nick_shows_everything_about_its_host(void)
{
    char config[1024];
    snprintf(config, sizeof config,
             "%sclass \"office\" { match = { \"192.0.2.0/24\" } per_host = 4 }\n"
             "exempt \"192.0.2.0/24\" { from = { \"bans\", \"flood\" } }\n",
             world_alice);
    w = world_new(config);
    alice = world_oper(w, "alice");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    world_connect(w, ADDRESS);
    world_sleep(w, 10 * MSEC_SECOND);
    enact_strike(w->srv, bob->client, STRIKE_EXCESS_FLOOD);
    world_say(w, bob, "OPER alice wrong");
    world_say(w, alice, "KLINE 1h *@192.0.2.0/24 :net|see log");
    world_store_news(w);
    world_drain_all(w);
    world_say(w, alice, "CHECK bob");
    EXPECT(w, alice, ":irc.localhost NOTICE alice :CHECK " ADDRESS " (bob)");
    EXPECT(w, alice,
           "* :Client: bob!bob@" ADDRESS " (" ADDRESS
           "), since 2026-11-22 00:00:00 UTC (10s)");
    EXPECT(w, alice,
           "* :Client: ? (" ADDRESS
           "), not registered, since 2026-11-22 00:00:00 UTC (10s)");
    EXPECT(w, alice, "* :Channels: none");
    EXPECT(w, alice,
           "* :Connections: host 2 of 4, network 2 of 16, unregistered 1 of 4; connect "
           "rate: 5 of 6 left in 1m");
    EXPECT(w, alice, "* :Class: office; exempt from: flood bans");
    EXPECT(
        w, alice,
        "* :Strikes: 4 of 5, the last for wrong operator password, on bob, by server");
    EXPECT(w, alice,
           "* :Strikes: counted since 2026-11-22 00:00:10 UTC, one is forgotten at "
           "2026-11-22 00:10:10 UTC (10m); at 5 the address is banned for 10 minutes");
    EXPECT(w, alice, "* :Offence level: 0");
    EXPECT(
        w, alice,
        "* :K-line ?@192.0.2.0/24 until 2026-11-22 01:00:10 UTC (1h), set 2026-11-22 "
        "00:00:10 UTC by alice, 0 hits: net | see log");
    EXPECT(w, alice, "* :OPER: not locked out, 1 of 3 failures");
    EXPECT(w, alice, "* :End of CHECK");
    SILENT(w, alice);
    world_free(w);
}

static void
the_level_and_when_it_falls_are_shown(void)
{
    begin("");
    world_say(w, alice, "STRIKE " ADDRESS " 5");
    world_drain_all(w);
    world_say(w, alice, "CHECK " ADDRESS);
    AWAIT(w, alice, "* :Clients: none");
    AWAIT(w, alice, "* :Class: none; exempt from: nothing");
    EXPECT(w, alice, "* :Strikes: 0 of 5");
    EXPECT(w, alice,
           "* :Offence level: 1, falls by one at 2026-12-22 00:00:00 UTC (30d)");
    EXPECT(w, alice,
           "* :K-line ?@" ADDRESS " * by irc.localhost (automatic), 0 hits: 5 "
           "strikes, the last for given by an operator");
    world_say(w, alice, "STRIKE " ADDRESS " 1 :more");
    world_drain_all(w);
    world_say(w, alice, "CHECK " ADDRESS);
    AWAIT(w, alice, "* :Strikes: 1 of 5, the last for more, by alice");
    AWAIT(w, alice, "*; at 5 the address is banned for 1 hour");
    world_free(w);
}

static void
nothing_is_made_or_counted_by_looking(void)
{
    begin("");
    world_say(w, alice, "DLINE 1h 203.0.113.0/24 :x");
    world_say(w, alice, "KLINE 1h *@203.0.113.9 :y");
    world_store_news(w);
    size_t hosts = w->srv->policy->n_hosts;
    static const char *const names[] = {"203.0.113.9", "203.0.113.0/24",
                                        "*@2001:db8::1", "nobody", "198.51.100.1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        world_sayf(w, alice, "CHECK %s", names[i]);
        AWAIT(w, alice, "* :End of CHECK");
        SILENT(w, alice);
    }
    EQUAL_NUMBER(w->srv->policy->n_hosts, hosts);
    CU_ASSERT(world_host(w, "203.0.113.9") == NULL);
    EQUAL_NUMBER(ban_find(w->srv, BAN_DLINE, "203.0.113.0/24")->hits, 0);
    EQUAL_NUMBER(ban_find(w->srv, BAN_KLINE, "*@203.0.113.9")->hits, 0);
    struct store_news news;
    CU_ASSERT(!store_ram_news(w->store, &news));
    world_free(w);
}

static void
decay_is_shown_but_not_worked_out_for_good(void)
{
    begin("");
    world_say(w, alice, "STRIKE " ADDRESS " 3");
    msec later = w->srv->wall + 20 * MSEC_MINUTE;
    session_clock(w->srv, w->srv->now, later);
    world_drain_all(w);
    const struct host *h = world_host(w, ADDRESS);
    world_say(w, alice, "CHECK " ADDRESS);
    AWAIT(w, alice, "* :Strikes: 1 of 5, *");
    AWAIT(w, alice, "* one is forgotten at 2026-11-22 00:30:00 UTC (10m); *");
    EQUAL_NUMBER(h->strikes, 3);
    world_free(w);
}

static void
which_bans_match_an_address(void)
{
    static const struct {
        const char *mask;
        bool shown;
    } cases[] = {
        {"*@" ADDRESS, true},       {"*@192.0.2.0/24", true},
        {"baduser@" ADDRESS, true}, {"*@192.0.2.*", true},
        {"*@192.0.2.8", false},     {"*@192.0.3.0/24", false},
        {"spammer!*@*", false},     {"*@2001:db8::/32", false},
        {"*@*.2.7", true},          {"*@*.example.org", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin("");
        world_sayf(w, alice, "KLINE FORCE 1h %s :x", cases[i].mask);
        EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 1);
        world_drain_all(w);
        world_say(w, alice, "CHECK " ADDRESS);
        EQUAL_NUMBER(world_count(alice, "* :K-line *"), cases[i].shown);
        EQUAL_NUMBER(world_count(alice, "* :Bans: none"), !cases[i].shown);
        world_sleep(w, MSEC_HOUR);
        world_drain_all(w);
        world_say(w, alice, "CHECK " ADDRESS);
        EQUAL_NUMBER(world_count(alice, "* :K-line *"), 0);
        world_free(w);
    }
}

static void
a_ban_on_a_nick_or_a_cloak_is_shown_once_for_a_client_that_is_on(void)
{
    begin("server { cloak = true }\nexempt \"" ADDRESS "\" { from = { \"bans\" } }");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    world_say(w, alice, "KLINE FORCE 1h bob!*@* :by nick");
    world_sayf(w, alice, "KLINE 1h *@%s :by cloak", bob->client->user.host);
    CU_ASSERT(!bob->closed);
    world_drain_all(w);
    world_say(w, alice, "CHECK bob");
    EQUAL_NUMBER(world_count(alice, "* :K-line bob!?@? *: by nick"), 1);
    EQUAL_NUMBER(world_count(alice, "* :K-line *.cloak *: by cloak"), 1);
    EQUAL_NUMBER(world_count(alice, "* :K-line *"), 2);
    world_drain(alice);
    world_say(w, alice, "CHECK " ADDRESS);
    EQUAL_NUMBER(world_count(alice, "* :K-line *"), 1);
    world_free(w);
}

static void
a_client_that_has_left_is_found(void)
{
    begin("");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    world_say(w, alice, "KLINE 1h bob :x");
    CU_ASSERT(bob->closed);
    world_drain_all(w);
    world_say(w, alice, "CHECK bob");
    EXPECT(w, alice, "* :CHECK " ADDRESS " (bob)");
    EXPECT(w, alice, "* :Left: bob!bob@" ADDRESS ", at 2026-11-22 00:00:00 UTC");
    EXPECT(w, alice, "* :Clients: none");
    AWAIT(w, alice, "* :K-line ?@" ADDRESS " *, 1 hits: x");
    world_free(w);
}

static void
the_refusal_says_how_long_the_lockout_is(void)
{
    begin("");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    for (int i = 0; i < 3; i++)
        world_say(w, bob, "OPER alice wrong");
    world_sleep(w, MSEC_MINUTE);
    world_drain_all(w);
    world_say(w, alice, "CHECK bob");
    AWAIT(w, alice, "* :OPER: locked out for 540 s");
    session_clock(w->srv, w->srv->now + 9 * MSEC_MINUTE, w->srv->wall);
    world_drain_all(w);
    world_say(w, alice, "CHECK " ADDRESS);
    AWAIT(w, alice, "* :OPER: not locked out, 0 of 3 failures");
    world_free(w);
}

static void
a_mask_lists_its_clients_and_the_bans_that_cover_it(void)
{
    static const struct {
        const char *ban, *mask;
        bool shown;
    } cases[] = {
        {"*@192.0.2.0/24", "*@192.0.2.0/24", true},
        {"*@192.0.0.0/16", "*@192.0.2.0/24", true},
        {"*@192.0.2.0/25", "*@192.0.2.0/24", false},
        {"x@192.0.2.0/24", "*@192.0.2.0/24", false},
        {"*@192.0.2.0/24", "x@192.0.2.0/24", true},
        {"*@*.example.org", "*@*.dyn.example.org", true},
        {"*@*.dyn.example.org", "*@*.example.org", false},
        {"*@?.example.org", "*@*.example.org", false},
        {"*@?.example.org", "*@?.example.org", true},
        {"*@??.example.org", "*@?.example.org", false},
        {"*@*.EXAMPLE.org", "*@*.example.ORG", true},
        {"bob!*@*.example.org", "*@*.example.org", false},
        {"*@*.example.org", "bob!*@*.example.org", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin("");
        world_sayf(w, alice, "KLINE FORCE 1h %s :x", cases[i].ban);
        EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 1);
        world_drain_all(w);
        world_sayf(w, alice, "CHECK %s", cases[i].mask);
        EQUAL_NUMBER(world_count(alice, "* :Bans covering it: 1"), cases[i].shown);
        EXPECT(w, alice, "* :CHECK *");
        EXPECT(w, alice, "* :Clients: none");
        AWAIT(w, alice, "* :End of CHECK");
        world_free(w);
    }
}

static void
long_lists_are_cut_with_a_number(void)
{
    char address[32], nick[16];
    begin("");
    for (int i = 0; i < 25; i++) {
        snprintf(address, sizeof address, "192.0.2.%d", 1 + i);
        snprintf(nick, sizeof nick, "u%d", i);
        world_user_at(w, nick, address);
    }
    for (int i = 0; i < 21; i++)
        world_sayf(w, alice, "KLINE FORCE 1h u%d@198.51.100.7 :x", i);
    world_drain_all(w);
    world_say(w, alice, "CHECK *@192.0.2.0/24");
    EQUAL_NUMBER(world_count(alice, "* :Client: *"), 20);
    AWAIT(w, alice, "* :Clients: and 5 more");
    world_drain(alice);
    world_say(w, alice, "CHECK u*!*@*");
    EQUAL_NUMBER(world_count(alice, "* :Client: *"), 20);
    AWAIT(w, alice, "* :Clients: and 5 more");
    world_drain(alice);
    world_say(w, alice, "CHECK 198.51.100.7");
    EQUAL_NUMBER(world_count(alice, "* :K-line *"), 20);
    AWAIT(w, alice, "* :Bans: and 1 more");
    world_free(w);
}

static void
an_operator_without_see_address_cannot_find_one_out(void)
{
    begin("exempt \"" ADDRESS "\" { from = { \"bans\" } }\nserver { cloak = true }");
    struct actor *warden = world_oper_as(w, "warden", "warden");
    world_user_at(w, "bob", ADDRESS);
    world_say(w, alice, "KLINE 1h " ADDRESS " :x");
    world_say(w, alice, "STRIKE bob 2 :rude");
    world_drain_all(w);
    world_say(w, warden, "CHECK bob");
    EXPECT(w, warden, "* :CHECK the host of bob");
    EXPECT(w, warden, "* :Client: bob!bob@*.cloak, since *");
    AWAIT(w, warden, "* :Strikes: 2 of 5, the last for rude, on bob, by alice");
    AWAIT(w, warden, "* :K-line on this host until *");
    AWAIT(w, warden, "* :End of CHECK");
    static const char *const asked[] = {ADDRESS, "*@192.0.2.0/24", "*@192.0.2.*",
                                        "b*!*@192.0.2.0/24"};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        world_sayf(w, warden, "CHECK %s", asked[i]);
        NEVER(w, warden, "*bob*");
        AWAIT(w, warden, "* :End of CHECK");
    }
    world_say(w, warden, "CHECK " ADDRESS);
    EXPECT(w, warden, "* :CHECK " ADDRESS);
    EXPECT(w, warden, "* :Clients: 1");
    AWAIT(w, warden, "* :Strikes: 2 of 5, the last for rude, by alice");
    AWAIT(w, warden, "* :K-line ?@" ADDRESS " until *");
    AWAIT(w, warden, "* :End of CHECK");
    world_say(w, warden, "CHECK bob!*@*.cloak");
    AWAIT(w, warden, "* :Client: bob!bob@*.cloak, since *");
    NEVER(w, warden, "*192.0.2*");
    world_free(w);
}

static void
wrong_masks_are_refused_with_an_example(void)
{
    static const struct {
        const char *name, *want;
    } cases[] = {
        {"nobody", "*CHECK refused: 'nobody' is not a nick that is or was on*"},
        {"192.0.2.0/33", "*CHECK refused: *192.0.2.0/33*Example: CHECK 192.0.2.7"},
        {"a@b@c", "*CHECK refused: *a@b@c*"},
        {"[::1]", "*CHECK refused: *[::1]*"},
    };
    begin("");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_sayf(w, alice, "CHECK %s", cases[i].name);
        EXPECT(w, alice, cases[i].want);
        EXPECT(w, alice, "* :End of CHECK");
        SILENT(w, alice);
    }
    world_say(w, alice, "CHECK");
    EXPECT(w, alice, "* 461 alice CHECK :*");
    struct actor *bob = world_user(w, "bob");
    world_say(w, bob, "CHECK alice");
    EXPECT(w, bob, "* 481 bob :*");
    world_free(w);
}

/* A network: the bans that cover it and the bans inside it. */
static void
a_network_shows_bans_that_cover_it_and_those_inside(void)
{
    static const char *const bans[] = {
        "KLINE 1h *@198.51.100.21 :x",  "KLINE 1h bad@198.51.100.46 :x",
        "DLINE 1h 198.51.100.32/28 :x", "KLINE 1h *@198.51.100.* :glob",
        "KLINE 1h *@198.51.0.0/16 :x",  "KLINE 1h *@198.51.101.1 :x",
        "KLINE 1h *@2001:db8::1 :x",    "XLINE 1h *198.51.100.7* :x",
        "KLINE 1h *@198.51.100.6? :x",  "KLINE 1h *@198.51.10?.7 :x"};
    begin("");
    for (size_t i = 0; i < sizeof bans / sizeof *bans; i++)
        world_say(w, alice, bans[i]);
    world_drain_all(w);
    world_say(w, alice, "CHECK 198.51.100.0/24");
    AWAIT(w, alice, "* :Bans covering it: 2");
    EXPECT(w, alice, "* :K-line ?@198.51.100.? until *");
    EXPECT(w, alice, "* :K-line ?@198.51.0.0/16 until *");
    EXPECT(w, alice, "* :Bans inside: 4");
    EXPECT(w, alice, "* :K-line ?@198.51.100.21 until *");
    EXPECT(w, alice, "* :K-line bad@198.51.100.46 until *");
    EXPECT(w, alice, "* :K-line ?@198.51.100.6? until *");
    EXPECT(w, alice, "* :D-line 198.51.100.32/28 until *");
    EXPECT(w, alice, "* :End of CHECK");
    world_say(w, alice, "CHECK 203.0.113.0/24");
    AWAIT(w, alice, "* :Bans covering it: none");
    EXPECT(w, alice, "* :Bans inside: none");
    for (int i = 0; i < 21; i++)
        world_sayf(w, alice, "KLINE 1h *@203.0.113.%d :x", i);
    world_drain_all(w);
    world_say(w, alice, "CHECK 203.0.113.0/24");
    AWAIT(w, alice, "* :Bans inside: 21");
    EQUAL_NUMBER(world_count(alice, "* :K-line *"), 20);
    AWAIT(w, alice, "* :Bans inside: and 1 more");
    world_free(w);
}

/* "No client is on" would be wrong: with cloaks a glob over addresses matches no shown
 * host. */
static void
a_glob_over_addresses_needs_the_right_to_see_them(void)
{
    w = world_new(
        "server { cloak = true }\n"
        "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
        "privileges = { \"check\" } }");
    struct actor *o = world_oper(w, "root");
    world_user_at(w, "bob", "192.0.2.7");
    world_drain_all(w);
    world_say(w, o, "CHECK *@192.0.2.*\r\nCHECK 192.0.2.0/24\r\nCHECK *@*.cloak");
    for (int i = 0; i < 2; i++) {
        AWAIT(w, o, "* :CHECK *");
        EXPECT(w, o, "* :Clients: listing the clients of an address needs see_address");
    }
    AWAIT(w, o, "* :CHECK ?@?.cloak");
    EXPECT(w, o, "* :Client: *");
    world_free(w);
}

/* CHECK of a nick shows the channels that WHOIS shows, with the status of the client.
 */
static void
a_nick_shows_its_channels(void)
{
    begin("");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    world_say(w, alice, "CHECK bob");
    AWAIT(w, alice, "* :Channels: none");
    world_say(w, bob, "JOIN #tea,#secret\r\nMODE #secret +s\r\nMODE #tea +v bob");
    world_drain_all(w);
    world_say(w, alice, "CHECK bob");
    AWAIT(w, alice, "* :Channels: @+#tea @#secret");
    struct actor *warden = world_user(w, "warden");
    world_say(w, warden, "OPER warden secret");
    world_drain(warden);
    world_say(w, warden, "CHECK bob");
    AWAIT(w, warden, "* :Channels: @+#tea");
    world_say(w, bob, "MODE bob +i");
    world_say(w, warden, "CHECK bob");
    AWAIT(w, warden, "* :Channels: none");
    world_say(w, alice, "CHECK " ADDRESS); /* an address has no channels */
    world_drain(warden);
    world_say(w, bob, "QUIT");
    world_drain_all(w);
    world_say(w, alice, "CHECK bob");
    NEVER(w, alice, "*Channels*");
    world_free(w);
}

SUITE(check)
{
    TEST(a_network_shows_bans_that_cover_it_and_those_inside);
    TEST(a_glob_over_addresses_needs_the_right_to_see_them);
    TEST(a_nick_shows_its_channels);
    TEST(a_nick_shows_everything_about_its_host);
    TEST(the_level_and_when_it_falls_are_shown);
    TEST(nothing_is_made_or_counted_by_looking);
    TEST(decay_is_shown_but_not_worked_out_for_good);
    TEST(which_bans_match_an_address);
    TEST(a_ban_on_a_nick_or_a_cloak_is_shown_once_for_a_client_that_is_on);
    TEST(a_client_that_has_left_is_found);
    TEST(the_refusal_says_how_long_the_lockout_is);
    TEST(a_mask_lists_its_clients_and_the_bans_that_cover_it);
    TEST(long_lists_are_cut_with_a_number);
    TEST(an_operator_without_see_address_cannot_find_one_out);
    TEST(wrong_masks_are_refused_with_an_example);
}
