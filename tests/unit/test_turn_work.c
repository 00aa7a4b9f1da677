/* The work of one turn is bounded, whatever users choose. Work is counted, not timed.
 */
#include "base/str.h"
#include "crowd.h"
#include "enact/strike.h"
#include "policy/client_policy.h"
#include "proto/message.h"
#include "state/channel.h"
#include "state/channel_list.h"
#include "state/channel_verdict.h"
#include "state/cursor.h"
#include "state/forward.h"
#include "state/rest.h"

#define HARD_NAME 64

static struct world *w;

/* Channels with names that match the masks of hard_list nearly everywhere. */
static void
hard_channels(int n)
{
    struct client *c = client_find(w->srv, "u00000");
    for (int i = 0; i < n; i++) {
        char name[HARD_NAME + 1];
        str_format(name, sizeof name, "#%.*s%05d", HARD_NAME - 6,
                   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                   i);
        channel_join(w->srv, channel_new(w->srv, name), c, 0);
    }
}

/* Four masks that are wanted and four that are not: none matches. */
static void
hard_list(char *line, size_t size)
{
    struct str s;
    str_init(&s, line, size);
    for (int i = 0; i < 8; i++)
        str_addf(&s, "%s%s*%.*s%c*", i ? "," : "LIST ", i < 4 ? "" : "!", 24 + i,
                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bcdefghk"[i]);
    str_add(&s, "\r\n");
    CU_ASSERT(!s.cut);
}

/* The work of all answers that wait. */
static size_t
spent(void)
{
    size_t all = 0;
    LIST_EACH(&cursors_of(w->srv)->all, node)
        all += LIST_ENTRY(node, struct cursor, link)->spent;
    return all;
}

static unsigned
waiting(void)
{
    unsigned n = 0;
    LIST_EACH(&cursors_of(w->srv)->all, node)
        n++;
    return n;
}

static void
ask(int i, const char *line)
{
    char nick[16], copy[MESSAGE_LINE];
    str_format(nick, sizeof nick, "u%05d", i);
    str_format(copy, sizeof copy, "%s", line);
    session_input(w->srv, client_find(w->srv, nick), copy, strlen(copy));
}

/* Sixty clients ask at once; a piece that is not full may take one channel more. */
static void
hard_lists_share_the_work_of_a_turn(void)
{
    enum { ASKERS = 60, ITEM = 8 * 1000 + CURSOR_VISIT };
    char line[MESSAGE_LINE];
    w = world_new(world_easy);
    crowd_people(w, ASKERS, NULL);
    hard_channels(5000);
    hard_list(line, sizeof line);
    world_sleep(w, 0);
    for (int i = 0; i < ASKERS; i++)
        ask(i, line);
    size_t begun = spent();
    CU_ASSERT(begun > 0 && begun <= CURSOR_TURN + ASKERS * ITEM);
    EQUAL_NUMBER(waiting(), ASKERS);
    EQUAL_NUMBER(w->srv->work, 0);
    for (int turns = 0; turns < 50; turns++) {
        size_t before = spent();
        session_tick(w->srv);
        session_clock(w->srv, w->srv->now + 10, w->srv->wall + 10);
        CU_ASSERT(spent() - before <= CURSOR_TURN + CURSOR_WORK + ASKERS * ITEM);
    }
    for (int turns = 0; turns < 10000 && waiting() > 0; turns++) {
        session_tick(w->srv);
        session_clock(w->srv, w->srv->now + 10, w->srv->wall + 10);
    }
    EQUAL_NUMBER(waiting(), 0);
    world_free(w);
}

/* Each of their pieces takes the work of such a turn, so one answer goes on at a time. */
static void
hard_lists_alternate_between_ticks(void)
{
    enum { ITEM = 8 * 1000 + CURSOR_VISIT };
    char line[MESSAGE_LINE];
    w = world_new(world_easy);
    crowd_people(w, 2, NULL);
    hard_channels(5000);
    hard_list(line, sizeof line);
    ask(0, line);
    ask(1, line);
    EQUAL_NUMBER(waiting(), 2);
    for (int turns = 0; turns < 10 && waiting() == 2; turns++) {
        const struct list *first = cursors_of(w->srv)->all.next;
        size_t before = spent();
        CU_ASSERT(session_can_continue(w->srv));
        session_continue(w->srv);
        CU_ASSERT(spent() > before && spent() - before <= CURSOR_WORK + ITEM);
        CU_ASSERT_PTR_EQUAL(cursors_of(w->srv)->all.prev, first);
    }
    EQUAL_NUMBER(waiting(), 2);
    world_free(w);
}

/* So many clients ask that not all answers begin in that turn; each answer is whole. */
static void
first_pieces_share_the_work_of_a_turn(void)
{
    enum { ASKERS = 300 };
    char line[] = "LIST *x*\r\n", who[] = "WHO ann\r\n";
    w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann");
    crowd_people(w, ASKERS, NULL);
    hard_channels(3000);
    world_sleep(w, 0);
    for (int i = 0; i < ASKERS; i++)
        ask(i, line);
    CU_ASSERT(spent() <= CURSOR_TURN + 2 * CURSOR_WORK);
    EQUAL_NUMBER(waiting(), ASKERS);
    EQUAL_NUMBER(cursors_of(w->srv)->left, 0);
    session_input(w->srv, ann->client, who, strlen(who));
    EQUAL_NUMBER(waiting(), ASKERS + 1);
    for (int i = 0; i < 1000 && waiting() > 0; i++)
        world_sleep(w, 10);
    AWAIT(w, ann, ":irc.localhost 352 ann * ann *");
    EXPECT(w, ann, ":irc.localhost 315 ann ann :*");
    EQUAL_NUMBER(waiting(), 0);
    world_free(w);
}

static void
a_list_is_paid_by_its_work(void)
{
    char line[MESSAGE_LINE];
    w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann"), *bob = world_user(w, "bob");
    crowd_people(w, 1, NULL);
    hard_channels(2000);
    hard_list(line, sizeof line);
    line[strlen(line) - 2] = '\0';
    world_say(w, ann, "LIST *x*");
    world_say(w, bob, line);
    for (int i = 0; i < 1000 && waiting() > 0; i++)
        world_sleep(w, 0);
    CU_ASSERT(world_owed(w, ann) >= 2 && world_owed(w, ann) <= 5);
    CU_ASSERT(world_owed(w, bob) >= 10 && world_owed(w, bob) <= 40);
    world_free(w);
}

/* A thousand clients that read slowly have a cursor on one channel, which ends, and so
 * does the next one. */
static void
cursors_on_one_place_move_together(void)
{
    enum { READERS = 1000 };
    char line[] = "LIST\r\n";
    w = world_new(world_easy);
    crowd_people(w, READERS, NULL);
    crowd_channels(w, 1000);
    for (int i = 0; i < READERS; i++) {
        ask(i, line);
        session_clock(w->srv, w->srv->now, w->srv->wall);
    }
    EQUAL_NUMBER(waiting(), READERS);
    const struct cursor *one =
        LIST_ENTRY(cursors_of(w->srv)->all.next, struct cursor, link);
    const struct rest *place = one->rest;
    CU_ASSERT_PTR_NOT_NULL_FATAL(place);
    LIST_EACH(&cursors_of(w->srv)->all, node)
        CU_ASSERT_PTR_EQUAL(LIST_ENTRY(node, struct cursor, link)->rest, place);
    for (int i = 0; i < 100; i++) {
        struct channel *chan = rest_place(one), *next = chan->hh.next;
        channel_part(w->srv, chan, chan->members[0].client);
        CU_ASSERT_PTR_EQUAL(rest_place(one), next);
    }
    LIST_EACH(&cursors_of(w->srv)->all, node)
        CU_ASSERT_PTR_EQUAL(LIST_ENTRY(node, struct cursor, link)->rest, place);
    session_check(w->srv);
    for (int i = 0; i < READERS; i++) {
        char nick[16];
        str_format(nick, sizeof nick, "u%05d", i);
        struct client *c = client_find(w->srv, nick);
        session_close(w->srv, c, "gone");
    }
    world_sleep(w, 0);
    EQUAL_NUMBER(waiting(), 0);
    CU_ASSERT_PTR_NULL(cursors_of(w->srv)->rests);
    world_free(w);
}

/* Two groups of cursors that meet on a channel are one from then on. */
static void
cursors_that_meet_stay_together(void)
{
    w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann"), *bob = world_user(w, "bob");
    crowd_people(w, 3, NULL);
    crowd_channels(w, 2000);
    ann->deaf = bob->deaf = true;
    world_say(w, ann, "LIST");
    world_say(w, bob, "LIST >0,!*c00000*");
    struct cursor *a = ann->client->session->cursors,
                  *b = bob->client->session->cursors;
    CU_ASSERT_PTR_NOT_EQUAL(rest_place(a), rest_place(b));
    struct channel *chan = rest_place(a);
    for (int i = 0; chan != rest_place(b) && i < 100; i++) {
        channel_part(w->srv, chan, chan->members[0].client);
        session_check(w->srv);
        chan = rest_place(a);
    }
    CU_ASSERT_PTR_EQUAL(a->rest, b->rest);
    channel_part(w->srv, chan, chan->members[0].client);
    CU_ASSERT_PTR_EQUAL(rest_place(a), rest_place(b));
    world_close(w, ann);
    CU_ASSERT_PTR_NOT_NULL(rest_place(b));
    session_check(w->srv);
    world_free(w);
}

/* A crowd, and two more clients of the host of u00005, one of which has not registered.
 */
static struct actor *
crowd_with_a_host(const char *address, struct actor **waits)
{
    w = world_new(world_easy);
    crowd_people(w, 2000, NULL);
    struct actor *a = world_user_at(w, "other", address);
    *waits = world_connect(w, address);
    return a;
}

/* However many clients are on: 300 hosts may reach the limit in one turn. */
static void
an_automatic_ban_looks_at_its_host_alone(void)
{
    struct actor *waits, *other = crowd_with_a_host("10.100.5.1", &waits);
    struct client *c = client_find(w->srv, "u00005");
    w->srv->work = 0;
    for (int i = 0; i < w->srv->config->strikes.limit; i++)
        enact_strike(w->srv, c, STRIKE_FLOOD);
    CU_ASSERT(w->srv->work > 0 && w->srv->work < 1000);
    CU_ASSERT(c->out.flags & CLIENT_DOOMED);
    world_sleep(w, 0);
    CU_ASSERT(other->closed && !waits->closed);
    EQUAL_NUMBER(w->srv->n_registered, 1999);
    world_free(w);
}

static void
a_ban_inside_a_host_looks_at_it_alone(void)
{
    static const struct {
        const char *line;
        bool registered, waiting; /* go */
        size_t most;              /* work */
    } cases[] = {
        {"KLINE 1h *@2001:db8::5 :x", true, false, 1000},
        {"KLINE 1h *@2001:db8::6 :x", false, false, 1000},
        {"KLINE 1h *@2001:db8::/64 :x", true, false, 1000},
        {"KLINE 1h *@192.0.2.1 :x", false, false, 1000},
        {"KLINE 1h other!*@2001:db8::5 :x", true, false, 1000},
        {"KLINE FORCE 1h *@2001:db8::/63 :x", true, false, 300000},
        {"KLINE 1h *@2001:db8::5* :x", true, false, 300000},
        {"DLINE 1h 2001:db8::/64 :x", true, true, 1000},
        {"DLINE 1h 2001:db8::/63 :x", true, true, 300000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct actor *waits, *other = crowd_with_a_host("2001:db8::5", &waits);
        struct actor *alice = world_oper(w, "alice");
        world_say(w, alice, cases[i].line);
        bool right = other->closed == cases[i].registered &&
                     waits->closed == cases[i].waiting &&
                     w->srv->work <= cases[i].most &&
                     (cases[i].most < 100000 || w->srv->work > 100000);
        if (!right)
            EQUAL_TEXT(cases[i].line, "right");
        world_free(w);
    }
}

static void
check_and_testmask_ask_one_host(void)
{
    struct actor *waits, *other = crowd_with_a_host("2001:db8::5", &waits);
    struct actor *alice = world_oper(w, "alice");
    world_drain_all(w);
    world_say(w, alice, "TESTMASK *@2001:db8::5");
    EXPECT(w, alice, ":irc.localhost 727 alice 1 *");
    world_say(w, alice, "TESTMASK *@2001:db8::6");
    EXPECT(w, alice, ":irc.localhost 727 alice 0 *");
    world_say(w, alice, "TESTMASK *@10.100.0.0/16");
    EXPECT(w, alice, ":irc.localhost 727 alice 250 *");
    world_say(w, alice, "CHECK 2001:db8::5");
    AWAIT(w, alice, "* :Client: other!*");
    AWAIT(w, alice, "* :Client: * not registered, since *");
    world_say(w, alice, "STRIKE 2001:db8::7 1 :seen");
    AWAIT(w, other, "* NOTICE other :Strike 1 of 5: seen *");
    SILENT(w, waits);
    world_free(w);
}

/* RENAME looks at the channels that forward to the renamed one, and at no others. */
static void
rename_asks_those_that_lead_here(void)
{
    w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann");
    crowd_people(w, 1, NULL);
    crowd_channels(w, 1000);
    for (struct channel *chan = w->srv->channels; chan; chan = chan->hh.next) {
        chan->modes |= CHAN_FORWARD;
        forward_set(w->srv, chan, "#elsewhere");
    }
    world_say(w, ann, "CAP REQ draft/channel-rename\r\nJOIN #a,#b,#c");
    world_say(w, ann, "MODE #b +f #A\r\nMODE #c +f #a\r\nMODE #c +f #b");
    world_drain_all(w);
    CU_ASSERT(world_work(w, ann, "RENAME #a #new") <= 2000);
    EXPECT(w, ann, ":ann!* RENAME #a #new :");
    EXPECT(w, ann, ":irc.localhost MODE #b +f #new");
    SILENT(w, ann);
    world_sleep(w, 2 * MSEC_MINUTE);
    world_drain_all(w);
    world_say(w, ann, "MODE #c +f #new");
    EXPECT(w, ann, "* MODE #c +f #new");
    CU_ASSERT(world_work(w, ann, "RENAME #new #NEW") <= 3000); /* its case alone */
    EXPECT(w, ann, ":ann!* RENAME #new #NEW :");
    EXPECT(w, ann, ":irc.localhost MODE #b +f #NEW");
    EXPECT(w, ann, ":irc.localhost MODE #c +f #NEW");
    SILENT(w, ann);
    EQUAL_NUMBER(forward_count(w->srv, "#new"), 2);
    EQUAL_NUMBER(forward_count(w->srv, "#elsewhere"), 1000);
    world_say(w, ann, "MODE #b -f\r\nPART #c");
    EQUAL_NUMBER(forward_count(w->srv, "#new"), 0);
    CU_ASSERT_PTR_NULL(forward_first(w->srv, "#new"));
    world_free(w);
}

static size_t
entries_of_all(void)
{
    size_t n = 0;
    for (struct channel *chan = w->srv->channels; chan; chan = chan->hh.next)
        n += chan->list_len[LIST_BAN];
    return n;
}

/* Ten thousand entries end at one time: none matches any more, and their ends are told
 * in several ticks. */
static void
many_entries_that_end_are_told_in_several_ticks(void)
{
    enum { CHANNELS = 100, ENTRIES = 100 };
    struct extban ban;
    const char *why;
    w = world_new(world_easy);
    crowd_people(w, 1, NULL);
    crowd_channels(w, CHANNELS);
    struct client *c = client_find(w->srv, "u00000");
    for (struct channel *chan = w->srv->channels; chan; chan = chan->hh.next)
        for (int i = 0; i < ENTRIES; i++) {
            char text[32];
            str_format(text, sizeof text, "~time:1m:u*%d!*@*", i);
            CU_ASSERT_FATAL(extban_parse(text, &ban, &why));
            channel_list_add(w->srv, chan, LIST_BAN, &ban, "ann");
        }
    CU_ASSERT(channel_verdict(w->srv, w->srv->channels, c) == VERDICT_BANNED);
    world_set_wall(w, w->srv->wall + MSEC_MINUTE);
    session_tick(w->srv);
    size_t left = entries_of_all();
    CU_ASSERT(left >= CHANNELS * ENTRIES - 5000 - ENTRIES && left < CHANNELS * ENTRIES);
    for (struct channel *chan = w->srv->channels; chan; chan = chan->hh.next)
        EQUAL_NUMBER(channel_verdict(w->srv, chan, c), 0);
    session_tick(w->srv);
    session_tick(w->srv);
    EQUAL_NUMBER(entries_of_all(), 0);
    world_free(w);
}

/* The clients of the crowd are on 30 channels with 100 hard entries each. */
static void
hard_entries(int people)
{
    const char *why;
    char text[100];
    struct extban ban;
    for (int n = 0; n < 30; n++) {
        str_format(text, sizeof text, "#hard%d", n);
        struct channel *chan = channel_new(w->srv, text);
        for (int i = 0; i < people; i++) {
            str_format(text, sizeof text, "u%05d", i);
            channel_join(w->srv, chan, client_find(w->srv, text), 0);
        }
        for (int i = 0; i < 100; i++) {
            str_format(text, sizeof text, "~r:*%.40sb%d*a",
                       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", i);
            CU_ASSERT(extban_parse(text, &ban, &why));
            channel_list_add(w->srv, chan, LIST_BAN, &ban, "ann");
        }
    }
    for (int i = 0; i < people; i++) {
        str_format(text, sizeof text, "u%05d", i);
        struct client *c = client_find(w->srv, text);
        free(c->user.realname);
        c->user.realname = xcalloc(1, NAME_REAL_MAX + 1);
        memset(c->user.realname, 'a', NAME_REAL_MAX);
        channel_forget_verdicts(c);
    }
}

/* Sixty clients ask in one turn for the verdicts of all their channels. Verdicts beyond
 * the limit are not told; a refused line may be sent again in the next turn. */
static void
verdicts_on_all_channels_share_the_work_of_a_turn(void)
{
    enum { ASKERS = 60 };
    static const char *const lines[] = {"AWAY :secret", "NICK v", "SETNAME :secret",
                                        "QUIT :secret"};
    static const char *const told[] = {"* AWAY :?", "* NICK *", "* SETNAME *",
                                       "* QUIT :Client quit"};
    for (size_t l = 0; l < sizeof lines / sizeof *lines; l++) {
        char line[64];
        size_t all = 0, most = 0;
        w = world_new(world_easy);
        crowd_people(w, ASKERS, NULL);
        struct actor *ann = world_user(w, "ann");
        world_say(w, ann, "CAP REQ :away-notify setname");
        hard_entries(ASKERS);
        channel_join(w->srv, channel_find(w->srv, "#hard0"), ann->client, 0);
        world_sleep(w, 10);
        world_drain(ann);
        for (int i = 0; i < ASKERS; i++) {
            snprintf(line, sizeof line, "%s%d\r\n", lines[l], i);
            ask(i, line);
            all += w->srv->work;
            most = w->srv->work > most ? w->srv->work : most;
        }
        CU_ASSERT(most * ASKERS > 2 * VERDICTS_TURN);
        CU_ASSERT_FATAL(all >= VERDICTS_TURN && all <= VERDICTS_TURN + most);
        world_sleep(w, 10);
        unsigned n = world_count(ann, told[l]);
        CU_ASSERT(l == 1 || l == 2 ? n > 0 && n < ASKERS : n > 0);
        world_drain(ann);
        if (l < 3) {
            snprintf(line, sizeof line, "%s%d\r\n", lines[l], ASKERS - 1);
            if (l == 0)
                ask(ASKERS - 1, "AWAY\r\n");
            ask(ASKERS - 1, line);
            world_sleep(w, 10);
            AWAIT(w, ann, l == 0 ? "* AWAY :secret*" : told[l]);
        }
        world_free(w);
    }
}

SUITE(turn_work)
{
    TEST(verdicts_on_all_channels_share_the_work_of_a_turn);
    TEST(many_entries_that_end_are_told_in_several_ticks);
    TEST(rename_asks_those_that_lead_here);
    TEST(an_automatic_ban_looks_at_its_host_alone);
    TEST(a_ban_inside_a_host_looks_at_it_alone);
    TEST(check_and_testmask_ask_one_host);
    TEST(hard_lists_share_the_work_of_a_turn);
    TEST(hard_lists_alternate_between_ticks);
    TEST(first_pieces_share_the_work_of_a_turn);
    TEST(a_list_is_paid_by_its_work);
    TEST(cursors_on_one_place_move_together);
    TEST(cursors_that_meet_stay_together);
}
