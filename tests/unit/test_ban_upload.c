/* BANS IMPORT: a file of bans is set as a whole or not at all. */
#include "policy/policy.h"
#include "world.h"

static struct actor *
connect_owner(struct world *w, const char *nick)
{
    struct connection_info owner = {.owner = true, .listener = "0"};
    struct actor *a = world_connect_with(w, "::1", owner);
    world_sayf(w, a, "NICK %s", nick);
    world_say(w, a, "USER ctl 0 * :ircd ctl");
    AWAIT(w, a, ":irc.localhost 381 * :*");
    world_drain(a);
    return a;
}

/* Sends the text in pieces of `piece` bytes. */
static void
send_file(struct world *w, struct actor *a, const char *text, size_t piece)
{
    char hex[401] = "";
    size_t used = 0;
    for (const char *at = text; *at; at++) {
        snprintf(hex + used, 3, "%02x", (unsigned char)*at);
        used += 2;
        if (used < 2 * piece && at[1])
            continue;
        world_sayf(w, a, "BANS IMPORT %s", hex);
        used = 0;
    }
}

static size_t
count_klines(const struct world *w)
{
    return w->srv->policy->n_bans[BAN_KLINE];
}

static void
a_file_is_set_as_a_whole(void)
{
    for (size_t piece = 1; piece <= 200; piece += 199) {
        struct world *w = world_new("");
        struct actor *a = connect_owner(w, "ctl1");
        world_say(w, a, "BANS IMPORT BEGIN :x y.txt");
        send_file(w, a,
                  "*@192.0.2.1 1h spam|seen\r\n192.0.2.2\n\n# note\n"
                  "KLINE u@b.example until=never :no",
                  piece);
        session_check(w->srv);
        EQUAL_NUMBER(count_klines(w), 0);
        world_say(w, a, "BANS IMPORT END");
        EXPECT(w, a, "*NOTICE ctl1 :x y.txt: 1 line in this server's format: 1 taken*");
        EXPECT(w, a, "*NOTICE ctl1 :x y.txt: 2 lines of one mask each: 2 taken*");
        world_store_news(w);
        EXPECT(w, a, "*NOTICE ctl1 :3 bans set, saved");
        EQUAL_NUMBER(count_klines(w), 3);
        world_free(w);
    }
}

static void
a_wrong_line_is_named_and_nothing_is_set(void)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"192.0.2.1\n*@* 1h all\n", "*:2: \\*@\\* is too broad: *"},
        {"192.0.2.1\njunk\n", "*:2: *"},
        {"192.0.2.1 3600 x\n", "*:1: \"3600\": expected a length with a unit, *"},
        {"# ircd bans 1\nKLINE *@192.0.2.1 until=never :x\n", "*part of the file*"},
    };
    struct world *w = world_new("");
    struct actor *a = connect_owner(w, "ctl1");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, a, "BANS IMPORT BEGIN :f");
        send_file(w, a, cases[i].text, 100);
        world_say(w, a, "BANS IMPORT END");
        world_sayf(w, a, "PING :%zu", i);
        EXPECT(w, a, "*NOTICE ctl1 :BANS refused: f*");
        EXPECT(w, a, "*NOTICE ctl1 :BANS refused: 1 of the lines is wrong; nothing *");
        AWAIT(w, a, "*PONG*");
        EQUAL_NUMBER(count_klines(w), 0);
    }
    world_free(w);
}

static void
an_import_belongs_to_one_client_and_ends_with_it(void)
{
    struct world *w = world_new("");
    struct actor *a = connect_owner(w, "ctl1"), *b = connect_owner(w, "ctl2");
    world_say(w, a, "BANS IMPORT BEGIN :f");
    send_file(w, a, "192.0.2.1\n", 100);
    world_say(w, b, "BANS IMPORT BEGIN :g");
    EXPECT(w, b, "*NOTICE ctl2 :BANS refused: another import runs; try again");
    send_file(w, b, "192.0.2.2\n", 100);
    EXPECT(w, b, "*NOTICE ctl2 :BANS refused: no import has begun*; nothing was set");
    world_say(w, b, "BANS IMPORT END");
    EXPECT(w, b, "*NOTICE ctl2 :BANS refused: no import has begun; nothing was set");
    world_say(w, a, "QUIT");
    session_check(w->srv);
    world_say(w, b, "BANS IMPORT BEGIN :g");
    world_say(w, b, "BANS IMPORT zz");
    EXPECT(w, b,
           "*NOTICE ctl2 :BANS refused: expected the bytes of the file as hex; *");
    world_say(w, b, "BANS IMPORT BEGIN :g");
    world_say(w, b, "BANS IMPORT END");
    EXPECT(w, b, "*NOTICE ctl2 :g: there are no bans in it");
    EXPECT(w, b, "*NOTICE ctl2 :there is nothing to set");
    EQUAL_NUMBER(count_klines(w), 0);
    world_free(w);
}

static void
a_file_is_not_longer_than_the_limit(void)
{
    struct world *w = world_new("");
    struct actor *a = connect_owner(w, "ctl1");
    char hex[401];
    memset(hex, '2', 400); /* quotes */
    hex[400] = '\0';
    world_say(w, a, "BANS IMPORT BEGIN :f");
    for (size_t sent = 0; sent + 200 <= 32u << 20; sent += 200)
        world_sayf(w, a, "BANS IMPORT %s", hex);
    NEVER(w, a, "*refused*");
    world_sayf(w, a, "BANS IMPORT %s", hex);
    EXPECT(w, a, "*BANS refused: the file is longer than 32 MiB; nothing was set");
    session_check(w->srv);
    world_free(w);
}

/* The cost of an import is not that of its bans times the clients. */
static void
each_client_is_looked_up_once(void)
{
    char line[64];
    struct world *w = world_new("exempt \"192.0.2.4/32\" { from = { \"bans\" } }");
    struct actor *a = connect_owner(w, "ctl1");
    struct actor *bob = world_user_at(w, "bob", "192.0.2.3");
    struct actor *eve = world_user_at(w, "eve", "192.0.2.4");
    struct actor *zoe = world_user_at(w, "zoe", "198.51.100.9");
    struct actor *d = world_connect(w, "192.0.2.5"), *k = world_connect(w, "192.0.2.6");
    world_say(w, a, "BANS IMPORT BEGIN :f");
    for (int i = 0; i < 500; i++) {
        snprintf(line, sizeof line, "*@*.x%d.example 1h spam\n", i);
        send_file(w, a, line, 200);
    }
    send_file(w, a, "KLINE *@192.0.2.0/28 until=never :no\nDLINE 192.0.2.5 :proxy\n",
              200);
    world_say(w, a, "BANS IMPORT END");
    CU_ASSERT(w->srv->work < 5000);
    AWAIT(w, a, "*NOTICE ctl1 :*: 500 taken*");
    EXPECT(w, bob, "ERROR *You are banned (K-line) for good: no*");
    EXPECT(w, d, "ERROR *You are banned (D-line)*");
    CU_ASSERT(bob->closed && d->closed);
    CU_ASSERT(!eve->closed && !zoe->closed && !k->closed); /* k has not registered */
    world_free(w);
}

static void
an_operator_needs_all_privileges_that_bans_need(void)
{
    struct actor *alice;
    struct world *w = world_with_oper(
        "operclass \"some\" { privileges = { \"check\", \"kline\" } }\n"
        "oper \"alice\" { password = \"$argon2id$secret\"  hosts = { \"*@*\" }  "
        "class = \"some\" }",
        &alice);
    world_drain(alice);
    world_say(w, alice, "BANS IMPORT BEGIN :f");
    EXPECT(w, alice, ":irc.localhost 481 alice :*");
    world_free(w);
}

SUITE(ban_upload)
{
    TEST(a_file_is_set_as_a_whole);
    TEST(a_wrong_line_is_named_and_nothing_is_set);
    TEST(an_import_belongs_to_one_client_and_ends_with_it);
    TEST(a_file_is_not_longer_than_the_limit);
    TEST(each_client_is_looked_up_once);
    TEST(an_operator_needs_all_privileges_that_bans_need);
}
