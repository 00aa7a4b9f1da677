/* JOIN, PART, TOPIC and NAMES. */
#include "world.h"

/* ann is operator of #a, bob a member, eve outside. */
static struct actor *ann, *bob, *eve;

static void
join_echoes_then_topic_then_names(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, eve, "JOIN #A");
    EXPECT(w, ann, ":eve!eve@10.1.3.1 JOIN :#a");
    EXPECT(w, bob, ":eve!eve@10.1.3.1 JOIN :#a");
    EXPECT(w, eve, ":eve!eve@10.1.3.1 JOIN :#a");
    EXPECT(w, eve, ":irc.localhost 353 eve = #a :@ann bob eve");
    EXPECT(w, eve, ":irc.localhost 366 eve #a :End of NAMES list");
    SILENT(w, eve);
    world_say(w, eve, "PART #a");
    world_say(w, ann, "TOPIC #a :tea");
    world_drain_all(w);
    world_say(w, eve, "JOIN #a");
    EXPECT(w, eve, ":eve!eve@10.1.3.1 JOIN :#a");
    EXPECT(w, eve, ":irc.localhost 332 eve #a :tea");
    EXPECT(w, eve, ":irc.localhost 333 eve #a ann!ann@10.1.1.1 1795305600");
    EXPECT(w, eve, ":irc.localhost 353 eve = #a :@ann bob eve");
    EXPECT(w, eve, ":irc.localhost 366 eve #a :*");
    world_drain_all(w);
    world_say(w, eve, "JOIN #a\r\nJOIN #A,#a");
    SILENT(w, eve);
    SILENT(w, ann);
    world_free(w);
}

static void
join_takes_lists_and_keys(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, ann, "MODE #a +k sesame");
    world_say(w, ann, "JOIN #b\r\nMODE #b +k other");
    world_drain_all(w);
    world_say(w, eve, "JOIN #a,#b,#c,#a wrong,other");
    EXPECT(w, eve, ":irc.localhost 475 eve #a :*");
    EXPECT(w, eve, ":eve!eve@* JOIN :#b");
    EXPECT(w, eve, ":irc.localhost 353 eve = #b :*");
    EXPECT(w, eve, ":irc.localhost 366 eve #b :*");
    EXPECT(w, eve, ":eve!eve@* JOIN :#c");
    EXPECT(w, eve, ":irc.localhost 353 eve = #c :@eve");
    EXPECT(w, eve, ":irc.localhost 366 eve #c :*");
    SILENT(w, eve);
    world_say(w, eve, "JOIN #a sesame");
    EXPECT(w, eve, ":eve!eve@* JOIN :#a");
    world_drain(eve);
    world_say(w, eve, "JOIN 0");
    EXPECT(w, eve, ":eve!eve@* PART #a");
    EXPECT(w, eve, ":eve!eve@* PART #c");
    EXPECT(w, eve, ":eve!eve@* PART #b");
    SILENT(w, eve);
    CU_ASSERT(eve->client->user.njoined == 0);
    world_free(w);
}

static void
join_is_refused_with_the_reason(void)
{
    static const struct {
        const char *mode, *line, *reply, *undo;
    } cases[] = {
        {"+i", "JOIN #a", ":irc.localhost 473 eve #a :*", "-i"},
        {"+b eve!*@*", "JOIN #a", ":irc.localhost 474 eve #a :*", "-b eve!*@*"},
        {"+b *!*@10.1.3.0/24", "JOIN #a", ":irc.localhost 474 eve #a :*",
         "-b *!*@10.1.3.0/24"},
        {"+k x", "JOIN #a", ":irc.localhost 475 eve #a :*", "-k x"},
        {"+k x", "JOIN #a X", ":irc.localhost 475 eve #a :*", "-k *"},
        {"+l 2", "JOIN #a", ":irc.localhost 471 eve #a :*", "-l"},
        {"+n", "JOIN a", ":irc.localhost 403 eve a :*begin with #*", "+n"},
        {"+n", "JOIN #", ":irc.localhost 476 eve # :*", "+n"},
        {"+n", "JOIN #a\a", ":irc.localhost 476 eve * :*", "+n"},
        {"+n", "JOIN #\xc2\x85", ":irc.localhost 476 eve * :*", "+n"},
        {"+n", "JOIN", ":irc.localhost 461 eve JOIN :*", "+n"},
        {"+n", "JOIN :", ":irc.localhost 461 eve JOIN :*", "+n"},
    };
    struct world *w = world_three(&ann, &bob, &eve);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_sayf(w, ann, "MODE #a %s", cases[i].mode);
        world_say(w, eve, cases[i].line);
        EXPECT(w, eve, cases[i].reply);
        SILENT(w, eve);
        world_sayf(w, ann, "MODE #a %s", cases[i].undo);
    }
    world_drain_all(w);
    world_say(w, eve, "JOIN #a");
    EXPECT(w, eve, ":eve!eve@* JOIN :#a");
    world_free(w);
}

static void
long_and_foreign_channel_names(void)
{
    char name[80];
    struct world *w = world_three(&ann, &bob, &eve);
    memset(name, 'x', sizeof name);
    name[0] = '#';
    name[64] = '\0';
    world_sayf(w, eve, "JOIN %s", name);
    EXPECT(w, eve, ":eve!eve@* JOIN :#xxx*");
    world_drain(eve);
    memset(name, 'x', sizeof name);
    name[0] = '#';
    name[65] = '\0';
    world_sayf(w, eve, "JOIN %s", name);
    EXPECT(w, eve, ":irc.localhost 476 eve #xxx* :*");
    world_say(w, eve,
              "JOIN #t\xc3\xa9"
              "A");
    EXPECT(w, eve,
           ":eve!eve@* JOIN :#t\xc3\xa9"
           "A");
    world_say(w, ann,
              "NAMES #T\xc3\xa9"
              "a");
    EXPECT(w, ann,
           ":irc.localhost 353 ann = #t\xc3\xa9"
           "A :@eve");
    world_drain(ann);
    world_say(w, ann,
              "NAMES #t\xc3\x89"
              "a");
    EXPECT(w, ann, ":irc.localhost 366 ann *");
    world_free(w);
}

static void
channels_are_limited(void)
{
    char list[500] = "JOIN #0";
    struct world *w =
        world_new("limits { channels_per_client = 3 } flood { burst = 99 }");
    struct actor *a = world_user(w, "ann");
    world_say(w, a, "JOIN #1,#2,#3,#4,#1");
    AWAIT(w, a, ":irc.localhost 366 ann #3 :*");
    EXPECT(w, a, ":irc.localhost 405 ann #4 :*");
    SILENT(w, a);
    /* A long list of channels that cannot be joined or left gets a few answers, not one
     * for each. */
    for (int i = 1; i < 60; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), ",x%d", i);
    world_say(w, a, list);
    CU_ASSERT(world_count(a, "*") <= 4);
    world_drain(a);
    memcpy(list, "PART", 4);
    world_say(w, a, list);
    CU_ASSERT(world_count(a, "*") <= 4);
    world_free(w);
}

static void
joins_have_a_rate(void)
{
    struct world *w = world_new("flood { join = \"2/60s\" }");
    struct actor *a = world_user(w, "ann");
    world_say(w, a, "JOIN #1,#2,#3");
    AWAIT(w, a, ":irc.localhost 366 ann #2 :*");
    AWAIT(w, a, ":irc.localhost NOTICE ann :JOIN #3 refused: *");
    world_free(w);
}

static void
part_needs_a_membership(void)
{
    static const struct {
        const char *line, *reply;
    } cases[] = {
        {"PART", ":irc.localhost 461 eve PART :*"},
        {"PART #none", ":irc.localhost 403 eve #none :*"},
        {"PART #a", ":irc.localhost 442 eve #a :*"},
        {"PART a", ":irc.localhost 403 eve a :*"},
    };
    struct world *w = world_three(&ann, &bob, &eve);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, eve, cases[i].line);
        EXPECT(w, eve, cases[i].reply);
        SILENT(w, eve);
    }
    world_say(w, bob, "PART #a,#A,#none :had tea");
    EXPECT(w, bob, ":bob!bob@* PART #a :had tea");
    EXPECT(w, bob, ":irc.localhost 403 bob #none :*");
    SILENT(w, bob);
    EXPECT(w, ann, ":bob!bob@* PART #a :had tea");
    world_say(w, ann, "PART #a");
    EXPECT(w, ann, ":ann!ann@* PART #a");
    EQUAL_NUMBER(w->srv->n_channels, 0);
    world_free(w);
}

static void
topics_are_shown_set_and_cleared(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, bob, "TOPIC #a");
    EXPECT(w, bob, ":irc.localhost 331 bob #a :No topic is set");
    world_say(w, bob, "TOPIC #a :mine");
    EXPECT(w, bob, ":irc.localhost 482 bob #a :*");
    world_say(w, ann, "TOPIC #A :tea at four");
    EXPECT(w, ann, ":ann!ann@* TOPIC #a :tea at four");
    EXPECT(w, bob, ":ann!ann@* TOPIC #a :tea at four");
    world_say(w, bob, "TOPIC #a");
    EXPECT(w, bob, ":irc.localhost 332 bob #a :tea at four");
    EXPECT(w, bob, ":irc.localhost 333 bob #a ann!ann@10.1.1.1 1795305600");
    world_say(w, ann, "MODE #a -t");
    world_drain_all(w);
    world_say(w, bob, "TOPIC #a :");
    EXPECT(w, bob, ":bob!bob@* TOPIC #a :");
    EXPECT(w, ann, ":bob!bob@* TOPIC #a :");
    world_say(w, eve, "TOPIC #a");
    EXPECT(w, eve, ":irc.localhost 331 eve #a :*");
    world_say(w, eve, "TOPIC #a :x");
    EXPECT(w, eve, ":irc.localhost 442 eve #a :*");
    world_say(w, eve, "TOPIC #none");
    EXPECT(w, eve, ":irc.localhost 403 eve #none :*");
    world_say(w, eve, "TOPIC");
    EXPECT(w, eve, ":irc.localhost 461 eve TOPIC :*");
    world_free(w);
}

static void
a_topic_is_cut_at_a_character(void)
{
    char text[500], want[600];
    struct world *w = world_three(&ann, &bob, &eve);
    for (int i = 0; i < 480; i += 3)
        memcpy(text + i, "\xe2\x82\xac", 4);
    world_sayf(w, ann, "TOPIC #a :%.450s", text);
    snprintf(want, sizeof want, ":ann!ann@10.1.1.1 TOPIC #a :%.330s", text);
    EXPECT(w, bob, want);
    world_free(w);
}

static void
names_ends_always(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, eve, "NAMES");
    EXPECT(w, eve, ":irc.localhost 366 eve * :*");
    world_say(w, eve, "NAMES :");
    EXPECT(w, eve, ":irc.localhost 366 eve * :*");
    world_say(w, eve, "NAMES #none");
    EXPECT(w, eve, ":irc.localhost 366 eve #none :*");
    world_say(w, eve, "NAMES #A");
    EXPECT(w, eve, ":irc.localhost 353 eve = #a :@ann bob");
    EXPECT(w, eve, ":irc.localhost 366 eve #a :*");
    world_say(w, ann, "MODE #a +s");
    world_say(w, eve, "NAMES #a");
    EXPECT(w, eve, ":irc.localhost 366 eve #a :*");
    SILENT(w, eve);
    world_drain(bob);
    world_say(w, bob, "NAMES #a");
    EXPECT(w, bob, ":irc.localhost 353 bob @ #a :@ann bob");
    world_free(w);
}

static void
names_hides_the_invisible_from_outside(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, bob, "MODE bob +i");
    world_drain_all(w);
    world_say(w, eve, "NAMES #a");
    EXPECT(w, eve, ":irc.localhost 353 eve = #a :@ann");
    world_say(w, ann, "NAMES #a");
    EXPECT(w, ann, ":irc.localhost 353 ann = #a :@ann bob");
    world_free(w);
}

static void
names_of_many_take_many_lines(void)
{
    char nick[40];
    unsigned seen = 0;
    struct world *w = world_three(&ann, &bob, &eve);
    for (int i = 0; i < 60; i++) {
        snprintf(nick, sizeof nick, "abcdefghijklmnopqrstuvwxyz%04d", i);
        world_say(w, world_user(w, nick), "JOIN #a");
    }
    world_drain_all(w);
    world_say(w, ann, "NAMES #a");
    for (int i = 0; i < 60; i++) {
        snprintf(nick, sizeof nick, "*abcdefghijklmnopqrstuvwxyz%04d*", i);
        seen += world_count(ann, nick) == 1;
    }
    EQUAL_NUMBER(seen, 60);
    AWAIT(w, ann, ":irc.localhost 366 ann #a :*");
    SILENT(w, ann);
    world_free(w);
}

static void
names_of_a_secret_channel_are_those_of_none(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, ann, "JOIN #SeCret");
    world_say(w, ann, "MODE #SeCret +s");
    world_drain_all(w);
    world_say(w, eve, "NAMES #secret");
    EXPECT(w, eve, ":irc.localhost 366 eve #secret :*");
    world_say(w, eve, "NAMES #nowhere");
    EXPECT(w, eve, ":irc.localhost 366 eve #nowhere :*");
    world_free(w);
}

/* No channel can be made while the table is full: operators and the log are told, and
 * nothing else. */
static void
operators_hear_that_no_channel_can_be_made(void)
{
    struct world *w = world_new(
        "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
        "privileges = { \"all\" } }\n"
        "limits { channels = 2 } flood { burst = 9999 join = \"9999/1s\" }\n");
    struct actor *root = world_oper(w, "root"), *bob2 = world_user(w, "bob");
    world_say(w, bob2, "JOIN #1,#2");
    world_drain_all(w);
    SILENT(w, root);
    world_say(w, bob2, "JOIN #3");
    EXPECT(w, bob2, ":irc.localhost NOTICE bob :JOIN #3 refused: *at most 2 channels");
    EXPECT(w, root, ":irc.localhost NOTICE root :*new channel*10.1.2.1*channels = 2*");
    CONTAINS(w->logged, "channels-full");
    CONTAINS(w->logged, "channel=#3");
    /* The number of notices is bounded, however many clients try. */
    for (int i = 0; i < 100; i++)
        world_sayf(w, bob2, "JOIN #x%d", i);
    CU_ASSERT(world_count(root, "* NOTICE root :*") <= 11);
    world_free(w);
}

SUITE(channel)
{
    TEST(operators_hear_that_no_channel_can_be_made);
    TEST(join_echoes_then_topic_then_names);
    TEST(join_takes_lists_and_keys);
    TEST(join_is_refused_with_the_reason);
    TEST(long_and_foreign_channel_names);
    TEST(channels_are_limited);
    TEST(joins_have_a_rate);
    TEST(part_needs_a_membership);
    TEST(topics_are_shown_set_and_cleared);
    TEST(a_topic_is_cut_at_a_character);
    TEST(names_ends_always);
    TEST(names_hides_the_invisible_from_outside);
    TEST(names_of_many_take_many_lines);
    TEST(names_of_a_secret_channel_are_those_of_none);
}
