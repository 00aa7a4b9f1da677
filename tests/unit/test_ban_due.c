/* The heap of bans that end, compared with a linear search. */
#include "dice.h"
#include "policy/ban/ban.h"
#include "policy/ban/due.h"
#include "test.h"

#include <string.h>

enum { BANS = 200 };

static uint64_t seed = 5;

static msec
least(const struct ban *bans, const bool *in)
{
    msec first = 0;
    for (int i = 0; i < BANS; i++)
        if (in[i] && bans[i].until && (first == 0 || bans[i].until < first))
            first = bans[i].until;
    return first;
}

static void
the_first_to_end_is_on_top_whatever_changes(void)
{
    static struct ban bans[BANS];
    struct ban_due due = {0};
    bool in[BANS] = {false};
    memset(bans, 0, sizeof bans);
    for (int step = 0; step < 20000; step++) {
        unsigned i = dice(&seed, BANS);
        in[i] = dice(&seed, 4) != 0;
        if (in[i]) {
            bans[i].until = dice(&seed, 8) ? 1 + dice(&seed, 300) : 0;
            ban_due_place(&due, &bans[i]);
        } else {
            ban_due_remove(&due, &bans[i]);
        }
        const struct ban *first = ban_due_first(&due);
        CU_ASSERT_FATAL((first ? first->until : 0) == least(bans, in));
        for (size_t k = 1; k <= due.n; k++)
            CU_ASSERT_FATAL(due.heap[k - 1]->due == k);
    }
    ban_due_free(&due);
    CU_ASSERT_PTR_NULL(ban_due_first(&due));
}

SUITE(ban_due)
{
    TEST(the_first_to_end_is_on_top_whatever_changes);
}
