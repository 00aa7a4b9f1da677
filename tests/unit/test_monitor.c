/* MONITOR (IRCv3 monitor) and extended-monitor, by sections of the specifications. */
#include "state/monitor.h"
#include "world.h"

static struct actor *ann, *bob, *eve;

static struct world *
begin(void)
{
    struct world *w = world_new(world_easy);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    eve = world_user(w, "eve");
    return w;
}

/* "MONITOR + target[,target2]*" */
static void
adding_tells_which_nicks_are_on(void)
{
    struct world *w = begin();
    world_say(w, ann, "MONITOR + BOB,nobody,eve,,none,bob");
    EXPECT(w, ann, ":irc.localhost 730 ann :bob!bob@*,eve!eve@*");
    EXPECT(w, ann, ":irc.localhost 731 ann :nobody,none");
    SILENT(w, ann);
    world_say(w, ann, "monitor l");
    EXPECT(w, ann, ":irc.localhost 732 ann :BOB,nobody,eve,none");
    EXPECT(w, ann, ":irc.localhost 733 ann :End of MONITOR list");
    SILENT(w, ann);
    SILENT(w, bob);
    world_free(w);
}

/* 730 and 731: "a target has just become online" and "has just left". */
static void
comings_and_goings_are_told(void)
{
    struct world *w = begin();
    world_say(w, ann, "MONITOR + carl");
    world_drain_all(w);
    struct actor *carl = world_user(w, "Carl");
    EXPECT(w, ann, ":irc.localhost 730 ? :Carl!Carl@*");
    world_say(w, carl, "NICK CARL");
    SILENT(w, ann);
    world_say(w, carl, "NICK karl");
    EXPECT(w, ann, ":irc.localhost 731 ? :CARL");
    world_say(w, carl, "NICK carl");
    EXPECT(w, ann, ":irc.localhost 730 ? :carl!Carl@*");
    world_close(w, carl);
    EXPECT(w, ann, ":irc.localhost 731 ? :carl");
    SILENT(w, ann);
    SILENT(w, bob);
    world_free(w);
}

/* "MONITOR -", "C", "S" */
static void
the_list_is_taken_apart_and_shown(void)
{
    struct world *w = begin();
    world_say(w, ann, "MONITOR + bob,eve,none");
    world_drain_all(w);
    world_say(w, ann, "MONITOR - EVE,never,");
    SILENT(w, ann);
    world_say(w, ann, "MONITOR S");
    EXPECT(w, ann, ":irc.localhost 730 ann :bob!bob@*");
    EXPECT(w, ann, ":irc.localhost 731 ann :none");
    SILENT(w, ann);
    world_close(w, eve);
    SILENT(w, ann);
    world_say(w, ann, "MONITOR C");
    SILENT(w, ann);
    world_say(w, ann, "MONITOR S");
    SILENT(w, ann);
    world_say(w, ann, "MONITOR L");
    EXPECT(w, ann, ":irc.localhost 733 ann :*");
    world_close(w, bob);
    SILENT(w, ann);
    world_free(w);
}

static void
fill(struct world *w, struct actor *a, int from, int to)
{
    char line[600], *at = line + snprintf(line, sizeof line, "MONITOR + ");
    for (int i = from; i < to; i++)
        at += snprintf(at, 16, "nick%d,", i);
    world_say(w, a, line);
}

/* 734 */
static void
a_full_list_names_what_did_not_fit(void)
{
    struct world *w = begin();
    for (int i = 0; i < 98; i += 14)
        fill(w, ann, i, i + 14);
    world_drain_all(w);
    world_say(w, ann, "MONITOR + a,b,c,nick1,D,bob");
    EXPECT(w, ann, ":irc.localhost 731 ann :a,b,nick1");
    EXPECT(w, ann, ":irc.localhost 734 ann 100 c,D,bob :Monitor list is full");
    SILENT(w, ann);
    EQUAL_NUMBER(ann->client->user.lists->nmonitors, MONITOR_MAX);
    world_say(w, ann, "MONITOR - a");
    world_say(w, ann, "MONITOR + bob");
    EXPECT(w, ann, ":irc.localhost 730 ann :bob!bob@*");
    world_free(w);
}

/* "the length of the target list is limited only by the buffer size" */
static void
long_lists_take_several_lines_and_cut_no_nick(void)
{
    struct world *w = begin();
    for (int i = 0; i < 100; i++)
        world_sayf(w, ann, "MONITOR + nickxxxxxxxxxxxxxxxxxxxx%03d", i);
    EQUAL_NUMBER(ann->client->user.lists->nmonitors, 100);
    world_drain_all(w);
    world_say(w, ann, "MONITOR L");
    unsigned lines = world_count(ann, ":irc.localhost 732 *");
    CU_ASSERT(lines >= 6 && lines <= 8);
    int nicks = 0;
    for (const char *at = ann->inbox, *end; (end = strchr(at, '\n')); at = end + 1)
        CU_ASSERT(end + 1 - at <= 512);
    for (const char *n = ann->inbox; (n = strstr(n, "nick")) != NULL; n++, nicks++)
        EQUAL_NUMBER(strcspn(n, ",\r"), 27);
    EQUAL_NUMBER(nicks, 100);
    world_drain(ann);
    world_free(w);
}

static void
bad_input_is_answered(void)
{
    static const struct {
        const char *params, *reply;
    } cases[] = {
        {"", ":irc.localhost 461 ann MONITOR :*"},
        {" :", ":irc.localhost 461 ann MONITOR :*"},
        {" +", ":irc.localhost 461 ann MONITOR :*"},
        {" - :", ":irc.localhost 461 ann MONITOR :*"},
        {" x bob", ":irc.localhost NOTICE ann :MONITOR takes *"},
        {" +- bob", ":irc.localhost NOTICE ann :MONITOR takes *"},
    };
    struct world *w = begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_sayf(w, ann, "MONITOR%s", cases[i].params);
        EXPECT(w, ann, cases[i].reply);
        SILENT(w, ann);
    }
    /* "'target' MUST be a valid nick" */
    world_say(w, ann, "MONITOR + *,b*b,a!b@c,1x,#a,:x");
    SILENT(w, ann);
    CU_ASSERT_PTR_NULL(ann->client->user.lists);
    world_say(w, ann, "CAP REQ standard-replies");
    world_drain(ann);
    world_say(w, ann, "MONITOR ?");
    EXPECT(w, ann, ":irc.localhost FAIL MONITOR INVALID_PARAMS :*");
    world_free(w);
}

/* extended-monitor "Description": with the other capability also enabled. */
static void
extended_monitor_tells_more_of_clients_without_a_shared_channel(void)
{
    struct world *w = begin();
    world_say(w, ann, "CAP REQ :extended-monitor away-notify setname");
    world_say(w, eve, "CAP REQ :away-notify setname");
    world_say(w, ann, "MONITOR + bob");
    world_say(w, eve, "MONITOR + bob");
    world_drain_all(w);
    world_say(w, bob, "AWAY :lunch");
    EXPECT(w, ann, ":bob!bob@* AWAY :lunch");
    SILENT(w, ann);
    SILENT(w, eve); /* without the capability */
    world_channel(w, "#a", "bob@", "ann");
    world_say(w, bob, "AWAY");
    EXPECT(w, ann, ":bob!bob@* AWAY");
    SILENT(w, ann); /* once, though ann shares a channel and watches */
    world_say(w, ann, "CAP REQ -away-notify");
    world_say(w, ann, "PART #a");
    world_drain_all(w);
    world_say(w, bob, "AWAY :again");
    SILENT(w, ann);
    world_free(w);
}

/* Any number of watchers gets the same bytes, as with a relay. */
static void
news_are_made_once_for_all_watchers(void)
{
    enum { WATCHERS = 100 };
    struct world *w = world_new(world_easy);
    struct actor *all[WATCHERS];
    for (int i = 0; i < WATCHERS; i++) {
        char nick[16];
        snprintf(nick, sizeof nick, "w%d", i);
        all[i] = world_user(w, nick);
        world_say(w, all[i], "MONITOR + carl");
    }
    bob = world_user(w, "bob");
    world_drain_all(w);
    uint32_t made = w->srv->buffers.made;
    world_say(w, bob, "NICK carl");
    CU_ASSERT(w->srv->buffers.made - made <= 2); /* its own NICK, and 730 */
    made = w->srv->buffers.made;
    world_close(w, bob);
    CU_ASSERT(w->srv->buffers.made - made <= 2);
    for (int i = 0; i < WATCHERS; i++) {
        EXPECT(w, all[i], ":irc.localhost 730 ? :carl!bob@*");
        EXPECT(w, all[i], ":irc.localhost 731 ? :carl");
        SILENT(w, all[i]);
    }
    world_free(w);
}

SUITE(monitor)
{
    TEST(news_are_made_once_for_all_watchers);
    TEST(adding_tells_which_nicks_are_on);
    TEST(comings_and_goings_are_told);
    TEST(the_list_is_taken_apart_and_shown);
    TEST(a_full_list_names_what_did_not_fit);
    TEST(long_lists_take_several_lines_and_cut_no_nick);
    TEST(bad_input_is_answered);
    TEST(extended_monitor_tells_more_of_clients_without_a_shared_channel);
}
