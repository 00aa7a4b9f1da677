/* Callbacks of saved changes run in the order of the tickets, with every failure, and
 * once when the change is saved. */
#include "base/mem.h"
#include "state/saved.h"
#include "test.h"
#include "world.h"

struct follower {
    struct saved_wait wait;
    char name;
    struct follower *starts; /* begins to wait when this one is told; NULL: none */
};

static char heard[200];

static void
hear(struct server *srv, struct saved_wait *wait, const char *why)
{
    struct follower *f = LIST_ENTRY(wait, struct follower, wait);
    size_t at = strlen(heard);
    snprintf(heard + at, sizeof heard - at, "%c:%s ", f->name, why ? why : "saved");
    if (why)
        return;
    EQUAL_NUMBER(wait->ticket, 0);
    if (f->starts)
        on_saved(srv, 9, &f->starts->wait, hear);
    free(f);
}

static struct follower *
follow_ticket(struct world *w, char name, store_ticket ticket)
{
    struct follower *f = xcalloc(1, sizeof *f);
    f->name = name;
    if (ticket)
        on_saved(w->srv, ticket, &f->wait, hear);
    return f;
}

static const char *
told_by(struct world *w, store_ticket upto, const char *why)
{
    heard[0] = '\0';
    saved_tell(w->srv, &(struct store_news){upto, why});
    return heard;
}

static struct world *
quiet_world(void)
{
    struct world *w = world_new(NULL);
    world_store_news(w);
    CU_ASSERT_FATAL(list_empty(&w->srv->saved_waits));
    return w;
}

static void
tickets_are_told_in_their_order_and_up_to_the_last(void)
{
    struct world *w = quiet_world();
    follow_ticket(w, 'c', 5);
    follow_ticket(w, 'a', 3);
    follow_ticket(w, 'd', 5);
    follow_ticket(w, 'e', 6);
    follow_ticket(w, 'b', 4);
    EQUAL_TEXT(told_by(w, 2, NULL), "");
    EQUAL_TEXT(told_by(w, 3, NULL), "a:saved ");
    EQUAL_TEXT(told_by(w, 5, NULL), "b:saved c:saved d:saved ");
    EQUAL_TEXT(told_by(w, 5, NULL), "");
    EQUAL_TEXT(told_by(w, 6, NULL), "e:saved ");
    world_free(w);
}

static void
a_failure_is_told_each_time_until_it_is_saved(void)
{
    struct world *w = quiet_world();
    follow_ticket(w, 'a', 3);
    follow_ticket(w, 'b', 4);
    EQUAL_TEXT(told_by(w, 3, "full"), "a:full ");
    EQUAL_TEXT(told_by(w, 4, "gone"), "a:gone b:gone ");
    EQUAL_TEXT(told_by(w, 3, NULL), "a:saved ");
    EQUAL_TEXT(told_by(w, 4, NULL), "b:saved ");
    world_free(w);
}

static void
what_is_forgotten_hears_nothing(void)
{
    struct world *w = quiet_world();
    struct follower *a = follow_ticket(w, 'a', 3);
    follow_ticket(w, 'b', 3);
    saved_forget(&a->wait);
    saved_forget(&a->wait);
    EQUAL_TEXT(told_by(w, 3, NULL), "b:saved ");
    on_saved(w->srv, 4, &a->wait, hear);
    EQUAL_TEXT(told_by(w, 4, NULL), "a:saved ");
    world_free(w);
}

static void
one_that_is_told_may_begin_another(void)
{
    struct world *w = quiet_world();
    struct follower *a = follow_ticket(w, 'a', 3);
    a->starts = follow_ticket(w, 'z', 0);
    follow_ticket(w, 'b', 4);
    EQUAL_TEXT(told_by(w, 4, NULL), "a:saved b:saved ");
    EQUAL_TEXT(told_by(w, 9, NULL), "z:saved ");
    world_free(w);
}

SUITE(saved)
{
    TEST(tickets_are_told_in_their_order_and_up_to_the_last);
    TEST(a_failure_is_told_each_time_until_it_is_saved);
    TEST(what_is_forgotten_hears_nothing);
    TEST(one_that_is_told_may_begin_another);
}
