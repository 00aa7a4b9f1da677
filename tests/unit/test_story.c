/* The main task in one process: clients talk, a moderator moderates, a ban outlives a
 * restart. */
#include "world.h"

static void
people_chat_and_a_ban_outlives_a_restart(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    world_say(w, alice, "JOIN #tea");
    EXPECT(w, alice, ":alice!alice@10.1.1.1 JOIN :#tea");
    EXPECT(w, alice, ":irc.localhost 353 alice = #tea :@alice");
    EXPECT(w, alice, ":irc.localhost 366 alice #tea :End of NAMES list");
    world_say(w, bob, "JOIN #tea");
    world_drain(bob);
    EXPECT(w, alice, ":bob!bob@192.0.2.7 JOIN :#tea");
    world_say(w, bob, "PRIVMSG #tea :hello");
    EXPECT(w, alice, ":bob!bob@192.0.2.7 PRIVMSG #tea :hello");
    SILENT(w, bob);
    world_say(w, alice, "KLINE 10m bob :spam");
    AWAIT(w, bob,
          "ERROR :Closing Link: 192.0.2.7 (You are banned (K-line) until *: spam)");
    CU_ASSERT(bob->closed);
    world_drain(alice);
    world_store_news(w);
    EXPECT(
        w, alice,
        "* NOTICE alice :K-line *@192.0.2.7 set until 2026-11-22 00:10:00 UTC (10m): "
        "removed 1 client, saved");
    world_restart(w, world_alice);
    bob = world_user_at(w, "bob", "192.0.2.7");
    CU_ASSERT(bob->closed);
    world_sleep(w, 10 * MSEC_MINUTE);
    bob = world_user_at(w, "bob", "192.0.2.7");
    CU_ASSERT(!bob->closed);
    world_free(w);
}

SUITE(story)
{
    TEST(people_chat_and_a_ban_outlives_a_restart);
}
