/* RENAME (IRCv3 draft/channel-rename), by sections of the specification. */
#include "state/channel.h"
#include "state/forward.h"
#include "world.h"

static struct actor *ann, *bob, *eve;

static struct world *
begin(void)
{
    struct world *w = world_new(world_easy);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    eve = world_user(w, "eve");
    world_say(w, ann, "CAP REQ :draft/channel-rename standard-replies");
    world_channel(w, "#old", "ann@", "bob");
    world_say(w, ann, "TOPIC #old :tea");
    world_say(w, ann, "MODE #old +mb eve!*@*");
    world_drain_all(w);
    return w;
}

/* "Messages": preserves all channel state. */
static void
the_channel_keeps_all_but_its_name(void)
{
    struct world *w = begin();
    world_say(w, ann, "RENAME #OLD #New :Typo fix");
    EXPECT(w, ann, ":ann!ann@* RENAME #old #New :Typo fix");
    SILENT(w, ann);
    world_drain_all(w);
    CU_ASSERT_PTR_NULL(channel_find(w->srv, "#old"));
    world_say(w, ann, "MODE #new b");
    EXPECT(w, ann, ":irc.localhost 367 ann #New eve!*@* *");
    EXPECT(w, ann, ":irc.localhost 368 *");
    world_say(w, ann, "MODE #new");
    EXPECT(w, ann, ":irc.localhost 324 ann #New +mnt");
    world_say(w, ann, "TOPIC #new");
    AWAIT(w, ann, ":irc.localhost 332 ann #New :tea");
    world_say(w, ann, "PRIVMSG #new :still op");
    EXPECT(w, bob, ":ann!ann@* PRIVMSG #New :still op");
    world_say(w, eve, "JOIN #old");
    EXPECT(w, eve, ":eve!eve@* JOIN :#old");
    world_free(w);
}

/* "Fallback" */
static void
a_client_without_the_capability_leaves_and_joins(void)
{
    struct world *w = begin();
    world_say(w, ann, "RENAME #old #new :why");
    EXPECT(w, bob, ":bob!bob@* PART #old :why");
    EXPECT(w, bob, ":bob!bob@* JOIN :#new");
    EXPECT(w, bob, ":irc.localhost 332 bob #new :tea");
    EXPECT(w, bob, ":irc.localhost 333 bob #new *");
    EXPECT(w, bob, ":irc.localhost 353 bob = #new :*@ann*");
    EXPECT(w, bob, ":irc.localhost 366 bob #new :*");
    SILENT(w, bob);
    world_say(w, ann, "CAP REQ -draft/channel-rename");
    world_drain_all(w);
    world_sleep(w, 60000);
    world_drain_all(w);
    world_say(w, ann, "RENAME #new #third");
    EXPECT(w, ann, ":ann!ann@* PART #new :");
    EXPECT(w, ann, ":ann!ann@* JOIN :#third");
    world_free(w);
}

static void
a_case_change_moves_no_member(void)
{
    struct world *w = begin();
    world_say(w, ann, "RENAME #old #OLD");
    EXPECT(w, ann, ":ann!ann@* RENAME #old #OLD :");
    SILENT(w, bob);
    world_say(w, bob, "MODE #old");
    EXPECT(w, bob, ":irc.localhost 324 bob #OLD *");
    world_free(w);
}

/* "Errors" */
static void
refusals_have_their_codes(void)
{
    static const struct {
        const char *line, *reply;
    } cases[] = {
        {"RENAME #old #taken",
         ":irc.localhost FAIL RENAME CHANNEL_NAME_IN_USE #old #taken :*"},
        {"RENAME #old #old", ":irc.localhost FAIL RENAME CANNOT_RENAME #old #old :*"},
        {"RENAME #old %old", ":irc.localhost FAIL RENAME CANNOT_RENAME #old %old :*"},
        {"RENAME #old #a,b", ":irc.localhost FAIL RENAME CANNOT_RENAME #old #a,b :*"},
        {"RENAME #old :#a b", ":irc.localhost FAIL RENAME CANNOT_RENAME #old * :*"},
        {"RENAME #old", ":irc.localhost 461 ann RENAME :*"},
        {"RENAME #old :", ":irc.localhost 461 ann RENAME :*"},
        {"RENAME", ":irc.localhost 461 ann RENAME :*"},
        {"RENAME #none #x", ":irc.localhost 403 ann #none :*"},
        {"RENAME #taken #x", ":irc.localhost 442 ann #taken :*"},
    };
    struct world *w = begin();
    world_say(w, eve, "JOIN #taken");
    world_drain_all(w);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, ann, cases[i].line);
        EXPECT(w, ann, cases[i].reply);
        SILENT(w, ann);
    }
    world_say(w, bob, "RENAME #old #x");
    EXPECT(w, bob, ":irc.localhost 482 bob #old :*");
    world_say(w, ann, "RENAME #old #x");
    world_drain_all(w);
    world_say(w, ann, "RENAME #x #y");
    EXPECT(w, ann, ":irc.localhost FAIL RENAME CANNOT_RENAME #x #y :*last minute");
    world_say(w, eve, "MODE #taken +s");
    world_drain_all(w);
    world_say(w, ann, "RENAME #taken #x");
    EXPECT(w, ann, ":irc.localhost 403 ann #taken :*");
    world_free(w);
}

/* "A channel rename preserves all channel state": that of a permanent one also in the
 * store. */
static void
a_permanent_channel_is_found_under_its_new_name_after_a_restart(void)
{
    struct world *w = begin();
    struct actor *root = world_oper(w, "root");
    world_say(w, root, "MODE #old +P");
    world_say(w, root, "RENAME #old #kept");
    world_store_news(w);
    world_restart(w, world_easy);
    CU_ASSERT_PTR_NULL(channel_find(w->srv, "#old"));
    const struct channel *chan = channel_find(w->srv, "#kept");
    CU_ASSERT_PTR_NOT_NULL_FATAL(chan);
    EQUAL_TEXT(chan->topic, "tea");
    EQUAL_NUMBER(chan->list_len[LIST_BAN], 1);
    world_free(w);
}

/* The channel to which #old forwards is gone, and #old takes its name. */
static void
a_channel_never_forwards_to_itself(void)
{
    struct world *w = begin();
    struct actor *root = world_oper(w, "root");
    world_say(w, root, "MODE #old +P");
    world_say(w, ann, "JOIN #new");
    world_say(w, ann, "MODE #old +f #new");
    world_say(w, ann, "PART #new");
    world_drain_all(w);
    world_say(w, root, "RENAME #old #NEW");
    EXPECT(w, ann, ":irc.localhost MODE #old -f");
    EXPECT(w, ann, ":root!root@* RENAME #old #NEW :");
    world_store_news(w);
    world_restart(w, world_easy);
    const struct channel *chan = channel_find(w->srv, "#new");
    CU_ASSERT_PTR_NOT_NULL_FATAL(chan);
    CU_ASSERT_PTR_NULL(chan->forward);
    CU_ASSERT_PTR_NULL(strstr(w->logged, "record-refused"));
    world_free(w);
}

static void
not_permanent_ones_and_not_large_ones(void)
{
    struct world *w = world_new(world_easy);
    struct actor *op = world_user(w, "op"), *root = world_oper(w, "root");
    char nick[16];
    world_say(w, op, "JOIN #p");
    world_say(w, root, "SAMODE #p +P");
    world_drain_all(w);
    world_say(w, op, "RENAME #p #q");
    EXPECT(
        w, op,
        "* FAIL RENAME CANNOT_RENAME #p #q :Only the privilege override may rename *");
    world_say(w, root, "RENAME #p #q");
    AWAIT(w, op, ":op!* JOIN :#q");
    world_say(w, op, "JOIN #big");
    for (int i = 0; i < 500; i++) {
        snprintf(nick, sizeof nick, "m%d", i);
        world_say(w, world_user(w, nick), "JOIN #big");
    }
    world_drain_all(w);
    world_say(w, op, "RENAME #big #bigger");
    EXPECT(
        w, op,
        "* FAIL RENAME CANNOT_RENAME #big #bigger :The channel has too many members *");
    SILENT(w, op);
    world_free(w);
}

/* +f of another channel, also of a permanent one, follows the renamed channel. */
static void
a_forward_follows_its_target(void)
{
    struct world *w = begin();
    struct actor *alice = world_oper(w, "alice");
    world_say(w, ann, "JOIN #full");
    world_say(w, ann, "MODE #full +if #Old");
    world_say(w, alice, "MODE #full +P");
    world_say(w, ann, "MODE #old -b eve!*@*");
    world_drain_all(w);
    world_say(w, ann, "RENAME #old #new");
    EXPECT(w, ann, ":ann!ann@* RENAME #old #new :");
    EXPECT(w, ann, ":irc.localhost MODE #full +f #new");
    SILENT(w, ann);
    world_say(w, eve, "JOIN #full");
    EXPECT(w, eve, ":irc.localhost 470 eve #full #new :*");
    EXPECT(w, eve, ":eve!eve@* JOIN :#new");
    world_restart(w, world_easy);
    CU_ASSERT_STRING_EQUAL(forward_name(channel_find(w->srv, "#full")), "#new");
    world_free(w);
}

SUITE(rename)
{
    TEST(a_forward_follows_its_target);
    TEST(the_channel_keeps_all_but_its_name);
    TEST(a_client_without_the_capability_leaves_and_joins);
    TEST(a_case_change_moves_no_member);
    TEST(refusals_have_their_codes);
    TEST(a_permanent_channel_is_found_under_its_new_name_after_a_restart);
    TEST(a_channel_never_forwards_to_itself);
    TEST(not_permanent_ones_and_not_large_ones);
}
