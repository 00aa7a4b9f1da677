/* Messages to new targets: ten at once, then one each minute; an answer to a client
 * that wrote first is free. */
#include "world.h"

#define PEOPLE 40

/* bob writes to p[0] to p[39]. */
static struct actor *bob, *p[PEOPLE];

static struct world *
begin(const char *config)
{
    char nick[8];
    struct world *w = world_new(config);
    bob = world_user_at(w, "bob", "192.0.2.7");
    for (int i = 0; i < PEOPLE; i++) {
        snprintf(nick, sizeof nick, "p%d", i);
        p[i] = world_user(w, nick);
    }
    return w;
}

/* Tokens of the main bucket are not tested here. */
static const char quick[] =
    "flood { burst = 100000 nick = \"99/1s\" invite = \"99/1s\" }\n"
    "limits { ping_every = \"1h\" ping_timeout = \"1h\" }\n";

static void
write_to(struct world *w, int from, int to)
{
    for (int i = from; i < to; i++)
        world_sayf(w, bob, "PRIVMSG p%d :hello", i);
}

static void
ten_are_free_and_the_eleventh_is_refused_with_the_wait(void)
{
    struct world *w = begin(quick);
    write_to(w, 0, 10);
    SILENT(w, bob);
    EXPECT(w, p[9], ":bob!* PRIVMSG p9 :hello");
    write_to(w, 10, 11);
    EXPECT(w, bob,
           ":irc.localhost NOTICE bob :Strike 2 of 5: new people written to too fast. "
           "At 5 your address is banned for 10 minutes.");
    EXPECT(
        w, bob,
        ":irc.localhost 707 bob p10 :You write to new people too fast, so it was not "
        "sent; try again in 60s");
    SILENT(w, p[10]);
    world_free(w);
}

static void
one_comes_back_each_minute(void)
{
    struct world *w = begin(quick);
    write_to(w, 0, 10);
    world_leap(w, MSEC_MINUTE - 1);
    write_to(w, 10, 11);
    AWAIT(w, bob, "* 707 bob p10 *; try again in 1s");
    world_leap(w, 1);
    write_to(w, 10, 11);
    SILENT(w, bob);
    write_to(w, 11, 12);
    AWAIT(w, bob, "* 707 bob p11 *; try again in 60s");
    world_leap(w, 2 * MSEC_MINUTE);
    write_to(w, 11, 13);
    SILENT(w, bob);
    world_free(w);
}

static void
former_targets_stay_free(void)
{
    struct world *w = begin(quick);
    for (int i = 0; i < 5; i++)
        write_to(w, 0, 10);
    SILENT(w, bob);
    EQUAL_NUMBER(world_count(p[0], "* PRIVMSG p0 *"), 5);
    world_say(w, bob, "NOTICE p3 :x");
    world_say(w, bob, "PRIVMSG P4,p5 :x");
    SILENT(w, bob);
    world_free(w);
}

static void
answering_is_free(void)
{
    struct world *w = begin(quick);
    write_to(w, 0, 10);
    for (int i = 10; i < 40; i++)
        world_say(w, p[i], i % 2 ? "PRIVMSG bob :hi" : "NOTICE bob :hi");
    world_drain(bob);
    write_to(w, 10, 40);
    SILENT(w, bob);
    EXPECT(w, p[39], ":bob!* PRIVMSG p39 :hello");
    /* And p0 answers bob, which wrote first, without a token. */
    for (int i = 1; i < 11; i++)
        world_sayf(w, p[0], "PRIVMSG p%d :x", i);
    world_say(w, p[0], "PRIVMSG bob :yes");
    NEVER(w, p[0], "* 707 *");
    world_free(w);
}

static void
a_crowd_that_writes_takes_no_place_of_a_present_target(void)
{
    struct world *w = begin(quick);
    write_to(w, 0, 10);
    for (int i = 0; i < 3; i++)
        for (int n = 4; n < 40; n++)
            world_say(w, p[n], "PRIVMSG bob :crowd");
    world_drain(bob);
    write_to(w, 0, 4);
    SILENT(w, bob);
    world_free(w);
}

static void
memory_is_bounded_and_the_oldest_goes_first(void)
{
    struct world *w = begin("flood { burst = 100000 targets = \"20/20m\" }");
    write_to(w, 0, 17); /* sixteen are remembered */
    write_to(w, 1, 17); /* and free */
    write_to(w, 17, 20);
    world_drain(bob);
    write_to(w, 4, 20);
    SILENT(w, bob);
    write_to(w, 0, 1); /* forgotten: p0 is new, and no token is left */
    AWAIT(w, bob, "* 707 bob p0 *");
    world_free(w);
}

static void
a_new_nick_is_no_new_target(void)
{
    struct world *w = begin(quick);
    write_to(w, 0, 10);
    world_say(w, p[0], "NICK other");
    world_say(w, bob, "NICK robert");
    world_drain_all(w);
    world_say(w, bob, "PRIVMSG other :x");
    EXPECT(w, p[0], ":robert!* PRIVMSG other :x");
    world_say(w, p[10], "NICK p0"); /* the former nick of a target */
    world_drain_all(w);
    world_say(w, bob, "PRIVMSG p0 :x");
    AWAIT(w, bob, "* 707 robert p0 *");
    SILENT(w, p[10]);
    world_free(w);
}

/* A client that gets the same place in memory is another target. */
static void
a_client_that_comes_again_is_new(void)
{
    struct world *w = begin(quick);
    write_to(w, 0, 10);
    for (int i = 0; i < 10; i++)
        world_say(w, p[i], "QUIT");
    world_drain_all(w);
    for (int i = 0; i < 10; i++) {
        char nick[8];
        snprintf(nick, sizeof nick, "p%d", i);
        p[i] = world_user(w, nick);
    }
    write_to(w, 0, 1);
    AWAIT(w, bob, "* 707 bob p0 *");
    SILENT(w, p[0]);
    world_free(w);
}

static void
unknown_nicks_oneself_and_channels_cost_nothing(void)
{
    struct world *w = begin(quick);
    world_say(w, bob, "JOIN #a");
    world_say(w, p[0], "JOIN #a");
    for (int i = 0; i < 20; i++) {
        world_sayf(w, bob, "PRIVMSG nobody%d :x", i);
        world_say(w, bob, "PRIVMSG bob :x");
        world_say(w, bob, "PRIVMSG #a :x");
        world_say(w, bob, "PRIVMSG @#a :x");
    }
    world_drain_all(w);
    write_to(w, 1, 11);
    SILENT(w, bob);
    write_to(w, 0, 1); /* it is on #a as well */
    SILENT(w, bob);
    write_to(w, 11, 12);
    AWAIT(w, bob, "* 707 *");
    world_free(w);
}

static void
each_target_of_a_list_counts(void)
{
    struct world *w = begin(quick);
    world_say(w, bob, "PRIVMSG p0,p1,p2,p3 :x");
    world_say(w, bob, "PRIVMSG p4,p5,p6,p7 :x");
    world_say(w, bob, "PRIVMSG p8,P8,p9,p10 :x");
    EQUAL_NUMBER(world_count(bob, "* 707 *"), 1);
    AWAIT(w, bob, "* 707 bob p10 *");
    EXPECT(w, p[9], ":bob!* PRIVMSG p9 :x");
    SILENT(w, p[10]);
    world_free(w);
}

static void
a_refused_notice_is_struck_and_told_without_a_numeric(void)
{
    struct world *w = begin(quick);
    write_to(w, 0, 10);
    world_say(w, bob, "NOTICE p10 :x");
    EXPECT(w, bob, "* NOTICE bob :Strike 2 of 5: *");
    EXPECT(w, bob, ":irc.localhost NOTICE bob :NOTICE p10 was refused: *");
    SILENT(w, bob);
    SILENT(w, p[10]);
    world_free(w);
}

static void
typing_to_a_new_target_is_refused_without_a_word(void)
{
    struct world *w = begin(quick);
    world_say(w, bob, "CAP REQ :message-tags labeled-response batch");
    world_say(w, p[10], "CAP REQ message-tags");
    write_to(w, 0, 10);
    world_drain_all(w);
    for (int i = 0; i < 5; i++) {
        world_say(w, bob, "@+typing=active TAGMSG p10");
        world_sleep(w, 2000);
    }
    SILENT(w, bob);
    SILENT(w, p[10]);
    world_say(w, bob, "@label=7;+typing=active TAGMSG p10");
    EXPECT(w, bob, "@label=7 :irc.localhost 707 bob p10 *");
    world_leap(w, MSEC_MINUTE);
    world_say(w, bob, "@+typing=active TAGMSG p10"); /* takes the token, */
    EXPECT(w, p[10], "@*+typing=active :bob!* TAGMSG p10");
    write_to(w, 10, 11); /* so the message needs no token */
    EXPECT(w, p[10], "*PRIVMSG p10 :hello");
    SILENT(w, bob);
    world_free(w);
}

static void
an_invitation_is_a_first_word_too(void)
{
    struct world *w = begin(quick);
    world_say(w, bob, "JOIN #a");
    world_drain(bob);
    for (int i = 0; i < 10; i++)
        world_sayf(w, bob, "INVITE p%d #a", i);
    EQUAL_NUMBER(world_count(bob, "* 341 *"), 10);
    world_drain(bob);
    world_say(w, bob, "INVITE p10 #a");
    AWAIT(w, bob, "* 707 bob p10 *");
    SILENT(w, p[10]);
    write_to(w, 0, 1);
    world_say(w, bob, "INVITE p1 #a");
    EXPECT(w, bob, "* 341 bob p1 #a");
    world_say(w, p[1], "PRIVMSG bob :thanks");
    for (int i = 2; i < 12; i++)
        world_sayf(w, p[1], "PRIVMSG p%d :x", i);
    NEVER(w, p[1], "* 707 *"); /* answering bob was free */
    world_free(w);
}

static void
spam_to_new_people_is_banned_within_seconds(void)
{
    struct world *w = begin(NULL);
    for (int i = 0; i < PEOPLE && !bob->closed; i++) {
        world_sayf(w, bob, "PRIVMSG p%d :buy", i);
        world_sleep(w, 500);
    }
    CU_ASSERT(bob->closed);
    AWAIT(w, bob, "* :Strike 4 of 5: new people written to too fast. *");
    AWAIT(w, bob, "ERROR :Closing Link: 192.0.2.7 (You are banned (K-line) until *");
    SILENT(w, p[10]);
    world_free(w);
}

static void
retries_within_a_second_are_one_strike(void)
{
    struct world *w = begin(quick);
    write_to(w, 0, 10);
    for (int i = 0; i < 20; i++)
        write_to(w, 10, 11);
    EQUAL_NUMBER(world_count(bob, "* 707 *"), 20);
    EQUAL_NUMBER(world_count(bob, "*Strike*"), 1);
    world_free(w);
}

static void
the_exempt_and_operators_with_the_privilege_write_to_all(void)
{
    char config[400];
    snprintf(config, sizeof config,
             "%s%s exempt \"192.0.2.7\" { from = { \"flood\" } }\n", world_alice,
             quick);
    struct world *w = begin(config);
    write_to(w, 0, PEOPLE);
    SILENT(w, bob);
    struct actor *alice = world_oper(w, "alice");
    for (int i = 0; i < PEOPLE; i++)
        world_sayf(w, alice, "PRIVMSG p%d :x", i);
    SILENT(w, alice);
    EQUAL_NUMBER(world_count(p[39], ":alice!* PRIVMSG p39 *"), 1);
    /* The clients to which they write answer for free as well. */
    for (int i = 1; i < 11; i++)
        world_sayf(w, p[0], "PRIVMSG p%d :x", i);
    world_say(w, p[0], "PRIVMSG alice,bob :yes");
    NEVER(w, p[0], "* 707 *");
    world_free(w);
}

static void
the_rate_is_an_option(void)
{
    struct world *w = begin("flood { targets = \"2/10s\" }");
    write_to(w, 0, 3);
    AWAIT(w, bob, "* 707 bob p2 *; try again in 5s");
    world_sleep(w, 4999);
    write_to(w, 2, 3);
    AWAIT(w, bob, "* 707 bob p2 *; try again in 1s");
    world_sleep(w, 1);
    write_to(w, 2, 3);
    SILENT(w, bob);
    w->rehash_text = "flood { targets = \"2/1s\" }";
    CU_ASSERT_FATAL(world_rehash(w));
    world_drain(bob);
    /* A debt under the old limit does not last longer than the new one. */
    write_to(w, 3, 4);
    AWAIT(w, bob, "* 707 bob p3 *; try again in 1s");
    world_sleep(w, 500);
    write_to(w, 3, 4);
    SILENT(w, bob);
    world_free(w);
}

SUITE(flood_targets)
{
    TEST(ten_are_free_and_the_eleventh_is_refused_with_the_wait);
    TEST(one_comes_back_each_minute);
    TEST(former_targets_stay_free);
    TEST(answering_is_free);
    TEST(a_crowd_that_writes_takes_no_place_of_a_present_target);
    TEST(memory_is_bounded_and_the_oldest_goes_first);
    TEST(a_new_nick_is_no_new_target);
    TEST(a_client_that_comes_again_is_new);
    TEST(unknown_nicks_oneself_and_channels_cost_nothing);
    TEST(each_target_of_a_list_counts);
    TEST(a_refused_notice_is_struck_and_told_without_a_numeric);
    TEST(typing_to_a_new_target_is_refused_without_a_word);
    TEST(an_invitation_is_a_first_word_too);
    TEST(spam_to_new_people_is_banned_within_seconds);
    TEST(retries_within_a_second_are_one_strike);
    TEST(the_exempt_and_operators_with_the_privilege_write_to_all);
    TEST(the_rate_is_an_option);
}
