/* A client reads «saved» only if the change is saved, and only if the client is still
 * on. */
#include "cmd/ack.h"
#include "policy/policy.h"
#include "state/store_ram.h"
#include "world.h"

static void
not_saved_is_said_once_and_saved_later(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    store_ram_fail(w->store, "No space left on device");
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    world_say(w, alice, "KLINE 10m bob :x");
    CU_ASSERT(bob->closed);
    world_drain(alice);
    world_store_news(w);
    EXPECT(
        w, alice,
        ":irc.localhost NOTICE alice :K-line ?@192.0.2.7 set until 2026-11-22 00:10:00 "
        "UTC (10m): removed 1 client, NOT saved: No space left on device");
    world_say(w, alice, "UNKLINE 192.0.2.9");
    world_say(w, alice, "DLINE 10m 192.0.2.9 :y");
    world_drain(alice);
    world_store_news(w);
    EXPECT(w, alice, "* :D-line 192.0.2.9 set * NOT saved: No space left on device");
    SILENT(w, alice);
    store_ram_fail(w->store, NULL);
    world_store_news(w);
    EXPECT(
        w, alice,
        ":irc.localhost NOTICE alice :K-line ?@192.0.2.7 set until 2026-11-22 00:10:00 "
        "UTC (10m): removed 1 client, saved");
    EXPECT(w, alice, "* :D-line 192.0.2.9 set *, saved");
    SILENT(w, alice);
    CU_ASSERT(world_user_at(w, "bob", "192.0.2.7")->closed);
    world_free(w);
}

/* A program reads the code, not the words. */
static void
not_saved_has_a_code(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    world_say(w, alice, "CAP REQ :standard-replies");
    store_ram_fail(w->store, "No space left on device");
    world_say(w, alice, "KLINE 10m 192.0.2.7 :NOT saved");
    world_drain(alice);
    world_store_news(w);
    EXPECT(w, alice,
           ":irc.localhost WARN * NOT_SAVED :K-line ?@192.0.2.7 set * NOT "
           "saved: No space left on device");
    store_ram_fail(w->store, NULL);
    world_store_news(w);
    EXPECT(w, alice, ":irc.localhost NOTICE alice :K-line ?@192.0.2.7 set *, saved");
    SILENT(w, alice);
    w->store->durable = false;
    world_say(w, alice, "UNKLINE 192.0.2.7");
    AWAIT(w, alice, ":irc.localhost WARN * NOT_SAVED :K-line ?@192.0.2.7 removed, *");
    world_free(w);
}

static void
removal_is_acknowledged_the_same_way(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    world_say(w, alice, "KLINE 10m 192.0.2.7 :x");
    world_store_news(w);
    store_ram_fail(w->store, "Input/output error");
    world_say(w, alice, "UNKLINE 192.0.2.7");
    world_drain(alice);
    world_store_news(w);
    EXPECT(w, alice, "* :K-line ?@192.0.2.7 removed, NOT saved: Input/output error");
    store_ram_fail(w->store, NULL);
    world_store_news(w);
    EXPECT(w, alice, "* :K-line ?@192.0.2.7 removed, saved");
    SILENT(w, alice);
    world_free(w);
}

static void
without_a_database_it_says_so(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    w->store->durable = false;
    world_say(w, alice, "KLINE 10m 192.0.2.7 :x");
    AWAIT(w, alice, "* :K-line ?@192.0.2.7 *, NOT saved: there is no database *");
    world_drain(alice);
    world_store_news(w);
    SILENT(w, alice);
    world_free(w);
}

static void
answers_come_in_the_order_of_changes_and_only_for_what_is_on_disk(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    struct actor *ann = world_oper(w, "ann");
    world_say(w, alice, "KLINE 10m 192.0.2.1 :x"); /* ticket 2: 1 is of msgid.h */
    world_say(w, ann, "KLINE 10m 192.0.2.2 :x");
    world_say(w, alice, "KLINE 10m 192.0.2.3 :x");
    world_drain_all(w);
    session_stored(w->srv, &(struct store_news){.upto = 1});
    world_sleep(w, 0);
    SILENT(w, alice);
    session_stored(w->srv, &(struct store_news){.upto = 3});
    world_sleep(w, 0);
    EXPECT(w, alice, "* :K-line ?@192.0.2.1 *, saved");
    SILENT(w, alice);
    EXPECT(w, ann, "* :K-line ?@192.0.2.2 *, saved");
    session_stored(w->srv, &(struct store_news){.upto = 4});
    world_sleep(w, 0);
    EXPECT(w, alice, "* :K-line ?@192.0.2.3 *, saved");
    world_free(w);
}

static void
a_client_that_has_left_is_not_told_whatever_became_of_it(void)
{
    static const char *const ways[] = {"QUIT", "MODE ann -o", "NICK nan"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct world *w = world_new(world_alice);
        struct actor *ann = world_oper(w, "ann");
        world_say(w, ann, "KLINE 10m 192.0.2.7 :x");
        world_say(w, ann, ways[i]);
        world_say(w, ann, "QUIT");
        CU_ASSERT(ann->closed);
        world_drain(ann);
        world_store_news(w);
        SILENT(w, ann);
        CU_ASSERT(!ack_waits(w->srv));
        world_free(w);
    }
}

static size_t
count_logged(const struct world *w, const char *part)
{
    size_t n = 0;
    for (const char *at = w->logged; at && (at = strstr(at, part)) != NULL; at++)
        n++;
    return n;
}

static void
a_failure_of_a_client_that_has_left_is_told_to_operators_and_the_log_once(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    struct actor *ann = world_oper(w, "ann");
    world_say(w, ann, "KLINE 10m 192.0.2.7 :x");
    world_say(w, ann, "QUIT");
    CU_ASSERT(ack_waits(w->srv) && !ack_is_owed(w->srv));
    world_drain(alice);
    store_ram_fail(w->store, "No space left on device");
    for (int i = 0; i < 3; i++)
        session_stored(w->srv, &(struct store_news){9, "No space left on device"});
    world_sleep(w, 0);
    EXPECT(w, alice, "* by an operator that has left, NOT saved: No space left *");
    SILENT(w, alice);
    EQUAL_NUMBER(count_logged(w, "not-saved"), 1);
    store_ram_fail(w->store, NULL);
    world_store_news(w);
    SILENT(w, alice);
    CU_ASSERT(!ack_waits(w->srv));
    CU_ASSERT(list_empty(&w->srv->saved_waits));
    world_free(w);
}

static void
acknowledgements_end_with_the_server(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    world_say(w, alice, "KLINE 10m 192.0.2.7 :x");
    CU_ASSERT(ack_waits(w->srv));
    CU_ASSERT(ack_is_owed(w->srv));
    world_restart(w, world_alice);
    CU_ASSERT(!ack_waits(w->srv));
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 1);
    world_free(w);
}

SUITE(ack)
{
    TEST(not_saved_is_said_once_and_saved_later);
    TEST(not_saved_has_a_code);
    TEST(removal_is_acknowledged_the_same_way);
    TEST(without_a_database_it_says_so);
    TEST(answers_come_in_the_order_of_changes_and_only_for_what_is_on_disk);
    TEST(a_client_that_has_left_is_not_told_whatever_became_of_it);
    TEST(a_failure_of_a_client_that_has_left_is_told_to_operators_and_the_log_once);
    TEST(acknowledgements_end_with_the_server);
}
