/* Token buckets are tried on both sides of every moment. */
#include "base/bucket.h"
#include "test.h"

#define BURST 10
#define EACH ((msec)500)
#define NOW ((msec)1000000)

static void
drain(struct bucket *b, msec now)
{
    for (int i = 0; i < BURST; i++)
        CU_ASSERT_TRUE(bucket_take(b, now, BURST, EACH, 1));
    CU_ASSERT_FALSE(bucket_take(b, now, BURST, EACH, 1));
}

static void
a_zeroed_bucket_is_full(void)
{
    struct bucket early = {0}, late = {0};

    drain(&early, 0);
    drain(&late, NOW);
}

static void
tokens_come_back_one_each_interval(void)
{
    struct bucket b = {0};

    drain(&b, NOW);
    CU_ASSERT_FALSE(bucket_take(&b, NOW + EACH - 1, BURST, EACH, 1));
    CU_ASSERT_TRUE(bucket_take(&b, NOW + EACH, BURST, EACH, 1));
    CU_ASSERT_FALSE(bucket_take(&b, NOW + EACH, BURST, EACH, 1));
    CU_ASSERT_FALSE(bucket_take(&b, NOW + 3 * EACH - 1, BURST, EACH, 2));
    CU_ASSERT_TRUE(bucket_take(&b, NOW + 3 * EACH, BURST, EACH, 2));
}

static void
it_never_holds_more_than_its_burst(void)
{
    struct bucket b = {0};

    drain(&b, NOW);
    drain(&b, NOW + 100 * MSEC_DAY);
}

static void
a_cost_above_burst_takes_all(void)
{
    struct bucket b = {0};

    CU_ASSERT_TRUE(bucket_take(&b, NOW, BURST, EACH, 1000));
    CU_ASSERT_FALSE(bucket_take(&b, NOW, BURST, EACH, 1));
    CU_ASSERT_FALSE(bucket_take(&b, NOW + BURST * EACH - 1, BURST, EACH, 1000));
    CU_ASSERT_TRUE(bucket_take(&b, NOW + BURST * EACH, BURST, EACH, 1000));
}

static void
what_is_free_always_passes(void)
{
    struct bucket b = {0};

    bucket_charge(&b, NOW, BURST, EACH, 50);
    CU_ASSERT_TRUE(bucket_take(&b, NOW, BURST, EACH, 0));
    EQUAL_NUMBER(bucket_wait(&b, NOW, BURST, EACH, 0), 0);
}

static void
waiting_is_exactly_long_enough(void)
{
    struct bucket b = {0};

    EQUAL_NUMBER(bucket_wait(&b, NOW, BURST, EACH, 3), 0);
    drain(&b, NOW);
    for (int cost = 1; cost <= BURST + 5; cost++) {
        struct bucket copy = b;
        msec wait = bucket_wait(&b, NOW, BURST, EACH, cost);

        EQUAL_NUMBER(wait, (cost < BURST ? cost : BURST) * EACH);
        CU_ASSERT_FALSE(bucket_take(&copy, NOW + wait - 1, BURST, EACH, cost));
        CU_ASSERT_TRUE(bucket_take(&copy, NOW + wait, BURST, EACH, cost));
    }
}

static void
a_charge_makes_debt_of_ten_bursts_at_most(void)
{
    struct bucket b = {0};

    bucket_charge(&b, NOW, BURST, EACH, 4);
    EQUAL_NUMBER(bucket_wait(&b, NOW, BURST, EACH, 6), 0);
    EQUAL_NUMBER(bucket_wait(&b, NOW, BURST, EACH, 7), EACH);
    bucket_charge(&b, NOW, BURST, EACH, 26);
    EQUAL_NUMBER(bucket_wait(&b, NOW, BURST, EACH, 1), 21 * EACH);
    bucket_charge(&b, NOW, BURST, EACH, 80);
    EQUAL_NUMBER(bucket_wait(&b, NOW, BURST, EACH, 1), 101 * EACH);
    bucket_charge(&b, NOW, BURST, EACH, 1000000);
    EQUAL_NUMBER(bucket_wait(&b, NOW, BURST, EACH, 1), 101 * EACH);
    bucket_charge(&b, NOW, BURST, EACH, -5);
    EQUAL_NUMBER(bucket_wait(&b, NOW, BURST, EACH, 1), 101 * EACH);
}

static void
absurd_settings_do_not_overflow(void)
{
    struct bucket b = {0};
    msec year = 365 * MSEC_DAY;

    CU_ASSERT_TRUE(bucket_take(&b, NOW, 1000000, 100 * year, 1000000));
    CU_ASSERT_FALSE(bucket_take(&b, NOW + year, 1000000, 100 * year, 1000000));
    CU_ASSERT_TRUE(bucket_wait(&b, NOW, 1000000, 100 * year, 1000000) > 0);
    bucket_charge(&b, NOW, 1000000, 100 * year, 1000000);
    CU_ASSERT_TRUE(b.full_at > NOW);
    memset(&b, 0, sizeof(b));
    CU_ASSERT_TRUE(bucket_take(&b, NOW, 0, EACH, 1)); /* as with a burst of one */
    CU_ASSERT_FALSE(bucket_take(&b, NOW, 0, EACH, 1));
    for (int i = 0; i < 100; i++)
        CU_ASSERT_TRUE(
            bucket_take(&b, NOW + EACH, 1, 0, 1)); /* no interval: no limit */
}

static void
what_was_taken_under_a_stricter_limit_is_no_more_than_all(void)
{
    struct bucket b = {0};

    bucket_limit(&b, NOW, BURST, EACH);
    EQUAL_NUMBER(b.full_at, 0);
    bucket_take(&b, NOW, 1, 1000 * EACH, 1);
    EQUAL_NUMBER(bucket_wait(&b, NOW, BURST, EACH, 1), (1000 - BURST + 1) * EACH);
    bucket_limit(&b, NOW, BURST, EACH);
    EQUAL_NUMBER(bucket_wait(&b, NOW, BURST, EACH, 1), EACH);
    bucket_limit(&b, NOW + EACH, BURST, EACH); /* and no less */
    CU_ASSERT_TRUE(bucket_take(&b, NOW + EACH, BURST, EACH, 1));
    CU_ASSERT_FALSE(bucket_take(&b, NOW + EACH, BURST, EACH, 1));
}

static void
what_is_left_is_what_can_be_taken(void)
{
    struct bucket b = {0};
    for (int taken = 0; taken <= BURST; taken++) {
        CU_ASSERT_EQUAL(bucket_left(&b, NOW, BURST, EACH), BURST - taken);
        bucket_take(&b, NOW, BURST, EACH, 1);
    }
    CU_ASSERT_EQUAL(bucket_left(&b, NOW + EACH - 1, BURST, EACH), 0);
    CU_ASSERT_EQUAL(bucket_left(&b, NOW + EACH, BURST, EACH), 1);
    CU_ASSERT_EQUAL(bucket_left(&b, NOW + BURST * EACH - 1, BURST, EACH), BURST - 1);
    CU_ASSERT_EQUAL(bucket_left(&b, NOW + BURST * EACH, BURST, EACH), BURST);
    bucket_charge(&b, NOW, BURST, EACH, 1000);
    CU_ASSERT_EQUAL(bucket_left(&b, NOW, BURST, EACH), 0);
    CU_ASSERT_EQUAL(bucket_left(&b, NOW, BURST, 0), BURST);
}

static void
tokens_that_are_given_back_fill_it_and_no_more(void)
{
    struct bucket b = {0};
    bucket_take(&b, NOW, BURST, EACH, 2);
    bucket_give(&b, EACH, 1);
    CU_ASSERT_EQUAL(bucket_left(&b, NOW, BURST, EACH), BURST - 1);
    bucket_give(&b, EACH, 1);
    CU_ASSERT_EQUAL(bucket_left(&b, NOW, BURST, EACH), BURST);
    bucket_take(&b, NOW, BURST, EACH, 1);
    bucket_give(&b, EACH, 1); /* long after time has filled it */
    for (int i = 0; i < BURST; i++)
        CU_ASSERT_TRUE(bucket_take(&b, NOW + 100 * EACH, BURST, EACH, 1));
    CU_ASSERT_FALSE(bucket_take(&b, NOW + 100 * EACH, BURST, EACH, 1));
}

SUITE(bucket)
{
    TEST(tokens_that_are_given_back_fill_it_and_no_more);
    TEST(what_is_left_is_what_can_be_taken);
    TEST(a_zeroed_bucket_is_full);
    TEST(tokens_come_back_one_each_interval);
    TEST(it_never_holds_more_than_its_burst);
    TEST(a_cost_above_burst_takes_all);
    TEST(what_is_free_always_passes);
    TEST(waiting_is_exactly_long_enough);
    TEST(a_charge_makes_debt_of_ten_bursts_at_most);
    TEST(absurd_settings_do_not_overflow);
    TEST(what_was_taken_under_a_stricter_limit_is_no_more_than_all);
}
