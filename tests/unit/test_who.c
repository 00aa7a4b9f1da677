/* WHO: the clients that it shows and those that it hides, and its end. */
#include "world.h"

/* ann and bob share #a; bob is +i; eve is outside; #s is secret and of bob. */
static struct actor *ann, *bob, *eve;

static struct world *
begin(void)
{
    struct world *w = world_new(world_easy);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    eve = world_user(w, "eve");
    world_channel(w, "#a", "ann@", "bob");
    world_channel(w, "#s", "bob@");
    world_say(w, bob, "MODE #s +s");
    world_say(w, bob, "MODE bob +i");
    world_drain_all(w);
    return w;
}

static void
who_of_a_channel(void)
{
    struct world *w = begin();
    world_say(w, bob, "AWAY :x");
    world_say(w, ann, "WHO #A");
    EXPECT(w, ann,
           ":irc.localhost 352 ann #a ann 10.1.1.1 irc.localhost ann H@ :0 Real ann");
    EXPECT(w, ann,
           ":irc.localhost 352 ann #a bob 10.1.2.1 irc.localhost bob G :0 Real bob");
    EXPECT(w, ann, ":irc.localhost 315 ann #A :End of WHO list");
    SILENT(w, ann);
    world_free(w);
}

static void
who_hides_hidden_clients_and_channels(void)
{
    static const struct {
        const char *line;
        unsigned rows; /* shown to eve */
    } cases[] = {
        {"WHO #a", 1},     {"WHO #s", 0},     {"WHO #none", 0},
        {"WHO", 2},        {"WHO *", 2},      {"WHO 0", 2},
        {"WHO :", 2},      {"WHO b*", 0},     {"WHO bob", 1},
        {"WHO nobody", 0}, {"WHO 10.1.*", 2}, {"WHO * o", 0},
        {"WHO ann x", 1},  {"WHO Real*", 2},  {"WHO irc.localhost", 2},
    };
    struct world *w = begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, eve, cases[i].line);
        EQUAL_NUMBER(world_count(eve, "* 352 *"), cases[i].rows);
        NEVER(w, eve, "* 352 eve #s *");
        EQUAL_NUMBER(world_count(eve, "* 315 *"), 1);
        AWAIT(w, eve, ":irc.localhost 315 eve * :End of WHO list");
        SILENT(w, eve);
    }
    world_say(w, ann, "WHO b*");
    EXPECT(w, ann, ":irc.localhost 352 ann #a bob *");
    AWAIT(w, ann, ":irc.localhost 315 ann b* :*");
    world_free(w);
}

static void
an_oper_sees_the_hidden(void)
{
    struct world *w = begin();
    struct actor *o = world_oper(w, "root");
    world_say(w, o, "WHO #s");
    EXPECT(w, o, ":irc.localhost 352 root #s bob *");
    AWAIT(w, o, ":irc.localhost 315 *");
    world_say(w, eve, "WHO * o");
    EXPECT(w, eve, ":irc.localhost 352 eve * root * root H* :0 Real root");
    EXPECT(w, eve, ":irc.localhost 315 *");
    world_free(w);
}

static void
who_of_several_channels_is_one_answer(void)
{
    struct world *w = begin();
    world_say(w, bob, "JOIN #b");
    world_drain_all(w);
    world_say(w, ann, "WHO #a,#b,#none,#s,#A");
    EQUAL_NUMBER(world_count(ann, "* 352 ann #a *"), 2);
    EQUAL_NUMBER(world_count(ann, "* 352 ann #b *"), 1); /* +i, but shares #a */
    EQUAL_NUMBER(world_count(ann, "* 352 ann #s *"), 0);
    EQUAL_NUMBER(world_count(ann, "* 315 *"), 1);
    AWAIT(w, ann, ":irc.localhost 315 ann #a,#b,#none,#s,#A :End of WHO list");
    world_say(w, bob, "WHO #a,#b,#s");
    EQUAL_NUMBER(world_count(bob, "* 352 *"), 4);
    world_free(w);
}

/* The flags before '%': the field with which the mask is compared. */
static void
flags_choose_what_is_compared(void)
{
    static const struct {
        const char *line;
        unsigned rows;
    } cases[] = {
        {"WHO eve n", 1},         {"WHO ev? n", 1},         {"WHO ev? u", 1},
        {"WHO ev? h", 0},         {"WHO 10.1.3.* h", 1},    {"WHO 10.1.3.* n", 0},
        {"WHO 10.1.3.* i", 1},    {"WHO 10.1.1.* i", 1},    {"WHO Real?ev* r", 1},
        {"WHO irc.local* s", 2},  {"WHO ev?!*@10.* ", 1},   {"WHO ann@10.1.1.?", 1},
        {"WHO *@10.1.1.?", 1},    {"WHO ann!*@10.2.*", 0},  {"WHO ev? un", 1},
        {"WHO eve r", 0},         {"WHO eve u", 1},         {"WHO eve h", 0},
        {"WHO eve i", 0},         {"WHO eve s", 0},         {"WHO eve a", 0},
        {"WHO bob r", 0},         {"WHO bob n", 1},         {"WHO bob rn", 1},
        {"WHO bob u", 0},         {"WHO BOB", 1},           {"WHO Real?eve r", 1},
        {"WHO Real?eve n", 0},    {"WHO * a", 2},           {"WHO eve r%n", 0},
        {"WHO 10.1.3.0/24 i", 1}, {"WHO 10.1.0.0/16 i", 2}, {"WHO 10.1.3.0/24", 1},
        {"WHO 10.1.3.0/24 h", 0}, {"WHO 10.1.3.0/24 n", 0}, {"WHO 10.2.0.0/16 i", 0},
        {"WHO 10.1.3.1/32 i", 1}, {"WHO 10.1.3.1 i", 1},
    };
    struct world *w = begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, eve, cases[i].line);
        if (world_count(eve, "* 352 *") != cases[i].rows)
            printf("\n    %s\n", cases[i].line);
        EQUAL_NUMBER(world_count(eve, "* 352 *"), cases[i].rows);
        EQUAL_NUMBER(world_count(eve, "* 315 *"), 1);
        world_drain(eve);
    }
    world_free(w);
}

/* A CIDR with the flag i is compared with the address of each client that the asker may
 * see. */
static void
a_search_by_network_needs_see_address(void)
{
    static const char config[] =
        "server { cloak = true cloak_optional = true }\n"
        "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
        "privileges = { \"all\" } }\n"
        "flood { burst = 999 } limits { per_host = 99 connect_rate = \"999/1s\" }\n";
    struct world *w = world_new(config);
    struct actor *o = world_oper(w, "root");
    struct actor *a = world_user_at(w, "cid", "2001:db8::1");
    struct actor *b = world_user_at(w, "dan", "2001:db8::2");
    world_drain_all(w);
    world_say(w, o, "WHO 2001:db8::/32 i");
    EQUAL_NUMBER(world_count(o, "* 352 *"), 2);
    world_say(w, o, "WHO 2001:DB8:0::1 i");
    EQUAL_NUMBER(world_count(o, "* 352 root * cid *"), 2);
    world_drain(o);
    world_say(w, o, "WHO 2001:db8::/32 %n");
    EQUAL_NUMBER(world_count(o, "* 354 root *"), 2);
    /* A shown address: the asker's own, and that of a client that shows it. */
    world_say(w, a, "WHO 2001:db8::/32 i");
    EQUAL_NUMBER(world_count(a, "* 352 * cid *"), 1);
    EQUAL_NUMBER(world_count(a, "* 352 * dan *"), 0);
    world_say(w, b, "MODE dan -x");
    world_drain(a);
    world_say(w, a, "WHO 2001:db8::/32 i%n");
    EQUAL_NUMBER(world_count(a, "* 354 cid dan"), 1);
    world_free(w);
}

/* https://ircv3.net/specs/extensions/whox: 354 in a fixed order, "*" for no channel,
 * 255.255.255.255 for a hidden address, "0" for no account. */
static void
whox_gives_the_fields_asked_for_in_the_fixed_order(void)
{
    static const struct {
        const char *line, *row;
    } cases[] = {
        {"WHO ann %tcuihsnfdlaor,152", ":irc.localhost 354 eve 152 ? ann "
                                       "255.255.255.255 10.1.1.1 irc.localhost ann H "
                                       "0 0 0 n/a :Real ann"},
        {"WHO ann %roaldfnshiuct,152", ":irc.localhost 354 eve 152 ? ann "
                                       "255.255.255.255 10.1.1.1 irc.localhost ann H "
                                       "0 0 0 n/a :Real ann"},
        {"WHO eve %il", ":irc.localhost 354 eve 10.1.3.1 2"},
        {"WHO eve %nnnn", ":irc.localhost 354 eve eve"},
        {"WHO eve %tn", ":irc.localhost 354 eve 0 eve"},
        {"WHO eve %tn,1234", ":irc.localhost 354 eve 0 eve"},
        {"WHO eve %tn,1x", ":irc.localhost 354 eve 0 eve"},
        {"WHO eve %tn,", ":irc.localhost 354 eve 0 eve"},
        {"WHO eve %tn,007", ":irc.localhost 354 eve 007 eve"},
        {"WHO eve n%n", ":irc.localhost 354 eve eve"},
        {"WHO eve %xyzn", ":irc.localhost 354 eve eve"},
        {"WHO eve %r", ":irc.localhost 354 eve :Real eve"},
        {"WHO #a %cn", ":irc.localhost 354 eve #a ann"},
        {"WHO eve %", ":irc.localhost 352 eve ? eve *"},
        {"WHO * o%n", ":irc.localhost 315 eve ? :*"},
    };
    struct world *w = begin();
    world_sleep(w, 2 * MSEC_SECOND);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, eve, cases[i].line);
        EXPECT(w, eve, cases[i].row);
        world_drain(eve);
    }
    struct actor *o = world_oper(w, "root");
    world_say(w, o, "WHO ann %i");
    EXPECT(w, o, ":irc.localhost 354 root 10.1.1.1");
    world_free(w);
}

/* https://ircv3.net/specs/extensions/bot-mode: the letter of 005 BOT among the flags.
 */
static void
a_bot_has_its_flag(void)
{
    struct world *w = begin();
    world_say(w, ann, "MODE ann +B");
    world_say(w, eve, "WHO ann");
    EXPECT(w, eve, ":irc.localhost 352 eve ? ann * ann HB :0 Real ann");
    world_drain(eve);
    world_say(w, eve, "WHO #a %f");
    EXPECT(w, eve, ":irc.localhost 354 eve H@B");
    world_free(w);
}

/* "WHO #a,#b" after a JOIN of both, as irssi asks: paid for by the JOIN. */
static void
an_own_join_pays_for_who_in_a_list(void)
{
    struct world *w = world_new("flood { burst = 4 hold = 0 join = \"999/1s\" } ");
    ann = world_user(w, "ann");
    char nick[16];
    for (int i = 0; i < 60; i++) {
        snprintf(nick, sizeof nick, "user%d", i);
        world_say(w, world_user(w, nick), "JOIN #a,#b");
    }
    world_say(w, ann, "JOIN #a,#b");
    world_drain_all(w);
    world_say(w, ann, "WHO #a,#b");
    EQUAL_NUMBER(world_count(ann, "* 352 *"), 122);
    world_drain(ann);
    world_say(w, ann, "WHO ann");
    EQUAL_NUMBER(world_count(ann, "* 352 *"), 1);
    world_free(w);
}

static void
a_secret_channel_shows_not_even_its_visible_members(void)
{
    struct world *w = begin();
    world_say(w, ann, "JOIN #s");
    world_drain_all(w);
    world_say(w, eve, "WHO #s");
    EXPECT(w, eve, ":irc.localhost 315 eve #s :End of WHO list");
    SILENT(w, eve);
    world_free(w);
}

SUITE(who)
{
    TEST(who_of_a_channel);
    TEST(who_hides_hidden_clients_and_channels);
    TEST(an_oper_sees_the_hidden);
    TEST(who_of_several_channels_is_one_answer);
    TEST(flags_choose_what_is_compared);
    TEST(a_search_by_network_needs_see_address);
    TEST(whox_gives_the_fields_asked_for_in_the_fixed_order);
    TEST(a_bot_has_its_flag);
    TEST(an_own_join_pays_for_who_in_a_list);
    TEST(a_secret_channel_shows_not_even_its_visible_members);
}
