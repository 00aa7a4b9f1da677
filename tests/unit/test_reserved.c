/* RESV: names that no further client may take. */
#include "policy/ban/ban.h"
#include "policy/policy.h"
#include "state/channel.h"
#include "state/record.h"
#include "world.h"

/* alice has all rights; al has none of these. */
static const char config[] =
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"all\" } }\n"
    "oper \"al\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"override\", \"unban\", \"xline\" } }\n"
    "exempt \"192.0.2.99\" { from = { \"bans\" } }\n"
    "flood { burst = 1000 nick = \"999/1s\" }\n"
    "limits { per_host = 99 connect_rate = \"99/1s\" }";

static struct actor *alice, *bob;

static struct world *
begin(void)
{
    struct world *w = world_new(config);
    alice = world_oper(w, "alice");
    bob = world_user(w, "bob");
    return w;
}

static void
a_mask_reserves_nicks_or_channels_as_it_says(void)
{
    static const struct {
        const char *mask, *name;
        bool reserved;
    } cases[] = {
        {"Guest*", "guest1", true},
        {"Guest*", "GUEST", true},
        {"Guest*", "gues", false},
        {"gues?", "guest", true},
        {"gues?", "gues", false},
        {"chanserv", "ChanServ", true},
        {"chanserv", "chanserv1", false},
        {"*warez*", "mywarez", true},
        {"*warez*", "#warez", false},
        {"?warez", "#warez", false},
        {"#warez*", "#Warez-now", true},
        {"#*warez*", "#warez", true},
        {"#warez", "#warez2", false},
        {"#*.example", "#a.example", true},
        {"*", "#warez", false},
        {"*", "any", true},
        {"#*", "any", false},
        {"#*", "#x", true},
        {"[x]\\^{|}`", "[X]\\^{|}`", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = begin();
        bool is_channel = cases[i].name[0] == '#';
        world_sayf(w, alice, "RESV FORCE 1h %s :taken", cases[i].mask);
        world_drain_all(w);
        world_sayf(w, bob, "%s %s", is_channel ? "JOIN" : "NICK", cases[i].name);
        EQUAL_NUMBER(world_count(bob, is_channel ? "* 479 bob *" : "* 432 bob *"),
                     cases[i].reserved);
        EQUAL_NUMBER(world_count(bob, is_channel ? ":bob!* JOIN *" : ":bob!* NICK *"),
                     !cases[i].reserved);
        EQUAL_NUMBER(w->srv->policy->bans->hits, cases[i].reserved);
        world_free(w);
    }
}

static void
a_refused_client_reads_why_and_until_when(void)
{
    struct world *w = begin();
    struct actor *al = world_user(w, "dan");
    world_enact(w, alice, "RESV 1h guest* :ask first|secret");
    EXPECT(w, alice,
           "* NOTICE alice :RESV guest? set until 2026-11-22 01:00:00 UTC (1h): "
           "0 clients use it and keep it, saved");
    world_enact(w, alice, "RESV #guests :ask first|secret");
    world_enact(w, bob, "NICK Guest9");
    EXPECT(w, bob,
           ":irc.localhost 432 bob Guest9 :Nickname is reserved until 2026-11-22 "
           "01:00:00 UTC (1h): ask first");
    SILENT(w, bob);
    world_enact(w, bob, "JOIN #Guests");
    EXPECT(w, bob,
           ":irc.localhost 479 bob #Guests :Cannot join channel: it is reserved for "
           "good: ask first");
    SILENT(w, bob);
    SILENT(w, al);
    CU_ASSERT(channel_find(w->srv, "#guests") == NULL);
    CONTAINS(w->logged, "event=resv by=alice mask=guest* until=");
    CONTAINS(w->logged, "event=reserved client=bob!bob@");
    world_free(w);
}

static void
operators_with_the_letter_see_attempts_but_not_without_bound(void)
{
    struct world *w = begin();
    world_say(w, alice, "MODE alice +s f");
    world_say(w, alice, "RESV 1h guest* :x");
    world_drain_all(w);
    for (int i = 0; i < 30; i++)
        world_sayf(w, bob, "NICK guest%d", i);
    EXPECT(w, alice,
           "* NOTICE alice :*Refused guest0 to bob: reserved (guest?) until *");
    CU_ASSERT(world_count(alice, "*Refused*") <= 10);
    world_free(w);
}

static void
it_holds_at_registration_too_and_another_nick_gets_in(void)
{
    struct world *w = begin();
    world_enact(w, alice, "RESV 1h guest* :taken");
    struct actor *eve = world_connect(w, "192.0.2.7");
    world_say(w, eve, "NICK guest1\r\nUSER eve 0 * :Eve");
    EXPECT(w, eve, "* 432 ? guest1 :Nickname is reserved until *: taken");
    SILENT(w, eve);
    CU_ASSERT(client_find(w->srv, "guest1") == NULL);
    world_say(w, eve, "NICK eve");
    AWAIT(w, eve, "* 001 eve *");
    world_free(w);
}

static void
a_nick_reserved_before_registration_ends_is_taken_away(void)
{
    struct world *w = begin();
    struct actor *eve = world_connect(w, "192.0.2.7");
    world_say(w, eve, "CAP LS\r\nNICK guest1\r\nUSER eve 0 * :Eve");
    world_enact(w, alice, "RESV 1h guest* :taken");
    world_say(w, eve, "CAP END");
    EXPECT(w, eve, "* 432 guest1 guest1 :Nickname is reserved *");
    SILENT(w, eve);
    CU_ASSERT(!eve->closed && client_find(w->srv, "guest1") == NULL);
    world_enact(w, alice, "UNRESV guest*");
    world_say(w, eve, "NICK guest1");
    AWAIT(w, eve, "* 001 guest1 *");
    world_free(w);
}

static void
clients_with_a_name_keep_it_and_the_setter_reads_how_many(void)
{
    struct world *w = begin();
    world_user(w, "guest1");
    struct actor *guest = world_user(w, "guest2");
    world_say(w, guest, "JOIN #warez,#warez2");
    world_say(w, bob, "JOIN #warez");
    world_enact(w, alice, "RESV 1h guest* :x");
    AWAIT(w, alice, "* :RESV guest? set *: 2 clients use it and keep it, saved");
    world_enact(w, alice, "RESV 1h guest1 :x");
    AWAIT(w, alice, "* :RESV guest1 set *: 1 client uses it and keeps it, saved");
    world_enact(w, alice, "RESV 1h #warez* :x");
    AWAIT(w, alice, "* :RESV #warez? set *: 2 clients use it and keep it, saved");
    world_enact(w, alice, "RESV 2h #WAREZ* :x");
    AWAIT(w, alice, "* :RESV #WAREZ? replaced *: 2 clients use it *, saved");
    world_enact(w, guest, "NICK GUEST2");
    EXPECT(w, guest, ":guest2!* NICK :GUEST2");
    world_enact(w, guest, "JOIN #warez");
    SILENT(w, guest);
    CU_ASSERT(channel_find(w->srv, "#warez")->nmembers == 2);
    world_enact(w, guest, "PART #warez");
    world_enact(w, guest, "JOIN #warez");
    EXPECT(w, guest, "* 479 GUEST2 #warez :*");
    world_enact(w, guest, "NICK other");
    world_enact(w, guest, "NICK guest2");
    EXPECT(w, guest, "* 432 other guest2 :*");
    world_free(w);
}

static void
holders_of_the_right_and_the_exempt_may_use_what_is_reserved(void)
{
    struct world *w = begin();
    struct actor *al = world_user(w, "al");
    struct actor *ex = world_user_at(w, "ex", "192.0.2.99");
    world_say(w, al, "OPER al secret");
    world_enact(w, alice, "RESV FORCE 1h guest* :x");
    world_enact(w, alice, "RESV FORCE 1h #warez :x");
    world_enact(w, al, "NICK guest1");
    EXPECT(w, al, "* 432 al guest1 *");
    world_enact(w, al, "JOIN #warez");
    EXPECT(w, al, "* 479 al #warez *");
    world_enact(w, alice, "NICK guest1");
    AWAIT(w, alice, "* NICK :guest1");
    world_enact(w, alice, "JOIN #warez");
    AWAIT(w, alice, "* JOIN :#warez");
    world_enact(w, ex, "NICK guest2");
    EXPECT(w, ex, "* NICK :guest2");
    world_enact(w, ex, "JOIN #warez");
    EXPECT(w, ex, "* JOIN :#warez");
    world_free(w);
}

static void
sajoin_and_only_sajoin_goes_round_it(void)
{
    struct world *w = begin();
    world_enact(w, alice, "RESV 1h #warez* :x");
    world_enact(w, alice, "SAJOIN bob #warez");
    EXPECT(w, bob, "* JOIN :#warez");
    world_say(w, bob, "JOIN #tea");
    world_enact(w, bob, "RENAME #tea #warez2");
    EXPECT(w, bob,
           "* FAIL RENAME CANNOT_RENAME #tea #warez2 :*The channel name is reserved "
           "until *: x");
    SILENT(w, bob);
    CU_ASSERT(channel_find(w->srv, "#warez2") == NULL);
    world_enact(w, bob, "RENAME #warez #WAREZ");
    CU_ASSERT(strcmp(channel_find(w->srv, "#warez")->name, "#WAREZ") == 0);
    struct actor *eve = world_user(w, "eve");
    world_enact(w, bob, "INVITE eve #warez");
    world_enact(w, eve, "JOIN #warez");
    EXPECT(w, eve, "* 479 eve #warez *");
    world_enact(w, bob, "MODE #tea +f #warez");
    world_enact(w, bob, "MODE #tea +i");
    world_enact(w, eve, "JOIN #tea");
    EXPECT(w, eve, "* 473 eve #tea *");
    SILENT(w, eve);
    world_free(w);
}

static void
odd_masks_are_refused_with_an_example(void)
{
    static const char *const masks[] = {
        "#",    "#a,b",
        "&x",   "a!b@c",
        "1abc", "-x",
        "a b",  "9*x",
        "a.b",  "a#b",
        ":x",   "#a\x07",
        "a@*",  "abcdefghijabcdefghijabcdefghijk",
    };
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        struct world *w = begin();
        char line[200];
        snprintf(line, sizeof line, "RESV 1h :%s", masks[i]);
        world_enact(w, alice, line);
        EXPECT(w, alice,
               "* NOTICE alice :RESV refused: \"*\" can be no nick and no channel: "
               "expected *. Example: RESV 1d #warez? :not here");
        SILENT(w, alice);
        CU_ASSERT(w->srv->policy->bans == NULL);
        world_free(w);
    }
    struct world *w = begin();
    world_enact(w, alice, "RESV 1h abcdefghijabcdefghijabcdefghij :x");
    AWAIT(w, alice, "* :RESV abcdefghijabcdefghijabcdefghij set *, saved");
    world_free(w);
}

static void
too_broad_is_judged_in_nicks_and_channels(void)
{
    static const struct {
        const char *mask, *why; /* NULL: not too broad */
    } cases[] = {
        {"abc*", "fewer than 4"},
        {"abcd*", NULL},
        {"bo", NULL}, /* means one nick */
        {"#x", NULL},
        {"#abc*", "fewer than 4"},
        {"#\xd0\xbf\xd1\x80\xd0\xbe\xd0\xb4*", NULL},
        {"#\xd0\xbf\xd1\x80\xd0\xbe*", "fewer than 4"},
        {"*", "fewer than 4"},
        {"ALICE", "your own nick"},
        {"#opers", "a channel you are on"},
        {"user?", "covers 4 of 6 nicks"},
        {"#chan?", "covers 4 of 5 channels"},
        {"#cha[n]*", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char nick[8];
        struct world *w = begin();
        for (int n = 0; n < 4; n++) {
            snprintf(nick, sizeof nick, "user%d", n);
            struct actor *user = world_user(w, nick);
            world_sayf(w, user, "JOIN #chan%d", n);
        }
        world_say(w, alice, "JOIN #opers");
        world_drain_all(w);
        world_sayf(w, alice, "RESV 1h %s :x", cases[i].mask);
        world_store_news(w);
        EQUAL_NUMBER(
            world_count(alice, "* :RESV refused: *covers *FORCE*") +
                world_count(alice, "* :RESV refused: * is too broad: it has *FORCE*"),
            cases[i].why != NULL);
        if (cases[i].why)
            CONTAINS(alice->inbox, cases[i].why);
        EQUAL_NUMBER(w->srv->policy->n_bans[BAN_RESV], cases[i].why == NULL);
        world_drain(alice);
        world_sayf(w, alice, "RESV FORCE 1h %s :x", cases[i].mask);
        EQUAL_NUMBER(w->srv->policy->n_bans[BAN_RESV], 1);
        world_free(w);
    }
}

/* Exactly half is not more than half, and three are not more than three. */
static void
half_of_the_channels_may_be_reserved(void)
{
    static const struct {
        int covered, others;
        bool broad;
    } cases[] = {{3, 0, false}, {4, 4, false}, {4, 3, true}, {5, 5, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = begin();
        for (int n = 0; n < cases[i].covered + cases[i].others; n++)
            world_sayf(w, bob, "JOIN #%s%d", n < cases[i].covered ? "warez" : "tea", n);
        world_enact(w, alice, "RESV 1h #warez* :x");
        EQUAL_NUMBER(w->srv->policy->n_bans[BAN_RESV], !cases[i].broad);
        world_free(w);
    }
}

static void
it_ends_on_the_millisecond_and_survives_a_restart(void)
{
    struct world *w = begin();
    world_enact(w, alice, "RESV 10m Guest* :why|secret");
    world_enact(w, alice, "RESV #warez :for good");
    world_restart(w, config);
    CU_ASSERT_FATAL(ban_find(w->srv, BAN_RESV, "guest*") != NULL);
    EQUAL_TEXT(ban_find(w->srv, BAN_RESV, "guest*")->oper_reason, "secret");
    EQUAL_TEXT(ban_find(w->srv, BAN_RESV, "guest*")->setter, "alice");
    CU_ASSERT(ban_find(w->srv, BAN_KLINE, "guest*") == NULL);
    bob = world_user(w, "bob");
    world_enact(w, bob, "JOIN #warez");
    EXPECT(w, bob, "* 479 *");
    world_set_wall(w, WORLD_WALL + 10 * MSEC_MINUTE - 1);
    world_enact(w, bob, "NICK guest");
    EXPECT(w, bob, "* 432 *");
    world_set_wall(w, WORLD_WALL + 10 * MSEC_MINUTE);
    world_enact(w, bob, "NICK guest");
    EXPECT(w, bob, "* NICK :guest");
    world_free(w);
}

static int
count_refused(const struct world *w)
{
    int n = 0;
    for (const char *at = w->logged; (at = strstr(at, "event=record-refused")); at++)
        n++;
    return n;
}

static void
a_record_of_an_unknown_kind_is_refused_and_loses_nothing_else(void)
{
    struct world *w = begin();
    world_enact(w, alice, "RESV 1h guest* :x");
    world_enact(w, alice, "KLINE 1h 192.0.2.7 :x");
    struct record r;
    record_begin(&r, BAN_RECORD);
    record_add_text(&r, "Z");
    record_add_text(&r, "from a later version");
    record_seal(&r);
    store_put(w->store, "BZ", 2, r.bytes, r.len);
    for (int i = 0; i < 2; i++) { /* the refusal does not remove it */
        world_restart(w, config);
        EQUAL_NUMBER(count_refused(w), i + 1);
    }
    CU_ASSERT(ban_find(w->srv, BAN_RESV, "guest*") != NULL);
    CU_ASSERT(ban_find(w->srv, BAN_KLINE, "*@192.0.2.7") != NULL);
    EQUAL_NUMBER(HASH_COUNT(w->srv->policy->bans), 2);
    world_free(w);
}

/* A mask with an address beside a nick is only for operators that may see addresses. */
static void
a_refused_nick_shows_no_address_to_operators_without_see_address(void)
{
    struct world *w = world_new(
        "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
        "privileges = { \"all\" } }\n"
        "oper \"spy\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
        "privileges = { \"spy\", \"check\" } }\n");
    struct actor *root = world_oper(w, "root"), *spy = world_user(w, "spy");
    bob = world_user_at(w, "bob", "192.0.2.55");
    world_say(w, spy, "OPER spy secret");
    world_say(w, root, "KLINE 1h bad*!*@192.0.2.55 :x");
    world_drain_all(w);
    world_say(w, bob, "NICK badguy");
    EXPECT(w, root, "*Refused badguy to bob: banned (bad?!?@192.0.2.55) *");
    EXPECT(w, spy, "*Refused badguy to bob: banned (on a host) *");
    world_free(w);
}

SUITE(reserved)
{
    TEST(a_refused_nick_shows_no_address_to_operators_without_see_address);
    TEST(a_mask_reserves_nicks_or_channels_as_it_says);
    TEST(a_refused_client_reads_why_and_until_when);
    TEST(operators_with_the_letter_see_attempts_but_not_without_bound);
    TEST(it_holds_at_registration_too_and_another_nick_gets_in);
    TEST(a_nick_reserved_before_registration_ends_is_taken_away);
    TEST(clients_with_a_name_keep_it_and_the_setter_reads_how_many);
    TEST(holders_of_the_right_and_the_exempt_may_use_what_is_reserved);
    TEST(sajoin_and_only_sajoin_goes_round_it);
    TEST(odd_masks_are_refused_with_an_example);
    TEST(too_broad_is_judged_in_nicks_and_channels);
    TEST(half_of_the_channels_may_be_reserved);
    TEST(it_ends_on_the_millisecond_and_survives_a_restart);
    TEST(a_record_of_an_unknown_kind_is_refused_and_loses_nothing_else);
}
