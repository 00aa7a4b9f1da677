/* NAMES with one channel and with several (RFC 2812 3.2.5, Modern IRC "NAMES message").
 */
#include "base/mem.h"
#include "base/str.h"
#include "crowd.h"
#include "state/channel.h"
#include "state/cursor.h"

#include <stdlib.h>

static struct actor *ann, *bob, *alice;

static struct world *
begin(void)
{
    struct world *w = world_new(world_easy);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    world_say(w, bob, "JOIN #a,#b,#c,#d,#e,#s");
    world_say(w, bob, "MODE #s +s");
    world_drain_all(w);
    return w;
}

static void
each_channel_ends(void)
{
    static const struct {
        const char *line;
        unsigned names, ends;
    } cases[] = {
        {"NAMES #a", 1, 1},       {"NAMES #a,#b", 2, 2},
        {"NAMES #a,#A,#a", 1, 1}, {"NAMES #s", 0, 1},
        {"NAMES #none", 0, 1},    {"NAMES #none,#a", 1, 2},
        {"NAMES", 0, 1},          {"NAMES :", 0, 1},
        {"NAMES ,,", 0, 1},       {"NAMES #a,#b,#c,#d", 4, 4},
        {"NAMES ::x", 0, 1},
    };
    struct world *w = begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, ann, cases[i].line);
        EQUAL_NUMBER(world_count(ann, ":irc.localhost 353 ann = #? :@bob"),
                     cases[i].names);
        EQUAL_NUMBER(world_count(ann, ":irc.localhost 366 ann * :End of NAMES list"),
                     cases[i].ends);
        EQUAL_NUMBER(world_count(ann, "*"), cases[i].names + cases[i].ends);
        world_drain(ann);
    }
    world_free(w);
}

/* 005 TARGMAX=…NAMES:4 */
static void
too_many_are_told(void)
{
    struct world *w = begin();
    world_say(w, ann, "NAMES #a,#b,#c,#d,#e");
    EQUAL_NUMBER(world_count(ann, "* 366 *"), 4);
    AWAIT(w, ann, ":irc.localhost 407 ann #e :*");
    SILENT(w, ann);
    world_free(w);
}

#define MANY 20000

/* Adds to `named` how often each client of the crowd is in 353 lines. */
static void
count_names(struct actor *a, unsigned *named)
{
    for (char *at = a->inbox; at && (at = strstr(at, " 353 ")) != NULL;) {
        char *end = strchr(at, '\r');
        for (at = strchr(at, ':'); at && at < end; at = strpbrk(at + 1, " \r"))
            if (at[1] == 'u')
                named[strtoul(at + 2, NULL, 10)]++;
        at = end;
    }
    world_drain(a);
}

static void
wait_out(struct world *w, unsigned *named)
{
    for (int turns = 0; crowd_waits(w) && turns < 1000; turns++) {
        CU_ASSERT(crowd_turn(w, ann) <= CURSOR_BYTES + 1024);
        CU_ASSERT(world_count(ann, "* 366 *") == !crowd_waits(w));
        count_names(ann, named);
    }
    CU_ASSERT(!crowd_waits(w));
}

static unsigned *
begin_names(struct world **w, int people, const char *line)
{
    *w = world_new(world_easy);
    ann = world_user(*w, "ann");
    alice = world_oper(*w, "alice");
    crowd_people(*w, people, "#big");
    world_say(*w, ann, "CAP REQ :userhost-in-names multi-prefix");
    world_drain(ann);
    world_say(*w, ann, line);
    CU_ASSERT(crowd_waits(*w));
    CU_ASSERT(ann->len <= CURSOR_BYTES + 1024);
    return xcalloc(MANY, sizeof(unsigned));
}

/* With the queue of the configuration a client that reads nothing is not ended either.
 */
static void
names_of_twenty_thousand_come_in_pieces(void)
{
    static const char *const lines[] = {"JOIN #big", "SAJOIN ann #big"};
    struct world *w;
    unsigned *named = begin_names(&w, MANY, "NAMES #big");
    for (int l = 0; l < 3; l++) {
        if (l > 0)
            world_say(w, l == 2 ? alice : ann, lines[l - 1]);
        count_names(ann, named);
        world_say(w, ann, "PING :after");
        NEVER(w, ann, "* PONG *");
        wait_out(w, named);
        for (int i = 0; i < MANY; i++)
            CU_ASSERT(named[i] == (unsigned)l + 1);
        if (l > 0)
            channel_part(w->srv, channel_find(w->srv, "#big"), ann->client);
    }
    ann->deaf = true;
    world_say(w, ann, "JOIN #big");
    for (int i = 0; i < 100; i++)
        crowd_turn(w, ann);
    CU_ASSERT(ann->client->out.sendq.bytes < 2 * CURSOR_BYTES);
    CU_ASSERT(!ann->closed);
    free(named);
    world_free(w);
}

static void
say(struct world *w, struct client *c, const char *text)
{
    char line[128];
    str_format(line, sizeof line, "%s\r\n", text);
    session_input(w->srv, c, line, strlen(line));
}

static struct client *
one(struct world *w, int i)
{
    char nick[16];
    str_format(nick, sizeof nick, "u%05d", i);
    struct client *c = client_find(w->srv, nick);
    CU_ASSERT_FATAL(c != NULL);
    return c;
}

/* Parts, kicks, quits, joins and nicks between the pieces. */
static void
a_member_that_stays_is_named_once_whichever_others_leave(void)
{
    enum { PEOPLE = 3000 };
    char text[64];
    struct world *w;
    bool gone[PEOPLE] = {false};
    unsigned *named = begin_names(&w, PEOPLE, "JOIN #big");
    struct channel *chan = channel_find(w->srv, "#big");
    chan->members[0].modes = CHAN_OP;
    count_names(ann, named);
    for (unsigned turn = 0; crowd_waits(w) && turn < 1000; turn++) {
        for (unsigned k = 0; k < 40; k++) {
            unsigned i = 1 + (turn * 911 + k * 77) % (PEOPLE - 1);
            if (gone[i])
                continue;
            gone[i] = true;
            str_format(text, sizeof text, "KICK #big u%05u", i);
            if (k % 3 == 0)
                say(w, one(w, 0), text);
            else if (k % 3 == 1)
                say(w, one(w, (int)i), "PART #big");
            else
                session_close(w->srv, one(w, (int)i), "gone");
            if (k % 6 == 1)
                say(w, one(w, (int)i), "JOIN #big");
        }
        crowd_turn(w, ann);
        count_names(ann, named);
    }
    for (int i = 0; i < PEOPLE; i++)
        CU_ASSERT(gone[i] ? named[i] <= 2 : named[i] == 1);
    free(named);
    world_free(w);
}

static void
a_client_that_parts_gets_no_more_names(void)
{
    char part[] = "PART #big";
    struct world *w;
    unsigned *named = begin_names(&w, 3000, "JOIN #big");
    channel_part(w->srv, channel_find(w->srv, "#big"), ann->client);
    world_drain(ann);
    world_say(w, ann, part);
    while (crowd_waits(w))
        crowd_turn(w, ann);
    NEVER(w, ann, "* 353 *");
    AWAIT(w, ann, ":irc.localhost 366 ann #big :*");
    AWAIT(w, ann, ":irc.localhost 442 ann #big :*");
    SILENT(w, ann);
    free(named);
    world_free(w);
}

/* An answer to a client outside keeps the name under which the channel was asked for,
 * and ends. */
static void
a_channel_may_be_renamed_or_go_under_names(void)
{
    for (int goes = 0; goes < 2; goes++) {
        struct world *w;
        unsigned *named = begin_names(&w, 3000, "NAMES #big");
        struct channel *chan = channel_find(w->srv, "#big");
        world_drain(ann);
        channel_rename(w->srv, chan, "#new");
        for (int i = 0; goes && i < 3000; i++)
            channel_part(w->srv, chan, one(w, i));
        while (crowd_waits(w))
            crowd_turn(w, ann);
        NEVER(w, ann, "*#new*");
        CU_ASSERT((world_count(ann, "* 353 ann = #big :*") > 0) == !goes);
        EQUAL_NUMBER(world_count(ann, "* 366 ann #big :*"), 1);
        free(named);
        world_free(w);
    }
}

/* labeled-response: the whole answer to a JOIN is one batch, with the channels behind a
 * large one. */
static void
a_labelled_join_stays_one_batch(void)
{
    struct world *w = world_new(world_easy);
    ann = world_user(w, "ann");
    crowd_people(w, 3000, "#big");
    world_say(w, ann, "CAP REQ :labeled-response batch");
    world_drain(ann);
    world_say(w, ann, "@label=x JOIN #big,#small");
    CU_ASSERT(crowd_waits(w));
    NEVER(w, ann, "* 366 *");
    while (crowd_waits(w))
        crowd_turn(w, ann);
    EQUAL_NUMBER(world_count(ann, "@label=x * BATCH +* labeled-response"), 1);
    EQUAL_NUMBER(world_count(ann, "@batch=*JOIN *#small"), 1);
    EQUAL_NUMBER(world_count(ann, "@batch=* 366 ann #big *"), 1);
    EQUAL_NUMBER(world_count(ann, "@batch=* 366 ann #small *"), 1);
    EQUAL_NUMBER(world_count(ann, ":*"), 1);
    AWAIT(w, ann, ":irc.localhost BATCH -*");
    SILENT(w, ann);
    world_free(w);
}

SUITE(names)
{
    TEST(names_of_twenty_thousand_come_in_pieces);
    TEST(a_member_that_stays_is_named_once_whichever_others_leave);
    TEST(a_client_that_parts_gets_no_more_names);
    TEST(a_channel_may_be_renamed_or_go_under_names);
    TEST(a_labelled_join_stays_one_batch);
    TEST(each_channel_ends);
    TEST(too_many_are_told);
}
