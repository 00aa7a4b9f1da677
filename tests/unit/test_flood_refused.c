/* A refused line is told and struck also if the client reads slowly; and the number of
 * notices that were left out is told in the end. */
#include "crowd.h"
#include "policy/client_policy.h"
#include "session/client_input.h"

/* ann is on #big, has sent a WHO and does not read the answer. */
static struct actor *
begin(struct world *w)
{
    struct actor *ann = world_user(w, "ann");
    crowd_people(w, 1000, "#big");
    ann->deaf = true;
    world_say(w, ann, "WHO #big");
    CU_ASSERT_FATAL(crowd_waits(w));
    return ann;
}

static void
a_client_that_reads_a_long_answer_slowly_is_struck_like_any_other(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    struct actor *ann = begin(w);
    world_say_times(w, ann, "X", 26); /* 16 lines wait, and 10 ran for the tokens */
    EQUAL_NUMBER(policy_of(ann->client)->held_lines, 26);
    uint32_t before = ann->client->out.sendq.bytes;
    world_say_times(w, ann, "X", 500);
    EQUAL_NUMBER(policy_of(ann->client)->held_lines, 26);
    CU_ASSERT(ann->client->out.sendq.bytes - before < 1000);
    for (int i = 0; i < 4 && !ann->closed; i++) {
        world_sleep(w, MSEC_SECOND);
        world_say_times(w, ann, "X", 500);
    }
    CU_ASSERT(ann->closed);
    EQUAL_NUMBER(world_count(alice, "*Strike ? of 5 for *: messages sent too fast"), 5);
    EQUAL_NUMBER(world_count(alice, "*Automatic K-line *"), 1);
    world_free(w);
}

static void
what_own_joins_have_paid_for_waits_beside_the_others(void)
{
    struct world *w = world_new("flood { join = \"999/1s\" }");
    struct actor *ann = world_user(w, "ann");
    for (int i = 0; i < 10; i++) {
        world_sayf(w, ann, "JOIN #x%d", i);
        world_sleep(w, MSEC_SECOND);
    }
    crowd_people(w, 1000, "#big");
    ann->deaf = true;
    world_sleep(w, 10 * MSEC_SECOND);
    world_say(w, ann, "WHO #big");
    for (int i = 0; i < 10; i++)
        world_sayf(w, ann, "MODE #x%d\r\nMODE #x%d b\r\nWHO #x%d", i, i, i);
    EQUAL_NUMBER(policy_of(ann->client)->held_paid, 3 * 10);
    world_say_times(w, ann, "ISON x", 26);
    EQUAL_NUMBER(input_of(ann->client)->refused, 0);
    world_say_times(w, ann, "ISON x", 1);
    EQUAL_NUMBER(policy_of(ann->client)->held_lines, 26 + 3 * 10);
    EQUAL_NUMBER(input_of(ann->client)->refused, 1);
    world_say(w, ann, "MODE #x3 e"); /* a credit still pays for this line */
    EQUAL_NUMBER(input_of(ann->client)->refused, 1);
    world_say(w, ann, "MODE #x3 e");
    EQUAL_NUMBER(input_of(ann->client)->refused, 2);
    world_free(w);
}

static void
a_client_that_waits_for_a_worker_is_told_five_times_a_second_and_not_struck(void)
{
    struct world *w = world_new(world_alice);
    struct actor *ann = world_user(w, "ann");
    w->verify_later = true;
    world_say(w, ann, "OPER alice wrong");
    world_say_times(w, ann, "X", 26 + 100);
    EQUAL_NUMBER(world_count(ann, "* :A line was refused: *"), 5);
    world_sleep(w, MSEC_SECOND);
    EQUAL_NUMBER(world_count(ann, "* :95 more lines were refused"), 1);
    world_say_times(w, ann, "X", 100);
    EQUAL_NUMBER(world_count(ann, "* :A line was refused: *"), 10);
    NEVER(w, ann, "*Strike*");
    world_free(w);
}

static void
refused_lines_are_counted_aloud_though_no_other_follows(void)
{
    static const char *const configs[] = {NULL, "flood { hold = 1 }",
                                          "flood { hold = 0 }"};
    static const int holds[] = {16, 1, 0};
    for (size_t i = 0; i < 3; i++) {
        struct world *w = world_new(configs[i]);
        struct actor *ann = world_user(w, "ann");
        world_say_times(w, ann, "ISON x", 10 + holds[i] + 5);
        world_sleep(w, 2 * MSEC_SECOND);
        NEVER(w, ann, "* more lines were refused");
        world_sleep(w, 20 * MSEC_SECOND);
        world_say_times(w, ann, "ISON x", 10 + holds[i] + 5 + 7);
        NEVER(w, ann, "* more lines were refused");
        world_sleep(w, MSEC_SECOND - 1);
        NEVER(w, ann, "* more lines were refused");
        world_sleep(w, 1);
        EQUAL_NUMBER(world_count(ann, "* :7 more lines were refused"), 1);
        world_sleep(w, 20 * MSEC_SECOND);
        EQUAL_NUMBER(world_count(ann, "* more lines were refused"), 1);
        CU_ASSERT(list_empty(holding_of(w->srv)));
        world_free(w);
    }
}

static void
a_client_that_goes_is_told_nothing(void)
{
    struct world *w = world_new("flood { hold = 0 }");
    struct actor *ann = world_user(w, "ann");
    world_say_times(w, ann, "ISON x", 30);
    CU_ASSERT(!list_empty(holding_of(w->srv)));
    world_close(w, ann);
    CU_ASSERT(list_empty(holding_of(w->srv)));
    world_sleep(w, 5 * MSEC_SECOND);
    world_free(w);
}

static void
notices_left_out_are_counted_aloud_though_no_other_follows(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    for (int i = 0; i < 15; i++) {
        struct actor *a = world_user(w, "spam");
        world_say_times(w, a, "ISON x", 27);
        world_close(w, a);
    }
    EQUAL_NUMBER(world_count(alice, "*Lines of spam are refused*"), 10);
    NEVER(w, alice, "*left out*");
    world_sleep(w, MSEC_SECOND - 1);
    NEVER(w, alice, "*left out*");
    world_sleep(w, 1 + MSEC_SECOND);
    EQUAL_NUMBER(world_count(alice, "*5 notices of this kind were left out"), 1);
    world_sleep(w, 20 * MSEC_SECOND);
    EQUAL_NUMBER(world_count(alice, "*left out"), 1);
    world_free(w);
}

SUITE(flood_refused)
{
    TEST(a_client_that_reads_a_long_answer_slowly_is_struck_like_any_other);
    TEST(what_own_joins_have_paid_for_waits_beside_the_others);
    TEST(a_client_that_waits_for_a_worker_is_told_five_times_a_second_and_not_struck);
    TEST(refused_lines_are_counted_aloud_though_no_other_follows);
    TEST(a_client_that_goes_is_told_nothing);
    TEST(notices_left_out_are_counted_aloud_though_no_other_follows);
}
