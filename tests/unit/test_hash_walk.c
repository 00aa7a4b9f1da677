/* The walk of a table by reversed hashes: each item once, whatever comes and goes. */
#include "base/hash_walk.h"
#include "base/str.h"
#include "test.h"

struct item {
    UT_hash_handle hh;
    unsigned n;
    unsigned seen;
    bool stays;
};

static const struct hash_key key = {{7}};

static void
add_item(struct item **all, unsigned n, bool stays)
{
    struct item *item = xcalloc(1, sizeof *item);
    item->n = n;
    item->stays = stays;
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, *all, &item->n, sizeof item->n,
                                hash_bytes(&key, &n, sizeof n), item);
}

/* With a hash that many items share. */
static void
add_collision(struct item **all, unsigned n, unsigned hash)
{
    struct item *item = xcalloc(1, sizeof *item);
    item->n = n;
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, *all, &item->n, sizeof item->n, hash, item);
}

static void
free_items(struct item **all)
{
    struct item *item, *next;
    HASH_ITER(hh, *all, item, next) {
        HASH_DELETE(hh, *all, item);
        free(item);
    }
}

static void
remove_item(struct item **all, struct item *item)
{
    HASH_DELETE(hh, *all, item);
    free(item);
}

/* Sees at most `most` items; false: the walk is done. */
static bool
walk_some(struct item *all, uint64_t *at, unsigned most, size_t *work)
{
    for (unsigned i = 0; i < most; i++) {
        struct item *item = HASH_WALK(all, &key, at, work);
        if (item == NULL)
            return false;
        item->seen++;
        if (*at == UINT64_MAX)
            return false;
        ++*at;
    }
    return true;
}

static void
an_empty_table_has_no_item(void)
{
    struct item *all = NULL;
    uint64_t at = 0;
    size_t work = 0;
    CU_ASSERT(!walk_some(all, &at, 1, &work));
}

static void
each_item_comes_once(void)
{
    for (unsigned n = 1; n < 3000; n = n * 3 + 1) {
        struct item *all = NULL;
        uint64_t at = 0;
        size_t work = 0;
        for (unsigned i = 0; i < n; i++)
            add_item(&all, i, true);
        while (walk_some(all, &at, 7, &work))
            ;
        for (struct item *item = all; item; item = item->hh.next)
            EQUAL_NUMBER(item->seen, 1);
        free_items(&all);
    }
}

/* The table grows from 32 buckets to thousands while it is walked. */
static void
items_that_stay_come_once_while_the_table_grows_and_shrinks(void)
{
    struct item *all = NULL;
    uint64_t at = 0;
    size_t work = 0;
    unsigned more = 1000000;
    for (unsigned i = 0; i < 200; i++)
        add_item(&all, i, i % 2 == 0);
    for (int turn = 0; walk_some(all, &at, 10, &work); turn++) {
        struct item *item, *next;
        HASH_ITER(hh, all, item, next)
            if (!item->stays && (item->n + (unsigned)turn) % 3 == 0)
                remove_item(&all, item);
        for (unsigned i = 0; turn < 30 && i < 300; i++)
            add_item(&all, more++, false);
    }
    for (struct item *item = all; item; item = item->hh.next) {
        CU_ASSERT(item->seen <= 1);
        if (item->stays)
            EQUAL_NUMBER(item->seen, 1);
    }
    free_items(&all);
}

static void
items_with_one_hash_come_once(void)
{
    struct item *all = NULL;
    uint64_t at = 0;
    size_t work = 0;
    for (unsigned i = 0; i < 40; i++)
        add_collision(&all, i, i % 2 ? 0xFFFFFFFFu : 0);
    while (walk_some(all, &at, 1, &work))
        ;
    for (struct item *item = all; item; item = item->hh.next)
        EQUAL_NUMBER(item->seen, 1);
    free_items(&all);
}

/* Twice the items take twice the work, also in pieces. */
static void
the_work_is_linear(void)
{
    size_t work[2] = {0, 0};
    for (int k = 0; k < 2; k++) {
        struct item *all = NULL;
        uint64_t at = 0;
        for (unsigned i = 0; i < 20000u << k; i++)
            add_item(&all, i, true);
        while (walk_some(all, &at, 50, &work[k]))
            ;
        free_items(&all);
    }
    CU_ASSERT(work[1] < work[0] * 5 / 2);
    CU_ASSERT(work[1] < 40000 * 500);
}

SUITE(hash_walk)
{
    TEST(an_empty_table_has_no_item);
    TEST(each_item_comes_once);
    TEST(items_that_stay_come_once_while_the_table_grows_and_shrinks);
    TEST(items_with_one_hash_come_once);
    TEST(the_work_is_linear);
}
