/* Texts beside messages: a text that a client may not send to a channel is not shown
 * there as a reason, a topic, an away text or a new real name either. */
#include "world.h"

static struct world *w;
static struct actor *ann, *bob;

/* The modes that silence bob on #a, and a text that they refuse. */
struct gag {
    const char *modes, *text, *reason;
    bool is_slow; /* after a message */
};

static const struct gag gags[] = {
    {"+m", "secret", "+m: *", false},
    {"+mz", "secret", "+m: *", false},
    {"+q bob", "secret", "+q: you are muted", false},
    {"+b bob", "secret", "+b: you are banned", false},
    {"+b ~mute:bob", "secret", "+q: you are muted", false},
    {"+bz ~mute:bob", "secret", "+q: you are muted", false},
    {"+c", "\00304secret", "+c: *", false},
    {"+C", "\001PING secret\001", "+C: *", false},
    {"+S 60", "secret", "+S: *wait 60 more", true},
};
#define GAGS (sizeof gags / sizeof *gags)

/* ann is operator of #a and bob is on it; there is no +t. */
static void
begin(const struct gag *gag)
{
    w = world_new(world_easy);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    world_say(w, ann, "CAP REQ :away-notify setname");
    world_channel(w, "#a", "ann@", "bob");
    world_say(w, ann, "MODE #a -t");
    if (gag)
        world_sayf(w, ann, "MODE #a %s", gag->modes);
    if (gag && gag->is_slow) {
        world_sleep(w, MSEC_MINUTE);
        world_say(w, bob, "PRIVMSG #a :first");
    }
    world_drain_all(w);
}

/* Each command with which a member shows a text to others, and the text that they read
 * if the channel refuses it ("": none). */
static const struct {
    const char *command, *whole, *plain;
} remarks[] = {
    {"PRIVMSG #a :", ":bob!* PRIVMSG #a :*secret*", ""},
    {"NOTICE #a :", ":bob!* NOTICE #a :*secret*", ""},
    {"PART #a :", ":bob!* PART #a :*secret*", ":bob!* PART #a"},
    {"PART #b,#a :", ":bob!* PART #a :*secret*", ":bob!* PART #a"},
    {"TOPIC #a :", ":bob!* TOPIC #a :*secret*", ""},
    {"QUIT :", ":bob!* QUIT :Quit: *secret*", ":bob!* QUIT :Client quit"},
    {"AWAY :", ":bob!* AWAY :*secret*", ":bob!* AWAY :?"},
    {"SETNAME :", ":bob!* SETNAME :*secret*", ""},
};

static void
what_may_not_be_said_is_no_text_beside_a_message(void)
{
    for (size_t g = 0; g < GAGS; g++) {
        for (size_t i = 0; i < sizeof remarks / sizeof *remarks; i++) {
            begin(&gags[g]);
            world_sayf(w, bob, "%s%s", remarks[i].command, gags[g].text);
            NEVER(w, ann, ":bob!* #a :*secret*");
            NEVER(w, ann, ":bob!* QUIT*secret*");
            NEVER(w, ann, ":bob!* AWAY*secret*");
            NEVER(w, ann, ":bob!* SETNAME*");
            if (*remarks[i].plain)
                EXPECT(w, ann, remarks[i].plain);
            world_free(w);
        }
    }
}

/* Tags alone, and a message of several lines whose last one is refused. */
static void
tags_and_batches_are_messages_too(void)
{
    for (size_t g = 0; g <= GAGS; g++) {
        const struct gag *gag = g < GAGS ? &gags[g] : NULL;
        bool is_text = gag && strpbrk(gag->modes, "cC") != NULL;
        begin(gag);
        world_say(w, ann, "CAP REQ :message-tags");
        world_say(w, bob, "CAP REQ :message-tags batch draft/multiline");
        world_drain_all(w);
        world_say(w, bob, "@+x=secret TAGMSG #a");
        EQUAL_NUMBER(world_count(ann, "*secret* TAGMSG #a"), gag == NULL || is_text);
        world_drain_all(w);
        world_say(w, bob, "BATCH +1 draft/multiline #a");
        world_say(w, bob, "@batch=1 PRIVMSG #a :secret");
        world_sayf(w, bob, "@batch=1 PRIVMSG #a :%s", gag ? gag->text : "secret");
        world_say(w, bob, "BATCH -1");
        EQUAL_NUMBER(world_count(ann, "* PRIVMSG #a :*secret*"), gag ? 0 : 2);
        world_free(w);
    }
}

static void
without_a_gag_all_of_it_is_read(void)
{
    for (size_t i = 0; i < sizeof remarks / sizeof *remarks; i++) {
        begin(NULL);
        world_sayf(w, bob, "%s\00304secret", remarks[i].command);
        EXPECT(w, ann, remarks[i].whole);
        world_free(w);
    }
}

static void
a_topic_is_refused_as_a_message_is(void)
{
    for (size_t g = 0; g < GAGS; g++) {
        char want[128];
        begin(&gags[g]);
        world_sayf(w, bob, "TOPIC #a :%s", gags[g].text);
        snprintf(want, sizeof want,
                 ":irc.localhost 404 bob #a :Cannot send to channel (%s)",
                 gags[g].reason);
        EXPECT(w, bob, want);
        SILENT(w, bob);
        SILENT(w, ann);
        world_say(w, ann, "TOPIC #a");
        EXPECT(w, ann, ":irc.localhost 331 ann #a :*");
        world_free(w);
    }
}

/* A member with a status may speak, and so may give reasons; +c and +C are for all. */
static void
a_status_opens_what_it_opens_for_messages(void)
{
    for (size_t g = 0; g < GAGS; g++) {
        bool is_text = strpbrk(gags[g].modes, "cC") != NULL;
        begin(&gags[g]);
        world_say(w, ann, "MODE #a +v bob");
        world_drain_all(w);
        world_sayf(w, bob, "TOPIC #a :%s", gags[g].text);
        EQUAL_NUMBER(world_count(ann, ":bob!* TOPIC #a :*"), !is_text);
        world_drain_all(w);
        world_sayf(w, bob, "PART #a :%s", gags[g].text);
        EQUAL_NUMBER(world_count(ann, "*secret*"), !is_text);
        world_free(w);
    }
}

static void
an_operator_of_the_channel_is_bound_by_its_texts(void)
{
    begin(&(struct gag){.modes = "+c"});
    world_say(w, ann, "TOPIC #a :\002bold");
    EXPECT(w, ann, ":irc.localhost 404 ann #a :*+c*");
    world_say(w, ann, "KICK #a bob :\002bold");
    EXPECT(w, bob, ":ann!* KICK #a bob :ann");
    world_say(w, bob, "JOIN #a");
    world_say(w, ann, "CAP REQ :draft/channel-rename");
    world_drain_all(w);
    world_say(w, ann, "RENAME #a #b :\002bold");
    EXPECT(w, ann, ":ann!* RENAME #a #b :");
    EXPECT(w, bob, ":bob!* PART #a :");
    world_free(w);
}

/* The override is a right over the channel, not over its rules for texts. */
static void
an_override_may_set_a_topic_from_outside(void)
{
    begin(&(struct gag){.modes = "+mc"});
    struct actor *root = world_user(w, "root");
    world_say(w, root, "OPER alice secret");
    world_drain_all(w);
    world_say(w, root, "TOPIC #a :from outside");
    AWAIT(w, ann, ":root!* TOPIC #a :from outside");
    world_say(w, root, "KICK #a bob :enough");
    AWAIT(w, bob, ":root!* KICK #a bob :enough");
    world_drain_all(w);
    world_say(w, root, "TOPIC #a :\002bold");
    EXPECT(w, root, ":irc.localhost 404 root #a :*+c*");
    world_free(w);
}

/* A topic that a member may set only by an override is reported; one that any member
 * may set is not. */
static void
a_topic_against_a_mute_is_an_override(void)
{
    begin(NULL);
    struct actor *root = world_oper(w, "root");
    world_say(w, root, "JOIN #a");
    world_drain_all(w);
    world_say(w, root, "TOPIC #a :as any member");
    AWAIT(w, ann, ":root!* TOPIC #a :as any member");
    CU_ASSERT_PTR_NULL(strstr(w->logged, "as any member"));
    world_say(w, ann, "MODE #a +q root");
    world_drain_all(w);
    world_say(w, root, "TOPIC #a :against the mute");
    AWAIT(w, ann, ":root!* TOPIC #a :against the mute");
    CONTAINS(w->logged, "command=TOPIC");
    CONTAINS(w->logged, "against the mute");
    world_free(w);
}

static void
a_topic_counts_for_slow_mode(void)
{
    begin(&(struct gag){.modes = "+S 60"});
    world_sleep(w, MSEC_MINUTE);
    world_say(w, bob, "TOPIC #a :one");
    EXPECT(w, ann, ":bob!* TOPIC #a :one");
    world_sleep(w, MSEC_MINUTE - 1);
    world_say(w, bob, "PRIVMSG #a :x\r\nTOPIC #a :two");
    SILENT(w, ann);
    world_sleep(w, 1);
    world_say(w, bob, "TOPIC #a :three");
    AWAIT(w, ann, ":bob!* TOPIC #a :three");
    world_free(w);
}

/* Only the channels that refuse a QUIT reason, an away text or a real name do not get
 * it. */
static void
a_text_for_all_peers_reaches_those_that_may_read_it(void)
{
    begin(&(struct gag){.modes = "+m"});
    struct actor *cid = world_user(w, "cid"), *dan = world_user(w, "dan");
    world_say(w, cid, "CAP REQ :away-notify setname");
    world_say(w, dan, "CAP REQ :away-notify setname");
    world_say(w, bob, "CAP REQ :setname");
    world_say(w, cid, "JOIN #b");
    world_say(w, dan, "JOIN #a,#b");
    world_say(w, bob, "JOIN #b");
    world_drain_all(w);
    world_say(w, bob, "AWAY :tea");
    EXPECT(w, ann, ":bob!* AWAY :?");
    EXPECT(w, cid, ":bob!* AWAY :tea");
    EXPECT(w, dan, ":bob!* AWAY :tea");
    world_say(w, bob, "AWAY");
    EXPECT(w, ann, ":bob!* AWAY");
    world_drain_all(w);
    world_say(w, bob, "SETNAME :Bob B.");
    SILENT(w, ann);
    EXPECT(w, bob, ":bob!* SETNAME :Bob B.");
    EXPECT(w, cid, ":bob!* SETNAME :Bob B.");
    EXPECT(w, dan, ":bob!* SETNAME :Bob B.");
    SILENT(w, dan);
    world_say(w, bob, "QUIT :bye");
    EXPECT(w, ann, ":bob!* QUIT :Client quit");
    EXPECT(w, cid, ":bob!* QUIT :Quit: bye");
    EXPECT(w, dan, ":bob!* QUIT :Quit: bye");
    SILENT(w, dan);
    world_free(w);
}

/* The reason that the server gives for an end is not the client's text. */
static void
the_reason_of_the_server_is_read_by_all(void)
{
    begin(&(struct gag){.modes = "+m"});
    world_say(w, bob, "AWAY :tea");
    world_drain_all(w);
    world_close(w, bob);
    EXPECT(w, ann, ":bob!* QUIT :Connection closed");
    world_free(w);
}

static void
a_client_that_joins_away_shows_no_text_that_it_may_not_say(void)
{
    begin(&(struct gag){.modes = "+b ~mute:bob"});
    world_say(w, bob, "PART #a\r\nAWAY :secret");
    world_drain_all(w);
    world_say(w, bob, "JOIN #a");
    EXPECT(w, ann, ":bob!* JOIN :#a");
    EXPECT(w, ann, ":bob!* AWAY :?");
    world_say(w, bob, "PART #a");
    world_say(w, ann, "MODE #a -b ~mute:bob");
    world_drain_all(w);
    world_say(w, bob, "JOIN #a");
    AWAIT(w, ann, ":bob!* AWAY :secret");
    world_free(w);
}

/* Each refusal by a mute or ban with an end tells when that is. */
static void
a_timed_refusal_says_until_when(void)
{
    static const struct {
        const char *modes, *line, *want;
    } cases[] = {
        {"+q ~time:10m:bob", "PRIVMSG #a :x",
         "404 bob #a :*(+q: you are muted until 2026-11-22 00:10:?? UTC (10m))"},
        {"+b ~time:10m:~mute:bob", "PRIVMSG #a :x",
         "404 bob #a :*(+q: you are muted until 2026-11-22 00:10:?? UTC (10m))"},
        {"+b ~time:10m:bob", "PRIVMSG #a :x",
         "404 bob #a :*(+b: you are banned until 2026-11-22 00:10:?? UTC (10m))"},
        {"+q ~time:10m:bob", "TOPIC #a :x", "404 bob #a :*until 2026-*"},
        {"+qq ~time:10m:bob ~time:1h:*!bob@*", "PRIVMSG #a :x",
         "404 bob #a :*until 2026-11-22 01:00:?? UTC (1h))"},
        {"+qq ~time:10m:bob *!bob@*", "PRIVMSG #a :x", "404 bob #a :*you are muted)"},
        {"+qm ~time:10m:bob", "PRIVMSG #a :x", "404 bob #a :*speak)"},
        {"+b ~time:10m:eve", "JOIN #a",
         "474 eve #a :*(+b): you are banned until 2026-11-22 00:10:?? UTC (10m)"},
        {"+b eve", "JOIN #a", "474 eve #a :*(+b): you are banned"},
        {"+ib ~time:10m:eve", "KNOCK #a", "404 eve #a :*banned until 2026-*"},
        {"+iq ~time:10m:eve", "KNOCK #a", "404 eve #a :*muted until 2026-*"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[128];
        begin(&(struct gag){.modes = cases[i].modes});
        struct actor *eve = world_user(w, "eve");
        struct actor *who = strstr(cases[i].want, "eve") ? eve : bob;
        world_say(w, who, cases[i].line);
        snprintf(want, sizeof want, ":irc.localhost %s", cases[i].want);
        EXPECT(w, who, want);
        world_free(w);
    }
}

/* The refusal holds to the last millisecond, and then the same text is accepted. */
static void
the_end_of_a_mute_is_what_was_said(void)
{
    begin(NULL);
    msec set = w->srv->wall;
    world_say(w, ann, "MODE #a +q ~time:10m:bob");
    world_drain_all(w);
    world_set_wall(w, set + 10 * MSEC_MINUTE - 1);
    world_say(w, bob, "PRIVMSG #a :x");
    EXPECT(w, bob, ":irc.localhost 404 bob #a :*until 2026-11-22 00:10:*");
    world_set_wall(w, set + 10 * MSEC_MINUTE);
    world_say(w, bob, "PRIVMSG #a :x");
    AWAIT(w, ann, ":bob!* PRIVMSG #a :x");
    world_free(w);
}

SUITE(speak_remarks)
{
    TEST(what_may_not_be_said_is_no_text_beside_a_message);
    TEST(tags_and_batches_are_messages_too);
    TEST(without_a_gag_all_of_it_is_read);
    TEST(a_topic_is_refused_as_a_message_is);
    TEST(a_status_opens_what_it_opens_for_messages);
    TEST(an_operator_of_the_channel_is_bound_by_its_texts);
    TEST(an_override_may_set_a_topic_from_outside);
    TEST(a_topic_against_a_mute_is_an_override);
    TEST(a_topic_counts_for_slow_mode);
    TEST(a_text_for_all_peers_reaches_those_that_may_read_it);
    TEST(the_reason_of_the_server_is_read_by_all);
    TEST(a_client_that_joins_away_shows_no_text_that_it_may_not_say);
    TEST(a_timed_refusal_says_until_when);
    TEST(the_end_of_a_mute_is_what_was_said);
}
