/* X-lines: clients with such a real name cannot register. */
#include "policy/ban/ban.h"
#include "policy/client_policy.h"
#include "policy/policy.h"
#include "world.h"

#define LONGEST (MASK_TEXT - 3) /* bytes of a mask: longer than any real name */
_Static_assert(LONGEST > NAME_REAL_MAX, "any real name can be written out");

static struct actor *alice;

static struct actor *
connect_as(struct world *w, const char *nick, const char *real)
{
    struct actor *a = world_connect(w, "192.0.2.7");
    world_sayf(w, a, "NICK %s\r\nUSER %s 0 * :%s", nick, nick, real);
    return a;
}

static void
a_blank_is_written_as_a_word_of_its_own_or_matched_by_a_wildcard(void)
{
    static const struct {
        const char *mask, *listed, *real;
        bool matches;
    } cases[] = {
        {"*free\\smoney*", "*free\\smoney*", "get FREE money now", true},
        {"*free\\smoney*", "*free\\smoney*", "free-money", false},
        {"*free\\smoney*", "*free\\smoney*", "free\\smoney", false},
        {"*free?money*", "*free?money*", "free money", true},
        {":*free money*", "*free\\smoney*", "free money", true},
        {"back\\\\slash", "back\\\\slash", "back\\slash", true},
        {"back\\\\slash", "back\\\\slash", "back\\\\slash", false},
        {"exactly", "exactly", "EXACTLY", true},
        {"exactly", "exactly", "exactly so", false},
        {"*.example", "*.example", "www.example", true},
        {"*.example", "*.example", "example", false},
        {"a!b@c/99", "a!b@c/99", "a!b@c/99", true},
        {"192.0.2.0/24", "192.0.2.0/24", "192.0.2.0/24", true},
        {"192.0.2.0/24", "192.0.2.0/24", "192.0.2.1", false},
        {"*\xd0\xb4\xd0\xb5\xd0\xbd\xd1\x8c\xd0\xb3\xd0\xb8*",
         "*\xd0\xb4\xd0\xb5\xd0\xbd\xd1\x8c\xd0\xb3\xd0\xb8*",
         "\xd0\xb4\xd0\xb5\xd0\xbd\xd1\x8c\xd0\xb3\xd0\xb8!", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_with_oper(world_easy, &alice);
        world_sayf(w, alice, "XLINE FORCE %s%s", cases[i].mask[0] == ':' ? "" : "1h ",
                   cases[i].mask);
        CU_ASSERT_FATAL(w->srv->policy->bans != NULL);
        EQUAL_TEXT(w->srv->policy->bans->mask.text, cases[i].listed);
        EQUAL_NUMBER(connect_as(w, "bob", cases[i].real)->closed, cases[i].matches);
        EQUAL_NUMBER(w->srv->policy->bans->hits, cases[i].matches);
        world_sayf(w, alice, "UNXLINE %s", cases[i].listed);
        CU_ASSERT(w->srv->policy->bans == NULL);
        world_free(w);
    }
}

static void
it_is_judged_at_registration_and_says_why(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    world_enact(w, alice, "XLINE 1h *free\\smoney* :no spam|seen before");
    AWAIT(w, alice,
          "* NOTICE alice :X-line ?free\\smoney? set until 2026-11-22 01:00:00 UTC "
          "(1h): 0 clients match and stay, saved");
    struct actor *bob = connect_as(w, "bob", "free money");
    EXPECT(w, bob,
           ":irc.localhost 465 bob :You are banned (X-line) until 2026-11-22 01:00:00 "
           "UTC (1h): no spam");
    EXPECT(w, bob, "ERROR :Closing Link: * (You are banned (X-line) until *: no spam)");
    CU_ASSERT(bob->closed);
    CONTAINS(w->logged, "event=xline by=alice mask=");
    world_enact(w, alice, "UNXLINE :*FREE MONEY*");
    AWAIT(w, alice, "* NOTICE alice :X-line ?free\\smoney? removed, saved");
    CU_ASSERT(!connect_as(w, "bob", "free money")->closed);
    world_free(w);
}

static void
a_client_that_is_on_stays_but_cannot_take_such_a_name(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    struct actor *bob = connect_as(w, "bob", "Free Money");
    struct actor *eve = connect_as(w, "eve", "Eve");
    world_enact(w, alice, "XLINE 1h free\\smoney :x");
    AWAIT(w, alice, "* :X-line free\\smoney set *: 1 client matches and stays, saved");
    CU_ASSERT(!bob->closed);
    world_enact(w, eve, "SETNAME :free money");
    EXPECT(w, eve,
           "* FAIL SETNAME CANNOT_CHANGE_REALNAME :*That real name is banned (X-line) "
           "until 2026-11-22 01:00:00 "
           "UTC (1h): x");
    SILENT(w, eve);
    EQUAL_TEXT(eve->client->user.realname, "Eve");
    EQUAL_NUMBER(w->srv->policy->bans->hits, 1);
    world_enact(w, eve, "SETNAME :free money?");
    EQUAL_TEXT(eve->client->user.realname, "free money?");
    world_set_wall(w, WORLD_WALL + MSEC_HOUR - 1);
    world_enact(w, eve, "SETNAME :free money");
    EQUAL_TEXT(eve->client->user.realname, "free money?");
    world_set_wall(w, WORLD_WALL + MSEC_HOUR);
    world_enact(w, eve, "SETNAME :free money");
    EQUAL_TEXT(eve->client->user.realname, "free money");
    world_free(w);
}

static void
the_exempt_are_exempt(void)
{
    struct world *w = world_new("oper \"alice\" { password = \"$argon2id$secret\" "
                                "hosts = { \"*@*\" } privileges = { \"all\" } }\n"
                                "exempt \"192.0.2.7\" { from = { \"bans\" } }");
    alice = world_oper(w, "alice");
    world_enact(w, alice, "XLINE 1h *money* :x");
    struct actor *bob = connect_as(w, "bob", "money");
    CU_ASSERT(!bob->closed);
    world_enact(w, bob, "SETNAME :more money");
    EQUAL_TEXT(bob->client->user.realname, "more money");
    world_free(w);
}

static void
odd_masks_are_refused_and_the_right_form_is_shown(void)
{
    char longest[LONGEST + 2];
    static const struct {
        const char *line, *why;
    } cases[] = {
        {"XLINE 1h :", "is empty"},
        {"XLINE 1h ::)xxxx", "begins with a colon"},
        {"XLINE 1h *free\\money*", "before neither s nor"},
        {"XLINE 1h *free\\", "before neither s nor"},
        {"XLINE 1h *free\x02money*", "control character"},
        {"XLINE 1h *free money* :spam", "a blank in the mask is written \\s"},
        {"XLINE *free money* :spam", "a blank in the mask is written \\s"},
        {"XLINE 1h free more money :spam", "a blank in the mask is written \\s"},
    };
    struct world *w = world_with_oper(world_easy, &alice);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_enact(w, alice, cases[i].line);
        CONTAINS(alice->inbox, cases[i].why);
        EXPECT(w, alice,
               "* NOTICE alice :XLINE refused: *Example: XLINE 1d ?free\\smoney? *");
        SILENT(w, alice);
        CU_ASSERT(w->srv->policy->bans == NULL);
    }
    for (size_t n = LONGEST; n <= LONGEST + 1; n++) {
        memset(longest, 'a', n);
        longest[n] = '\0';
        world_drain_all(w);
        world_sayf(w, alice, "XLINE 1h %s :x", longest);
        EQUAL_NUMBER(world_count(alice, "*is too long*"), n > LONGEST);
        EQUAL_NUMBER(w->srv->policy->n_bans[BAN_XLINE], n <= LONGEST);
        world_sayf(w, alice, "UNXLINE %s", longest);
    }
    world_free(w);
}

static void
too_broad_is_judged_in_real_names(void)
{
    static const struct {
        const char *mask, *why;
        bool shared;
    } cases[] = {
        {"abc", "fewer than 4", false},
        {"abcd", NULL, false},
        {"a\\sb\\sc*", "fewer than 4", false},
        {"*", "fewer than 4", false},
        {"real\\sal?ce", "your own real name", false},
        {"money", "covers 4 of 5 real names", true},
        {"money", NULL, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_with_oper(world_easy, &alice);
        for (int n = 0; n < 4; n++) {
            char nick[8];
            snprintf(nick, sizeof nick, "u%d", n);
            connect_as(w, nick, cases[i].shared || n < 3 ? "Money" : "other");
        }
        world_drain_all(w);
        world_sayf(w, alice, "XLINE 1h %s :x", cases[i].mask);
        world_store_news(w);
        EQUAL_NUMBER(
            world_count(alice, "* :XLINE refused: *covers *FORCE*") +
                world_count(alice, "* :XLINE refused: * is too broad: it has *FORCE*"),
            cases[i].why != NULL);
        if (cases[i].why)
            CONTAINS(alice->inbox, cases[i].why);
        EQUAL_NUMBER(w->srv->policy->n_bans[BAN_XLINE], cases[i].why == NULL);
        world_sayf(w, alice, "XLINE FORCE 1h %s :x", cases[i].mask);
        EQUAL_NUMBER(w->srv->policy->n_bans[BAN_XLINE], 1);
        CU_ASSERT(!alice->closed);
        world_free(w);
    }
}

static void
it_survives_a_restart_with_its_blanks(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    world_enact(w, alice, "XLINE *free\\smoney\\\\now* :x");
    world_restart(w, world_easy);
    struct ban *ban = ban_find(w->srv, BAN_XLINE, "*free\\smoney\\\\now*");
    CU_ASSERT_FATAL(ban != NULL);
    EQUAL_TEXT(ban->mask.host, "*free money\\now*");
    CU_ASSERT(connect_as(w, "bob", "Free money\\now!")->closed);
    world_free(w);
}

static void
a_k_line_is_told_before_an_x_line(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    world_enact(w, alice, "XLINE 1h *money* :x");
    world_enact(w, alice, "KLINE 1h 192.0.2.7 :k");
    struct actor *bob = connect_as(w, "bob", "money");
    EXPECT(w, bob, "* 465 bob :You are banned (K-line) *");
    EQUAL_NUMBER(ban_find(w->srv, BAN_XLINE, "*money*")->hits, 0);
    world_free(w);
}

/* 30 bots with one real name: TESTMASK counts them, then one command removes them. */
static void
now_ends_the_clients_that_match(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    struct actor *bots[30], *other = connect_as(w, "other", "Honest");
    for (int n = 0; n < 30; n++) {
        char nick[8];
        snprintf(nick, sizeof nick, "b%d", n);
        bots[n] = connect_as(w, nick, "get free money now");
        if (n >= 28)
            world_say(w, bots[n], "OPER alice secret");
    }
    for (int n = 0; n < 40; n++) {
        char nick[8];
        snprintf(nick, sizeof nick, "u%d", n);
        connect_as(w, nick, "User");
    }
    world_drain_all(w);
    world_say(w, alice, "TESTMASK XLINE *free\\smoney*");
    EXPECT(w, alice,
           "* 727 alice 30 0 ?free?smoney? ? :30 of 72 clients match; 2 operators "
           "stay");
    world_say(w, alice, "XLINE NOW 1h *free\\smoney* :spam");
    world_store_news(w);
    AWAIT(w, alice,
          "* :X-line ?free?smoney? set *: removed 28 clients; 2 operators "
          "stay, saved");
    for (int n = 0; n < 30; n++)
        EQUAL_NUMBER(bots[n]->closed, n < 28); /* operators stay */
    AWAIT(w, bots[29],
          "* :X-line ?free?smoney? matches you. You stay connected as an operator*");
    AWAIT(w, bots[0], "ERROR *(You are banned (X-line) until *: spam)");
    CU_ASSERT(!other->closed && connect_as(w, "late", "more free money")->closed);
    CONTAINS(w->logged, "event=xline by=alice mask=");
    CONTAINS(w->logged, " removed=28\n");
    world_free(w);
}

/* XLINE NOW removes the clients that TESTMASK counts, but for those that TESTMASK says
 * stay; the operator that sets it stays too. */
static void
clients_that_stay_are_counted_and_told(void)
{
    static const struct {
        int exempt, opers, others;
        const char *stay;
    } cases[] = {
        {0, 0, 3, ""},
        {1, 0, 2, "; 1 exempt client stays"},
        {0, 1, 2, "; 1 operator stays"},
        {1, 1, 6, "; 1 operator and 1 exempt client stay"},
        {3, 2, 0, "; 2 operators and 3 exempt clients stay"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int kind = 0; kind < 2; kind++) {
            char nick[16], line[200];
            struct world *w = world_with_oper(world_easy, &alice);
            int n = 0, all = cases[i].exempt + cases[i].opers + cases[i].others;
            for (; n < all; n++) {
                snprintf(nick, sizeof nick, "b%d", n);
                struct actor *bot = connect_as(w, nick, "money");
                if (n < cases[i].exempt)
                    policy_of(bot->client)->exempt = EXEMPT_BANS;
                /* And an operator, which is counted once. */
                bool exempt = n < cases[i].exempt;
                if (exempt || n >= all - cases[i].opers)
                    world_say(w, bot, "OPER alice secret");
            }
            const char *what = kind ? "RESV" : "XLINE", *mask = kind ? "b?" : "money";
            world_drain_all(w);
            world_sayf(w, alice, "TESTMASK %s %s", what, mask);
            snprintf(line, sizeof line, "* 727 alice %d 0 * :%d of %d clients match%s",
                     all, all, all + 1, cases[i].stay);
            EXPECT(w, alice, line);
            world_sayf(w, alice, "%s FORCE NOW 1h %s :x", what, mask);
            world_store_news(w);
            snprintf(line, sizeof line, "* set *: removed %d client*%s, saved",
                     cases[i].others, cases[i].stay);
            AWAIT(w, alice, line);
            EQUAL_NUMBER(w->srv->n_registered, 1 + cases[i].exempt + cases[i].opers);
            world_free(w);
        }
    }
}

static void
now_is_too_broad_by_clients_and_only_where_clients_would_stay(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    struct actor *bots[6];
    for (int n = 0; n < 6; n++) {
        char nick[8];
        snprintf(nick, sizeof nick, "b%d", n);
        bots[n] = connect_as(w, nick, "X");
        world_say(w, bots[n], "JOIN #warez1");
    }
    struct actor *eve = connect_as(w, "now", "E");
    for (int n = 0; n < 3; n++) /* many channels: the mask is narrow in channels */
        world_sayf(w, eve, "JOIN #tea%d", n);
    world_drain_all(w);
    world_say(w, alice, "RESV NOW 1h #warez* :x");
    EXPECT(w, alice,
           "* :RESV refused: #warez? is too broad: it ends 6 of 8 clients. *");
    world_say(w, alice, "XLINE NOW");
    EXPECT(w, alice, "* :XLINE refused: nothing comes after NOW. *");
    world_say(w, alice, "RESV 1h b? :x");
    CU_ASSERT(!bots[0]->closed); /* without NOW */
    world_say(w, alice, "RESV NOW FORCE 1h #warez* :x");
    world_store_news(w);
    AWAIT(w, alice, "* :RESV #warez? set *: removed 6 clients, saved");
    CU_ASSERT(bots[0]->closed && bots[5]->closed && !eve->closed);
    world_say(w, alice, "KLINE now 1h :x"); /* here it is a nick */
    CU_ASSERT(eve->closed);
    world_free(w);
}

static void
testmask_counts_nicks_and_channels(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    world_say(w, connect_as(w, "bot1", "X"), "JOIN #warez");
    connect_as(w, "bot2", "X");
    world_drain_all(w);
    world_say(w, alice, "TESTMASK RESV bot?");
    EXPECT(w, alice, "* 727 alice 2 0 bot? ? :2 of 3 clients match");
    world_say(w, alice, "TESTMASK RESV #war*");
    EXPECT(w, alice, "* 727 alice 1 0 #war? ? :1 of 3 clients match");
    world_say(w, alice, "TESTMASK KLINE bot*!*@*");
    EXPECT(w, alice, "* 727 alice 2 0 bot?!?@? ? :2 of 3 clients match");
    world_say(w, alice, "TESTMASK XLINE :");
    EXPECT(w, alice, "* :TESTMASK XLINE refused: \"\" is empty: *");
    world_free(w);
}

SUITE(ban_xline)
{
    TEST(now_ends_the_clients_that_match);
    TEST(clients_that_stay_are_counted_and_told);
    TEST(now_is_too_broad_by_clients_and_only_where_clients_would_stay);
    TEST(testmask_counts_nicks_and_channels);
    TEST(a_blank_is_written_as_a_word_of_its_own_or_matched_by_a_wildcard);
    TEST(it_is_judged_at_registration_and_says_why);
    TEST(a_client_that_is_on_stays_but_cannot_take_such_a_name);
    TEST(the_exempt_are_exempt);
    TEST(odd_masks_are_refused_and_the_right_form_is_shown);
    TEST(too_broad_is_judged_in_real_names);
    TEST(it_survives_a_restart_with_its_blanks);
    TEST(a_k_line_is_told_before_an_x_line);
}
