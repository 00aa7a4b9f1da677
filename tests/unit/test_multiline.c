/* draft/multiline (IRCv3 multiline, client-batch), by sections of the specification. */
#include "cmd/multiline.h"
#include "state/channel.h"
#include "state/out.h"
#include "world.h"

static struct actor *ann, *bob, *eve;

#define CAPS "CAP REQ :draft/multiline batch message-tags standard-replies"

static struct world *
begin(void)
{
    struct world *w = world_new(world_easy);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    eve = world_user(w, "eve");
    world_say(w, ann, CAPS);
    world_say(w, bob, CAPS);
    world_channel(w, "#a", "ann@", "bob", "eve");
    return w;
}

static void
say_all(struct world *w, struct actor *a, const char *const *lines)
{
    for (; *lines; lines++)
        world_say(w, a, *lines);
}

/* "Capabilities": the value is REQUIRED. */
static void
the_capability_says_its_limits(void)
{
    char want[80];
    struct world *w = world_new(world_easy);
    struct actor *a = world_connect(w, "192.0.2.1");
    world_say(w, a, "CAP LS 302");
    snprintf(want, sizeof want, "* LS *draft/multiline=max-bytes=%d,max-lines=%d*",
             MULTILINE_BYTES, MULTILINE_LINES);
    AWAIT(w, a, want);
    world_free(w);
}

/* "Examples": a batch goes out as a batch, and as lines to those without. */
static void
a_batch_is_relayed_in_both_forms(void)
{
    static const char *const lines[] = {
        "@+reply=x BATCH +123 draft/multiline #A",
        "@batch=123 PRIVMSG #a hello",
        "@batch=123 privmsg #a :",
        "@batch=123 privmsg #a :how is ",
        "@batch=123;draft/multiline-concat PRIVMSG #a :everyone?",
        NULL,
    };
    struct world *w = begin();
    say_all(w, ann, lines);
    SILENT(w, bob);
    SILENT(w, eve);
    world_say(w, ann, "BATCH -123");
    EXPECT(w, bob,
           "@msgid=*;+reply=x :ann!ann@* BATCH +" WORLD_REFERENCE_1
           " draft/multiline #a");
    EXPECT(w, bob, "@batch=" WORLD_REFERENCE_1 " :ann!ann@* PRIVMSG #a :hello");
    EXPECT(w, bob, "@batch=" WORLD_REFERENCE_1 " :ann!ann@* PRIVMSG #a :");
    EXPECT(w, bob, "@batch=" WORLD_REFERENCE_1 " :ann!ann@* PRIVMSG #a :how is ");
    EXPECT(w, bob,
           "@batch=" WORLD_REFERENCE_1
           ";draft/multiline-concat :ann!ann@* PRIVMSG #a :everyone?");
    EXPECT(w, bob, ":irc.localhost BATCH -" WORLD_REFERENCE_1);
    SILENT(w, bob);
    /* "Servers MUST NOT send blank lines" */
    EXPECT(w, eve, ":ann!ann@* PRIVMSG #a :hello");
    EXPECT(w, eve, ":ann!ann@* PRIVMSG #a :how is ");
    EXPECT(w, eve, ":ann!ann@* PRIVMSG #a :everyone?");
    SILENT(w, eve);
    SILENT(w, ann);
    world_free(w);
}

/* "Message ids": only on the first message of a fallback; time is on all. */
static void
a_fallback_has_one_msgid(void)
{
    static const char *const lines[] = {"@+x=y BATCH +1 draft/multiline bob",
                                        "@batch=1 NOTICE bob :one",
                                        "@batch=1 NOTICE bob :two", "BATCH -1", NULL};
    struct world *w = begin();
    world_say(w, bob, "CAP REQ :-batch server-time");
    world_drain_all(w);
    say_all(w, ann, lines);
    EXPECT(w, bob, "@time=*;msgid=*;+x=y :ann!ann@* NOTICE bob :one");
    EXPECT(w, bob, "@time=*Z :ann!ann@* NOTICE bob :two");
    SILENT(w, bob);
    SILENT(w, ann);
    world_free(w);
}

/* "Labeled response with echo-message": the label is on the opening BATCH alone. */
static void
the_label_is_on_the_opening_of_the_echo(void)
{
    static const char *const lines[] = {"@label=L1 BATCH +x draft/multiline #a",
                                        "@batch=x PRIVMSG #a :one",
                                        "@batch=x PRIVMSG #a :two", NULL};
    struct world *w = begin();
    world_say(w, ann, "CAP REQ :labeled-response echo-message");
    world_drain_all(w);
    say_all(w, ann, lines);
    SILENT(w, ann);
    world_say(w, ann, "BATCH -x");
    EXPECT(w, ann,
           "@label=L1;msgid=* :ann!ann@* BATCH +" WORLD_REFERENCE_1
           " draft/multiline #a");
    EXPECT(w, ann, "@batch=" WORLD_REFERENCE_1 " :ann!ann@* PRIVMSG #a :one");
    EXPECT(w, ann, "@batch=" WORLD_REFERENCE_1 " :ann!ann@* PRIVMSG #a :two");
    EXPECT(w, ann, ":irc.localhost BATCH -" WORLD_REFERENCE_1);
    SILENT(w, ann);
    world_say(w, ann, "CAP REQ -echo-message");
    world_drain(ann);
    say_all(w, ann, lines);
    world_say(w, ann, "@label=L2 BATCH -x");
    EXPECT(w, ann, "@label=L1 :irc.localhost ACK");
    EXPECT(w, ann, "@label=L2 :irc.localhost ACK");
    world_say(w, ann, "@label=L3 BATCH +x draft/multiline #a");
    world_say(w, ann, "@batch=x PRIVMSG #b :x");
    EXPECT(w, ann, "@label=L3 :irc.localhost FAIL BATCH MULTILINE_INVALID_TARGET *");
    world_say(w, ann, "BATCH -x");
    SILENT(w, ann);
    world_free(w);
}

/* "Errors": code and context; no client receives anything of the batch. */
static void
a_broken_batch_is_told_and_dropped_whole(void)
{
#define OPEN "BATCH +7 draft/multiline #a"
#define GOOD "@batch=7 PRIVMSG #a :x"
#define INVALID ":irc.localhost FAIL BATCH MULTILINE_INVALID :*"
    static const struct {
        const char *lines[6];
        const char *reply;
    } cases[] = {
        {{OPEN, GOOD, "@batch=7 PRIVMSG #b :y", GOOD, "BATCH -7"},
         ":irc.localhost FAIL BATCH MULTILINE_INVALID_TARGET #a #b :*"},
        {{OPEN, "BATCH -7"}, INVALID},
        {{OPEN, "@batch=7 PRIVMSG #a :", "@batch=7 PRIVMSG #a", "BATCH -7"}, INVALID},
        {{OPEN, GOOD, "@batch=7;draft/multiline-concat PRIVMSG #a :", "BATCH -7"},
         INVALID},
        {{OPEN, "@batch=7;draft/multiline-concat PRIVMSG #a :x", "BATCH -7"}, INVALID},
        {{OPEN, GOOD, "@batch=7 NOTICE #a :x", "BATCH -7"}, INVALID},
        {{OPEN, GOOD, "@batch=7 TAGMSG #a", "BATCH -7"}, INVALID},
        {{OPEN, "@batch=7 PRIVMSG", "BATCH -7"}, INVALID},
        {{OPEN, GOOD, "@batch=7 BATCH +8 draft/multiline #a", "BATCH -7"}, INVALID},
        {{OPEN, GOOD, "AWAY", "BATCH -7"}, INVALID},
        {{OPEN, GOOD, "\xff", "BATCH -7"}, INVALID},
        {{"BATCH -7"}, INVALID},
        {{GOOD}, INVALID},
        {{"BATCH 7"}, INVALID},
        {{"BATCH + draft/multiline #a"}, INVALID},
        {{"BATCH +7 netsplit #a"}, INVALID},
        {{"BATCH +7 draft/multiline :"}, ":irc.localhost 461 ann BATCH :*"},
        {{"BATCH +7 draft/multiline"}, ":irc.localhost 461 ann BATCH :*"},
        {{"BATCH"}, ":irc.localhost 461 ann BATCH :*"},
    };
    struct world *w = begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        say_all(w, ann, cases[i].lines);
        EQUAL_NUMBER(world_count(ann, "* FAIL BATCH *") + world_count(ann, "* 461 *"),
                     1);
        AWAIT(w, ann, cases[i].reply);
        SILENT(w, bob);
        SILENT(w, eve);
        CU_ASSERT_PTR_NULL(cmd_of(ann->client)->multiline);
        world_drain(ann);
    }
    world_say(w, eve, OPEN);
    EXPECT(w, eve, ":irc.localhost 421 eve BATCH :*");
    world_say(w, eve, GOOD); /* without the capability the tag has no effect */
    EXPECT(w, ann, "* :eve!eve@* PRIVMSG #a :x");
    world_free(w);
}

static void
a_new_batch_drops_the_old_one(void)
{
    struct world *w = begin();
    world_say(w, ann, OPEN);
    world_say(w, ann, GOOD);
    world_say(w, ann, "BATCH +8 draft/multiline #a");
    EXPECT(w, ann, INVALID);
    world_say(w, ann, "@batch=8 PRIVMSG #a :y");
    world_say(w, ann, "PING t");
    EXPECT(w, ann, ":irc.localhost PONG *");
    world_say(w, ann, "BATCH -8");
    EXPECT(w, eve, ":ann!ann@* PRIVMSG #a :y");
    SILENT(w, eve);
    SILENT(w, ann);
    world_free(w);
}

/* "max-lines" and "max-bytes": the last line that fits, and one more. */
static void
the_limits_hold_exactly(void)
{
    char text[512];
    struct world *w = begin();
    for (int more = 0; more < 2; more++) {
        world_say(w, ann, OPEN);
        for (int i = 0; i < MULTILINE_LINES + more; i++)
            world_say(w, ann, GOOD);
        world_say(w, ann, "BATCH -7");
        EQUAL_NUMBER(world_count(eve, "*PRIVMSG*"), more ? 0 : MULTILINE_LINES);
        EQUAL_NUMBER(
            world_count(ann, ":irc.localhost FAIL BATCH MULTILINE_MAX_LINES 24 :*"),
            more);
        world_drain_all(w);
    }
    for (int more = 0; more < 2; more++) {
        world_say(w, ann, OPEN);
        memset(text, 'x', sizeof text);
        text[254 + 1] = '\0'; /* 256 with the line break */
        for (int i = 0; i < 15; i++)
            world_sayf(w, ann, "@batch=7 PRIVMSG #a :%s", text);
        /* The first line had no line break before it, and this one is joined without
         * one. */
        text[255] = 'x';
        text[257 + more] = '\0';
        world_sayf(w, ann, "@draft/multiline-concat;batch=7 PRIVMSG #a :%s", text);
        world_say(w, ann, "BATCH -7");
        EQUAL_NUMBER(world_count(eve, "*PRIVMSG*"), more ? 0 : 16);
        EQUAL_NUMBER(
            world_count(ann, ":irc.localhost FAIL BATCH MULTILINE_MAX_BYTES 4096 :*"),
            more);
        world_drain_all(w);
    }
    world_free(w);
}

/* "clients might send an entire batched multiline message all at once": each line is
 * paid for, and a batch that has lost a line is not sent. */
static void
flood_control_counts_each_line(void)
{
    struct world *w = world_new("flood { burst = 5 hold = 4 }");
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    world_say(w, ann, CAPS);
    world_channel(w, "#a", "ann@", "bob");
    world_sleep(w, 20000);
    world_drain_all(w);
    world_say(w, ann, OPEN);
    for (int i = 0; i < 6; i++)
        world_say(w, ann, GOOD);
    world_say(w, ann, "BATCH -7");
    SILENT(w, bob); /* three lines wait */
    world_sleep(w, 2000);
    EQUAL_NUMBER(world_count(bob, "*PRIVMSG*"), 6);
    world_sleep(w, 20000);
    world_drain_all(w);
    world_say(w, ann, OPEN);
    for (int i = 0; i < 12; i++)
        world_say(w, ann, GOOD);
    world_sleep(w, 20000);
    world_say(w, ann, "BATCH -7");
    EQUAL_NUMBER(world_count(ann, "* FAIL PRIVMSG RATE_LIMITED *"), 4);
    EQUAL_NUMBER(world_count(ann, INVALID), 1);
    SILENT(w, bob);
    world_say(w, ann, OPEN);
    world_say(w, ann, GOOD);
    world_say(w, ann, "BATCH -7");
    EQUAL_NUMBER(world_count(bob, "*PRIVMSG*"), 1);
    world_free(w);
}

/* A text that one message may not have is also refused in several lines. */
static void
refusals_of_messages_hold_for_batches(void)
{
    static const char *const ctcp[] = {
        OPEN, GOOD, "@batch=7 PRIVMSG #a :\001VERSION\001", "BATCH -7", NULL};
    static const char *const plain[] = {OPEN, GOOD, "BATCH -7", NULL};
    static const char *const nobody[] = {"BATCH +7 draft/multiline nobody",
                                         "@batch=7 PRIVMSG nobody :x", "BATCH -7",
                                         NULL};
    static const char *const ops[] = {"BATCH +7 draft/multiline @#a",
                                      "@batch=7 PRIVMSG @#a :x", "BATCH -7", NULL};
    struct world *w = begin();
    world_say(w, ann, "MODE #a +C");
    world_drain_all(w);
    say_all(w, ann, ctcp);
    EXPECT(w, ann, ":irc.localhost 404 ann #a :*+C*");
    SILENT(w, eve);
    say_all(w, ann, nobody);
    EXPECT(w, ann, ":irc.localhost 401 ann nobody :*");
    world_say(w, ann, "MODE #a +m");
    world_drain_all(w);
    say_all(w, bob, plain);
    EXPECT(w, bob, ":irc.localhost 404 bob #a :*");
    SILENT(w, ann);
    world_say(w, ann, "MODE #a -m");
    world_drain_all(w);
    say_all(w, bob, ops);
    EXPECT(w, ann, "* BATCH +* draft/multiline @#a");
    SILENT(w, eve);
    world_free(w);
}

static const struct sbuf *
last_queued(const struct actor *a)
{
    const struct sendq *q = &a->client->out.sendq;
    return q->ring[(q->head + q->count - 1) & (q->cap - 1)];
}

/* The number of forms is that of the requested forms, however many clients receive it.
 */
static void
each_form_is_built_once(void)
{
    char name[16];
    struct actor *in[40];
    struct world *w = begin();
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "u%d", i);
        in[i] = world_user(w, name);
        world_say(w, in[i], "JOIN #a");
        in[i]->client->out.caps = i % 2 ? CAP_MULTILINE | CAP_BATCH : 0;
    }
    world_drain_all(w);
    for (int i = 0; i < 40; i++)
        in[i]->deaf = true;
    world_say(w, ann, OPEN);
    world_say(w, ann, GOOD);
    world_say(w, ann, GOOD);
    world_say(w, ann, "BATCH -7");
    for (int i = 0; i < 40; i++) {
        CU_ASSERT_PTR_EQUAL(last_queued(in[i]), last_queued(in[i % 2]));
        EQUAL_NUMBER(last_queued(in[i])->refs, 20);
    }
    CU_ASSERT_PTR_NOT_EQUAL(last_queued(in[0]), last_queued(in[1]));
    world_free(w);
}

static void
a_client_that_goes_in_the_middle_of_a_batch_leaves_nothing(void)
{
    struct world *w = begin();
    world_say(w, ann, "@+x=y BATCH +7 draft/multiline #a");
    world_say(w, ann, GOOD);
    world_close(w, ann);
    EXPECT(w, bob, ":ann!ann@* QUIT *");
    SILENT(w, bob);
    world_free(w);
}

static void
an_absent_reader_is_told_in_the_labelled_answer(void)
{
    struct world *w = begin();
    world_say(w, ann, "CAP REQ :labeled-response echo-message");
    world_say(w, bob, "AWAY :gone");
    world_drain_all(w);
    world_say(w, ann, "@label=m BATCH +1 draft/multiline bob");
    world_say(w, ann, "@batch=1 PRIVMSG bob :one");
    world_say(w, ann, "@batch=1 PRIVMSG bob :two");
    world_say(w, ann, "BATCH -1");
    EXPECT(w, ann, "@label=m :irc.localhost BATCH +* labeled-response");
    EXPECT(w, ann, "@batch=* :irc.localhost 301 ann bob :gone");
    EXPECT(w, ann, "@batch=* :ann!* BATCH +* draft/multiline bob");
    NEVER(w, ann, ":irc.localhost 301 *");
    EQUAL_NUMBER(world_count(ann, "*BATCH -*"), 2);
    world_free(w);
}

SUITE(multiline)
{
    TEST(the_capability_says_its_limits);
    TEST(a_batch_is_relayed_in_both_forms);
    TEST(a_fallback_has_one_msgid);
    TEST(the_label_is_on_the_opening_of_the_echo);
    TEST(a_broken_batch_is_told_and_dropped_whole);
    TEST(a_new_batch_drops_the_old_one);
    TEST(the_limits_hold_exactly);
    TEST(flood_control_counts_each_line);
    TEST(refusals_of_messages_hold_for_batches);
    TEST(each_form_is_built_once);
    TEST(a_client_that_goes_in_the_middle_of_a_batch_leaves_nothing);
    TEST(an_absent_reader_is_told_in_the_labelled_answer);
}
