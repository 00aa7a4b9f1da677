/* What belongs to a turn as a whole: who is written to first, and who goes together. */
#include "cmd/session.h"
#include "state/client.h"
#include "state/server.h"
#include "world.h"

/* Without the end of the turn. */
static void
input(struct world *w, struct actor *a, const char *line)
{
    char bytes[600];
    int n = snprintf(bytes, sizeof bytes, "%s\r\n", line);
    session_input(w->srv, a->client, bytes, (size_t)n);
}

/* Each who talks waits for his answer before he goes on; who only listens does not. */
static void
who_speaks_is_written_to_before_who_listens(void)
{
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann"), *bob = world_user(w, "bob");
    struct actor *cat = world_user(w, "cat"), *dan = world_user(w, "dan");
    struct actor *all[] = {ann, bob, cat, dan};
    for (int i = 0; i < 4; i++)
        world_say(w, all[i], "JOIN #x");
    input(w, ann, "PRIVMSG #x :one\r\nPING 1");
    input(w, cat, "PRIVMSG #x :two\r\nPING 2");
    CU_ASSERT_PTR_EQUAL(session_dirty(w->srv), cat->client);
    CU_ASSERT_PTR_EQUAL(session_dirty(w->srv), ann->client);
    input(w, bob, "AWAY"); /* again, though he is on the list already */
    CU_ASSERT_PTR_EQUAL(session_dirty(w->srv), bob->client);
    CU_ASSERT_PTR_EQUAL(session_dirty(w->srv), dan->client);
    CU_ASSERT_PTR_NULL(session_dirty(w->srv));
    world_free(w);
}

/* Those who only listen may wait for the next turn, in the order in which they began
 * to, unless they have waited for long. */
static void
who_listens_can_wait_until_much_waits(void)
{
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann"), *bob = world_user(w, "bob");
    struct actor *cat = world_user(w, "cat");
    char line[512];
    CU_ASSERT_FALSE(session_can_wait(w->srv)); /* nobody */
    for (int i = 0; i < 3; i++)
        world_say(w, (struct actor *[]){ann, bob, cat}[i], "JOIN #x");
    input(w, ann, "PRIVMSG #x :one\r\nPING 1");
    CU_ASSERT_FALSE(session_can_wait(w->srv));
    CU_ASSERT_PTR_EQUAL(session_dirty(w->srv), ann->client);
    CU_ASSERT_TRUE(session_can_wait(w->srv));
    input(w, bob, "PRIVMSG #x :two\r\nPING 2");
    CU_ASSERT_FALSE(session_can_wait(w->srv));
    CU_ASSERT_PTR_EQUAL(session_dirty(w->srv), bob->client);
    CU_ASSERT_TRUE(
        session_can_wait(w->srv)); /* cat, who waits for two lines, then ann */
    snprintf(line, sizeof line, "PRIVMSG #x :%0400d", 0);
    for (int i = 0; i < 30; i++)
        input(w, ann, line);
    CU_ASSERT(cat->client->sendq.bytes > 8192);
    CU_ASSERT_FALSE(session_can_wait(w->srv));
    CU_ASSERT_PTR_EQUAL(session_dirty(w->srv), ann->client);
    CU_ASSERT_FALSE(session_can_wait(w->srv));
    CU_ASSERT_PTR_EQUAL(session_dirty(w->srv), cat->client);
    CU_ASSERT_FALSE(session_can_wait(w->srv)); /* bob has as much */
    CU_ASSERT_PTR_EQUAL(session_dirty(w->srv), bob->client);
    CU_ASSERT_PTR_NULL(session_dirty(w->srv));
    CU_ASSERT_FALSE(session_can_wait(w->srv));
    world_free(w);
}

static void
many_who_go_at_once_are_not_told_of_each_other(void)
{
    struct actor *gone[5];
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann");
    world_say(w, ann, "JOIN #x");
    for (int i = 0; i < 5; i++) {
        char nick[8];
        snprintf(nick, sizeof nick, "g%d", i);
        gone[i] = world_user(w, nick);
        world_say(w, gone[i], "JOIN #x");
    }
    world_drain_all(w);
    for (int i = 0; i < 5; i++)
        session_close(w->srv, gone[i]->client, "Connection closed");
    for (int i = 0; i < 5; i++)
        EQUAL_NUMBER(gone[i]->client->sendq.bytes, 0);
    CU_ASSERT_PTR_EQUAL(session_dirty(w->srv), ann->client);
    for (int i = 0; i < 5; i++) /* their last line is an ERROR that goes nowhere */
        EQUAL_NUMBER(gone[i]->client->sendq.bytes, 0);
    world_say(w, ann, "PING x");
    for (int i = 0; i < 5; i++)
        EXPECT(w, ann, ":g?!* QUIT :Connection closed");
    EXPECT(w, ann, "* PONG *");
    world_free(w);
}

static void
who_has_just_gone_makes_room_for_who_comes(void)
{
    struct world *w = world_new("limits { per_host = 1 }");
    struct actor *ann = world_user_at(w, "ann", "192.0.2.1"), *again;
    CU_ASSERT_TRUE(world_connect(w, "192.0.2.1")->closed);
    session_close(w->srv, ann->client, "Connection closed");
    again = world_connect(w, "192.0.2.1");
    CU_ASSERT_FALSE(again->closed);
    world_free(w);
}

SUITE(turn)
{
    TEST(who_speaks_is_written_to_before_who_listens);
    TEST(who_listens_can_wait_until_much_waits);
    TEST(many_who_go_at_once_are_not_told_of_each_other);
    TEST(who_has_just_gone_makes_room_for_who_comes);
}
