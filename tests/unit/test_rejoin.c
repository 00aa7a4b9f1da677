/* The answers of a JOIN are free once in some minutes; a client that looks at thousands
 * pays for it, found or not. */
#include "crowd.h"
#include "policy/client_policy.h"

static const char rich[] = "flood { burst = 10000 join = \"999/1s\" }\n"
                           "limits { ping_every = \"1h\" ping_timeout = \"1h\" }\n";

static struct actor *ann;

/* The price of all these lines: no time passes. */
static int
cost_of(struct world *w, const char *const *lines)
{
    policy_of(ann->client)->counters[COUNTER_lines].full_at = w->srv->now;
    world_drain(ann);
    for (; *lines; lines++) {
        world_say(w, ann, *lines);
        while (crowd_waits(w))
            crowd_turn(w, ann);
    }
    msec missing =
        policy_of(ann->client)->counters[COUNTER_lines].full_at - w->srv->now;
    return missing > 0 ? (int)(missing / 500) : 0;
}
#define COST(w, ...) cost_of((w), (const char *const[]){__VA_ARGS__, NULL})

static struct world *
begin(int people)
{
    struct world *w = world_new(rich);
    ann = world_user(w, "ann");
    crowd_people(w, people, "#big");
    return w;
}

static void
a_client_that_comes_back_soon_pays_for_names_and_queries(void)
{
    struct world *w = begin(1000);
    EQUAL_NUMBER(COST(w, "JOIN #big", "WHO #big", "MODE #big", "MODE #big b"), 1);
    EQUAL_NUMBER(world_count(ann, "* 352 *"), 1001);
    /* PART, JOIN and 10 for 1001 names; WHO and 50 for its rows; two queries. */
    EQUAL_NUMBER(COST(w, "PART #big", "JOIN #big"), 1 + 1 + 10);
    EQUAL_NUMBER(COST(w, "WHO #big", "MODE #big", "MODE #big b"), 1 + 50 + 2);
    EQUAL_NUMBER(COST(w, "JOIN 0", "JOIN #BIG"), 1 + 1 + 10);
    world_free(w);
}

static void
a_circle_of_join_who_and_part_ends_in_debt(void)
{
    struct world *w = world_new(NULL);
    size_t bytes = 0;
    ann = world_user(w, "ann");
    crowd_people(w, 2000, "#big");
    for (int i = 0; i < 60 * 20; i++) {
        if (policy_of(ann->client)->held_lines == 0 && !crowd_waits(w))
            world_say(w, ann, "JOIN #big\r\nWHO #big\r\nPART #big");
        world_sleep(w, 50);
        bytes += ann->len;
        world_drain(ann);
    }
    /* Two rounds: 2000 names and rows are 170,000 bytes. */
    CU_ASSERT(bytes > 150000 && bytes < 400000);
    world_free(w);
}

static void
some_minutes_later_it_is_free_again(void)
{
    struct world *w = begin(1000);
    COST(w, "JOIN #big", "PART #big");
    w->srv->now += 5 * MSEC_MINUTE - 1;
    EQUAL_NUMBER(COST(w, "JOIN #big", "MODE #big", "PART #big"), 1 + 10 + 1 + 1);
    w->srv->now += 5 * MSEC_MINUTE;
    EQUAL_NUMBER(COST(w, "JOIN #big", "MODE #big"), 1);
    world_free(w);
}

static void
a_kicked_client_pays_as_well_and_other_channels_are_free(void)
{
    struct world *w = world_new(rich);
    ann = world_user(w, "ann");
    struct actor *op = world_user(w, "op");
    world_say(w, op, "JOIN #a");
    world_say(w, op, "JOIN #b");
    crowd_people(w, 300, "#a");
    world_say(w, ann, "JOIN #a");
    world_say(w, op, "KICK #a ann");
    EQUAL_NUMBER(COST(w, "JOIN #a", "MODE #a"), 1 + 3 + 1);
    EQUAL_NUMBER(COST(w, "JOIN #b", "MODE #b"), 1);
    world_free(w);
}

static void
thirty_two_channels_are_remembered(void)
{
    char line[32];
    struct world *w = begin(1000);
    COST(w, "JOIN #big", "PART #big");
    for (int i = 0; i < 31; i++) {
        snprintf(line, sizeof line, "JOIN #c%d\r\nPART #c%d", i, i);
        world_say(w, ann, line);
    }
    EQUAL_NUMBER(COST(w, "JOIN #big", "PART #big"), 1 + 10 + 1);
    world_say(w, ann, "JOIN #d\r\nPART #d");
    EQUAL_NUMBER(COST(w, "JOIN #big"), 1);
    world_free(w);
}

static void
a_join_pays_for_a_thousand_rows_of_a_channel(void)
{
    struct world *w = begin(1018);
    EQUAL_NUMBER(COST(w, "JOIN #big", "WHO #big"), 1);
    world_free(w);
    w = begin(1019); /* and ann */
    EQUAL_NUMBER(COST(w, "JOIN #big", "WHO #big"), 2);
    world_free(w);
}

static void
who_and_list_cost_by_what_they_look_at(void)
{
    /* Work of one more token: 400,000; of a client that has another nick: 206; of a
     * channel that has another name: 201, and 200 once. */
    struct world *w = begin(3882); /* and ann: 3883 * 206 < 800,000 */
    crowd_channels(w, 1988);       /* and #big: 1989 * 201 + 200 < 400,000 */
    EQUAL_NUMBER(COST(w, "WHO nobody*"), 2);
    EQUAL_NUMBER(COST(w, "WHO #big o"), 2);
    EQUAL_NUMBER(COST(w, "LIST nothing*"), 2);
    EQUAL_NUMBER(COST(w, "WHO u00000"), 1);
    world_user(w, "one");
    world_user(w, "two");
    world_say(w, world_user(w, "three"), "JOIN #one");
    world_say(w, world_user(w, "four"), "JOIN #two");
    EQUAL_NUMBER(COST(w, "WHO nobody*"), 3);
    EQUAL_NUMBER(COST(w, "LIST nothing*"), 3);
    world_free(w);
}

SUITE(rejoin)
{
    TEST(a_client_that_comes_back_soon_pays_for_names_and_queries);
    TEST(a_circle_of_join_who_and_part_ends_in_debt);
    TEST(some_minutes_later_it_is_free_again);
    TEST(a_kicked_client_pays_as_well_and_other_channels_are_free);
    TEST(thirty_two_channels_are_remembered);
    TEST(a_join_pays_for_a_thousand_rows_of_a_channel);
    TEST(who_and_list_cost_by_what_they_look_at);
}
