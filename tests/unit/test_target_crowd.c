/* A helper to which a crowd has written answers all of it for free, and a client whose
 * message did not arrive takes no place in that list. */
#include "world.h"

#define PEOPLE 514

static struct actor *ann, *p[PEOPLE];

static struct world *
begin(int people)
{
    char nick[8];
    struct world *w =
        world_new("flood { burst = 100000 }\n"
                  "limits { ping_every = \"1h\" ping_timeout = \"1h\" }\n");
    ann = world_user(w, "ann");
    for (int i = 0; i < people; i++) {
        snprintf(nick, sizeof nick, "p%d", i);
        p[i] = world_user(w, nick);
    }
    return w;
}

/* Ten new targets: no token is left. */
static void
spend(struct world *w)
{
    char nick[8];
    for (int i = 0; i < 10; i++) {
        snprintf(nick, sizeof nick, "x%d", i);
        world_user(w, nick);
        world_sayf(w, ann, "PRIVMSG x%d :hello", i);
    }
    NEVER(w, ann, "* 707 *");
}

static void
write_to_ann(struct world *w, int from, int to)
{
    for (int i = from; i < to; i++)
        world_say(w, p[i], "PRIVMSG ann :help");
}

static void
answer(struct world *w, int from, int to)
{
    for (int i = from; i < to; i++)
        world_sayf(w, ann, "PRIVMSG p%d :so", i);
}

static void
three_hundred_are_answered_in_order(void)
{
    struct world *w = begin(300);
    spend(w);
    write_to_ann(w, 0, 300);
    answer(w, 0, 300);
    NEVER(w, ann, "* 707 *");
    NEVER(w, ann, "*Strike*");
    EXPECT(w, p[0], ":ann!* PRIVMSG p0 :so");
    EXPECT(w, p[299], ":ann!* PRIVMSG p299 :so");
    world_free(w);
}

static void
five_hundred_and_twelve_are_remembered_and_the_oldest_goes_first(void)
{
    struct world *w = begin(514);
    spend(w);
    write_to_ann(w, 0, 512);
    write_to_ann(w, 0, 1); /* p1 is the oldest now */
    answer(w, 511, 512);
    answer(w, 0, 2);
    NEVER(w, ann, "* 707 *");
    write_to_ann(w, 512, 514); /* takes the places of p1 and p2 */
    answer(w, 0, 2);           /* p1 was a target a moment ago */
    answer(w, 3, 512);
    NEVER(w, ann, "* 707 *");
    answer(w, 2, 3);
    AWAIT(w, ann, "* 707 ann p2 *");
    world_free(w);
}

static void
a_message_that_does_not_arrive_takes_no_place(void)
{
    struct world *w = begin(514);
    spend(w);
    write_to_ann(w, 0, 1);
    world_say(w, ann, "MODE ann +g");
    write_to_ann(w, 1, 514);
    EQUAL_NUMBER(world_count(ann, "* PRIVMSG ann *"), 1);
    for (int i = 1; i < 514; i++) {
        world_say(w, p[i], "CAP REQ message-tags");
        world_say(w, p[i], "@+typing=active TAGMSG ann");
    }
    world_say(w, ann, "MODE ann -g");
    for (int i = 1; i < 514; i++) /* ann has no capability for tags */
        world_say(w, p[i], "@+typing=active TAGMSG ann");
    world_drain(ann);
    answer(w, 0, 1);
    SILENT(w, ann);
    answer(w, 1, 2); /* ann did not receive it */
    AWAIT(w, ann, "* 707 ann p1 *");
    world_free(w);
}

SUITE(target_crowd)
{
    TEST(three_hundred_are_answered_in_order);
    TEST(five_hundred_and_twelve_are_remembered_and_the_oldest_goes_first);
    TEST(a_message_that_does_not_arrive_takes_no_place);
}
