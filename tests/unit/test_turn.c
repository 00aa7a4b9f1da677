/* The end of a turn: which client is written to first, and which clients end together.
 */
#include "session/session.h"
#include "state/client.h"
#include "state/server.h"
#include "world.h"

/* A client that talks waits for its answer before it goes on; a client that only
 * listens does not. */
static void
clients_that_talk_are_written_to_before_clients_that_listen(void)
{
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann"), *bob = world_user(w, "bob");
    struct actor *cat = world_user(w, "cat"), *dan = world_user(w, "dan");
    struct actor *all[] = {ann, bob, cat, dan};
    for (int i = 0; i < 4; i++)
        world_say(w, all[i], "JOIN #x");
    world_inputf(w, ann, "PRIVMSG #x :one\r\nPING 1");
    world_inputf(w, cat, "PRIVMSG #x :two\r\nPING 2");
    CU_ASSERT_PTR_EQUAL(session_dirty(w->srv), cat->client);
    CU_ASSERT_PTR_EQUAL(session_dirty(w->srv), ann->client);
    world_inputf(w, bob, "AWAY"); /* again, though it is on the list already */
    CU_ASSERT_PTR_EQUAL(session_dirty(w->srv), bob->client);
    CU_ASSERT_PTR_EQUAL(session_dirty(w->srv), dan->client);
    CU_ASSERT_PTR_NULL(session_dirty(w->srv));
    world_free(w);
}

enum { CROWD = 400 };

/* A channel with all clients; their queues are empty. */
static struct world *
crowd_with(const char *config, struct actor *all[CROWD])
{
    struct world *w = world_new(config);
    for (int i = 0; i < CROWD; i++) {
        char nick[8];
        snprintf(nick, sizeof nick, "n%d", i);
        all[i] = world_user(w, nick);
        world_say(w, all[i], "JOIN #x");
    }
    world_drain_all(w);
    return w;
}

static struct world *
crowd(struct actor *all[CROWD])
{
    return crowd_with(world_easy, all);
}

/* Takes the clients that a turn writes to, and returns their number. They stay
 * unwritten, as if their sockets were full. */
static int
turn(struct world *w)
{
    size_t n = 0;
    int taken = 0;
    while (session_turn(w->srv, &n) != NULL)
        taken++;
    return taken;
}

static void
clients_that_listen_wait_if_there_are_many(void)
{
    struct actor *all[CROWD];
    struct world *w = crowd(all);
    EQUAL_NUMBER(turn(w), 0);
    CU_ASSERT_FALSE(session_is_dirty(w->srv));
    world_inputf(w, all[0], "PRIVMSG #x :one");
    EQUAL_NUMBER(turn(w), 256);
    CU_ASSERT_TRUE(session_is_dirty(w->srv));
    size_t n = 0; /* in their order: all but the first 257, of which one has talked */
    CU_ASSERT_PTR_EQUAL(session_turn(w->srv, &n), all[257]->client);
    EQUAL_NUMBER(turn(w), CROWD - 1 - 257);
    CU_ASSERT_FALSE(session_is_dirty(w->srv));
    world_free(w);
}

/* Any number of clients that have talked takes no place of the clients that listen. */
static void
a_client_that_listens_does_not_starve(void)
{
    struct actor *all[CROWD];
    struct world *w = crowd(all);
    world_inputf(w, all[CROWD - 1], "PRIVMSG n0 :one");
    for (int i = 1; i < CROWD; i++)
        world_inputf(w, all[i], "PING x");
    EQUAL_NUMBER(turn(w), CROWD);
    CU_ASSERT_FALSE(session_is_dirty(w->srv));
    world_free(w);
}

static void
an_eighth_of_all_is_a_turn(void)
{
    struct actor *all[CROWD];
    struct world *w = crowd(all);
    for (int i = 0; i < 8 * 300 - 7 - CROWD; i++) /* an eighth is rounded up */
        world_connect(w, "192.0.2.1");
    world_say(w, all[0], "PING x");
    world_inputf(w, all[0], "PRIVMSG #x :one");
    EQUAL_NUMBER(turn(w), 300);
    EQUAL_NUMBER(turn(w), CROWD - 1 - 300);
    world_free(w);
}

static void
say_much(struct world *w, struct actor *from, const char *target, int bytes)
{
    for (; bytes > 0; bytes -= 400) {
        char line[512];
        snprintf(line, sizeof line, "PRIVMSG %s :%0370d", target, 0);
        world_inputf(w, from, "%s", line);
    }
}

static void
a_client_with_a_long_queue_does_not_wait(void)
{
    struct actor *all[CROWD];
    struct world *w = crowd(all);
    say_much(w, all[0], "#x", 20000);
    EQUAL_NUMBER(turn(w), 256);
    EQUAL_NUMBER(turn(w), CROWD - 1 - 256);
    say_much(w, all[0], "#x", 30000);
    EQUAL_NUMBER(turn(w), CROWD - 1);
    world_free(w);
}

/* Unwritten queues and another turn of lines must not reach the limit. */
static void
no_client_waits_if_all_queues_are_at_half_their_limit(void)
{
    struct actor *all[CROWD];
    struct world *w =
        crowd_with("flood { burst = 100000 join = \"9999/1s\" }\n"
                   "limits { sendq_total = 1048576 per_host = 9999 per_network = 9999 "
                   "unregistered_per_host = 9999 connect_rate = \"9999/1s\" }\n",
                   all);
    say_much(w, all[0], "#x", 400);
    EQUAL_NUMBER(turn(w), 256);
    EQUAL_NUMBER(turn(w), CROWD - 1 - 256);
    world_drain_all(w);
    say_much(w, all[0], "n1", 500000);
    say_much(w, all[0], "#x", 400);
    size_t allocated = w->srv->buffers.sum.bytes;
    CU_ASSERT(allocated > 524288 && allocated < 1048576);
    EQUAL_NUMBER(turn(w), CROWD - 1);
    world_free(w);
}

/* Also behind others that can wait. */
static void
a_client_with_a_queue_at_half_its_limit_does_not_wait(void)
{
    struct actor *all[CROWD];
    struct world *w = crowd(all);
    struct client *last = all[CROWD - 1]->client;
    size_t n = 0;
    last->out.sendq.limit = 16384;
    world_inputf(w, all[0], "PRIVMSG #x :one");
    say_much(w, all[0], "n399", 9000);
    CU_ASSERT_PTR_EQUAL(session_turn(w->srv, &n), last);
    EQUAL_NUMBER(turn(w), 256);
    world_free(w);
}

static void
many_that_end_at_once_are_not_told_of_each_other(void)
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
        session_close(w->srv, gone[i]->client, NULL);
    for (int i = 0; i < 5; i++)
        EQUAL_NUMBER(gone[i]->client->out.sendq.bytes, 0);
    CU_ASSERT_PTR_EQUAL(session_dirty(w->srv), ann->client);
    for (int i = 0; i < 5; i++) /* their last line is an ERROR that no client reads */
        EQUAL_NUMBER(gone[i]->client->out.sendq.bytes, 0);
    world_say(w, ann, "PING x");
    for (int i = 0; i < 5; i++)
        EXPECT(w, ann, ":g?!* QUIT :Connection closed");
    EXPECT(w, ann, "* PONG *");
    world_free(w);
}

static void
a_client_that_has_just_gone_makes_room_for_the_next(void)
{
    struct world *w = world_new("limits { per_host = 1 }");
    struct actor *ann = world_user_at(w, "ann", "192.0.2.1"), *again;
    CU_ASSERT_TRUE(world_connect(w, "192.0.2.1")->closed);
    session_close(w->srv, ann->client, NULL);
    again = world_connect(w, "192.0.2.1");
    CU_ASSERT_FALSE(again->closed);
    world_free(w);
}

SUITE(turn)
{
    TEST(clients_that_talk_are_written_to_before_clients_that_listen);
    TEST(clients_that_listen_wait_if_there_are_many);
    TEST(a_client_that_listens_does_not_starve);
    TEST(an_eighth_of_all_is_a_turn);
    TEST(a_client_with_a_long_queue_does_not_wait);
    TEST(no_client_waits_if_all_queues_are_at_half_their_limit);
    TEST(a_client_with_a_queue_at_half_its_limit_does_not_wait);
    TEST(many_that_end_at_once_are_not_told_of_each_other);
    TEST(a_client_that_has_just_gone_makes_room_for_the_next);
}
