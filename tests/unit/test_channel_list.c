/* Lists of channels and the cached verdict of a membership, which is never stale. */
#include "state/channel_list.h"
#include "state/channel_verdict.h"
#include "state/server.h"
#include "world.h"

static struct world *w;
static struct actor *ann, *bob;
static struct channel *chan;

static void
begin(void)
{
    w = world_new(world_easy);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    world_channel(w, "#a", "ann@", "bob");
    chan = channel_find(w->srv, "#a");
}

static struct list_entry *
add(int list, const char *text)
{
    struct extban ban;
    const char *why;
    CU_ASSERT_FATAL(extban_parse(text, &ban, &why));
    return channel_list_add(w->srv, chan, list, &ban, "x");
}

static void
a_cached_verdict_follows_list_and_nick(void)
{
    begin();
    EQUAL_NUMBER(channel_verdict(w->srv, chan, bob->client), 0);
    struct list_entry *e = add(LIST_BAN, "bob");
    CU_ASSERT_PTR_NOT_NULL(e);
    CU_ASSERT_PTR_NULL(add(LIST_BAN, "BOB!*@*"));
    EQUAL_NUMBER(channel_verdict(w->srv, chan, bob->client), VERDICT_BANNED);
    EQUAL_NUMBER(channel_verdict(w->srv, chan, bob->client), VERDICT_BANNED);
    client_set_nick(w->srv, bob->client, "robert");
    EQUAL_NUMBER(channel_verdict(w->srv, chan, bob->client), 0);
    client_set_nick(w->srv, bob->client, "BOB");
    EQUAL_NUMBER(channel_verdict(w->srv, chan, bob->client), VERDICT_BANNED);
    channel_list_remove(w->srv, chan, LIST_BAN, e);
    EQUAL_NUMBER(channel_verdict(w->srv, chan, bob->client), 0);
    world_free(w);
}

static void
lists_and_extbans_give_their_verdict(void)
{
    static const struct {
        const char *ban, *quiet, *except; /* NULL: none */
        unsigned verdict;
    } cases[] = {
        {"bob", NULL, NULL, VERDICT_BANNED},
        {"~mute:bob", NULL, NULL, VERDICT_MUTED},
        {NULL, "bob", NULL, VERDICT_MUTED},
        {"bob", "bob", NULL, VERDICT_BANNED | VERDICT_MUTED},
        {"bob", "bob", "bob", 0},
        {"bob", "bob", "~mute:bob", VERDICT_BANNED},
        {"~mute:bob", NULL, "~mute:bob", 0},
        {NULL, "bob", "~m:b*", 0},
        {NULL, "bob", "~m:eve", VERDICT_MUTED},
        {"~mute:bob", NULL, "~realname:*bob", 0},
        {"bob", NULL, "ann", VERDICT_BANNED},
        {"~realname:real*", NULL, NULL, VERDICT_BANNED},
        {"~mute:~realname:real?BOB", NULL, NULL, VERDICT_MUTED},
        {"~realname:bob", NULL, NULL, 0},
        {"~channel:#A", NULL, NULL, VERDICT_BANNED},
        {"~channel:#none", NULL, NULL, 0},
        {NULL, "10.1.0.0/16", NULL, VERDICT_MUTED},
        {NULL, "10.2.0.0/16", NULL, 0},
        {NULL, "10.1.*", NULL, VERDICT_MUTED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin();
        if (cases[i].ban)
            add(LIST_BAN, cases[i].ban);
        if (cases[i].quiet)
            add(LIST_QUIET, cases[i].quiet);
        if (cases[i].except)
            add(LIST_EXCEPT, cases[i].except);
        EQUAL_NUMBER(channel_verdict(w->srv, chan, bob->client), cases[i].verdict);
        world_free(w);
    }
}

static void
a_timed_entry_ends_to_the_millisecond(void)
{
    begin();
    add(LIST_BAN, "~time:10m:bob");
    add(LIST_BAN, "~time:20m:~mute:bob");
    EQUAL_NUMBER(channel_verdict(w->srv, chan, bob->client),
                 VERDICT_BANNED | VERDICT_MUTED);
    /* The clock alone: no tick has run. */
    session_clock(w->srv, w->srv->now, WORLD_WALL + 10 * MSEC_MINUTE - 1);
    EQUAL_NUMBER(channel_verdict(w->srv, chan, bob->client),
                 VERDICT_BANNED | VERDICT_MUTED);
    session_clock(w->srv, w->srv->now, WORLD_WALL + 10 * MSEC_MINUTE);
    EQUAL_NUMBER(channel_verdict(w->srv, chan, bob->client), VERDICT_MUTED);
    session_clock(w->srv, w->srv->now, WORLD_WALL + 20 * MSEC_MINUTE - 1);
    EQUAL_NUMBER(channel_verdict(w->srv, chan, bob->client), VERDICT_MUTED);
    session_clock(w->srv, w->srv->now, WORLD_WALL + 20 * MSEC_MINUTE);
    EQUAL_NUMBER(channel_verdict(w->srv, chan, bob->client), 0);
    CU_ASSERT(channel_list_is_due(w->srv, chan));
    session_check(w->srv);
    world_free(w);
}

static void
a_timed_exception_gives_the_ban_back(void)
{
    begin();
    add(LIST_BAN, "bob");
    add(LIST_EXCEPT, "~time:1m:bob");
    EQUAL_NUMBER(channel_verdict(w->srv, chan, bob->client), 0);
    session_clock(w->srv, w->srv->now, WORLD_WALL + MSEC_MINUTE);
    EQUAL_NUMBER(channel_verdict(w->srv, chan, bob->client), VERDICT_BANNED);
    world_free(w);
}

static void
the_verdict_follows_other_memberships(void)
{
    begin();
    add(LIST_QUIET, "~channel:#b");
    EQUAL_NUMBER(channel_verdict(w->srv, chan, bob->client), 0);
    world_say(w, bob, "JOIN #b");
    EQUAL_NUMBER(channel_verdict(w->srv, chan, bob->client), VERDICT_MUTED);
    world_say(w, bob, "PART #b");
    EQUAL_NUMBER(channel_verdict(w->srv, chan, bob->client), 0);
    world_free(w);
}

static void
a_message_walks_no_list(void)
{
    begin();
    char text[32];
    for (int i = 0; i < 100; i++) {
        snprintf(text, sizeof text, "nobody%d", i);
        add(LIST_QUIET, text);
    }
    channel_verdict(w->srv, chan, bob->client);
    /* If the lists were asked again, the changed entry would match. */
    struct list_entry *e =
        LIST_ENTRY(chan->lists[LIST_QUIET].next, struct list_entry, link);
    e->ban.mask.nick = "*";
    EQUAL_NUMBER(channel_verdict(w->srv, chan, bob->client), 0);
    channel_forget_verdicts(bob->client);
    EQUAL_NUMBER(channel_verdict(w->srv, chan, bob->client), VERDICT_MUTED);
    world_free(w);
}

static void
entries_from_the_store_stand_in_their_order(void)
{
    static const char *const texts[] = {"c", "a", "b"};
    static const msec times[] = {30, 10, 20};
    struct extban ban;
    const char *why;
    begin();
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT(extban_parse(texts[i], &ban, &why));
        channel_list_restore(w->srv, chan, LIST_BAN, &ban, "x", times[i]);
        channel_list_restore(w->srv, chan, LIST_BAN, &ban, "x", times[i]);
    }
    EQUAL_NUMBER(chan->list_len[LIST_BAN], 3);
    char all[8] = "";
    LIST_EACH(&chan->lists[LIST_BAN], node)
        strncat(all, LIST_ENTRY(node, struct list_entry, link)->ban.mask.nick, 1);
    EQUAL_TEXT(all, "abc");
    world_free(w);
}

/* Thousands of channels with a timed ban cost a tick nothing until one ends. */
static void
no_list_is_looked_at_before_the_first_end(void)
{
    begin();
    world_say(w, bob, "JOIN #b");
    EQUAL_NUMBER(w->srv->timed_at, 0);
    world_say(w, ann, "MODE #a +b ~time:5m:x");
    msec five = chan->ends;
    EQUAL_NUMBER(w->srv->timed_at, five);
    world_say(w, bob, "MODE #b +q ~time:1m:y");
    EQUAL_NUMBER(w->srv->timed_at, five - 4 * MSEC_MINUTE);
    world_drain_all(w);
    /* Marked as due before its time: no code looks at it. */
    chan->ends = w->srv->wall;
    w->srv->timed_at = w->srv->wall + 1;
    session_tick(w->srv);
    SILENT(w, ann);
    chan->ends = five;
    world_set_wall(w, five - 4 * MSEC_MINUTE);
    world_sleep(w, 1000);
    AWAIT(w, bob, ":irc.localhost MODE #b -q ~time:1m:y!?@?");
    EQUAL_NUMBER(w->srv->timed_at, five);
    world_set_wall(w, five);
    world_sleep(w, 1000);
    AWAIT(w, ann, ":irc.localhost MODE #a -b ~time:5m:x!?@?");
    EQUAL_NUMBER(w->srv->timed_at, 0);
    world_free(w);
}

/* The words of a refusal need the end of the entry each time; the lists are walked
 * once. */
static void
the_end_of_a_verdict_is_kept_as_long_as_the_verdict(void)
{
    begin();
    struct actor *eve = world_user(w, "eve");
    struct client *const who[] = {bob->client, eve->client};
    struct list_entry *ban = add(LIST_BAN, "~time:10m:*");
    struct list_entry *mute = add(LIST_QUIET, "~time:1h:*");
    msec ten = ban->until, hour = mute->until;
    for (size_t i = 0; i < 2; i++) {
        struct client *c = who[i];
        EQUAL_NUMBER(channel_verdict_ends(w->srv, chan, c, VERDICT_BANNED), ten);
        EQUAL_NUMBER(channel_verdict_ends(w->srv, chan, c, VERDICT_MUTED), hour);
        EQUAL_NUMBER(
            channel_verdict_ends(w->srv, chan, c, VERDICT_BANNED | VERDICT_MUTED),
            hour);
        EQUAL_NUMBER(channel_verdict_ends(w->srv, chan, c, 0), 0);
        /* If the lists were walked again, the changed entry would give another end. */
        ban->until = ten - 1;
        uint64_t work = w->srv->work;
        EQUAL_NUMBER(channel_verdict_ends(w->srv, chan, c, VERDICT_BANNED), ten);
        EQUAL_NUMBER(w->srv->work, work);
        channel_forget_verdicts(c);
        EQUAL_NUMBER(channel_verdict_ends(w->srv, chan, c, VERDICT_BANNED), ten - 1);
        ban->until = ten;
        channel_forget_verdicts(c);
    }
    /* A verdict without an end, and no verdict at all. */
    struct list_entry *always = add(LIST_BAN, "*!*");
    EQUAL_NUMBER(channel_verdict_ends(w->srv, chan, bob->client, VERDICT_BANNED), 0);
    channel_list_remove(w->srv, chan, LIST_BAN, always);
    EQUAL_NUMBER(channel_verdict_ends(w->srv, chan, bob->client, VERDICT_BANNED), ten);
    world_free(w);
}

SUITE(channel_list)
{
    TEST(no_list_is_looked_at_before_the_first_end);
    TEST(the_end_of_a_verdict_is_kept_as_long_as_the_verdict);
    TEST(a_cached_verdict_follows_list_and_nick);
    TEST(lists_and_extbans_give_their_verdict);
    TEST(a_timed_entry_ends_to_the_millisecond);
    TEST(a_timed_exception_gives_the_ban_back);
    TEST(the_verdict_follows_other_memberships);
    TEST(a_message_walks_no_list);
    TEST(entries_from_the_store_stand_in_their_order);
}
