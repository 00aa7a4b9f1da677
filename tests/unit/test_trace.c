/* TRACE (RFC 2812 3.4.8): 203, 204, 205 and 262, and the rows that each asker sees. */
#include "crowd.h"
#include "state/cursor.h"

static const char watcher[] =
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"all\" } }\n"
    "oper \"al\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"kill\" } }\n";

static void
operators_see_all_clients_with_class_and_times(void)
{
    struct world *w = world_new(watcher);
    struct actor *ann = world_oper(w, "ann"), *bob = world_user(w, "bob");
    world_connect(w, "192.0.2.7");
    world_sleep(w, 5000);
    world_say(w, bob, "PRIVMSG ann :x");
    world_sleep(w, 3000);
    world_drain_all(w);
    world_say(w, ann, "TRACE");
    EXPECT(w, ann, ":irc.localhost 204 ann Oper ? ann[ann@10.1.1.1] 10.1.1.1 8 8");
    EXPECT(w, ann, ":irc.localhost 205 ann User ? bob[bob@10.1.2.1] 10.1.2.1 3 8");
    EXPECT(w, ann, ":irc.localhost 203 ann ???? ? 192.0.2.7 8");
    EXPECT(w, ann, ":irc.localhost 262 ann irc.localhost ircd-* :End of TRACE");
    SILENT(w, ann);
    world_say(w, ann, "TRACE irc.localhost");
    EQUAL_NUMBER(world_count(ann, "*"), 4);
    world_free(w);
}

static void
one_is_traced_by_nick(void)
{
    struct world *w = world_new(watcher);
    struct actor *ann = world_oper(w, "ann");
    world_user(w, "bob");
    world_say(w, ann, "TRACE BOB");
    EXPECT(w, ann, ":irc.localhost 205 ann User ? bob[bob@10.1.2.1] 10.1.2.1 0 0");
    EXPECT(w, ann, ":irc.localhost 262 *");
    world_say(w, ann, "TRACE nobody");
    EXPECT(w, ann, ":irc.localhost 402 ann nobody :*");
    SILENT(w, ann);
    world_free(w);
}

/* Without the privilege see_address: no addresses of others, and no clients with +i. */
static void
addresses_and_the_invisible_need_the_privilege(void)
{
    struct world *w = world_new(watcher);
    struct actor *al = world_user(w, "al"), *bob = world_user(w, "bob");
    struct actor *eve = world_user(w, "eve");
    world_connect(w, "192.0.2.7");
    world_say(w, al, "OPER al secret");
    world_say(w, bob, "MODE bob +i");
    world_say(w, eve, "MODE eve -i");
    world_drain_all(w);
    world_say(w, al, "TRACE");
    EXPECT(w, al, ":irc.localhost 204 al Oper ? al[al@10.1.1.1] 10.1.1.1 *");
    EXPECT(w, al, ":irc.localhost 205 al User ? eve[eve@10.1.3.1] 255.255.255.255 *");
    EXPECT(w, al, ":irc.localhost 203 al ???? ? 255.255.255.255 *");
    EXPECT(w, al, ":irc.localhost 262 *");
    SILENT(w, al);
    world_free(w);
}

static void
others_may_trace_themselves_alone(void)
{
    struct world *w = world_new(watcher);
    struct actor *bob = world_user(w, "bob");
    world_user(w, "eve");
    world_say(w, bob, "TRACE bob");
    EXPECT(w, bob, ":irc.localhost 205 bob User ? bob[bob@10.1.1.1] 10.1.1.1 0 0");
    EXPECT(w, bob, ":irc.localhost 262 *");
    world_say(w, bob, "TRACE");
    EXPECT(w, bob, ":irc.localhost 481 bob :Permission Denied - *");
    world_say(w, bob, "TRACE eve");
    EXPECT(w, bob, ":irc.localhost 481 bob :Permission Denied - *");
    world_say(w, bob, "TRACE nobody");
    EXPECT(w, bob, ":irc.localhost 481 bob :Permission Denied - *");
    SILENT(w, bob);
    world_free(w);
}

static void
twenty_thousand_come_in_pieces(void)
{
    struct world *w = world_new(world_easy);
    struct actor *ann = world_oper(w, "ann");
    crowd_people(w, 20000, NULL);
    for (int i = 0; i < 300; i++)
        world_connect(w, "192.0.2.7");
    world_say(w, ann, "TRACE\r\nPING :after");
    unsigned users = 0, unknown = 0;
    CU_ASSERT(crowd_waits(w));
    for (int turns = 0; crowd_waits(w) && turns < 1000; turns++) {
        users += world_count(ann, ":irc.localhost 205 *");
        unknown += world_count(ann, ":irc.localhost 203 *");
        world_drain(ann);
        CU_ASSERT(crowd_turn(w, ann) <= CURSOR_BYTES + 1024);
    }
    EQUAL_NUMBER(users + world_count(ann, ":irc.localhost 205 *"), 20000);
    EQUAL_NUMBER(unknown + world_count(ann, ":irc.localhost 203 *"), 300);
    AWAIT(w, ann, ":irc.localhost 262 *");
    EXPECT(w, ann, "* PONG *");
    world_free(w);
}

/* "TRACE / HTTP/1.1" is treated as it was before the command existed. */
static void
the_http_verb_still_ends_the_connection(void)
{
    struct world *w = world_new(NULL);
    struct actor *a = world_connect(w, "192.0.2.7");
    world_say(w, a, "TRACE / HTTP/1.1");
    EXPECT(w, a, "ERROR :*This is IRC, not HTTP*");
    CU_ASSERT(a->closed);
    world_free(w);
}

SUITE(trace)
{
    TEST(operators_see_all_clients_with_class_and_times);
    TEST(one_is_traced_by_nick);
    TEST(addresses_and_the_invisible_need_the_privilege);
    TEST(others_may_trace_themselves_alone);
    TEST(twenty_thousand_come_in_pieces);
    TEST(the_http_verb_still_ends_the_connection);
}
