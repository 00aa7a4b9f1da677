/* BANS, TESTMASK, STATS q and x, and long lists of bans. */
#include "base/str.h"
#include "crowd.h"
#include "enact/ban.h"
#include "policy/ban/ban.h"
#include "policy/policy.h"
#include "state/cursor.h"
#include "state/rest.h"

static struct actor *alice;

static void
set_one_of_each(struct world *w)
{
    static const char *const lines[] = {
        "KLINE 1h 192.0.2.1 :spam|from Ann",
        "KLINE 192.0.2.2 :flood",
        "DLINE 1h 198.51.100.0/24 :proxies",
        "RESV 1h guest* :ask first",
        "RESV #warez :not here",
        "XLINE 1h *free\\smoney* :Spam wave",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        world_enact(w, alice, lines[i]);
    world_drain_all(w);
}

static void
stats_lists_reserved_names_and_real_names(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    set_one_of_each(w);
    world_enact(w, alice, "STATS q");
    EXPECT(w, alice,
           ":irc.localhost 217 alice q guest? alice :set 2026-11-22 00:00:00 UTC, "
           "until 2026-11-22 01:00:00 UTC (1h), 0 hits: ask first");
    EXPECT(w, alice,
           ":irc.localhost 217 alice q #warez alice :set 2026-11-22 00:00:00 UTC, for "
           "good, 0 hits: not here");
    EXPECT(w, alice, ":irc.localhost 219 alice q :End of /STATS report");
    SILENT(w, alice);
    world_enact(w, alice, "STATS x");
    EXPECT(w, alice,
           ":irc.localhost 247 alice x ?free\\smoney? alice :set 2026-11-22 00:00:00 "
           "UTC, until *, 0 hits: Spam wave");
    EXPECT(w, alice, ":irc.localhost 219 alice x :End of /STATS report");
    SILENT(w, alice);
    world_enact(w, alice, "STATS z");
    EQUAL_NUMBER(world_count(alice, "* 249 alice z :2 RESVs, *"), 1);
    EQUAL_NUMBER(world_count(alice, "* 249 alice z :1 X-lines, *"), 1);
    world_free(w);
}

static void
a_line_tells_the_hits_and_the_last_one(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    struct actor *bob = world_user(w, "bob");
    world_enact(w, alice, "RESV 1h guest* :x");
    world_say(w, bob, "NICK guest1");
    world_set_wall(w, WORLD_WALL + 61000);
    world_say(w, bob, "NICK guest2");
    world_enact(w, alice, "STATS q");
    EXPECT(w, alice, "* 217 *, 2 hits, last 2026-11-22 00:01:01 UTC: x");
    world_free(w);
}

static void
bans_searches_masks_setters_and_reasons_of_all_kinds(void)
{
    static const struct {
        const char *pattern;
        unsigned k, d, q, x;
    } cases[] = {
        {"", 2, 1, 2, 1},          {"192.0.2.1", 1, 0, 0, 0},
        {"192.0.2.*", 0, 0, 0, 0}, {"*@192.0.2.*", 2, 0, 0, 0},
        {"SPAM", 1, 0, 0, 1},      {"spam", 1, 0, 0, 1},
        {"spam*", 1, 0, 0, 1},     {":not here", 0, 0, 1, 0},
        {"money", 0, 0, 0, 1},     {"alice", 2, 1, 2, 1},
        {"alic?", 2, 1, 2, 1},     {"lic?", 0, 0, 0, 0},
        {"ann", 1, 0, 0, 0},       {"*prox*", 0, 1, 0, 0},
        {"#", 0, 0, 1, 0},         {"nothing", 0, 0, 0, 0},
    };
    struct world *w = world_with_oper(world_easy, &alice);
    set_one_of_each(w);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char end[80];
        unsigned n = cases[i].k + cases[i].d + cases[i].q + cases[i].x;
        world_drain_all(w);
        world_sayf(w, alice, "BANS %s", cases[i].pattern);
        EQUAL_NUMBER(world_count(alice, "* 216 alice ?*"), cases[i].k);
        EQUAL_NUMBER(world_count(alice, "* 225 alice ?*"), cases[i].d);
        EQUAL_NUMBER(world_count(alice, "* 217 alice ?*"), cases[i].q);
        EQUAL_NUMBER(world_count(alice, "* 247 alice ?*"), cases[i].x);
        snprintf(end, sizeof end, "* NOTICE alice :End of BANS: %u of 6 bans match", n);
        AWAIT(w, alice, end);
        SILENT(w, alice);
    }
    world_set_wall(w, WORLD_WALL + MSEC_HOUR);
    world_enact(w, alice, "BANS");
    EXPECT(w, alice, "* 216 alice K *");
    EXPECT(w, alice, "* 217 alice q #warez *");
    EXPECT(w, alice, "* :End of BANS: 2 of 2 bans match");
    world_free(w);
}

static void
testmask_counts_by_the_enforcing_matcher(void)
{
    static const struct {
        const char *mask, *told;
    } cases[] = {
        {"*@192.0.2.0/24", "2 0 ?@192.0.2.0/24 ? :2 of 4 clients match"},
        {"192.0.2.7", "1 0 ?@192.0.2.7 ? :1 of 4 clients match"},
        {"*@::ffff:192.0.2.7", "1 0 ?@192.0.2.7 ? :1 of 4 clients match"},
        {"BOB!*@*", "1 0 BOB!?@? ? :1 of 4 clients match"},
        {"eve@192.0.2.*", "1 0 eve@192.0.2.? ? :1 of 4 clients match"},
        {"*@2001:db8::/32", "1 0 ?@2001:db8::/32 ? :1 of 4 clients match"},
        {"*@*", "4 0 ?@? ? :4 of 4 clients match; 1 operator stays"},
        {"nobody@*", "0 0 nobody@? ? :0 of 4 clients match"},
    };
    struct world *w = world_with_oper(world_easy, &alice);
    world_user_at(w, "bob", "192.0.2.7");
    world_user_at(w, "eve", "192.0.2.8");
    world_user_at(w, "ann", "2001:db8::1");
    world_connect(w, "192.0.2.9"); /* not registered: not counted */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[200], line[100];
        snprintf(line, sizeof line, "TESTMASK %s", cases[i].mask);
        world_enact(w, alice, line);
        snprintf(want, sizeof want, ":irc.localhost 727 alice %s", cases[i].told);
        EXPECT(w, alice, want);
        SILENT(w, alice);
    }
    world_enact(w, alice, "TESTMASK 01.2.3.4");
    EXPECT(w, alice,
           "* NOTICE alice :TESTMASK refused: *01.2.3.4*. Example: TESTMASK "
           "?@192.0.2.0/24");
    world_enact(w, alice, "TESTMASK bob");
    EXPECT(w, alice, "* :TESTMASK refused: \"bob\" is not a mask: expected *");
    EQUAL_NUMBER(HASH_COUNT(w->srv->policy->bans), 0);
    world_free(w);
}

static void
each_right_is_needed(void)
{
    static const struct {
        const char *line, *right;
    } cases[] = {
        {"RESV 10m guest* :x", "resv"},
        {"XLINE 10m *money* :x", "xline"},
        {"UNRESV guest*", "unban"},
        {"UNXLINE *money*", "unban"},
        {"BANS", "check"},
        {"TESTMASK *@*", "check"},
        {"STATS q", "check"},
        {"STATS x", "check"},
        {"RESV guest* :x", "resv"},
    };
    struct world *w =
        world_new("oper \"al\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
                  "privileges = { \"wallops\", \"kline\" } }\n"
                  "oper \"eva\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
                  "privileges = { \"resv\", \"xline\" } }\nflood { burst = 1000 }");
    struct actor *al = world_user(w, "al"), *bob = world_user(w, "bob");
    struct actor *eva = world_user(w, "eva");
    world_say(w, al, "OPER al secret");
    world_say(w, eva, "OPER eva secret");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[100];
        world_enact(w, al, cases[i].line);
        snprintf(want, sizeof want, "* 481 al :Permission Denied - *'%s'*",
                 cases[i].right);
        EXPECT(w, al, want);
        world_enact(w, bob, cases[i].line);
        EXPECT(w, bob, "* 481 bob :Permission Denied - *");
        CU_ASSERT(w->srv->policy->bans == NULL);
    }
    world_enact(w, eva, "RESV guest* :x");
    EXPECT(w, eva, "* 481 eva :Permission Denied - *'permanent'*");
    world_enact(w, eva, "XLINE *money* :x");
    EXPECT(w, eva, "* 481 eva :Permission Denied - *'permanent'*");
    CU_ASSERT(w->srv->policy->bans == NULL);
    world_enact(w, eva, "RESV 1h guest* :x");
    world_enact(w, eva, "XLINE 1h *money* :x");
    EQUAL_NUMBER(HASH_COUNT(w->srv->policy->bans), 2);
    world_free(w);
}

static void
set_many(struct world *w, int n)
{
    char text[64], err[200];
    struct mask mask;
    struct ban_outcome done;
    for (int i = 0; i < n; i++) {
        str_format(text, sizeof text, "*@198.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
        CU_ASSERT_FATAL(mask_parse_strict(text, &mask, err, sizeof err));
        enact_ban(w->srv,
                  &(struct ban_request){.kind = BAN_KLINE,
                                        .mask = &mask,
                                        .length = i % 2 ? MSEC_HOUR : 0,
                                        .setter = "ann",
                                        .reason = "why"},
                  &done);
    }
    world_sleep(w, 0);
}

/* Runs turns until no answer waits; each sends at most one piece. Returns their number.
 */
static unsigned
run_out(struct world *w, const char *pattern)
{
    unsigned n = world_count(alice, pattern);
    int turns = 0;
    while (crowd_waits(w) && turns++ < 5000) {
        world_drain(alice);
        CU_ASSERT(crowd_turn(w, alice) <= CURSOR_BYTES + 1024);
        n += world_count(alice, pattern);
    }
    CU_ASSERT(turns < 5000);
    return n;
}

static void
many_bans_are_listed_whole_and_in_pieces(void)
{
    static const struct {
        const char *line, *end;
        unsigned n;
    } cases[] = {
        {"STATS K", "* 219 alice K *", 10000},
        {"STATS k", "* 219 alice k *", 10000},
        {"BANS", "* :End of BANS: 20000 of 20000 bans match", 20000},
        {"BANS *.7.?", "* :End of BANS: 10 of 20000 bans match", 10},
    };
    struct world *w = world_with_oper(world_easy, &alice);
    set_many(w, 20000);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_drain(alice);
        world_sayf(w, alice, "%s\r\nPING :after", cases[i].line);
        NEVER(w, alice, "* PONG *");
        EQUAL_NUMBER(run_out(w, "* 216 alice ?*"), cases[i].n);
        AWAIT(w, alice, cases[i].end);
        EXPECT(w, alice, "* PONG irc.localhost :after");
        SILENT(w, alice);
    }
    world_free(w);
}

static void
bans_may_be_lifted_and_set_under_a_list(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    struct ban *next;
    unsigned n;
    set_many(w, 5000);
    world_drain(alice);
    world_say(w, alice, "BANS");
    n = world_count(alice, "* 216 *");
    for (int turns = 0; crowd_waits(w) && turns < 1000; turns++) {
        struct cursor *cur =
            LIST_ENTRY(cursors_of(w->srv)->all.next, struct cursor, link);
        for (int i = 0; i < 20 && rest_place(cur) != &w->srv->policy->kinds[BAN_KLINE];
             i++) {
            next = LIST_ENTRY(rest_place(cur), struct ban, link);
            ban_remove(w->srv, next);
        }
        world_drain(alice);
        crowd_turn(w, alice);
        n += world_count(alice, "* 216 *");
    }
    EQUAL_NUMBER(n, w->srv->policy->n_bans[BAN_KLINE]);
    CU_ASSERT(n > 1000 && n < 5000);
    AWAIT(w, alice, "* :End of BANS: *");
    world_free(w);
}

static void
a_list_ends_with_its_reader(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    set_many(w, 5000);
    world_say(w, alice, "STATS K");
    CU_ASSERT(crowd_waits(w));
    world_close(w, alice);
    CU_ASSERT(!crowd_waits(w));
    world_free(w);
}

SUITE(ban_list)
{
    TEST(stats_lists_reserved_names_and_real_names);
    TEST(a_line_tells_the_hits_and_the_last_one);
    TEST(bans_searches_masks_setters_and_reasons_of_all_kinds);
    TEST(testmask_counts_by_the_enforcing_matcher);
    TEST(each_right_is_needed);
    TEST(many_bans_are_listed_whole_and_in_pieces);
    TEST(bans_may_be_lifted_and_set_under_a_list);
    TEST(a_list_ends_with_its_reader);
}
