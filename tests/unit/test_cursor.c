/* Long answers come in pieces, in order and whole, whichever members leave meanwhile.
 */
#include "base/str.h"
#include "crowd.h"
#include "policy/client_policy.h"
#include "state/channel.h"
#include "state/cursor.h"
#include "state/rest.h"

#define PIECE (CURSOR_BYTES + 1024) /* and what was begun */

static struct actor *ann;

static struct world *
begin(int people, const char *channel)
{
    struct world *w = world_new(world_easy);
    ann = world_user(w, "ann");
    crowd_people(w, people, channel);
    return w;
}

static struct cursor *
first(struct world *w)
{
    CU_ASSERT_FATAL(crowd_waits(w));
    return LIST_ENTRY(cursors_of(w->srv)->all.next, struct cursor, link);
}

/* The object at which the first cursor stands; NULL: none. */
static void *
rests_on(struct world *w)
{
    return rest_place(first(w));
}

/* Runs turns until no answer waits; each sends at most one piece. Counts the lines that
 * match; the lines of the last turn stay in the inbox. */
static unsigned
run_out(struct world *w, const char *pattern)
{
    unsigned n = world_count(ann, pattern);
    int turns = 0;
    while (crowd_waits(w) && turns++ < 1000) {
        world_drain(ann);
        CU_ASSERT(crowd_turn(w, ann) <= PIECE);
        n += world_count(ann, pattern);
    }
    CU_ASSERT(turns < 1000);
    return n;
}

static void
who_of_ten_thousand_comes_in_pieces(void)
{
    struct world *w = begin(10000, "#big");
    world_say(w, ann, "WHO #big");
    CU_ASSERT(ann->len > 8000 && ann->len <= PIECE);
    world_say(w, ann, "PING :after");
    NEVER(w, ann, "* PONG *");
    EQUAL_NUMBER(run_out(w, ":irc.localhost 352 ann #big u * u????? H :0 r"), 10000);
    AWAIT(w, ann, ":irc.localhost 315 ann #big :*");
    EXPECT(w, ann, ":irc.localhost PONG irc.localhost :after");
    SILENT(w, ann);
    world_free(w);
}

/* Until the tick, lines that came during the answer are held, and later ones behind
 * them. */
static void
between_ticks_an_answer_ends_and_lines_keep_their_order(void)
{
    struct world *w = begin(3000, "#big");
    unsigned n = 0;
    world_say(w, ann, "WHO #big\r\nPING :one");
    for (int turns = 0; crowd_waits(w) && turns < 100; turns++) {
        n += world_count(ann, ":irc.localhost 352 *");
        world_drain(ann);
        CU_ASSERT(session_can_continue(w->srv));
        session_continue(w->srv);
        world_settle(w);
        CU_ASSERT(ann->len <= PIECE);
    }
    CU_ASSERT(!crowd_waits(w) && !session_can_continue(w->srv));
    world_say(w, ann, "PING :two");
    EQUAL_NUMBER(n + world_count(ann, ":irc.localhost 352 *"), 3000);
    AWAIT(w, ann, ":irc.localhost 315 ann #big :*");
    SILENT(w, ann);
    world_sleep(w, 0);
    EXPECT(w, ann, ":irc.localhost PONG irc.localhost :one");
    EXPECT(w, ann, ":irc.localhost PONG irc.localhost :two");
    world_free(w);
}

static void
list_of_twenty_thousand_comes_in_pieces(void)
{
    struct world *w = begin(20, NULL);
    crowd_channels(w, 20000);
    world_say(w, ann, "LIST\r\nPING :after");
    CU_ASSERT(ann->len <= PIECE);
    EQUAL_NUMBER(run_out(w, ":irc.localhost 322 ann #c????? 1 :"), 20000);
    AWAIT(w, ann, ":irc.localhost 323 ann :*");
    EXPECT(w, ann, ":irc.localhost PONG irc.localhost :after");
    world_free(w);
}

static void
a_channel_may_vanish_under_list(void)
{
    struct world *w = begin(3, NULL);
    crowd_channels(w, 3000);
    world_say(w, ann, "LIST");
    for (int turns = 0; crowd_waits(w) && turns < 1000; turns++) {
        struct channel *chan = rests_on(w);
        for (int i = 0; chan && i < 50; i++) {
            channel_part(w->srv, chan, chan->members[0].client);
            chan = rests_on(w);
        }
        crowd_turn(w, ann);
    }
    CU_ASSERT(world_count(ann, "* 322 *") >= 500);
    CU_ASSERT(world_count(ann, "* 322 *") < 3000);
    AWAIT(w, ann, ":irc.localhost 323 ann :*");
    world_free(w);
}

static void
clients_may_vanish_and_change_nicks_under_who(void)
{
    char line[] = "NICK other\r\n";
    struct world *w = begin(2000, NULL);
    world_say(w, ann, "WHO u*");
    struct client *c = rests_on(w);
    session_input(w->srv, c, line, strlen(line));
    CU_ASSERT(rests_on(w) != c);
    int gone = 0;
    while (crowd_waits(w) && (c = rests_on(w)) != NULL && gone < 1000) {
        session_close(w->srv, c, "gone");
        crowd_turn(w, ann);
        gone++;
    }
    CU_ASSERT(gone > 3);
    EQUAL_NUMBER(run_out(w, "* 352 ann ? u * u????? *"), 1999 - gone);
    AWAIT(w, ann, ":irc.localhost 315 ann u* :*");
    world_free(w);
}

static void
members_may_part_under_who_and_none_is_missed(void)
{
    char nick[16], pattern[64];
    struct world *w = begin(1000, "#big");
    world_say(w, ann, "WHO #big");
    struct channel *chan = channel_find(w->srv, "#big");
    for (int i = 0; i < 10; i++) {
        str_format(nick, sizeof nick, "u%05d", i);
        channel_part(w->srv, chan, client_find(w->srv, nick));
    }
    while (crowd_waits(w))
        crowd_turn(w, ann);
    for (int i = 10; i < 1000; i += 7) {
        str_format(pattern, sizeof pattern, "* 352 ann #big u * u%05d *", i);
        CU_ASSERT(world_count(ann, pattern) >= 1);
    }
    AWAIT(w, ann, ":irc.localhost 315 *");
    world_free(w);
}

static void
the_whole_channel_may_vanish_under_who(void)
{
    char nick[16];
    struct world *w = begin(1000, "#big");
    world_say(w, ann, "WHO #big");
    for (int i = 0; i < 1000; i++) {
        str_format(nick, sizeof nick, "u%05d", i);
        channel_part(w->srv, channel_find(w->srv, "#big"), client_find(w->srv, nick));
    }
    run_out(w, "*");
    AWAIT(w, ann, ":irc.localhost 315 ann #big :*");
    world_free(w);
}

static void
the_asker_may_go(void)
{
    struct world *w = begin(1000, "#big");
    world_say(w, ann, "WHO #big");
    CU_ASSERT(crowd_waits(w));
    world_say(w, ann, "WHO #big");
    world_close(w, ann);
    CU_ASSERT(!crowd_waits(w));
    world_sleep(w, 100);
    world_free(w);
}

/* labeled-response: "responses consisting of more than one message MUST be enclosed in
 * a batch". */
static void
a_labelled_answer_stays_one_batch(void)
{
    struct world *w = begin(1000, "#big");
    struct actor *bob = world_user(w, "bob");
    world_say(w, ann, "CAP REQ :labeled-response batch");
    world_drain(ann);
    world_say(w, ann, "@label=x WHO #big");
    world_say(w, bob, "PRIVMSG ann :between");
    while (crowd_waits(w))
        crowd_turn(w, ann);
    EQUAL_NUMBER(world_count(ann, "@label=x :irc.localhost BATCH +* labeled-response"),
                 1);
    EQUAL_NUMBER(world_count(ann, "@batch=* :irc.localhost 352 *"), 1000);
    EQUAL_NUMBER(world_count(ann, ":irc.localhost 352 *"), 0);
    EQUAL_NUMBER(world_count(ann, ":bob!* PRIVMSG ann :between"), 1);
    AWAIT(w, ann, "@batch=* :irc.localhost 315 *");
    EXPECT(w, ann, ":irc.localhost BATCH -*");
    SILENT(w, ann);
    world_free(w);
}

static void
a_slow_reader_is_waited_for(void)
{
    struct world *w = begin(1000, "#big");
    struct actor *bob = world_user(w, "bob");
    ann->deaf = true;
    world_say(w, ann, "WHO #big");
    for (int i = 0; i < 100; i++)
        crowd_turn(w, ann);
    CU_ASSERT(ann->client->out.sendq.bytes > 0 &&
              ann->client->out.sendq.bytes <= PIECE);
    EQUAL_NUMBER(ann->len, 0);
    ann->deaf = false;
    world_say(w, bob, "PRIVMSG ann :wake");
    for (int i = 0; crowd_waits(w) && i < 100; i++)
        CU_ASSERT(crowd_turn(w, ann) <= PIECE);
    EQUAL_NUMBER(world_count(ann, "* 352 *"), 1000);
    AWAIT(w, ann, ":irc.localhost 315 *");
    world_free(w);
}

static void
a_small_queue_gets_small_pieces(void)
{
    struct world *w = world_new("limits { sendq = 16384 } flood { burst = 9999 }");
    ann = world_user(w, "ann");
    crowd_people(w, 1000, "#big");
    world_say(w, ann, "WHO #big");
    CU_ASSERT(ann->len <= 8192 + 1024);
    EQUAL_NUMBER(run_out(w, "* 352 *"), 1000);
    CU_ASSERT(!ann->closed);
    world_free(w);
}

/* irssi asks about all its channels at once, and one of them is large. */
static void
lines_behind_a_long_answer_wait_without_a_strike(void)
{
    char line[64];
    struct world *w = world_new("flood { join = \"999/1s\" }");
    ann = world_user(w, "ann");
    crowd_people(w, 1000, "#big");
    world_say(w, ann, "JOIN #big");
    world_sleep(w, 10 * MSEC_SECOND);
    for (int i = 0; i < 40; i++) {
        world_sayf(w, ann, "JOIN #x%d", i);
        world_sleep(w, MSEC_SECOND);
    }
    world_sleep(w, 10 * MSEC_SECOND);
    world_drain(ann);
    world_say(w, ann, "WHO #big");
    CU_ASSERT(crowd_waits(w));
    for (int i = 0; i < 40; i++) {
        str_format(line, sizeof line, "WHO #x%d", i);
        world_say(w, ann, line);
    }
    EQUAL_NUMBER(policy_of(ann->client)->held_lines, 40);
    while (crowd_waits(w))
        crowd_turn(w, ann);
    NEVER(w, ann, "* NOTICE *");
    EQUAL_NUMBER(world_count(ann, "* 352 ann #big *"), 1001);
    EQUAL_NUMBER(world_count(ann, "* 315 *"), 41);
    world_free(w);
}

/* Bytes that are queued already do not make a short answer wait: any split of the input
 * gives the same lines. */
static void
a_short_answer_behind_others_is_whole_at_once(void)
{
    char lines[4096];
    struct str s;
    struct world *w = begin(50, "#a");
    world_say(w, ann, "JOIN #a");
    world_drain(ann);
    str_init(&s, lines, sizeof lines);
    for (int i = 0; i < 50; i++)
        str_add(&s, "WHO #a\r\n");
    world_send(w, ann, lines, strlen(lines));
    CU_ASSERT(!crowd_waits(w));
    EQUAL_NUMBER(world_count(ann, "* 352 *"), 50 * 51);
    EQUAL_NUMBER(world_count(ann, "* 315 *"), 50);
    world_free(w);
}

/* The last channel of the table, at which a cursor stands, is renamed: it is the last
 * one again, and is still to come. */
static void
the_last_one_may_be_renamed_under_a_cursor(void)
{
    struct world *w = begin(1000, NULL);
    crowd_channels(w, 1000);
    world_say(w, ann, "LIST");
    struct channel *last = channel_find(w->srv, "#c00999");
    CU_ASSERT_PTR_NULL(last->hh.next);
    rest_end(w->srv, first(w));
    first(w)->channel = last;
    rest_begin(w->srv, first(w));
    channel_rename(w->srv, last, "#other");
    run_out(w, "*");
    AWAIT(w, ann, ":irc.localhost 322 ann #other 1 :");
    AWAIT(w, ann, ":irc.localhost 323 *");
    world_say(w, ann, "WHO u*");
    struct client *c = client_find(w->srv, "u00999");
    CU_ASSERT_PTR_NULL(c->user.hh.next);
    rest_end(w->srv, first(w));
    first(w)->client = c;
    rest_begin(w->srv, first(w));
    client_set_nick(w->srv, c, "u99999");
    run_out(w, "*");
    AWAIT(w, ann, ":irc.localhost 352 ann ? u * u99999 *");
    AWAIT(w, ann, ":irc.localhost 315 *");
    world_free(w);
}

SUITE(cursor)
{
    TEST(the_last_one_may_be_renamed_under_a_cursor);
    TEST(who_of_ten_thousand_comes_in_pieces);
    TEST(between_ticks_an_answer_ends_and_lines_keep_their_order);
    TEST(list_of_twenty_thousand_comes_in_pieces);
    TEST(a_channel_may_vanish_under_list);
    TEST(clients_may_vanish_and_change_nicks_under_who);
    TEST(members_may_part_under_who_and_none_is_missed);
    TEST(the_whole_channel_may_vanish_under_who);
    TEST(the_asker_may_go);
    TEST(a_labelled_answer_stays_one_batch);
    TEST(a_slow_reader_is_waited_for);
    TEST(a_small_queue_gets_small_pieces);
    TEST(lines_behind_a_long_answer_wait_without_a_strike);
    TEST(a_short_answer_behind_others_is_whole_at_once);
}
