/* KLINE, DLINE, their opposites and STATS, as operators type and read them. */
#include "policy/ban/ban.h"
#include "policy/policy.h"
#include "world.h"

#define SETS "* NOTICE alice :K-line "

static void
both_orders_of_arguments_and_all_lengths(void)
{
    static const struct {
        const char *line, *told; /* after the mask */
    } cases[] = {
        {"KLINE 10m *@192.0.2.7 :spam", "K-line ?@192.0.2.7 set until 2026-11-22 "
                                        "00:10:00 UTC (10m): removed 0 clients, saved"},
        {"KLINE *@192.0.2.7 10m :spam", "K-line ?@192.0.2.7 set until 2026-11-22 "
                                        "00:10:00 UTC (10m): removed 0 clients, saved"},
        {"KLINE 10 192.0.2.7 :spam", "K-line ?@192.0.2.7 set until 2026-11-22 00:10:00 "
                                     "UTC (10m): removed 0 clients, saved"},
        {"KLINE 192.0.2.7 90 :spam", "K-line ?@192.0.2.7 set until 2026-11-22 01:30:00 "
                                     "UTC (1h30m): removed 0 clients, saved"},
        {"KLINE 1d12h 192.0.2.7 :spam",
         "K-line ?@192.0.2.7 set until 2026-11-23 12:00:00 UTC (1d12h): removed 0 "
         "clients, saved"},
        {"KLINE 0 192.0.2.7 :spam",
         "K-line ?@192.0.2.7 set for good: removed 0 clients, saved"},
        {"KLINE 192.0.2.7 0 :spam",
         "K-line ?@192.0.2.7 set for good: removed 0 clients, saved"},
        {"KLINE 192.0.2.7 :spam",
         "K-line ?@192.0.2.7 set for good: removed 0 clients, saved"},
        {"KLINE 192.0.2.7",
         "K-line ?@192.0.2.7 set for good: removed 0 clients, saved"},
        {"KLINE 5m 192.0.2.7", "K-line ?@192.0.2.7 set until 2026-11-22 00:05:00 UTC "
                               "(5m): removed 0 clients, saved"},
        {"KLINE 192.0.2.7 5m", "K-line ?@192.0.2.7 set until 2026-11-22 00:05:00 UTC "
                               "(5m): removed 0 clients, saved"},
        {"KLINE 99999999999999999999y 192.0.2.7 :x",
         "K-line ?@192.0.2.7 set until 2126-10-29 00:00:00 UTC (36500d): removed 0 "
         "clients, saved"},
        {"KLINE 5m Some!b?d@*.Example.ORG. :x",
         "K-line Some!b?d@*.Example.ORG set until 2026-11-22 00:05:00 UTC (5m): *, "
         "saved"},
        {"DLINE 1h 192.0.2.0/24 :x", "D-line 192.0.2.0/24 set until 2026-11-22 "
                                     "01:00:00 UTC (1h): removed 0 clients, saved"},
        {"DLINE 192.0.2.77/24 1h :x", "D-line 192.0.2.0/24 set until *(1h): *, saved"},
        {"DLINE 2001:DB8:0:0::1/64 :x", "D-line 2001:db8::/64 set for good: *, saved"},
        {"DLINE 0::ffff:192.0.2.7 :x", "D-line 192.0.2.7 set for good: *, saved"},
        {"KLINE 1m *@::FFFF:192.0.2.7 :x", "K-line ?@192.0.2.7 set until *, saved"},
        {"KLINE FORCE 10m *@* :x", "K-line ?@? set until 2026-11-22 00:10:00 UTC "
                                   "(10m): removed 0 clients; 1 operator stays, saved"},
        {"kline force *@* 10m :x",
         "K-line ?@? set until 2026-11-22 00:10:00 UTC (10m): *, saved"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[300];
        struct actor *alice;
        struct world *w = world_with_oper(world_alice, &alice);
        world_enact(w, alice, cases[i].line);
        snprintf(want, sizeof want, ":irc.localhost NOTICE alice :%s", cases[i].told);
        AWAIT(w, alice, want);
        SILENT(w, alice);
        world_free(w);
    }
}

static void
a_ban_applies_at_once_and_the_acknowledgement_counts(void)
{
    struct actor *alice;
    struct world *w = world_with_oper(world_alice, &alice);
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    struct actor *bib = world_user_at(w, "bib", "192.0.2.7");
    struct actor *eve = world_user_at(w, "eve", "192.0.2.8");
    world_set_wall(w, WORLD_WALL + 13 * MSEC_HOUR + 53 * MSEC_MINUTE + 5 * MSEC_SECOND);
    world_drain_all(w);
    world_say(w, alice, "KLINE 10m *@192.0.2.7 :go away|he knows why");
    CU_ASSERT(bob->closed && bib->closed && !eve->closed);
    EXPECT(w, bob,
           "ERROR :Closing Link: 192.0.2.7 (You are banned (K-line) until 2026-11-22 "
           "14:03:05 UTC (10m): go away)");
    SILENT(w, bob);
    SILENT(w, alice); /* no line says «saved» before the ban is saved */
    world_store_news(w);
    EXPECT(
        w, alice,
        ":irc.localhost NOTICE alice :K-line ?@192.0.2.7 set until 2026-11-22 14:03:05 "
        "UTC (10m): removed 2 clients, saved");
    SILENT(w, alice);
    world_enact(w, alice, "KLINE 10m *@192.0.2.8 :x");
    AWAIT(w, alice, "* :K-line ?@192.0.2.8 *(10m): removed 1 client, saved");
    world_free(w);
}

static void
the_oper_only_reason_is_never_shown_to_users(void)
{
    struct actor *alice;
    struct world *w = world_with_oper(world_alice, &alice);
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    world_enact(w, alice, "KLINE 10m bob :public |private words");
    NEVER(w, bob, "*private*");
    AWAIT(w, bob, "ERROR *(10m): public)");
    bob = world_connect(w, "192.0.2.7");
    world_say(w, bob, "NICK bob");
    world_say(w, bob, "USER b 0 * :B");
    NEVER(w, bob, "*private*");
    world_enact(w, alice, "STATS k");
    AWAIT(w, alice, "* 216 *: public | private words");
    world_enact(w, alice, "KLINE 10m *@192.0.2.9 :|only for us");
    bob = world_user_at(w, "bob", "192.0.2.9");
    CU_ASSERT(bob->closed);
    world_free(w);
}

static void
a_nick_becomes_its_address_even_when_it_has_gone(void)
{
    struct actor *alice;
    struct world *w = world_with_oper(world_alice, &alice);
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    world_user_at(w, "six", "2001:db8::7");
    struct actor *ann = world_user_at(w, "ann", "192.0.2.8");
    world_say(w, bob, "QUIT");
    world_say(w, ann, "NICK anna");
    world_enact(w, alice, "KLINE 10m BOB :x");
    AWAIT(w, alice, "* :K-line ?@192.0.2.7 set *");
    world_enact(w, alice, "KLINE ann 10m :x");
    AWAIT(w, alice, "* :K-line ?@192.0.2.8 set *removed 1 client, saved");
    world_enact(w, alice, "KLINE 10m six :x");
    AWAIT(w, alice, "* :K-line ?@2001:db8::/64 set *removed 1 client, saved");
    world_enact(w, alice, "DLINE 10m bob :x");
    AWAIT(w, alice, "* :D-line 192.0.2.7 set *");
    world_enact(w, alice, "KLINE 10m nobody :x");
    AWAIT(w, alice,
          "* NOTICE alice :KLINE refused: 'nobody' is neither a mask nor a nick that "
          "is or was on*");
    world_enact(w, alice, "UNKLINE bob");
    AWAIT(w, alice, "* :K-line ?@192.0.2.7 removed, saved");
    world_enact(w, alice, "UNDLINE bob");
    AWAIT(w, alice, "* :D-line 192.0.2.7 removed, saved");
    world_free(w);
}

static void
odd_masks_are_refused_with_the_reason(void)
{
    static const char *const lines[] = {
        "KLINE 10m 01.02.03.04 :x",
        "KLINE 10m *@0x7f.1 :x",
        "KLINE 10m *@1.2.3 :x",
        "KLINE 10m *@1.2.3.4/33 :x",
        "KLINE 10m *@1.2.3.4/-1 :x",
        "KLINE 10m *@1.2.3.4/+8 :x",
        "KLINE 10m *@1.2.3.4/08 :x",
        "KLINE 10m *@1.2.3.4x :x",
        "KLINE 10m *@1.2.3.4/24x :x",
        "KLINE 10m *@1.2.3.4/24/24 :x",
        "KLINE 10m *@2130706433 :x",
        "KLINE 10m 2130706433 :x",
        "KLINE 2130706433 :x",
        "KLINE 2130706433 alice",
        "KLINE 10m *@[::1] :x",
        "KLINE 10m *@::1.2.3.4 :x",
        "KLINE 10m a@b@example.org :x",
        "KLINE 10m @example.org :x",
        "KLINE 10m user@ :x",
        "KLINE 10m *@fe80::1%eth0 :x",
        "KLINE 10m *@2001:db8::/129 :x",
        "KLINE 10m *@2001:db8:::1 :x",
        "KLINE 10m nick!@example.org :x",
        "KLINE 10m nick!user :x",
        "DLINE 10m 01.02.03.04 :x",
        "DLINE 10m 0x7f.1 :x",
        "DLINE 10m 1.2.3 :x",
        "DLINE 10m 1.2.3.4/33 :x",
        "DLINE 10m example.org :x",
        "DLINE 10m *@192.0.2.7 :x",
        "DLINE 10m 192.0.2.* :x",
        "DLINE 10m [::1] :x",
        "DLINE 10m 192.0.2.0/024 :x",
        "KLINE 10x 192.0.2.7 :x",
        "KLINE 1h1d 192.0.2.7 :x",
        "KLINE -5 192.0.2.7 :x",
        "KLINE 192.0.2.7 two words",
        "KLINE 10m",
    };
    struct world *w =
        world_new("oper \"alice\" { password = \"$argon2id$secret\" hosts "
                  "= { \"*@*\" } privileges = { \"all\" } }");
    struct actor *alice = world_oper(w, "alice");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        world_enact(w, alice, lines[i]);
        if (world_count(alice, "* NOTICE alice :?LINE refused: *. Example: ?LINE *") !=
            1)
            printf("\n    %s\n", lines[i]);
        EXPECT(w, alice, "* NOTICE alice :?LINE refused: *. Example: ?LINE *");
        SILENT(w, alice);
    }
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 0);
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_DLINE], 0);
    world_free(w);
}

static void
too_broad_is_refused_and_forced(void)
{
    static const char *const masks[] = {"*@*", "*@192.0.0.0/8", "*@10.1.1.1", "alice"};
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        struct actor *alice;
        struct world *w = world_with_oper(world_alice, &alice);
        struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
        char line[100];
        snprintf(line, sizeof line, "KLINE 10m %s :x", masks[i]);
        world_enact(w, alice, line);
        EXPECT(w, alice,
               i < 2 ? "* NOTICE alice :KLINE refused: * is too broad: *FORCE*"
                     : "* NOTICE alice :KLINE refused: * covers yourself, and "
                       "would refuse your next connection. KLINE FORCE*");
        SILENT(w, alice);
        CU_ASSERT(!bob->closed);
        snprintf(line, sizeof line, "KLINE FORCE 10m %s :x", masks[i]);
        world_enact(w, alice, line);
        AWAIT(w, alice, "* NOTICE alice :K-line * set *, saved");
        EQUAL_NUMBER(bob->closed, i < 2);
        CU_ASSERT(!alice->closed);
        world_free(w);
    }
}

static void
a_forced_ban_on_oneself_is_told_and_holds_next_time(void)
{
    struct actor *alice;
    struct world *w = world_with_oper(world_alice, &alice);
    world_enact(w, alice, "KLINE FORCE 10m alice :oops");
    EXPECT(w, alice,
           "* NOTICE alice :K-line ?@10.1.1.1 matches you. You stay connected as an "
           "operator; the ban "
           "holds when you connect again.");
    CU_ASSERT(!alice->closed);
    world_say(w, alice, "QUIT");
    CU_ASSERT(world_user_at(w, "alice", "10.1.1.1")->closed);
    world_free(w);
}

static void
an_existing_mask_is_replaced_and_says_so(void)
{
    struct actor *alice;
    struct world *w = world_with_oper(world_alice, &alice);
    world_enact(w, alice, "KLINE 10m *@192.0.2.7 :one");
    world_user_at(w, "bob", "192.0.2.7");
    world_enact(w, alice, "KLINE 1h 192.0.2.7 :two");
    AWAIT(w, alice,
          "* NOTICE alice :K-line ?@192.0.2.7 replaced until 2026-11-22 01:00:00 UTC "
          "(1h): removed 0 clients, saved");
    world_enact(w, alice, "STATS k");
    EXPECT(
        w, alice,
        ":irc.localhost 216 alice k ?@192.0.2.7 alice :set 2026-11-22 00:00:00 UTC, "
        "until 2026-11-22 01:00:00 UTC (1h), 1 hit, last 2026-11-22 00:00:00 UTC: two");
    EXPECT(w, alice, ":irc.localhost 219 alice k :End of /STATS report");
    world_enact(w, alice, "KLINE 192.0.2.7 :three");
    AWAIT(w, alice, "* :K-line ?@192.0.2.7 replaced for good: *");
    world_enact(w, alice, "STATS k");
    EXPECT(w, alice, "* 219 alice k *");
    world_free(w);
}

static void
stats_lists_each_kind_and_ends_with_219(void)
{
    static const struct {
        const char *letter, *line;
    } cases[] = {
        {"K",
         ":irc.localhost 216 alice K ?@192.0.2.1 alice :set 2026-11-22 00:00:00 UTC, "
         "for good, 0 hits: kk"},
        {"k",
         ":irc.localhost 216 alice k ?@192.0.2.2 alice :set 2026-11-22 00:00:00 UTC, "
         "until 2026-11-22 01:00:00 UTC (1h), 0 hits: k"},
        {"D",
         ":irc.localhost 225 alice D 192.0.2.3 alice :set 2026-11-22 00:00:00 UTC, "
         "for good, 0 hits: dd"},
        {"d",
         ":irc.localhost 225 alice d 192.0.2.4 alice :set 2026-11-22 00:00:00 UTC, "
         "until 2026-11-22 01:00:00 UTC (1h), 0 hits: d"},
    };
    struct actor *alice;
    struct world *w = world_with_oper(world_alice, &alice);
    world_say(w, alice, "KLINE 192.0.2.1 :kk");
    world_say(w, alice, "KLINE 1h 192.0.2.2 :k");
    world_say(w, alice, "DLINE 192.0.2.3 :dd");
    world_say(w, alice, "DLINE 1h 192.0.2.4 :d");
    world_store_news(w);
    for (size_t i = 0; i < 4; i++) {
        char line[32];
        snprintf(line, sizeof line, "STATS %s", cases[i].letter);
        world_enact(w, alice, line);
        AWAIT(w, alice, cases[i].line);
        snprintf(line, sizeof line, "* 219 alice %s :*", cases[i].letter);
        EXPECT(w, alice, line);
        SILENT(w, alice);
    }
    world_set_wall(w, WORLD_WALL + MSEC_HOUR);
    world_enact(w, alice, "STATS k");
    EXPECT(w, alice, "* 219 *");
    world_free(w);
}

static void
unkline_takes_what_kline_would_have_taken(void)
{
    static const struct {
        const char *set, *unset;
    } cases[] = {
        {"KLINE 10m *@192.0.2.7 :x", "UNKLINE *@192.0.2.7"},
        {"KLINE 10m *@192.0.2.7 :x", "UNKLINE 192.0.2.7"},
        {"KLINE 10m 192.0.2.7 :x", "UNKLINE *@::ffff:192.0.2.7"},
        {"KLINE 10m *@192.0.2.0/24 :x", "UNKLINE 192.0.2.99/24"},
        {"KLINE 10m Spammer@*.Example.org :x", "UNKLINE spammer@*.example.ORG"},
        {"KLINE 10m *@2001:db8::1 :x", "UNKLINE 2001:DB8:0:0:0:0:0:1"},
        {"DLINE 10m 192.0.2.0/24 :x", "UNDLINE 192.0.2.0/24"},
        {"DLINE 10m 192.0.2.0/24 :x", "UNDLINE 192.0.2.1/24"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct actor *alice;
        struct world *w = world_with_oper(world_alice, &alice);
        world_enact(w, alice, cases[i].set);
        world_enact(w, alice, cases[i].unset);
        AWAIT(w, alice, "* NOTICE alice :?-line * removed, saved");
        SILENT(w, alice);
        CU_ASSERT(w->srv->policy->bans == NULL);
        world_enact(w, alice, cases[i].unset);
        EXPECT(w, alice, "* NOTICE alice :UN?LINE refused: there is no ?-line *");
        SILENT(w, alice);
        world_restart(w, NULL);
        CU_ASSERT(w->srv->policy->bans == NULL);
        world_free(w);
    }
}

static void
an_expired_ban_cannot_be_lifted(void)
{
    struct actor *alice;
    struct world *w = world_with_oper(world_alice, &alice);
    world_enact(w, alice, "KLINE 10m 192.0.2.7 :x");
    world_set_wall(w, WORLD_WALL + 10 * MSEC_MINUTE);
    world_enact(w, alice, "UNKLINE 192.0.2.7");
    AWAIT(w, alice, "* :UNKLINE refused: there is no K-line *");
    world_enact(w, alice, "KLINE 10m 192.0.2.7 :x");
    AWAIT(w, alice, "* :K-line ?@192.0.2.7 set *");
    world_free(w);
}

static void
each_right_is_needed(void)
{
    static const struct {
        const char *line, *right;
    } cases[] = {
        {"KLINE 10m 192.0.2.7 :x", "kline"},
        {"DLINE 10m 192.0.2.7 :x", "dline"},
        {"UNKLINE 192.0.2.7", "unban"},
        {"UNDLINE 192.0.2.7", "unban"},
        {"STATS k", "check"},
        {"STATS K", "check"},
        {"STATS d", "check"},
        {"STATS D", "check"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[100];
        struct world *w = world_new(
            "oper \"al\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
            "privileges = { \"wallops\" } }");
        struct actor *al = world_user(w, "al"), *bob = world_user(w, "bob");
        world_say(w, al, "OPER al secret");
        world_drain_all(w);
        snprintf(want, sizeof want, "* 481 al :Permission Denied - *'%s'*",
                 cases[i].right);
        world_say(w, al, cases[i].line);
        EXPECT(w, al, want);
        world_say(w, bob, cases[i].line);
        EXPECT(w, bob, "* 481 bob :Permission Denied - *");
        CU_ASSERT(w->srv->policy->bans == NULL);
        world_free(w);
    }
}

static void
for_good_needs_a_right_of_its_own(void)
{
    struct world *w =
        world_new("oper \"al\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
                  "privileges = { \"kline\", \"dline\" } }");
    struct actor *al = world_user(w, "al");
    world_say(w, al, "OPER al secret");
    static const char *const lines[] = {"KLINE 192.0.2.7 :x", "KLINE 0 192.0.2.7 :x",
                                        "KLINE 192.0.2.7 0 :x", "DLINE 192.0.2.7 :x"};
    for (size_t i = 0; i < 4; i++) {
        world_drain(al);
        world_say(w, al, lines[i]);
        EXPECT(w, al, "* 481 al :Permission Denied - *'permanent'*");
        SILENT(w, al);
    }
    CU_ASSERT(w->srv->policy->bans == NULL);
    world_sleep(w, 5000);
    world_say(w, al, "KLINE 99999y 192.0.2.7 :x");
    CU_ASSERT(w->srv->policy->bans != NULL);
    world_free(w);
}

static void
other_operators_are_told_and_the_log_has_it(void)
{
    struct actor *alice;
    struct world *w = world_with_oper(world_alice, &alice);
    struct actor *ann = world_oper(w, "ann");
    world_enact(w, alice, "KLINE 10m 192.0.2.7 :spam");
    EXPECT(w, ann,
           "* NOTICE ann :*alice: K-line ?@192.0.2.7 set until *, reason: spam");
    SILENT(w, ann);
    world_enact(w, alice, "UNKLINE 192.0.2.7");
    EXPECT(w, ann, "* NOTICE ann :*alice: K-line ?@192.0.2.7 removed");
    CONTAINS(w->logged, "event=kline by=alice mask=*@192.0.2.7 until=");
    CONTAINS(w->logged, "event=unkline by=alice mask=*@192.0.2.7");
    world_free(w);
}

SUITE(ban_commands)
{
    TEST(both_orders_of_arguments_and_all_lengths);
    TEST(a_ban_applies_at_once_and_the_acknowledgement_counts);
    TEST(the_oper_only_reason_is_never_shown_to_users);
    TEST(a_nick_becomes_its_address_even_when_it_has_gone);
    TEST(odd_masks_are_refused_with_the_reason);
    TEST(too_broad_is_refused_and_forced);
    TEST(a_forced_ban_on_oneself_is_told_and_holds_next_time);
    TEST(an_existing_mask_is_replaced_and_says_so);
    TEST(stats_lists_each_kind_and_ends_with_219);
    TEST(unkline_takes_what_kline_would_have_taken);
    TEST(an_expired_ban_cannot_be_lifted);
    TEST(each_right_is_needed);
    TEST(for_good_needs_a_right_of_its_own);
    TEST(other_operators_are_told_and_the_log_has_it);
}
