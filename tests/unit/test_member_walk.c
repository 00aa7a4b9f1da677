/* Walks over members: a member that stays is met exactly once, whichever others come
 * and go. */
#include "crowd.h"
#include "state/channel.h"
#include "state/member_walk.h"

#include <stdlib.h>

#define PEOPLE 60
#define OTHERS 20 /* join meanwhile */

static struct channel *chan;
static struct client *people[PEOPLE + OTHERS];
static bool stays[PEOPLE + OTHERS];
static unsigned met[PEOPLE + OTHERS];

static struct world *
begin(void)
{
    char nick[16];
    struct world *w = world_new(world_easy);
    crowd_people(w, PEOPLE, "#a");
    chan = channel_find(w->srv, "#a");
    for (int i = 0; i < PEOPLE + OTHERS; i++) {
        if (i == PEOPLE)
            crowd_people_from(w, PEOPLE, OTHERS);
        snprintf(nick, sizeof nick, "u%05d", i);
        people[i] = client_find(w->srv, nick);
    }
    return w;
}

static unsigned seed;

static unsigned
any(unsigned n)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 16) % n;
}

static int
number_of(const struct client *c)
{
    int i = 0;
    while (people[i] != c)
        i++;
    return i;
}

static void
reset(struct world *w)
{
    for (int i = 0; i < PEOPLE + OTHERS; i++) {
        bool on = channel_member(chan, people[i]) != NULL;
        if (i < PEOPLE && !on)
            channel_join(w->srv, chan, people[i], 0);
        if (i >= PEOPLE && on)
            channel_part(w->srv, chan, people[i]);
        stays[i] = i < PEOPLE;
        met[i] = 0;
    }
}

/* A client joins or parts; people[0] keeps the channel alive. */
static void
stir(struct world *w, unsigned joins_of_ten)
{
    unsigned i = 1 + any(PEOPLE + OTHERS - 1);
    bool on = channel_member(chan, people[i]) != NULL;
    bool join = any(10) < joins_of_ten;
    if (on && !join) {
        channel_part(w->srv, chan, people[i]);
        stays[i] = false;
    } else if (!on && join)
        channel_join(w->srv, chan, people[i], 0);
}

static void
take(struct member_walk *walk)
{
    const struct member *m = member_walk_next(walk);
    if (m)
        met[number_of(m->client)]++;
}

static void
a_member_that_stays_is_met_exactly_once(void)
{
    struct world *w = begin();
    for (seed = 1; seed < 2000000000u; seed += 1999993u) {
        struct member_walk walk;
        unsigned stirs = any(4), joins = any(11);
        reset(w);
        member_walk_begin(&walk, chan);
        for (int turns = 0; turns < 3 * PEOPLE; turns++) {
            for (unsigned i = any(stirs + 1); i > 0; i--)
                stir(w, joins);
            take(&walk);
        }
        CU_ASSERT_PTR_NULL(member_walk_next(&walk));
        member_walk_end(&walk);
        for (int i = 0; i < PEOPLE; i++)
            CU_ASSERT(stays[i] ? met[i] == 1 : met[i] <= 2);
    }
    world_free(w);
}

static void
undisturbed_it_goes_in_the_order_of_joining(void)
{
    struct member_walk walk;
    struct world *w = begin();
    member_walk_begin(&walk, chan);
    for (int i = 0; i < PEOPLE; i++)
        CU_ASSERT_PTR_EQUAL(member_walk_next(&walk)->client, people[i]);
    CU_ASSERT_PTR_NULL(member_walk_next(&walk));
    member_walk_end(&walk);
    member_walk_end(&walk);
    world_free(w);
}

static void
a_member_that_has_left_is_not_met(void)
{
    struct member_walk walk;
    const struct member *m;
    struct world *w = begin();
    member_walk_begin(&walk, chan);
    for (int i = 0; i < PEOPLE / 2; i++)
        member_walk_next(&walk);
    for (int i = 1; i < PEOPLE; i += 2)
        channel_part(w->srv, chan, people[i]);
    while ((m = member_walk_next(&walk)) != NULL)
        CU_ASSERT(number_of(m->client) % 2 == 0);
    member_walk_end(&walk);
    world_free(w);
}

static void
the_channel_may_go(void)
{
    struct member_walk walk;
    struct world *w = begin();
    member_walk_begin(&walk, chan);
    member_walk_next(&walk);
    for (int i = 0; i < PEOPLE; i++)
        channel_part(w->srv, chan, people[i]);
    CU_ASSERT_PTR_NULL(channel_find(w->srv, "#a"));
    CU_ASSERT_PTR_NULL(walk.chan);
    CU_ASSERT_PTR_NULL(member_walk_next(&walk));
    member_walk_end(&walk);
    world_free(w);
}

SUITE(member_walk)
{
    TEST(a_member_that_stays_is_met_exactly_once);
    TEST(undisturbed_it_goes_in_the_order_of_joining);
    TEST(a_member_that_has_left_is_not_met);
    TEST(the_channel_may_go);
}
