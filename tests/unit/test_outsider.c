/* The verdict of a channel's lists on a client that is not on it. Work is counted. */
#include "base/str.h"
#include "crowd.h"
#include "policy/client_policy.h"
#include "state/channel.h"
#include "state/channel_list.h"
#include "state/channel_verdict.h"
#include "state/outsider.h"

static struct world *w;

/* 300 entries that match the real name of bob nearly everywhere. */
static struct actor *
hard_entries(int list, struct channel **chan, struct actor **bob)
{
    struct extban ban;
    const char *why;
    char text[MASK_TEXT];
    w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann");
    *bob = world_user(w, "bob");
    world_say(w, ann, "JOIN #x\r\nMODE #x -n");
    world_say(w, *bob, "SETNAME aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    *chan = channel_find(w->srv, "#x");
    for (int i = 0; i < 300; i++) {
        str_format(text, sizeof text, "~realname:*aaaaaaaaaaaaaaaaaaaa%db*", i);
        CU_ASSERT_FATAL(extban_parse(text, &ban, &why));
        channel_list_add(w->srv, *chan, list, &ban, "ann");
    }
    world_drain_all(w);
    return ann;
}

/* One more entry, though the list is full. */
static void
add_entry(struct channel *chan, int list, const char *text)
{
    struct extban ban;
    const char *why;
    CU_ASSERT_FATAL(extban_parse(text, &ban, &why));
    channel_list_add(w->srv, chan, list, &ban, "ann");
}

static void
lists_are_walked_once_for_an_outsider(void)
{
    struct actor *bob;
    struct channel *chan;
    struct actor *ann = hard_entries(LIST_BAN, &chan, &bob);
    size_t first = world_work(w, bob, "PRIVMSG #x :hello");
    CU_ASSERT(first > 300 * 50 && first < 300 * 1000);
    EXPECT(w, ann, ":bob!* PRIVMSG #x :hello");
    EQUAL_NUMBER(world_work(w, bob, "PRIVMSG #x :again"), 0);
    EQUAL_NUMBER(world_work(w, bob, "NOTICE #x :and again"), 0);
    EQUAL_NUMBER(world_work(w, bob, "KNOCK #x"), 0);
    CU_ASSERT(world_work(w, bob, "NICK robert") == 0 &&
              world_work(w, bob, "PRIVMSG #x :anew") >= 300 * 50);
    EQUAL_NUMBER(world_work(w, bob, "PRIVMSG #x :again"), 0);
    world_drain_all(w);
    add_entry(chan, LIST_BAN, "robert!*@*");
    CU_ASSERT(world_work(w, bob, "JOIN #x") >= 300 * 50);
    EXPECT(w, bob, ":irc.localhost 474 *");
    for (int i = 0; i < 5; i++) {
        EQUAL_NUMBER(world_work(w, bob, "JOIN #x"), 0);
        EXPECT(w, bob, ":irc.localhost 474 *");
    }
    EQUAL_NUMBER(world_work(w, bob, "PRIVMSG #x :hello"), 0);
    EXPECT(w, bob, ":irc.localhost 404 *");
    world_say(w, ann, "MODE #x -b robert!*@*");
    world_say(w, bob, "JOIN #x");
    EXPECT(w, bob, ":robert!* JOIN *#x");
    world_free(w);
}

static void
invitations_are_looked_up_once_for_an_outsider(void)
{
    struct actor *bob;
    struct channel *chan;
    struct actor *ann = hard_entries(LIST_INVEX, &chan, &bob);
    world_say(w, ann, "MODE #x +i");
    CU_ASSERT(world_work(w, bob, "JOIN #x") >= 300 * 50);
    EXPECT(w, bob, ":irc.localhost 473 *");
    EQUAL_NUMBER(world_work(w, bob, "JOIN #x"), 0);
    EXPECT(w, bob, ":irc.localhost 473 *");
    add_entry(chan, LIST_INVEX, "bob!*@*");
    world_say(w, bob, "JOIN #x");
    EXPECT(w, bob, ":bob!* JOIN *#x");
    world_free(w);
}

/* A cached verdict lives as long as it is right. */
static void
an_outsiders_verdict_follows_what_it_depends_on(void)
{
    w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann"), *bob = world_user(w, "bob");
    world_say(w, ann, "JOIN #x,#y,#z\r\nMODE #x -n\r\nMODE #x +b ~channel:#y");
    world_say(w, bob, "PRIVMSG #x :one");
    AWAIT(w, ann, ":bob!* PRIVMSG #x :one");
    world_say(w, bob, "JOIN #y\r\nPRIVMSG #x :two");
    AWAIT(w, bob, ":irc.localhost 404 bob #x *");
    world_say(w, bob, "PART #y\r\nPRIVMSG #x :three");
    AWAIT(w, ann, ":bob!* PRIVMSG #x :three");
    world_say(w, bob, "JOIN #z\r\nPRIVMSG #x :four");
    AWAIT(w, ann, ":bob!* PRIVMSG #x :four");
    world_say(w, ann, "PART #y\r\nRENAME #z #y");
    world_drain_all(w);
    world_say(w, bob, "PRIVMSG #x :five");
    AWAIT(w, bob, ":irc.localhost 404 bob #x *");
    world_say(w, ann, "MODE #x -b+bI ~channel:#y ~time:1m:bob!*@* x!*@*");
    world_say(w, bob, "PRIVMSG #x :six");
    AWAIT(w, bob, ":irc.localhost 404 bob #x *");
    world_set_wall(w, w->srv->wall + MSEC_MINUTE); /* before any tick */
    world_say(w, bob, "PRIVMSG #x :seven");
    AWAIT(w, ann, ":bob!* PRIVMSG #x :seven");
    world_say(w, ann, "MODE #x +b ~realname:evil");
    world_say(w, bob, "PRIVMSG #x :eight\r\nSETNAME evil\r\nPRIVMSG #x :nine");
    AWAIT(w, ann, ":bob!* PRIVMSG #x :eight");
    AWAIT(w, bob, ":irc.localhost 404 bob #x *");
    world_free(w);
}

/* Many pairs of client and channel share the table, and each gets its own verdict. */
static void
many_outsiders_get_their_own_verdicts(void)
{
    struct extban ban;
    const char *why;
    w = world_new(world_easy);
    crowd_people(w, 300, NULL);
    crowd_channels(w, 100);
    CU_ASSERT_FATAL(extban_parse("u*5!*@*", &ban, &why));
    struct channel *chan = w->srv->channels;
    for (int k = 0; k < 100; k++, chan = chan->hh.next)
        if (k % 2 == 0)
            channel_list_add(w->srv, chan, LIST_BAN, &ban, "ann");
    for (int round = 0; round < 2; round++) {
        int k = 0;
        for (chan = w->srv->channels; chan; chan = chan->hh.next, k++)
            for (int i = 1; i < 300; i++) {
                char nick[16];
                str_format(nick, sizeof nick, "u%05d", i);
                unsigned got = channel_verdict(w->srv, chan, client_find(w->srv, nick));
                unsigned want = k % 2 == 0 && i % 10 == 5 ? VERDICT_BANNED : 0;
                if (got != want)
                    EQUAL_TEXT(nick, chan->name);
            }
    }
    CU_ASSERT(outsider_memory(w->srv) > 0 && outsider_memory(w->srv) < 200000);
    world_free(w);
}

/* A new nick is checked against the lists of all channels of the client, which pays for
 * that. */
static void
a_command_pays_for_the_lists_it_walks(void)
{
    struct actor *bob;
    struct channel *chan;
    hard_entries(LIST_BAN, &chan, &bob);
    world_say(w, bob, "JOIN #x");
    world_sleep(w, MSEC_MINUTE);
    world_say(w, bob, "NICK robert");
    int cheap = world_owed(w, bob);
    CU_ASSERT(world_work(w, bob, "NICK bob") > 300 * 50);
    for (int i = 0; i < 20; i++) { /* as with 20 such channels */
        char name[16];
        str_format(name, sizeof name, "#x%d", i);
        struct channel *more = channel_new(w->srv, name);
        LIST_EACH(&chan->lists[LIST_BAN], node)
            channel_list_add(w->srv, more, LIST_BAN,
                             &LIST_ENTRY(node, struct list_entry, link)->ban, "ann");
        channel_join(w->srv, more, bob->client, 0);
    }
    world_sleep(w, MSEC_MINUTE);
    CU_ASSERT(world_work(w, bob, "NICK robert") > 2 * WORK_A_TOKEN);
    CU_ASSERT(world_owed(w, bob) >= cheap + 2);
    world_free(w);
}

SUITE(outsider)
{
    TEST(lists_are_walked_once_for_an_outsider);
    TEST(invitations_are_looked_up_once_for_an_outsider);
    TEST(an_outsiders_verdict_follows_what_it_depends_on);
    TEST(many_outsiders_get_their_own_verdicts);
    TEST(a_command_pays_for_the_lists_it_walks);
}
