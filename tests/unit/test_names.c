/* NAMES with one channel and with several (RFC 2812 3.2.5, Modern IRC "NAMES message").
 */
#include "world.h"

static struct actor *ann, *bob;

static struct world *
begin(void)
{
    struct world *w = world_new(world_easy);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    world_say(w, bob, "JOIN #a,#b,#c,#d,#e,#s");
    world_say(w, bob, "MODE #s +s");
    world_drain_all(w);
    return w;
}

static void
each_channel_ends(void)
{
    static const struct {
        const char *line;
        unsigned names, ends;
    } cases[] = {
        {"NAMES #a", 1, 1},       {"NAMES #a,#b", 2, 2},
        {"NAMES #a,#A,#a", 1, 1}, {"NAMES #s", 0, 1},
        {"NAMES #none", 0, 1},    {"NAMES #none,#a", 1, 2},
        {"NAMES", 0, 1},          {"NAMES :", 0, 1},
        {"NAMES ,,", 0, 1},       {"NAMES #a,#b,#c,#d", 4, 4},
        {"NAMES ::x", 0, 1},
    };
    struct world *w = begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, ann, cases[i].line);
        EQUAL_NUMBER(world_count(ann, ":irc.localhost 353 ann = #? :@bob"),
                     cases[i].names);
        EQUAL_NUMBER(world_count(ann, ":irc.localhost 366 ann * :End of NAMES list"),
                     cases[i].ends);
        EQUAL_NUMBER(world_count(ann, "*"), cases[i].names + cases[i].ends);
        world_drain(ann);
    }
    world_free(w);
}

/* 005 TARGMAX=…NAMES:4 */
static void
too_many_are_told(void)
{
    struct world *w = begin();
    world_say(w, ann, "NAMES #a,#b,#c,#d,#e");
    EQUAL_NUMBER(world_count(ann, "* 366 *"), 4);
    AWAIT(w, ann, ":irc.localhost 407 ann #e :*");
    SILENT(w, ann);
    world_free(w);
}

SUITE(names)
{
    TEST(each_channel_ends);
    TEST(too_many_are_told);
}
