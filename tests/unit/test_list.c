/* The intrusive list. */
#include "base/list.h"
#include "test.h"

struct item {
    int number;
    struct list node;
};

static void
order_is_that_of_appending(void)
{
    struct list head;
    struct item items[3] = {{.number = 1}, {.number = 2}, {.number = 3}};
    int seen = 0;

    list_init(&head);
    CU_ASSERT_TRUE(list_empty(&head));
    for (int i = 0; i < 3; i++)
        list_append(&head, &items[i].node);
    CU_ASSERT_FALSE(list_empty(&head));
    LIST_EACH(&head, at)
        seen = seen * 10 + LIST_ENTRY(at, struct item, node)->number;
    EQUAL_NUMBER(seen, 123);
}

static void
a_prepended_item_comes_first(void)
{
    struct list head;
    struct item items[3] = {{.number = 1}, {.number = 2}, {.number = 3}};
    int seen = 0, back = 0;

    list_init(&head);
    list_append(&head, &items[0].node);
    list_prepend(&head, &items[1].node);
    list_prepend(&head, &items[2].node);
    LIST_EACH(&head, at)
        seen = seen * 10 + LIST_ENTRY(at, struct item, node)->number;
    for (struct list *at = head.prev; at != &head; at = at->prev)
        back = back * 10 + LIST_ENTRY(at, struct item, node)->number;
    EQUAL_NUMBER(seen, 321);
    EQUAL_NUMBER(back, 123);
}

static void
removing_twice_is_harmless(void)
{
    struct list head;
    struct item a = {.number = 1}, b = {.number = 2};

    list_init(&head);
    list_append(&head, &a.node);
    list_append(&head, &b.node);
    list_remove(&a.node);
    list_remove(&a.node);
    CU_ASSERT_TRUE(list_empty(&a.node));
    CU_ASSERT_PTR_EQUAL(head.next, &b.node);
    CU_ASSERT_PTR_EQUAL(head.prev, &b.node);
    list_remove(&b.node);
    CU_ASSERT_TRUE(list_empty(&head));
}

static void
a_walk_may_remove_where_it_stands(void)
{
    struct list head;
    struct item items[4] = {{.number = 1}, {.number = 2}, {.number = 3}, {.number = 4}};
    int seen = 0;

    list_init(&head);
    for (int i = 0; i < 4; i++)
        list_append(&head, &items[i].node);
    LIST_EACH_SAFE(&head, at, next) {
        seen++;
        if (LIST_ENTRY(at, struct item, node)->number % 2 == 0)
            list_remove(at);
    }
    EQUAL_NUMBER(seen, 4);
    CU_ASSERT_PTR_EQUAL(head.next, &items[0].node);
    CU_ASSERT_PTR_EQUAL(head.next->next, &items[2].node);
    CU_ASSERT_PTR_EQUAL(head.prev, &items[2].node);
}

static void
a_walk_may_empty_the_list(void)
{
    struct list head;
    struct item items[2];

    list_init(&head);
    LIST_EACH(&head, none)
        CU_FAIL("an empty list has a node");
    for (int i = 0; i < 2; i++)
        list_append(&head, &items[i].node);
    LIST_EACH_SAFE(&head, at, next)
        list_remove(at);
    CU_ASSERT_TRUE(list_empty(&head));
}

SUITE(list)
{
    TEST(order_is_that_of_appending);
    TEST(a_prepended_item_comes_first);
    TEST(removing_twice_is_harmless);
    TEST(a_walk_may_remove_where_it_stands);
    TEST(a_walk_may_empty_the_list);
}
