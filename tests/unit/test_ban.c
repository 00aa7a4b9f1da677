/* Server bans below their commands: matching, breadth, expiry, replacement, storage. */
#include "enact/ban.h"
#include "policy/ban/ban.h"
#include "policy/policy.h"
#include "state/record.h"
#include "world.h"

static bool
parse(enum ban_kind kind, const char *text, struct mask *mask)
{
    char err[200];
    return ban_kinds[kind].parse(text, mask, err, sizeof err);
}

static struct ban *
set(struct world *w, enum ban_kind kind, const char *text, msec length)
{
    struct mask mask;
    struct ban_outcome done;
    CU_ASSERT_FATAL(parse(kind, text, &mask));
    enact_ban(w->srv,
              &(struct ban_request){.kind = kind,
                                    .mask = &mask,
                                    .length = length,
                                    .setter = "alice",
                                    .reason = "why",
                                    .oper_reason = "secret"},
              &done);
    world_sleep(w, 0);
    return done.ban;
}

static void
a_mask_covers_the_clients_it_means(void)
{
    static const struct {
        const char *mask, *address;
        bool covers; /* bob!bob@address */
    } cases[] = {
        {"*@192.0.2.7", "192.0.2.7", true},
        {"*@192.0.2.7", "::ffff:192.0.2.7", true},
        {"*@::ffff:192.0.2.7", "192.0.2.7", true},
        {"*@192.0.2.7", "192.0.2.70", false},
        {"*@192.0.2.0/24", "192.0.2.255", true},
        {"*@192.0.2.0/24", "192.0.3.0", false},
        {"*@192.0.2.*", "192.0.2.9", true},
        {"bob@192.0.2.7", "192.0.2.7", true},
        {"BOB@192.0.2.7", "192.0.2.7", true},
        {"eve@192.0.2.7", "192.0.2.7", false},
        {"bob!*@*", "192.0.2.7", true},
        {"BoB!b?b@192.0.2.7", "192.0.2.7", true},
        {"eve!*@192.0.2.7", "192.0.2.7", false},
        {"*@2001:db8::/32", "2001:db8:ffff::1", true},
        {"*@2001:DB8:0:0::1", "2001:db8::1", true},
        {"*@2001:db8::1", "2001:db8::2", false},
        {"*@::/0", "192.0.2.7", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(NULL);
        struct actor *on = world_user_at(w, "bob", cases[i].address);
        struct ban *ban = set(w, BAN_KLINE, cases[i].mask, MSEC_HOUR);
        EQUAL_NUMBER(on->closed, cases[i].covers);
        EQUAL_NUMBER(ban->hits, cases[i].covers);
        world_close(w, on);
        EQUAL_NUMBER(world_user_at(w, "bob", cases[i].address)->closed,
                     cases[i].covers);
        EQUAL_NUMBER(ban->hits, 2 * cases[i].covers);
        world_free(w);
    }
}

static void
a_k_line_waits_for_registration_and_a_d_line_does_not(void)
{
    struct world *w = world_new("limits { per_host = 9 }");
    struct actor *fresh = world_connect(w, "192.0.2.7");
    set(w, BAN_KLINE, "*@192.0.2.7", MSEC_HOUR);
    CU_ASSERT(!fresh->closed && !world_connect(w, "192.0.2.7")->closed);
    world_say(w, fresh, "NICK bob");
    world_say(w, fresh, "USER bob 0 * :Bob");
    AWAIT(w, fresh,
          "ERROR *(You are banned (K-line) until 2026-11-22 01:00:00 UTC (1h): why)");
    set(w, BAN_DLINE, "192.0.2.7", 0);
    CU_ASSERT(w->actors[1].closed);
    AWAIT(w, &w->actors[1], "ERROR *(You are banned (D-line) for good: why)");
    EXPECT(w, world_connect(w, "192.0.2.7"),
           "ERROR *(You are banned (D-line) for good: why)");
    world_free(w);
}

static void
expiry_is_exact_whatever_the_tick_has_done(void)
{
    struct world *w = world_new("limits { per_host = 99 connect_rate = \"99/1s\" }");
    struct mask mask;
    CU_ASSERT_FATAL(parse(BAN_KLINE, "*@192.0.2.7", &mask));
    set(w, BAN_KLINE, "*@192.0.2.7", 500);
    set(w, BAN_DLINE, "192.0.2.8", 500);
    world_set_wall(w, WORLD_WALL + 499);
    CU_ASSERT(world_user_at(w, "bob", "192.0.2.7")->closed);
    CU_ASSERT(world_connect(w, "192.0.2.8")->closed);
    CU_ASSERT(ban_find(w->srv, BAN_KLINE, "*@192.0.2.7") != NULL);
    world_set_wall(w, WORLD_WALL + 500);
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 1); /* no tick since */
    CU_ASSERT(ban_find(w->srv, BAN_KLINE, "*@192.0.2.7") == NULL);
    CU_ASSERT(!world_user_at(w, "bob", "192.0.2.7")->closed);
    CU_ASSERT(!world_connect(w, "192.0.2.8")->closed);
    world_sleep(w, 1000);
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 0);
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_DLINE], 0);
    world_restart(w, NULL);
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 0);
    world_free(w);
}

static void
an_expired_ban_is_not_enforced_after_a_restart(void)
{
    struct world *w = world_new(NULL);
    set(w, BAN_KLINE, "*@192.0.2.7", MSEC_HOUR);
    session_clock(w->srv, w->srv->now, w->srv->wall + MSEC_HOUR);
    world_restart(w, NULL);
    CU_ASSERT(!world_user_at(w, "bob", "192.0.2.7")->closed);
    world_free(w);
}

static void
everything_about_a_ban_survives_a_restart(void)
{
    struct world *w = world_new(NULL);
    set(w, BAN_KLINE, "Bob!b*@2001:DB8::1/32", 0);
    set(w, BAN_DLINE, "192.0.2.77/24", 2 * MSEC_HOUR);
    world_sleep(w, 1000);
    world_restart(w, NULL);
    struct ban *k = ban_find(w->srv, BAN_KLINE, "Bob!b*@2001:db8::/32");
    struct ban *d = ban_find(w->srv, BAN_DLINE, "192.0.2.0/24");
    CU_ASSERT_FATAL(k != NULL && d != NULL);
    CU_ASSERT(k == ban_find(w->srv, BAN_KLINE, "bOB!B*@2001:DB8::/32"));
    CU_ASSERT(ban_find(w->srv, BAN_KLINE, "192.0.2.0/24") == NULL);
    EQUAL_TEXT(k->setter, "alice");
    EQUAL_TEXT(k->reason, "why");
    EQUAL_TEXT(k->oper_reason, "secret");
    CU_ASSERT(k->set_at == WORLD_WALL && k->until == 0);
    CU_ASSERT(d->until == WORLD_WALL + 2 * MSEC_HOUR);
    CU_ASSERT(!k->automatic && k->hits == 0);
    CU_ASSERT(world_user_at(w, "bob", "2001:db8:1::5")->closed);
    CU_ASSERT(world_connect(w, "192.0.2.1")->closed);
    world_free(w);
}

static void
a_lifted_ban_stays_lifted_after_a_restart(void)
{
    struct world *w = world_new(NULL);
    struct ban *ban = set(w, BAN_KLINE, "*@192.0.2.7", 0);
    store_ticket set_ticket = ban_remove(w->srv, ban);
    EQUAL_NUMBER(set_ticket, 3); /* behind the message ids and the ban */
    CU_ASSERT(!world_user_at(w, "bob", "192.0.2.7")->closed);
    world_restart(w, NULL);
    CU_ASSERT(!world_user_at(w, "bob", "192.0.2.7")->closed);
    world_free(w);
}

static void
replacing_keeps_the_hits_but_a_new_ban_starts_without(void)
{
    struct world *w = world_new(NULL);
    struct mask mask;
    struct ban_outcome done;
    CU_ASSERT_FATAL(parse(BAN_KLINE, "*@192.0.2.7", &mask));
    struct ban_request r = {.kind = BAN_KLINE,
                            .mask = &mask,
                            .length = MSEC_MINUTE,
                            .setter = "alice",
                            .reason = "one"};
    enact_ban(w->srv, &r, &done);
    CU_ASSERT(!done.replaced);
    world_user_at(w, "bob", "192.0.2.7");
    r.reason = "two";
    r.setter = "ann";
    world_set_wall(w, WORLD_WALL + MSEC_MINUTE - 1);
    enact_ban(w->srv, &r, &done);
    CU_ASSERT(done.replaced);
    EQUAL_NUMBER(done.ban->hits, 1);
    EQUAL_TEXT(done.ban->reason, "two");
    EQUAL_TEXT(done.ban->setter, "ann");
    CU_ASSERT(done.ban->until == WORLD_WALL + 2 * MSEC_MINUTE - 1);
    world_set_wall(w, WORLD_WALL + 2 * MSEC_MINUTE - 1);
    enact_ban(w->srv, &r, &done);
    CU_ASSERT(!done.replaced);
    EQUAL_NUMBER(done.ban->hits, 0);
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 1);
    world_free(w);
}

static void
the_exempt_and_operators_stay_on(void)
{
    char config[300];
    snprintf(config, sizeof config, "%s exempt \"192.0.2.9\" { from = { \"bans\" } }",
             world_alice);
    struct world *w = world_new(config);
    struct actor *alice = world_user_at(w, "alice", "192.0.2.7");
    world_say(w, alice, "OPER alice secret");
    struct actor *ann = world_user_at(w, "ann", "192.0.2.9");
    struct actor *bob = world_user_at(w, "bob", "192.0.2.8");
    world_drain_all(w);
    set(w, BAN_KLINE, "*@192.0.2.0/24", MSEC_HOUR);
    CU_ASSERT(!alice->closed && !ann->closed && bob->closed);
    EXPECT(w, alice,
           "* NOTICE alice :K-line ?@192.0.2.0/24 matches you. *connect again.");
    SILENT(w, ann);
    set(w, BAN_DLINE, "192.0.2.0/24", MSEC_HOUR);
    CU_ASSERT(!alice->closed && !ann->closed);
    world_close(w, alice);
    world_close(w, ann);
    CU_ASSERT(world_connect(w, "192.0.2.7")->closed);
    CU_ASSERT(!world_user_at(w, "ann", "192.0.2.9")->closed);
    world_free(w);
}

struct breadth {
    enum ban_kind kind;
    const char *mask;
    const char *why; /* NULL: not too broad */
};

static void
check_breadth(struct world *w, struct client *setter, const struct breadth *b)
{
    char why[200] = "";
    struct mask mask;
    CU_ASSERT_FATAL(parse(b->kind, b->mask, &mask));
    bool broad = ban_too_broad(w->srv, b->kind, &mask, setter, why, sizeof why);
    if (broad != (b->why != NULL))
        printf("\n    %s: %s\n", b->mask, why);
    EQUAL_NUMBER(broad, b->why != NULL);
    if (b->why)
        CONTAINS(why, b->why);
}

static void
breadth_is_judged_by_literals_prefix_and_the_setter(void)
{
    static const struct breadth cases[] = {
        {BAN_KLINE, "*@*", "fewer than 4"},
        {BAN_KLINE, "abc@*", "fewer than 4"},
        {BAN_KLINE, "*@*.com", "fewer than 4"},
        {BAN_KLINE, "a?b*c!*@*.", "fewer than 4"},
        {BAN_KLINE, "abcd@*", NULL},
        {BAN_KLINE, "*@*.info", NULL},
        {BAN_KLINE, "*@198.51.100.0/15", "shorter than /16"},
        {BAN_KLINE, "*@198.51.100.0/16", NULL},
        {BAN_KLINE, "*@0.0.0.0/0", "shorter than /16"},
        {BAN_KLINE, "*@2001:db8::/31", "shorter than /32"},
        {BAN_KLINE, "*@2001:db8::/32", NULL},
        {BAN_KLINE, "*@::/0", "shorter than /32"},
        {BAN_KLINE, "*@::ffff:198.51.100.0/111", "shorter than /16"},
        {BAN_KLINE, "*@1.1.1.1", NULL},
        {BAN_KLINE, "longname@198.51.100.0/8", "shorter than /16"},
        {BAN_DLINE, "198.51.100.0/15", "shorter than /16"},
        {BAN_DLINE, "198.51.100.0/16", NULL},
        {BAN_DLINE, "::/0", "shorter than /32"},
        {BAN_KLINE, "*@192.0.2.1", "yourself"},
        {BAN_KLINE, "alice!*@*", "yourself"},
        {BAN_DLINE, "192.0.2.0/24", "yourself"},
    };
    struct world *w = world_new(NULL);
    struct actor *alice = world_user_at(w, "alice", "192.0.2.1");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_breadth(w, alice->client, &cases[i]);
    world_free(w);
}

static void
breadth_counts_registered_clients_the_setter_included(void)
{
    static const struct {
        int covered, others; /* one of the others is the client that sets the ban */
        bool broad;
    } cases[] = {
        {3, 1, false}, /* three clients or fewer are never too broad */
        {4, 4, false}, /* just half */
        {4, 3, true},  {4, 5, false}, {5, 4, true}, {5, 5, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct breadth b = {BAN_KLINE, "*@198.51.0.0/16",
                            cases[i].broad ? "clients" : NULL};
        struct world *w = world_new("limits { per_network = 99 per_host = 99 }");
        char nick[16], address[32];
        struct actor *alice = world_user(w, "alice");
        for (int n = 1; n < cases[i].others; n++) {
            snprintf(nick, sizeof nick, "o%d", n);
            world_user(w, nick);
        }
        for (int n = 0; n < cases[i].covered; n++) {
            snprintf(nick, sizeof nick, "c%d", n);
            snprintf(address, sizeof address, "198.51.%d.1", n);
            world_user_at(w, nick, address);
        }
        for (int n = 0; n < 3; n++) /* not registered: not counted */
            world_connect(w, n ? "198.51.99.1" : "203.0.113.1");
        check_breadth(w, alice->client, &b);
        world_free(w);
    }
}

static void
lengths_of_years_neither_overflow_nor_turn_negative(void)
{
    static const msec walls[] = {WORLD_WALL, WORLD_WALL - MSEC_DAY,
                                 WORLD_WALL + 60 * 365 * MSEC_DAY};
    struct world *w = world_new("limits { connect_rate = \"99/1s\" }");
    char words[400];
    struct ban *b = set(w, BAN_KLINE, "*@192.0.2.7", DURATION_MAX);
    for (size_t i = 0; i < 3; i++) {
        world_set_wall(w, walls[i]);
        ban_words(w->srv, b, words, sizeof words);
        CU_ASSERT(strchr(words, '-') != NULL && strstr(words, "(-") == NULL);
        CU_ASSERT(world_user_at(w, "bob", "192.0.2.7")->closed);
    }
    EQUAL_NUMBER(b->hits, 3);
    world_free(w);
}

static void
many_bans_expire_in_any_order_and_the_rest_stays(void)
{
    struct world *w = world_new(NULL);
    char text[64];
    for (int i = 0; i < 500; i++) {
        snprintf(text, sizeof text, "*@198.51.%d.%d", i / 250, i % 250);
        set(w, BAN_KLINE, text, i % 5 == 0 ? 0 : (1 + i % 7) * MSEC_MINUTE);
    }
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 500);
    world_sleep(w, 8 * MSEC_MINUTE);
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 100);
    world_restart(w, NULL);
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 100);
    world_free(w);
}

static void
nothing_stored_is_said_in_two_lines(void)
{
    struct world *w = world_new(world_alice);
    struct record r;
    world_store_news(w);
    record_begin(&r, BAN_RECORD);
    record_add_text(&r, "K");
    record_add_text(&r, "*@192.0.2.7");
    record_add_number(&r, WORLD_WALL);
    record_add_number(&r, 0);
    record_add_number(&r, 0);
    record_add_text(&r, "b o\tb\n");
    record_add_text(&r, "go\r\n:irc NOTICE");
    record_add_text(&r, "for\nopers");
    record_seal(&r);
    store_put(w->store, "BK*@192.0.2.7", 13, r.bytes, r.len);
    world_restart(w, world_alice);
    struct ban *ban = ban_find(w->srv, BAN_KLINE, "*@192.0.2.7");
    CU_ASSERT_FATAL(ban != NULL);
    EQUAL_TEXT(ban->setter, "b_o_b?");
    EQUAL_TEXT(ban->reason, "go??:irc NOTICE");
    EQUAL_TEXT(ban->oper_reason, "for?opers");
    struct actor *bob = world_connect(w, "192.0.2.7");
    world_say(w, bob, "NICK bob");
    world_say(w, bob, "USER bob 0 * :Bob");
    AWAIT(w, bob, "ERROR *(You are banned (K-line) for good: go??:irc NOTICE)");
    SILENT(w, bob);
    world_free(w);
}

static void
a_hundred_thousand_bans_expire_from_the_top(void)
{
    struct world *w = world_new(NULL);
    struct server *srv = w->srv;
    char text[64];
    for (int i = 0; i < 100000; i++) {
        snprintf(text, sizeof text, "u%d@198.51.100.1", i);
        set(w, BAN_KLINE, text, i % 5 == 0 ? MSEC_MINUTE + i : MSEC_DAY + i);
    }
    EQUAL_NUMBER(srv->policy->due.n, 100000);
    srv->wall += MSEC_HOUR;
    for (size_t left = 100000; left > 80000;) {
        enact_ban_tick(srv);
        size_t now = srv->policy->n_bans[BAN_KLINE];
        CU_ASSERT_FATAL(now < left && left - now <= 1000); /* some, and bounded */
        left = now;
    }
    struct ban *top = ban_due_first(&srv->policy->due);
    enact_ban_tick(srv);
    EQUAL_NUMBER(srv->policy->n_bans[BAN_KLINE], 80000);
    CU_ASSERT_FATAL(top != NULL && top == ban_due_first(&srv->policy->due));
    EQUAL_TEXT(top->mask.text, "u1@198.51.100.1");
    ban_extend(srv, top, 0); /* for good: no more in the heap of bans that end */
    EQUAL_TEXT(ban_due_first(&srv->policy->due)->mask.text, "u2@198.51.100.1");
    ban_extend(srv, top, srv->wall + 1); /* and back on top */
    CU_ASSERT(ban_due_first(&srv->policy->due) == top);
    world_free(w);
}

static void
keep_record(struct world *w, const char *key, const char *mask, const char *reason,
            msec set_at)
{
    struct record r;
    record_begin(&r, BAN_RECORD);
    record_add_text(&r, "D");
    record_add_text(&r, mask);
    record_add_number(&r, (uint64_t)set_at);
    record_add_number(&r, 0);
    record_add_number(&r, 0);
    record_add_text(&r, "alice");
    record_add_text(&r, reason);
    record_add_text(&r, "");
    record_seal(&r);
    store_put(w->store, key, strlen(key), r.bytes, r.len);
}

static void
count_bans(void *ctx, const void *key, size_t key_len, const void *value, size_t n)
{
    (void)value, (void)n, (void)key_len;
    *(int *)ctx += *(const char *)key == BAN_RECORD;
}

/* As if the form in which masks are listed had changed since. */
static void
a_record_under_an_old_key_moves_to_todays(void)
{
    for (int order = 0; order < 3; order++) {
        struct world *w = world_new(NULL);
        int n = 0;
        keep_record(w, "BD::1", "::1", "old", WORLD_WALL);
        if (order > 0)
            keep_record(w, order == 1 ? "BD0::1" : "BD0:0::1", "0::1", "new",
                        WORLD_WALL + 1);
        world_restart(w, NULL);
        EQUAL_NUMBER(w->srv->policy->n_bans[BAN_DLINE], 1);
        struct ban *ban = ban_find(w->srv, BAN_DLINE, "0::1");
        CU_ASSERT_FATAL(ban != NULL);
        EQUAL_TEXT(ban->reason, order ? "new" : "old");
        world_restart(w, NULL);
        store_each(w->store, count_bans, &n);
        EQUAL_NUMBER(n, 1);
        ban_remove(w->srv, ban_find(w->srv, BAN_DLINE, "0::1"));
        world_restart(w, NULL);
        EQUAL_NUMBER(w->srv->policy->n_bans[BAN_DLINE], 0);
        world_free(w);
    }
}

SUITE(ban)
{
    TEST(a_hundred_thousand_bans_expire_from_the_top);
    TEST(a_record_under_an_old_key_moves_to_todays);
    TEST(a_mask_covers_the_clients_it_means);
    TEST(a_k_line_waits_for_registration_and_a_d_line_does_not);
    TEST(expiry_is_exact_whatever_the_tick_has_done);
    TEST(an_expired_ban_is_not_enforced_after_a_restart);
    TEST(everything_about_a_ban_survives_a_restart);
    TEST(a_lifted_ban_stays_lifted_after_a_restart);
    TEST(replacing_keeps_the_hits_but_a_new_ban_starts_without);
    TEST(the_exempt_and_operators_stay_on);
    TEST(breadth_is_judged_by_literals_prefix_and_the_setter);
    TEST(breadth_counts_registered_clients_the_setter_included);
    TEST(lengths_of_years_neither_overflow_nor_turn_negative);
    TEST(many_bans_expire_in_any_order_and_the_rest_stays);
    TEST(nothing_stored_is_said_in_two_lines);
}
