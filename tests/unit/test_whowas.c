/* The ring of nicks that were given up. */
#include "state/client.h"
#include "state/whowas.h"
#include "world.h"

static void
the_newest_comes_first(void)
{
    struct world *w = world_new(world_easy);
    struct actor *a = world_user_at(w, "ann", "192.0.2.1");
    CU_ASSERT_PTR_NULL(whowas_find(w->srv, "ann", 0));
    CU_ASSERT_PTR_NULL(whowas_find(w->srv, "", 0));
    world_say(w, a, "QUIT");
    world_set_wall(w, WORLD_WALL + 5000);
    a = world_user_at(w, "ANN", "192.0.2.2");
    world_say(w, a, "NICK other");
    const struct whowas_entry *e = whowas_find(w->srv, "aNN", 0);
    EQUAL_TEXT(e->nick, "ANN");
    EQUAL_TEXT(e->host, "192.0.2.2");
    EQUAL_NUMBER(e->left, WORLD_WALL + 5000);
    e = whowas_find(w->srv, "aNN", 1);
    EQUAL_TEXT(e->nick, "ann");
    EQUAL_TEXT(e->host, "192.0.2.1");
    EQUAL_TEXT(e->real, "Real ann");
    CU_ASSERT_PTR_NULL(whowas_find(w->srv, "ann", 2));
    world_free(w);
}

static void
a_case_change_and_the_unregistered_leave_no_trace(void)
{
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann");
    world_say(w, a, "NICK ANN");
    CU_ASSERT_PTR_NULL(whowas_find(w->srv, "ann", 0));
    a = world_connect(w, "192.0.2.1");
    world_say(w, a, "NICK bob");
    world_close(w, a);
    CU_ASSERT_PTR_NULL(whowas_find(w->srv, "bob", 0));
    world_free(w);
}

static void
the_ring_forgets_the_oldest(void)
{
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "first");
    unsigned n = 0;
    for (int i = 0; i <= WHOWAS_ENTRIES; i++) {
        CU_ASSERT(i == 0 || whowas_find(w->srv, "first", 0) != NULL);
        world_say(w, a, i % 2 ? "NICK one" : "NICK two");
    }
    CU_ASSERT_PTR_NULL(whowas_find(w->srv, "first", 0));
    while (whowas_find(w->srv, "one", n))
        n++;
    EQUAL_NUMBER(n, WHOWAS_ENTRIES / 2);
    world_free(w);
}

SUITE(whowas)
{
    TEST(the_newest_comes_first);
    TEST(a_case_change_and_the_unregistered_leave_no_trace);
    TEST(the_ring_forgets_the_oldest);
}
