/* WHO: whom it shows, whom it hides, and that it ends. */
#include "world.h"

/* ann and bob share #a; bob is +i; eve is outside; #s is secret and bob's. */
static struct actor *ann, *bob, *eve;

static struct world *
begin(void)
{
    struct world *w = world_new(world_easy);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    eve = world_user(w, "eve");
    world_say(w, ann, "JOIN #a");
    world_say(w, bob, "JOIN #a,#s");
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
who_hides_what_is_hidden(void)
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
who_of_a_big_channel_drops_nobody(void)
{
    char nick[20];
    struct world *w = world_new("limits { sendq = 16384 } flood { burst = 9999 }");
    for (int i = 0; i < 200; i++) {
        snprintf(nick, sizeof nick, "user%d", i);
        world_say(w, ann = world_user(w, nick), "JOIN #big");
    }
    world_drain_all(w);
    world_say(w, ann, "WHO #big");
    CU_ASSERT(!ann->closed);
    CU_ASSERT(world_count(ann, "* 352 *") > 20);
    AWAIT(w, ann, ":irc.localhost NOTICE user199 :WHO cut: *");
    AWAIT(w, ann, ":irc.localhost 315 user199 #big :*");
    SILENT(w, ann);
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
    TEST(who_hides_what_is_hidden);
    TEST(an_oper_sees_the_hidden);
    TEST(who_of_a_big_channel_drops_nobody);
    TEST(a_secret_channel_shows_not_even_its_visible_members);
}
