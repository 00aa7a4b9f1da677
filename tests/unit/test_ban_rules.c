/* The rules of bans and the clients that a ban covers: hosts of nicks, shorter bans,
 * addresses that begin with a colon, nicks that change. */
#include "enact/ban.h"
#include "policy/ban/ban.h"
#include "policy/policy.h"
#include "world.h"

#include <string.h>

/* An IPv6 host is a /64: a client banned by its nick has 2^64 - 1 more addresses. */
static void
a_nick_means_its_host(void)
{
    static const struct {
        const char *config, *address, *other, *kline, *dline;
    } cases[] = {
        {"", "192.0.2.7", "192.0.2.7", "?@192.0.2.7", "192.0.2.7"},
        {"", "2001:db8::1", "2001:db8::ffff:2", "?@2001:db8::/64", "2001:db8::/64"},
        {"limits { host_prefix_v6 = 56 }", "2001:db8:0:ff::1", "2001:db8:0:1::2",
         "?@2001:db8::/56", "2001:db8::/56"},
    };
    for (size_t i = 0; i < 4 * sizeof cases / sizeof *cases; i++) {
        char want[200], config[600];
        bool d = i & 1, gone = i & 2;
        const char *mask = d ? cases[i / 4].dline : cases[i / 4].kline;
        const char *letter = d ? "D" : "K";
        snprintf(config, sizeof config, "%s\n%s", world_alice, cases[i / 4].config);
        struct world *w = world_new(config);
        struct actor *alice = world_oper(w, "alice");
        struct actor *bob = world_user_at(w, "bob", cases[i / 4].address);
        struct actor *eve = world_user_at(w, "eve", cases[i / 4].other);
        if (gone)
            world_close(w, bob);
        snprintf(want, sizeof want, "%sLINE 1h bob :x", letter);
        world_enact(w, alice, want);
        snprintf(want, sizeof want, "*%s-line %s set *, saved", letter, mask);
        AWAIT(w, alice, want);
        CU_ASSERT(eve->closed);
        eve = d ? world_connect(w, cases[i / 4].other)
                : world_user_at(w, "eve", cases[i / 4].other);
        CU_ASSERT(eve->closed);
        snprintf(want, sizeof want, "UN%sLINE bob", letter);
        world_enact(w, alice, want);
        snprintf(want, sizeof want, "*%s-line %s removed, saved", letter, mask);
        AWAIT(w, alice, want);
        CU_ASSERT(!world_connect(w, cases[i / 4].other)->closed);
        world_free(w);
    }
}

static void
a_typed_address_stays_one_address(void)
{
    struct actor *alice;
    struct world *w = world_with_oper(world_easy, &alice);
    world_enact(w, alice, "KLINE 1h 2001:db8::1 :x");
    AWAIT(w, alice,
          "* NOTICE alice :KLINE: 2001:db8::1 is a part of the host 2001:db8::/64; its "
          "other addresses are not banned (KLINE ?@2001:db8::/64 bans all of them)");
    AWAIT(w, alice, "*K-line ?@2001:db8::1 set *, saved");
    CU_ASSERT(world_user_at(w, "bob", "2001:db8::1")->closed);
    CU_ASSERT(!world_user_at(w, "bob", "2001:db8::2")->closed);
    world_enact(w, alice, "DLINE 1h 2001:db8:7::1 :x");
    AWAIT(w, alice,
          "*DLINE: 2001:db8:7::1 is *(DLINE 2001:db8:7::/64 bans all of them)");
    world_drain(alice);
    world_enact(w, alice, "KLINE 1h 2001:db8:8::/64 :x"); /* a host is banned whole */
    world_enact(w, alice, "KLINE 1h 192.0.2.9 :x");
    world_enact(w, alice, "RESV 1h bobby :x");
    NEVER(w, alice, "*is a part of the host*");
    world_free(w);
}

#define CONTACT " (complaints: staff@example.org)"

/* The reason stands in the ERROR at accept, in 465 and the ERROR at registration, in
 * the ERROR to clients that are on, and in automatic bans; the longest reason is cut
 * before the text behind it. */
static void
the_banned_read_where_to_complain(void)
{
    char config[600], line[500], reason[300];
    snprintf(config, sizeof config, "%s admin { email = \"staff@example.org\" }",
             world_alice);
    struct world *w = world_new(config);
    struct actor *alice = world_oper(w, "alice"),
                 *bob = world_user_at(w, "bob", "192.0.2.7");
    world_enact(w, alice, "KLINE 1h *@192.0.2.7 :spam");
    AWAIT(w, bob, "ERROR *(You are banned (K-line) until *: spam" CONTACT ")");
    bob = world_connect(w, "192.0.2.7");
    world_say(w, bob, "NICK bob");
    world_say(w, bob, "USER b 0 * :B");
    EXPECT(w, bob, "* 465 bob :You are banned (K-line) until *: spam" CONTACT);
    EXPECT(w, bob, "ERROR *(You are banned (K-line) until *: spam" CONTACT ")");
    world_enact(w, alice, "DLINE 1h 192.0.2.8 :proxy");
    EXPECT(w, world_connect(w, "192.0.2.8"),
           "ERROR *(D-line) until *: proxy" CONTACT ")");
    bob = world_user_at(w, "bob", "192.0.2.9");
    world_enact(w, alice, "STRIKE bob 5 :rude");
    AWAIT(w, bob, "ERROR *(K-line) until *: 5 strikes, the last for rude" CONTACT ")");
    memset(reason, 'r', 255);
    reason[255] = '\0';
    snprintf(line, sizeof line, "DLINE 2001:db8:1111:2222:3333:4444:5555:6666 :%s",
             reason);
    world_enact(w, alice, line);
    EXPECT(w, world_connect(w, "2001:db8:1111:2222:3333:4444:5555:6666"),
           "ERROR *(D-line) for good: rrrr*" CONTACT ")");
    world_free(w);
}

static void
an_address_that_is_too_long_to_be_told_is_left_out(void)
{
    for (size_t n = 90; n < 130; n++) {
        char config[600], email[200];
        memset(email, 'e', n);
        email[n] = '\0';
        snprintf(config, sizeof config, "%s admin { email = \"%s\" }", world_alice,
                 email);
        struct world *w = world_new(config);
        struct actor *alice = world_oper(w, "alice");
        world_enact(w, alice, "DLINE 1h 192.0.2.8 :proxy");
        struct actor *bob = world_connect(w, "192.0.2.8");
        EQUAL_NUMBER(world_count(bob, "ERROR :Closing Link: *: proxy*)"), 1);
        EQUAL_NUMBER(world_count(bob, "*complaints*"), n <= 104);
        world_free(w);
    }
}

static void
a_glob_over_addresses_is_as_broad_as_its_prefix(void)
{
    static const struct {
        const char *line, *told;
    } cases[] = {
        {"KLINE 5m *@2001:* :x",
         "KLINE refused: ?@2001::/16 is too broad: its prefix is "
         "shorter than /32. KLINE FORCE *"},
        {"KLINE 5m *@2001:d* :x",
         "KLINE refused: ?@2001:d? is too broad: it amounts to "
         "an IPv6 prefix of /16, shorter than /32. *"},
        {"KLINE 5m *@2001?d* :x", "KLINE refused: ?@2001?d? is too broad: *"},
        {"KLINE 5m *@10.* :x",
         "KLINE refused: ?@10.? is too broad: it amounts to an IPv4 "
         "prefix of /8, shorter than /16. *"},
        {"KLINE 5m 10.1?.* :x",
         "KLINE refused: ?@10.1?.? is too broad: it amounts to an "
         "IPv4 prefix of /8*"},
        {"KLINE 5m spammer!*@10.* :x", "KLINE refused: spammer!?@10.? is too broad: *"},
        {"KLINE 5m *@*cafe* :x",
         "KLINE refused: ?@?cafe? is too broad: it amounts to an "
         "IPv6 prefix of /0*"},
        {"KLINE 5m 10.7.* :x", "K-line ?@10.7.? set *: removed 0 clients, saved"},
        {"KLINE 5m *@2001:db8:* :x", "K-line ?@2001:db8::/32 set *, saved"},
        {"KLINE 5m *@2001:0db8:* :x", "K-line ?@2001:db8::/32 replaced *, saved"},
        {"KLINE 5m *@2001:db8:0:0:* :x", "K-line ?@2001:db8::/64 set *, saved"},
        {"KLINE 5m *@2001:db8::* :x", "K-line ?@2001:db8::? set *, saved"},
        {"KLINE FORCE 5m *@2001:d* :x", "K-line ?@2001:d? set *, saved"},
        {"KLINE 5m *@2001:0db8::* :x", "K-line ?@2001:db8::? replaced *, saved"},
        {"KLINE 5m *@*:0:0:1 :x",
         "KLINE refused: \"?:0:0:1\" has zero groups in a row, which are written as "
         "::, "
         "so it matches no address: expected a CIDR (2001:db8::/64). Example: *"},
        {"KLINE FORCE 5m *@010.7.*.1 :x", "KLINE refused: * expected 10.7.?.1. *"},
        {"TESTMASK *@010.*", "TESTMASK refused: * expected 10.?. *"},
        {"CHECK *@010.*", "CHECK refused: * expected 10.?. *"},
        {"UNKLINE *@2001:0db8:*", "K-line ?@2001:db8::/32 removed, saved"},
    };
    struct actor *alice;
    struct world *w = world_with_oper(world_easy, &alice);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[300];
        world_enact(w, alice, cases[i].line);
        snprintf(want, sizeof want, ":irc.localhost NOTICE alice :%s", cases[i].told);
        AWAIT(w, alice, want);
    }
    CU_ASSERT(world_user_at(w, "bob", "2001:db8::7")->closed);
    CU_ASSERT(world_user_at(w, "bob", "10.7.9.9")->closed);
    CU_ASSERT(!world_user_at(w, "bob", "10.8.9.9")->closed);
    world_free(w);
}

/* An older server may have stored a ban that is refused now: it stays until it is
 * lifted. */
static void
stored_globs_that_match_no_address_are_kept(void)
{
    struct actor *alice;
    struct world *w = world_with_oper(world_easy, &alice);
    struct mask mask;
    struct ban_outcome out;
    char err[200];
    CU_ASSERT(mask_parse_strict("*@010.1.*", &mask, err, sizeof err));
    enact_ban(w->srv,
              &(struct ban_request){
                  .kind = BAN_KLINE, .mask = &mask, .setter = "x", .reason = "old"},
              &out);
    world_restart(w, world_alice);
    alice = world_oper(w, "alice");
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 1);
    world_enact(w, alice, "UNKLINE *@010.1.*");
    AWAIT(w, alice, "*K-line ?@010.1.? removed, saved");
    world_free(w);
}

/* dan may ban, also for good, but may not lift a ban. */
static const char dan[] =
    "oper \"dan\" { password = \"$argon2id$secret\" hosts = \"*@*\" "
    "privileges = { \"kline\", \"dline\", \"permanent\" } }";

static void
a_shorter_ban_needs_the_right_to_lift_one(void)
{
    static const struct {
        const char *first, *second; /* alice's, and dan's */
        bool refused;
    } cases[] = {
        {"KLINE *@192.0.2.7 :alice", "KLINE 1m *@192.0.2.7 :dan", true},
        {"DLINE 192.0.2.7 :alice", "DLINE FORCE 1m 192.0.2.7 :dan", true},
        {"KLINE 1h *@192.0.2.7 :alice", "KLINE 59m *@192.0.2.7 :dan", true},
        {"KLINE 1h *@192.0.2.7 :alice", "KLINE 1h *@192.0.2.7 :dan", false},
        {"KLINE 1h *@192.0.2.7 :alice", "KLINE *@192.0.2.7 :dan", false},
        {"KLINE *@192.0.2.7 :alice", "KLINE *@192.0.2.7 :dan", false},
        {"KLINE *@192.0.2.7 :alice", "KLINE 1m *@192.0.2.8 :dan", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char config[1200];
        snprintf(config, sizeof config, "%s\n%s", world_easy, dan);
        struct world *w = world_new(config);
        struct actor *alice = world_oper(w, "alice");
        struct actor *d = world_user(w, "d");
        world_say(w, d, "OPER dan secret");
        world_enact(w, alice, cases[i].first);
        world_enact(w, d, cases[i].second);
        struct ban *ban = ban_find(w->srv, BAN_KLINE, "*@192.0.2.7");
        ban = ban ? ban : ban_find(w->srv, BAN_DLINE, "192.0.2.7");
        CU_ASSERT_FATAL(ban != NULL);
        if (cases[i].refused) {
            AWAIT(w, d,
                  "* 481 d :*192.0.2.7 by alice holds *'unban' may end it earlier");
            EQUAL_TEXT(ban->reason, "alice");
        } else {
            AWAIT(w, d, "*saved");
        }
        world_enact(w, alice, "KLINE 1m *@192.0.2.7 :alice again"); /* she may */
        AWAIT(w, alice, "*saved");
        world_free(w);
    }
}

static void
strikes_only_prolong_what_a_person_has_set(void)
{
    struct actor *alice;
    struct world *w = world_with_oper(world_easy, &alice);
    world_enact(w, alice, "KLINE 1m *@192.0.2.7 :spam|he knows");
    struct actor *other = world_oper(w, "other");
    world_enact(w, alice, "STRIKE 192.0.2.7 5 :more");
    AWAIT(w, other, "*K-line ?@192.0.2.7 by alice extended until * (10m): 5 strikes*");
    struct ban *ban = ban_find(w->srv, BAN_KLINE, "*@192.0.2.7");
    CU_ASSERT_FATAL(ban != NULL);
    CU_ASSERT(ban->until == WORLD_WALL + 10 * MSEC_MINUTE && !ban->automatic);
    EQUAL_TEXT(ban->setter, "alice");
    EQUAL_TEXT(ban->reason, "spam");
    EQUAL_TEXT(ban->oper_reason, "he knows");
    world_enact(w, alice, "PARDON 192.0.2.7");
    CU_ASSERT(ban_find(w->srv, BAN_KLINE, "*@192.0.2.7") == ban);
    world_restart(w, world_easy);
    ban = ban_find(w->srv, BAN_KLINE, "*@192.0.2.7");
    CU_ASSERT(ban && !ban->automatic && ban->until == WORLD_WALL + 10 * MSEC_MINUTE);
    world_sleep(w, 11 * MSEC_MINUTE);
    CU_ASSERT(ban_find(w->srv, BAN_KLINE, "*@192.0.2.7") == NULL);
    world_free(w);
}

/* A listed mask can be typed again; a colon in front of it would be that of the last
 * parameter. */
static void
addresses_that_begin_with_a_colon_work_as_typed_and_as_listed(void)
{
    static const struct {
        const char *line, *told;
    } cases[] = {
        {"DLINE 1h ::1 :x", "*refused: *; an address that begins * is written 0::1*"},
        {"DLINE ::2 1h :x", "*refused: *; an address that begins * is written 0::1*"},
        {"DLINE 1h ::1", "*D-line 0::1 set *"},
        {"STATS d", "* 225 alice d 0::1 alice :set *"},
        {"UNDLINE ::1", "*D-line 0::1 removed*"},
        {"DLINE 1h 0::1 :x", "*D-line 0::1 set *"},
        {"UNDLINE 0::1", "*D-line 0::1 removed*"},
        {"UNDLINE ::1", "*UNDLINE refused: there is no D-line :1*"},
        {"DLINE FORCE 1h 0::/8 :x", "*D-line 0::/8 set *"},
        {"STATS d", "* 225 alice d 0::/8 alice :set *"},
        {"UNDLINE ::/8", "*D-line 0::/8 removed*"},
        {"DLINE 1h ::ffff:192.0.2.7", "*D-line 192.0.2.7 set *"},
        {"KLINE 1h ::1", "*K-line ?@::1 set *"},
        {"UNKLINE *@::1", "*K-line ?@::1 removed*"},
        {"TESTMASK ::1", "* 727 alice 0 0 ?@::1 *"},
        {"TESTMASK ::1 x", "*TESTMASK refused: *is written 0::1*"},
        {"CHECK ::1", "*0::/64*"},
        {"STRIKE 0::1 1 :x", "*0::/64*"},
        {"STRIKES", "*STRIKES 0::/64: 1 of 5*"},
        {"PARDON ::1", "*PARDON*0::/64*"},
        {"PARDON ::g", "*is written 0::1*"},
    };
    struct actor *alice;
    struct world *w = world_with_oper(world_easy, &alice);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_enact(w, alice, cases[i].line);
        AWAIT(w, alice, cases[i].told);
    }
    world_free(w);
}

static void
a_banned_nick_is_not_to_be_had_by_changing_to_it(void)
{
    struct world *w =
        world_new("oper \"alice\" { password = \"$argon2id$secret\" hosts = \"*@*\" "
                  "privileges = { "
                  "\"all\" } } exempt \"192.0.2.9\" { from = { \"bans\" } }");
    struct actor *alice = world_oper(w, "alice");
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    struct actor *ann = world_user_at(w, "ann", "192.0.2.9");
    struct actor *eve = world_user_at(w, "badnick", "192.0.2.8");
    world_enact(w, alice, "KLINE 1h badnick!*@* :that one");
    CU_ASSERT(eve->closed);
    struct ban *ban = ban_find(w->srv, BAN_KLINE, "badnick!*@*");
    CU_ASSERT_FATAL(ban != NULL);
    EQUAL_NUMBER(ban->hits, 1);
    world_drain_all(w);
    world_say(w, bob, "NICK BadNick");
    EXPECT(w, bob,
           "* 432 bob BadNick :You are banned (K-line) under this nickname until "
           "2026-11-22 01:00:00 UTC (1h): that one");
    SILENT(w, bob);
    EQUAL_NUMBER(ban->hits, 2);
    world_say(w, bob, "NICK other");
    EXPECT(w, bob, "*bob!* NICK :other");
    world_say(w, ann, "NICK badnick"); /* exempt */
    EXPECT(w, ann, "*ann!* NICK :badnick");
    world_say(w, ann, "NICK ann");
    world_say(w, alice, "NICK badnick"); /* an operator */
    AWAIT(w, alice, "*alice!* NICK :badnick");
    world_say(w, alice, "NICK alice");
    world_set_wall(w, WORLD_WALL + 2 * MSEC_HOUR);
    world_drain_all(w);
    world_say(w, bob, "NICK badnick");
    EXPECT(w, bob, "*other!* NICK :badnick");
    world_free(w);
}

/* The texts behind `mark` of all waiting lines that match, put together. */
static void
collect(struct actor *a, const char *mark, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (const char *at = a->inbox; at && at < a->inbox + a->len;) {
        const char *end = memchr(at, '\n', a->len - (size_t)(at - a->inbox));
        const char *text = strstr(at, mark);
        CU_ASSERT_FATAL(end != NULL);
        CU_ASSERT(end - at <= 510);
        if (text && text < end) {
            text += strlen(mark);
            used += (size_t)snprintf(out + used, size - used, "%.*s~",
                                     (int)(end - 1 - text), text);
        }
        at = end + 1;
    }
}

/* A mask of 159 bytes, a setter of 63, both reasons of 255. */
static void
nothing_of_the_longest_ban_is_cut(void)
{
    char mask[MASK_TEXT], setter[BAN_SETTER], one[BAN_REASON], two[BAN_REASON];
    char got[4096], whole[2048];
    struct mask m;
    struct ban_outcome done;
    for (int spaced = 0; spaced < 2; spaced++) {
        struct actor *alice;
        struct world *w = world_with_oper(world_easy, &alice);
        memset(mask, 'm', sizeof mask - 1);
        memset(setter, 's', sizeof setter - 1);
        for (size_t i = 0; i < BAN_REASON - 1; i++) {
            one[i] = spaced && i % 9 == 8 ? ' ' : (char)('a' + i % 26);
            two[i] = spaced && i % 9 == 8 ? ' ' : (char)('A' + i % 26);
        }
        mask[sizeof mask - 1] = setter[sizeof setter - 1] = '\0';
        one[BAN_REASON - 1] = two[BAN_REASON - 1] = '\0';
        memcpy(mask + 5, "!*@", 3);
        CU_ASSERT_FATAL(mask_parse_strict(mask, &m, got, sizeof got));
        enact_ban(w->srv,
                  &(struct ban_request){.kind = BAN_KLINE,
                                        .mask = &m,
                                        .length = 900 * MSEC_DAY,
                                        .setter = setter,
                                        .reason = one,
                                        .oper_reason = two},
                  &done);
        snprintf(whole, sizeof whole, " %s %s :", m.text, setter);
        world_drain(alice);
        world_say(w, alice, "STATS k");
        collect(alice, whole, got, sizeof got);
        char *to = got;
        for (const char *at = got; *at; at++) {
            bool more = strncmp(at, "~... ", 5) == 0;
            if (more && spaced)
                *to++ = ' ';
            else if (!more)
                *to++ = *at;
            at += more ? 4 : 0;
        }
        *to = '\0';
        snprintf(whole, sizeof whole, ", 0 hits: %s | %s~", one, two);
        CONTAINS(got, whole);
        world_free(w);
    }
}

static void
operators_read_reasons_of_any_length_whole(void)
{
    char line[600], reason[256], want[300];
    struct actor *alice;
    struct world *w = world_with_oper(world_easy, &alice);
    memset(reason, 'r', 220);
    reason[220] = '\0';
    snprintf(line, sizeof line, "KLINE 1h *@192.0.2.7 :%s|%s", reason, reason);
    struct actor *other = world_oper(w, "other");
    world_enact(w, alice, line);
    AWAIT(w, other, "*alice: K-line *");
    snprintf(want, sizeof want, "*alice: ... reason: %s", reason);
    AWAIT(w, other, want);
    snprintf(want, sizeof want, "*alice: ... for operators: %s", reason);
    AWAIT(w, other, want);
    world_free(w);
}

SUITE(ban_rules)
{
    TEST(nothing_of_the_longest_ban_is_cut);
    TEST(operators_read_reasons_of_any_length_whole);
    TEST(a_banned_nick_is_not_to_be_had_by_changing_to_it);
    TEST(addresses_that_begin_with_a_colon_work_as_typed_and_as_listed);
    TEST(a_shorter_ban_needs_the_right_to_lift_one);
    TEST(strikes_only_prolong_what_a_person_has_set);
    TEST(a_nick_means_its_host);
    TEST(a_typed_address_stays_one_address);
    TEST(the_banned_read_where_to_complain);
    TEST(an_address_that_is_too_long_to_be_told_is_left_out);
    TEST(a_glob_over_addresses_is_as_broad_as_its_prefix);
    TEST(stored_globs_that_match_no_address_are_kept);
}
