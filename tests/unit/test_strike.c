/* STRIKE and PARDON: given, told, saved, refused with a reason, and taken back. */
#include "enact/strike.h"
#include "policy/ban/ban.h"
#include "policy/host.h"
#include "state/store_ram.h"
#include "world.h"

#define ADDRESS "192.0.2.7"
/* An operator that may strike and look, but sees no address. */
#define WARDEN                                                                         \
    "oper \"warden\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "           \
    "privileges = { \"strike\", \"check\", \"spy\" } }\n"

static struct world *w;
static struct actor *alice;

static void
begin(const char *more)
{
    char config[1024];
    snprintf(config, sizeof config, "%s%s%s", world_alice, WARDEN, more);
    w = world_new(config);
    alice = world_oper(w, "alice");
}

static void
strikes_of_an_operator_are_told_stored_and_acknowledged(void)
{
    begin("");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    struct actor *eve = world_user_at(w, "eve", ADDRESS);
    world_say(w, alice, "STRIKE bob 3 :advertising his shop");
    EXPECT(
        w, bob,
        ":irc.localhost NOTICE bob :Strike 3 of 5: advertising his shop (given by an "
        "operator). At 5 your address is banned for 10 minutes.");
    SILENT(w, eve);
    SILENT(w, alice);
    world_store_news(w);
    EXPECT(w, alice,
           ":irc.localhost NOTICE alice :STRIKE " ADDRESS
           " (bob): 3 of 5 strikes, saved");
    world_restart(w, NULL);
    EQUAL_NUMBER(world_host(w, ADDRESS)->strikes, 3);
    EQUAL_TEXT(world_host(w, ADDRESS)->cause, "oper");
    EQUAL_TEXT(world_host(w, ADDRESS)->nick, "bob");
    EQUAL_TEXT(world_host(w, ADDRESS)->by, "alice");
    EQUAL_TEXT(world_host(w, ADDRESS)->note, "advertising his shop");
    EQUAL_TEXT(strike_words(world_host(w, ADDRESS)), "advertising his shop");
    world_free(w);
}

static void
a_strike_by_the_server_forgets_the_operators_words(void)
{
    begin("");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    world_say(w, alice, "STRIKE bob 1 :rude");
    enact_strike(w->srv, bob->client, STRIKE_FLOOD);
    CU_ASSERT(world_host(w, ADDRESS)->note == NULL);
    EQUAL_TEXT(strike_words(world_host(w, ADDRESS)), "messages sent too fast");
    EQUAL_TEXT(world_host(w, ADDRESS)->by, "server");
    world_free(w);
}

static void
a_host_may_be_named_in_each_form(void)
{
    static const struct {
        const char *name, *address;
        const char *prefix;
    } cases[] = {
        {ADDRESS, ADDRESS, ADDRESS},
        {ADDRESS "/32", ADDRESS, ADDRESS},
        {"*@" ADDRESS, ADDRESS, ADDRESS},
        {"*@::ffff:" ADDRESS, ADDRESS, ADDRESS},
        {"2001:db8::1", "2001:db8::5", "2001:db8::/64"},
        {"2001:db8::/64", "2001:db8::5", "2001:db8::/64"},
        {"*@2001:db8::/64", "2001:db8::5", "2001:db8::/64"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[200];
        begin("");
        struct actor *bob = world_user_at(w, "bob", cases[i].address);
        struct actor *eve = world_user_at(w, "eve", cases[i].address);
        struct actor *sue = world_user(w, "sue");
        world_sayf(w, alice, "STRIKE %s 2", cases[i].name);
        EXPECT(w, bob, "* :Strike 2 of 5: given by an operator. At 5 your address *");
        EXPECT(w, eve, "* :Strike 2 of 5: given by an operator. At 5 your address *");
        SILENT(w, sue);
        EQUAL_NUMBER(world_host(w, cases[i].address)->strikes, 2);
        world_store_news(w);
        snprintf(want, sizeof want, "* :STRIKE %s: 2 of 5 strikes, saved",
                 cases[i].prefix);
        AWAIT(w, alice, want);
        world_free(w);
    }
}

static void
a_client_that_has_left_is_found_and_so_is_a_host_never_seen(void)
{
    begin("");
    world_close(w, world_user_at(w, "bob", ADDRESS));
    world_say(w, alice, "STRIKE bob 2 :left in time");
    EQUAL_NUMBER(world_host(w, ADDRESS)->strikes, 2);
    EQUAL_TEXT(world_host(w, ADDRESS)->nick, "bob");
    CU_ASSERT(world_host(w, "203.0.113.1") == NULL);
    world_say(w, alice, "STRIKE 203.0.113.1 1");
    EQUAL_NUMBER(world_host(w, "203.0.113.1")->strikes, 1);
    world_free(w);
}

static void
at_the_limit_the_host_climbs_the_ladder_as_any_other(void)
{
    begin("");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    world_say(w, alice, "STRIKE bob 4");
    CU_ASSERT(!bob->closed);
    world_drain_all(w);
    world_say(w, alice, "STRIKE bob 1 :enough");
    AWAIT(
        w, bob,
        "ERROR :Closing Link: " ADDRESS
        " (You are banned (K-line) until 2026-11-22 00:10:00 UTC (10m): 5 strikes, the "
        "last for enough)");
    world_store_news(w);
    AWAIT(
        w, alice,
        "* :STRIKE " ADDRESS
        " (bob): 5 of 5 strikes, banned until 2026-11-22 00:10:00 UTC (10m): removed 1 "
        "client, saved");
    EQUAL_NUMBER(world_host(w, ADDRESS)->level, 1);
    EQUAL_NUMBER(world_host(w, ADDRESS)->strikes, 0);
    world_leap(w, 10 * MSEC_MINUTE);
    bob = world_user_at(w, "bob", ADDRESS);
    CU_ASSERT(!bob->closed);
    world_say(w, alice, "STRIKE bob 1000");
    AWAIT(w, bob, "* :Strike 5 of 5: * At 5 your address is banned for 1 hour.");
    CU_ASSERT(bob->closed);
    EQUAL_NUMBER(world_host(w, ADDRESS)->level, 2);
    world_free(w);
}

static void
a_longer_ban_that_is_there_is_kept_and_said(void)
{
    begin("");
    world_say(w, alice, "KLINE 1d " ADDRESS " :by hand");
    world_store_news(w);
    world_drain_all(w);
    world_say(w, alice, "STRIKE " ADDRESS " 5");
    world_store_news(w);
    AWAIT(w, alice,
          "* :STRIKE " ADDRESS ": 5 of 5 strikes, a longer ban is there already, until "
          "2026-11-23 00:00:00 UTC "
          "(1d): removed 0 clients, saved");
    EQUAL_TEXT(ban_find(w->srv, BAN_KLINE, "*@" ADDRESS)->reason, "by hand");
    world_free(w);
}

static void
a_gateway_loses_the_client_that_is_named(void)
{
    begin("class \"gate\" { match = { \"192.0.2.0/24\" } strikes = \"disconnect\" }");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    struct actor *eve = world_user_at(w, "eve", ADDRESS);
    world_say(w, alice, "STRIKE " ADDRESS " 5");
    EXPECT(
        w, alice,
        "* :STRIKE refused: " ADDRESS
        " has the class 'gate', in which strikes disconnect single clients (strikes = "
        "\"disconnect\"): name the nick of a client that is on");
    EQUAL_NUMBER(world_host(w, ADDRESS)->strikes, 0);
    world_say(w, alice, "STRIKE bob 4");
    AWAIT(w, bob, "* :Strike 4 of 5: given by an operator. At 5 you are disconnected.");
    world_say(w, alice, "STRIKE bob 1");
    CU_ASSERT(bob->closed && !eve->closed);
    world_store_news(w);
    AWAIT(w, alice,
          "* :STRIKE " ADDRESS " (bob): 5 of 5 strikes, the address is not banned "
          "(strikes = \"disconnect\"): bob "
          "is disconnected, saved");
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 0);
    world_free(w);
}

static void
beside_an_operator_the_address_is_spared_and_that_is_said(void)
{
    begin("");
    struct actor *ann = world_user_at(w, "ann", ADDRESS);
    world_say(w, ann, "OPER alice secret");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    world_drain_all(w);
    world_say(w, alice, "STRIKE " ADDRESS " 5 :all of you");
    AWAIT(w, alice,
          "* :STRIKE " ADDRESS
          ": 5 of 5 strikes, the address is not banned (an operator "
          "is on from it), nothing to save");
    CU_ASSERT(!bob->closed && !ann->closed);
    world_say(w, alice, "STRIKE ann 5");
    AWAIT(w, alice, "* :STRIKE * is on from it), nothing to save");
    CU_ASSERT(!bob->closed && !ann->closed);
    world_say(w, alice, "STRIKE bob 5");
    AWAIT(w, alice, "* is on from it): bob is disconnected, nothing to save");
    CU_ASSERT(bob->closed && !ann->closed);
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 0);
    world_free(w);
}

static void
the_exempt_are_refused_in_words(void)
{
    begin("exempt \"192.0.2.0/24\" { from = { \"strikes\" } }");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    static const char *const names[] = {"bob", ADDRESS};
    for (size_t i = 0; i < 2; i++) {
        world_sayf(w, alice, "STRIKE %s 5", names[i]);
        EXPECT(w, alice,
               "* :STRIKE refused: " ADDRESS
               "* is exempt from strikes by the configuration");
    }
    SILENT(w, bob);
    EQUAL_NUMBER(world_host(w, ADDRESS)->strikes, 0);
    world_say(w, alice, "STRIKE 192.0.3.7 1");
    EQUAL_NUMBER(world_host(w, "192.0.3.7")->strikes, 1);
    world_free(w);
}

static void
wrong_forms_are_answered_with_the_right_one(void)
{
    static const struct {
        const char *line, *want;
    } cases[] = {
        {"STRIKE bob", "* 461 alice STRIKE :*"},
        {"STRIKE bob 0",
         "*STRIKE refused: '0' is not a number of strikes (expected 1 to "
         "1000). Example: STRIKE bob 2 :advertising"},
        {"STRIKE bob 1001", "*'1001' is not a number of strikes (expected 1 to 1000)*"},
        {"STRIKE bob -1", "*'-1' is not a number*"},
        {"STRIKE bob 1x", "*'1x' is not a number*"},
        {"STRIKE bob 99999999999999999999", "*'99999999999999999999' is not a number*"},
        {"STRIKE bob 1 rude words", "*a cause of several words needs ':' before it*"},
        {"STRIKE nobody 1", "*STRIKE refused: 'nobody' is not a nick that is or was on "
                            "(expected a nick, an address or the CIDR of a host)*"},
        {"STRIKE 192.0.2.0/24 1",
         "*'192.0.2.0/24' is more than one host (a host is a /32 "
         "here)*Example: STRIKE bob 2 :advertising"},
        {"STRIKE 2001:db8::/63 1", "*is more than one host (a host is a /64 here)*"},
        {"STRIKE 01.2.3.4 1", "*STRIKE refused: *01.2.3.4*Example: *"},
        {"STRIKE *@192.0.2.* 1", "*STRIKE refused: *192.0.2.**"},
        {"PARDON", "* 461 alice PARDON :*"},
        {"PARDON nobody",
         "*PARDON refused: 'nobody' is not a nick*Example: PARDON bob"},
        {"PARDON 192.0.2.0/24",
         "*PARDON refused: '192.0.2.0/24' is more than one host*"},
    };
    begin("flood { burst = 1000 }");
    world_user_at(w, "bob", ADDRESS);
    size_t hosts = w->srv->policy->n_hosts;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, alice, cases[i].line);
        EXPECT(w, alice, cases[i].want);
        SILENT(w, alice);
        EQUAL_NUMBER(world_host(w, ADDRESS)->strikes, 0);
        EQUAL_NUMBER(w->srv->policy->n_hosts, hosts);
    }
    world_say(w, alice, "STRIKE bob 1");
    EQUAL_NUMBER(world_host(w, ADDRESS)->strikes, 1);
    world_free(w);
}

static void
a_long_cause_is_cut_at_a_character(void)
{
    char line[400];
    int n = snprintf(line, sizeof line, "STRIKE bob 1 :x");
    begin("");
    world_user_at(w, "bob", ADDRESS);
    for (int i = 0; i < 100; i++)
        n += snprintf(line + n, sizeof line - (size_t)n, "é");
    world_say(w, alice, line);
    EQUAL_NUMBER(strlen(world_host(w, ADDRESS)->note), HOST_NOTE - 2);
    world_free(w);
}

static void
it_needs_the_privilege_strike(void)
{
    begin("oper \"watch\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
          "privileges = { \"check\" } }");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    world_say(w, bob, "STRIKE alice 1");
    EXPECT(w, bob, "* 481 bob :*");
    world_say(w, bob, "OPER watch secret");
    world_drain(bob);
    world_say(w, bob, "STRIKE alice 1");
    EXPECT(w, bob, "* 481 bob :*strike*");
    world_say(w, bob, "PARDON alice");
    EXPECT(w, bob, "* 481 bob :*strike*");
    world_free(w);
}

static void
an_operator_without_see_address_learns_none(void)
{
    begin("");
    struct actor *warden = world_oper_as(w, "warden", "warden");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    world_say(w, warden, "STRIKE bob 4 :spam");
    world_store_news(w);
    AWAIT(w, alice, "* Strike 4 of 5 for " ADDRESS " (bob): spam (given by warden)");
    EXPECT(w, warden, "* :STRIKE the host of bob: 4 of 5 strikes, saved");
    world_say(w, alice, "KLINE 1d " ADDRESS);
    CU_ASSERT(bob->closed);
    world_store_news(w);
    world_drain_all(w);
    world_say(w, warden, "PARDON bob");
    world_store_news(w);
    EXPECT(
        w, warden,
        "* :PARDON: the K-line on that host by alice remains, until *; UNKLINE lifts "
        "it");
    AWAIT(w, alice, "* warden pardoned " ADDRESS);
    EXPECT(
        w, warden,
        "* :PARDON the host of bob: cleared 4 strikes, offence level 0 and 0 automatic "
        "bans, saved");
    world_free(w);
}

static void
a_pardon_clears_strikes_level_and_automatic_bans(void)
{
    begin("");
    world_say(w, alice, "STRIKE " ADDRESS " 5");
    world_say(w, alice, "STRIKE " ADDRESS " 3");
    CU_ASSERT(world_user_at(w, "bob", ADDRESS)->closed);
    world_store_news(w);
    world_drain_all(w);
    world_say(w, alice, "PARDON " ADDRESS);
    SILENT(w, alice);
    world_store_news(w);
    EXPECT(w, alice,
           "* :PARDON " ADDRESS
           ": cleared 3 strikes, offence level 1 and 1 automatic ban (K-line ?@" ADDRESS
           "), saved");
    SILENT(w, alice);
    CU_ASSERT(!world_user_at(w, "bob", ADDRESS)->closed);
    world_restart(w, NULL);
    CU_ASSERT(world_host(w, ADDRESS) == NULL);
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 0);
    world_free(w);
}

static void
a_pardon_names_the_bans_by_hand_and_leaves_them(void)
{
    begin("");
    world_say(w, alice, "KLINE 1d *@192.0.2.0/24 :network");
    world_say(w, alice, "DLINE 2d " ADDRESS " :proxy");
    world_say(w, alice, "KLINE 1d *@192.0.3.0/24 :elsewhere");
    world_say(w, alice, "STRIKE " ADDRESS " 1");
    world_store_news(w);
    world_drain_all(w);
    world_say(w, alice, "PARDON " ADDRESS);
    EXPECT(w, alice,
           "* :PARDON: the K-line ?@192.0.2.0/24 by alice remains, until 2026-11-23 "
           "00:00:00 UTC (1d); UNKLINE lifts it");
    EXPECT(w, alice,
           "* :PARDON: the D-line " ADDRESS " by alice remains, *; UNDLINE *");
    world_store_news(w);
    AWAIT(w, alice, "* cleared 1 strike, offence level 0 and 0 automatic bans, saved");
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 2);
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_DLINE], 1);
    world_say(w, alice, "PARDON " ADDRESS);
    AWAIT(
        w, alice,
        "* :PARDON " ADDRESS
        ": it has no strikes, no offence level, no automatic ban and no failed OPERs");
    world_free(w);
}

static void
a_pardon_lifts_automatic_bans_of_a_host_with_another_prefix(void)
{
    begin("limits { host_prefix_v4 = 24 }");
    world_say(w, alice, "STRIKE " ADDRESS " 5");
    CU_ASSERT(ban_find(w->srv, BAN_KLINE, "*@192.0.2.0/24") != NULL);
    world_restart(w, world_alice);
    alice = world_oper(w, "alice");
    world_say(w, alice, "PARDON 192.0.2.99");
    world_store_news(w);
    AWAIT(w, alice, "* and 1 automatic ban (K-line ?@192.0.2.0/24), saved");
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 0);
    world_free(w);
}

static void
not_saved_is_said_of_strikes_and_pardons_too(void)
{
    static const char *const lines[] = {"STRIKE " ADDRESS " 2", "PARDON " ADDRESS};
    begin("");
    for (size_t i = 0; i < 2; i++) {
        store_ram_fail(w->store, "No space left on device");
        world_say(w, alice, lines[i]);
        world_drain(alice);
        world_store_news(w);
        EXPECT(w, alice, "*, NOT saved: No space left on device");
        store_ram_fail(w->store, NULL);
        world_store_news(w);
        EXPECT(w, alice, "*, saved");
        SILENT(w, alice);
    }
    world_free(w);
}

static void
a_label_holds_the_whole_answer(void)
{
    begin("");
    world_say(w, alice, "CAP REQ :batch labeled-response");
    world_say(w, alice, "MODE alice -s");
    world_say(w, alice, "KLINE 1d " ADDRESS " :by hand");
    world_say(w, alice, "STRIKE " ADDRESS " 1");
    world_store_news(w);
    world_drain_all(w);
    world_say(w, alice, "@label=p PARDON " ADDRESS);
    world_store_news(w);
    EXPECT(w, alice, "@label=p :irc.localhost BATCH +* labeled-response");
    EXPECT(w, alice, "@batch=* :PARDON: the K-line * remains, *");
    EXPECT(w, alice, "@batch=* :PARDON " ADDRESS ": cleared 1 strike, *, saved");
    EXPECT(w, alice, ":irc.localhost BATCH -*");
    SILENT(w, alice);
    world_free(w);
}

SUITE(strike)
{
    TEST(a_label_holds_the_whole_answer);
    TEST(strikes_of_an_operator_are_told_stored_and_acknowledged);
    TEST(a_strike_by_the_server_forgets_the_operators_words);
    TEST(a_host_may_be_named_in_each_form);
    TEST(a_client_that_has_left_is_found_and_so_is_a_host_never_seen);
    TEST(at_the_limit_the_host_climbs_the_ladder_as_any_other);
    TEST(a_longer_ban_that_is_there_is_kept_and_said);
    TEST(a_gateway_loses_the_client_that_is_named);
    TEST(beside_an_operator_the_address_is_spared_and_that_is_said);
    TEST(the_exempt_are_refused_in_words);
    TEST(wrong_forms_are_answered_with_the_right_one);
    TEST(a_long_cause_is_cut_at_a_character);
    TEST(it_needs_the_privilege_strike);
    TEST(an_operator_without_see_address_learns_none);
    TEST(a_pardon_clears_strikes_level_and_automatic_bans);
    TEST(a_pardon_names_the_bans_by_hand_and_leaves_them);
    TEST(a_pardon_lifts_automatic_bans_of_a_host_with_another_prefix);
    TEST(not_saved_is_said_of_strikes_and_pardons_too);
}
