/* Caller-id: user mode +g, ACCEPT, 716 to 718. */
#include "state/accept.h"
#include "state/channel.h"
#include "world.h"

static struct actor *ann, *bob, *eve;

static struct world *
begin(void)
{
    struct world *w = world_new(world_easy);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    eve = world_user(w, "eve");
    world_say(w, ann, "MODE ann +g");
    EXPECT(w, ann, ":ann!ann@* MODE ann :+g");
    return w;
}

static void
only_the_accepted_get_through(void)
{
    struct world *w = begin();
    world_say(w, bob, "PRIVMSG ann :hi");
    EXPECT(w, bob, ":irc.localhost 716 bob ann :*");
    EXPECT(w, bob, ":irc.localhost 717 bob ann :*");
    EXPECT(w, ann, ":irc.localhost 718 ann bob bob@* :*");
    SILENT(w, ann);
    SILENT(w, bob);
    world_say(w, ann, "ACCEPT bob");
    SILENT(w, ann);
    world_say(w, bob, "PRIVMSG ann :hi");
    EXPECT(w, ann, ":bob!bob@* PRIVMSG ann :hi");
    world_say(w, bob, "NOTICE ann :hi");
    EXPECT(w, ann, ":bob!bob@* NOTICE ann :hi");
    SILENT(w, bob);
    world_say(w, ann, "PRIVMSG ann :myself");
    EXPECT(w, ann, ":ann!ann@* PRIVMSG ann :myself");
    world_say(w, ann, "ACCEPT -BOB");
    world_say(w, bob, "PRIVMSG ann :hi");
    EXPECT(w, bob, ":irc.localhost 716 bob ann :*");
    SILENT(w, ann);
    world_say(w, ann, "MODE ann -g");
    world_drain_all(w);
    world_say(w, bob, "PRIVMSG ann :hi");
    EXPECT(w, ann, ":bob!bob@* PRIVMSG ann :hi");
    world_free(w);
}

static void
the_target_is_told_once_a_minute(void)
{
    struct world *w = begin();
    world_say(w, bob, "PRIVMSG ann :1");
    EQUAL_NUMBER(world_count(ann, "* 718 *"), 1);
    world_say(w, eve, "PRIVMSG ann :2");
    EXPECT(w, eve, ":irc.localhost 716 eve ann :*");
    SILENT(w, eve);
    world_sleep(w, 59999);
    world_drain_all(w);
    world_say(w, eve, "PRIVMSG ann :3");
    SILENT(w, ann);
    world_sleep(w, 1);
    world_say(w, eve, "PRIVMSG ann :4");
    EXPECT(w, ann, ":irc.localhost 718 ann eve *");
    world_free(w);
}

static void
a_notice_is_dropped_without_an_answer(void)
{
    struct world *w = begin();
    world_say(w, bob, "NOTICE ann :x");
    SILENT(w, bob);
    EXPECT(w, ann, ":irc.localhost 718 ann bob *");
    world_say(w, bob, "CAP REQ message-tags");
    world_say(w, ann, "CAP REQ message-tags");
    world_drain_all(w);
    world_sleep(w, 61000);
    world_drain_all(w);
    world_say(w, bob, "@+typing=active TAGMSG ann");
    EXPECT(w, bob, ":irc.localhost 716 bob ann :*");
    SILENT(w, bob);
    SILENT(w, ann); /* typing is no message */
    world_free(w);
}

static void
operators_are_no_exception(void)
{
    struct world *w = begin();
    struct actor *root = world_oper(w, "root");
    world_drain_all(w);
    world_say(w, root, "PRIVMSG ann :x");
    EXPECT(w, root, ":irc.localhost 716 root ann :*");
    NEVER(w, ann, "* PRIVMSG *");
    world_free(w);
}

static void
the_list_is_shown_and_changed(void)
{
    struct world *w = begin();
    world_say(w, ann, "ACCEPT");
    EXPECT(w, ann, ":irc.localhost 282 ann :*");
    world_say(w, ann, "ACCEPT bob,eve,BOB,*");
    EXPECT(w, ann, ":irc.localhost 281 ann :bob eve");
    EXPECT(w, ann, ":irc.localhost 282 ann :*");
    world_say(w, ann, "ACCEPT bob,nobody,-ann,-,-nobody,:x");
    EXPECT(w, ann, ":irc.localhost 457 ann bob :*");
    EXPECT(w, ann, ":irc.localhost 401 ann nobody :*");
    EXPECT(w, ann, ":irc.localhost 458 ann ann :*");
    EXPECT(w, ann, ":irc.localhost 401 ann * :*");
    EXPECT(w, ann, ":irc.localhost 401 ann nobody :*");
    EXPECT(w, ann, ":irc.localhost 401 ann * :*");
    SILENT(w, ann);
    world_say(w, ann, "ACCEPT -bob,-eve");
    SILENT(w, ann);
    world_say(w, ann, "ACCEPT *");
    EXPECT(w, ann, ":irc.localhost 282 ann :*");
    world_free(w);
}

static void
the_list_has_an_end(void)
{
    char name[32];
    struct world *w = begin();
    for (int i = 0; i < ACCEPT_MAX; i++) {
        snprintf(name, sizeof name, "u%d", i);
        world_user(w, name);
        world_sayf(w, ann, "ACCEPT %s", name);
    }
    SILENT(w, ann);
    world_say(w, ann, "ACCEPT bob");
    EXPECT(w, ann, ":irc.localhost 456 ann :Accept list is full (at most 50)");
    world_say(w, ann, "ACCEPT u1");
    EXPECT(w, ann, ":irc.localhost 457 ann u1 :*");
    world_free(w);
}

static void
an_entry_is_the_person_and_not_the_nick(void)
{
    struct world *w = begin();
    world_say(w, ann, "ACCEPT bob,eve");
    world_say(w, bob, "NICK rob");
    world_say(w, eve, "NICK bob");
    world_drain_all(w);
    world_say(w, eve, "PRIVMSG ann :I took the nick");
    EXPECT(w, eve, ":irc.localhost 716 bob ann :*");
    world_say(w, bob, "PRIVMSG ann :x");
    EXPECT(w, bob, ":irc.localhost 716 rob ann :*");
    world_drain_all(w);
    world_say(w, ann, "ACCEPT rob,*");
    EXPECT(w, ann, ":irc.localhost 281 ann :rob");
    world_say(w, bob, "NICK ROB"); /* only its case */
    world_close(w, eve);
    world_drain_all(w);
    world_say(w, bob, "PRIVMSG ann :x");
    EXPECT(w, ann, ":ROB!bob@* PRIVMSG ann :x");
    world_close(w, bob);
    world_drain_all(w);
    world_say(w, ann, "ACCEPT *");
    EXPECT(w, ann, ":irc.localhost 282 ann :*");
    world_close(w, ann);
    world_free(w);
}

SUITE(accept)
{
    TEST(only_the_accepted_get_through);
    TEST(the_target_is_told_once_a_minute);
    TEST(a_notice_is_dropped_without_an_answer);
    TEST(operators_are_no_exception);
    TEST(the_list_is_shown_and_changed);
    TEST(the_list_has_an_end);
    TEST(an_entry_is_the_person_and_not_the_nick);
}
