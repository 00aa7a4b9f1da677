/* HELP comes from the rows, and lists what the asker may use. */
#include "world.h"

static void
help_lists_what_you_may_use(void)
{
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann"), *o = world_oper(w, "root");
    world_say(w, ann, "HELP");
    EXPECT(w, ann, ":irc.localhost 704 ann * :*");
    EQUAL_NUMBER(world_count(ann, "* 705 *PRIVMSG*"), 1);
    NEVER(w, ann, "*KLINE*");
    NEVER(w, ann, "* 705 *You have*");
    AWAIT(w, ann, ":irc.localhost 706 ann * :End of /HELP");
    SILENT(w, ann);
    world_say(w, o, "HELPOP :");
    CU_ASSERT(world_count(o, "* 705 *KLINE*") > 0);
    CU_ASSERT(world_count(o, "* 705 *You have 'kill'*") == 1);
    AWAIT(w, o, ":irc.localhost 706 root * :*");
    world_free(w);
}

static void
help_tells_of_one_command(void)
{
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann");
    world_say(w, ann, "HELP join");
    EXPECT(w, ann, ":irc.localhost 704 ann JOIN :JOIN <#channel>*");
    EXPECT(w, ann, ":irc.localhost 705 ann JOIN :*");
    EXPECT(w, ann, ":irc.localhost 706 ann JOIN :*");
    SILENT(w, ann);
    world_say(w, ann, "HELP KLINE");
    EXPECT(w, ann, ":irc.localhost 704 ann KLINE :KLINE *");
    AWAIT(w, ann, ":irc.localhost 705 ann KLINE :Needs the privilege: kline");
    AWAIT(w, ann, ":irc.localhost 706 ann KLINE :*");
    world_say(w, ann, "HELP frob");
    EXPECT(w, ann, ":irc.localhost 524 ann frob :*");
    SILENT(w, ann);
    world_free(w);
}

SUITE(help)
{
    TEST(help_lists_what_you_may_use);
    TEST(help_tells_of_one_command);
}
