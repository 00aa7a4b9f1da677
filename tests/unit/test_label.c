/* labeled-response: "exactly one logical message" answers a labelled command (IRCv3
 * labeled-response, "Tags", "The ACK response", "Batch types"; batch). */
#include "cmd/command.h"
#include "cmd/registry.h"
#include "state/store_ram.h"
#include "world.h"

static struct actor *ann, *bob;

static struct world *
begin(const char *caps)
{
    struct world *w = world_new(world_easy);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    world_sayf(w, ann, "CAP REQ :%s", caps);
    world_drain_all(w);
    return w;
}

static void
nothing_to_say_is_ack(void)
{
    struct world *w = begin("batch labeled-response");
    world_say(w, ann, "@label=a1 PONG x");
    EXPECT(w, ann, "@label=a1 :irc.localhost ACK");
    world_say(w, ann, "@label=a2 PRIVMSG bob :hi");
    EXPECT(w, ann, "@label=a2 :irc.localhost ACK");
    EXPECT(w, bob, ":ann!ann@* PRIVMSG bob :hi");
    world_say(w, ann, "@label=a3 NOTICE nobody :hi");
    EXPECT(w, ann, "@label=a3 :irc.localhost ACK");
    SILENT(w, ann);
    world_free(w);
}

static void
one_line_carries_the_label(void)
{
    struct world *w = begin("batch labeled-response");
    world_say(w, ann, "@label=x PING y");
    EXPECT(w, ann, "@label=x :irc.localhost PONG irc.localhost :y");
    world_say(w, ann, "@label=x PRIVMSG nobody :hi");
    EXPECT(w, ann, "@label=x :irc.localhost 401 ann nobody :*");
    world_say(w, ann, "@label=x FROB");
    EXPECT(w, ann, "@label=x :irc.localhost 421 ann FROB :*");
    world_say(w, ann, "@label=x NICK annie");
    EXPECT(w, ann, "@label=x :ann!ann@* NICK :annie");
    SILENT(w, ann);
    SILENT(w, bob);
    world_free(w);
}

static void
more_lines_are_one_batch(void)
{
    struct world *w = begin("batch labeled-response");
    world_say(w, ann, "@label=x JOIN #a");
    EXPECT(w, ann,
           "@label=x :irc.localhost BATCH +" WORLD_REFERENCE_1 " labeled-response");
    EXPECT(w, ann, "@batch=" WORLD_REFERENCE_1 " :ann!ann@* JOIN :#a");
    EXPECT(w, ann, "@batch=" WORLD_REFERENCE_1 " :irc.localhost 353 ann = #a :@ann");
    EXPECT(w, ann, "@batch=" WORLD_REFERENCE_1 " :irc.localhost 366 ann #a :*");
    EXPECT(w, ann, ":irc.localhost BATCH -" WORLD_REFERENCE_1);
    world_say(w, ann, "@label=y JOIN #a"); /* a second JOIN is silent */
    EXPECT(w, ann, "@label=y :irc.localhost ACK");
    world_say(w, ann, "WHOIS bob"); /* no label, no batch */
    NEVER(w, ann, "*batch*");
    world_drain(ann);
    world_say(w, ann, "CAP REQ server-time");
    world_drain(ann);
    world_say(w, ann, "@label=z TOPIC #a :tea");
    EXPECT(w, ann, "@label=z;time=* :ann!ann@* TOPIC #a :tea");
    world_say(w, ann, "@label=z NAMES #a");
    EXPECT(w, ann,
           "@label=z;time=* :irc.localhost BATCH +" WORLD_REFERENCE_2
           " labeled-response");
    EXPECT(w, ann, "@batch=" WORLD_REFERENCE_2 ";time=* :irc.localhost 353 *");
    EXPECT(w, ann, "@batch=" WORLD_REFERENCE_2 ";time=* :irc.localhost 366 *");
    EXPECT(w, ann, "@time=* :irc.localhost BATCH -" WORLD_REFERENCE_2);
    SILENT(w, ann);
    world_free(w);
}

/* Beyond the bytes that are held back the batch is sent in parts, and is still one
 * batch. */
static void
a_long_answer_is_one_batch(void)
{
    struct world *w = begin("batch labeled-response");
    for (int i = 0; i < 200; i++) {
        world_sayf(w, bob, "PART #c%d", i - 40);
        world_sayf(w, bob, "JOIN #c%d", i);
        world_sayf(w, bob, "MODE #c%d +b nobody!*@*", i);
        world_sayf(w, ann, "JOIN #c%d", i);
    }
    world_drain_all(w);
    world_say(w, ann, "@label=x WHO ann,bob\r\n@label=y HELP\r\n@label=z LIST");
    world_sleep(w, 5 * MSEC_SECOND);
    EQUAL_NUMBER(world_count(ann, "@label=z*"), 1);
    AWAIT(w, ann, "@label=z :irc.localhost BATCH +* labeled-response");
    CU_ASSERT(world_count(ann, "@batch=* 322 *") > 64);
    EQUAL_NUMBER(world_count(ann, ":irc.localhost 32? *"), 0);
    EQUAL_NUMBER(world_count(ann, ":irc.localhost BATCH -*"), 1);
    world_free(w);
}

static void
the_label_is_opaque(void)
{
    char longest[70], want[160];
    static const char *const kept[] = {"a\\:b\\sc\\\\", "123", "ü", "a/b=c", "\\"};
    static const char *const ignored[] = {"@label PING x",    "@label= PING x",
                                          "@+label=x PING x", "@labels=x PING x",
                                          "@LABEL=x PING x",  "@a/label=x PING x"};
    struct world *w = begin("batch labeled-response");
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        world_sayf(w, ann, "@label=%s PING x", kept[i]);
        snprintf(want, sizeof want, "@label=%s :irc.localhost PONG *", kept[i]);
        EXPECT(w, ann, want);
    }
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) {
        world_say(w, ann, ignored[i]);
        EXPECT(w, ann, ":irc.localhost PONG irc.localhost :x");
    }
    /* "The value MUST NOT exceed 64 bytes." */
    memset(longest, 'x', sizeof longest);
    longest[65] = '\0';
    world_sayf(w, ann, "@label=%s PING x", longest);
    EXPECT(w, ann, ":irc.localhost PONG irc.localhost :x");
    longest[64] = '\0';
    world_sayf(w, ann, "@label=%s PING x", longest);
    snprintf(want, sizeof want, "@label=%s :irc.localhost PONG *", longest);
    EXPECT(w, ann, want);
    world_say(w, ann, "@label=1;a=b;label=2 PING x"); /* the last one counts */
    EXPECT(w, ann, "@label=2 :irc.localhost PONG *");
    SILENT(w, ann);
    world_free(w);
}

/* "batch … MUST be negotiated to use labeled responses." */
static void
without_the_capabilities_there_is_no_label(void)
{
    static const char *const caps[] = {"cap-notify", "labeled-response", "batch",
                                       "message-tags"};
    for (size_t i = 0; i < sizeof caps / sizeof *caps; i++) {
        struct world *w = begin(caps[i]);
        world_say(w, ann, "@label=x PING y\r\n@label=x PONG z\r\n@label=x JOIN #a");
        EXPECT(w, ann, ":irc.localhost PONG irc.localhost :y");
        EXPECT(w, ann, ":ann!ann@* JOIN :#a");
        NEVER(w, ann, "*label*");
        NEVER(w, ann, "*BATCH*");
        world_free(w);
    }
}

static void
the_echo_carries_the_label(void)
{
    struct world *w = begin("batch labeled-response echo-message message-tags");
    world_say(w, bob, "CAP REQ message-tags\r\nAWAY :x");
    world_channel(w, "#a", "ann@", "bob");
    world_say(w, ann, "@label=x PRIVMSG #a :hi");
    EXPECT(w, ann, "@label=x;msgid=* :ann!ann@* PRIVMSG #a :hi");
    EXPECT(w, bob, "@msgid=* :ann!ann@* PRIVMSG #a :hi");
    NEVER(w, bob, "*label*");
    world_say(w, ann, "@label=y;+t=1 TAGMSG #a");
    EXPECT(w, ann, "@label=y;msgid=*;+t=1 :ann!ann@* TAGMSG #a");
    EXPECT(w, bob, "@msgid=*;+t=1 :ann!ann@* TAGMSG #a");
    world_say(w, ann, "@label=z PRIVMSG bob :hi"); /* echo and 301 */
    EXPECT(w, ann, "@label=z :irc.localhost BATCH +* labeled-response");
    EXPECT(w, ann, "@batch=*;msgid=* :ann!ann@* PRIVMSG bob :hi");
    EXPECT(w, ann, "@batch=* :irc.localhost 301 ann bob :x");
    EXPECT(w, ann, ":irc.localhost BATCH -*");
    SILENT(w, ann);
    world_free(w);
}

/* "When a client sends a message to itself, the server MUST NOT include the label tag,
 * except for any acknowledgment sent with the echo-message mechanism." */
static void
a_message_to_oneself_arrives_without_it(void)
{
    struct world *w = begin("batch labeled-response");
    world_say(w, ann, "@label=x PRIVMSG ann :hi");
    EXPECT(w, ann, ":ann!ann@* PRIVMSG ann :hi");
    EXPECT(w, ann, "@label=x :irc.localhost ACK");
    SILENT(w, ann);
    world_say(w, ann, "CAP REQ echo-message");
    world_drain(ann);
    world_say(w, ann, "@label=x PRIVMSG ann :hi");
    EXPECT(w, ann, ":ann!ann@* PRIVMSG ann :hi");
    EXPECT(w, ann, "@label=x :ann!ann@* PRIVMSG ann :hi");
    SILENT(w, ann);
    world_free(w);
}

/* An OPER waits for the worker; lines of others meanwhile are not part of its answer.
 */
static void
the_workers_answer_has_the_label(void)
{
    struct world *w = begin("batch labeled-response");
    w->verify_later = true;
    world_say(w, ann, "@label=x OPER alice secret");
    world_say(w, ann, "@label=y PING held");
    world_say(w, bob, "PRIVMSG ann :meanwhile");
    EXPECT(w, ann, ":bob!bob@* PRIVMSG ann :meanwhile");
    SILENT(w, ann);
    world_verify(w);
    EXPECT(w, ann, "@label=x :irc.localhost BATCH +* labeled-response");
    AWAIT(w, ann, "@batch=* :irc.localhost 381 ann :*");
    AWAIT(w, ann, ":irc.localhost BATCH -*");
    EXPECT(w, ann, "@label=y :irc.localhost PONG *");
    SILENT(w, ann);
    world_say(w, bob, "CAP REQ :batch labeled-response");
    world_drain_all(w);
    world_say(w, bob, "@label=z OPER alice wrong");
    SILENT(w, bob);
    world_verify(w);
    EXPECT(w, bob, "@label=z :irc.localhost BATCH +* labeled-response");
    EXPECT(w, bob, "@batch=* :irc.localhost 464 bob :*");
    EXPECT(w, bob, "@batch=* :irc.localhost NOTICE bob :Strike 2 of 5: *");
    EXPECT(w, bob, ":irc.localhost BATCH -*");
    SILENT(w, bob);
    /* If the client goes before the answer, the label is dropped. */
    world_say(w, bob, "@label=z OPER alice secret");
    world_close(w, bob);
    world_verify(w);
    world_free(w);
}

static void
the_stores_answer_has_the_label(void)
{
    struct world *w = begin("batch labeled-response");
    world_say(w, ann, "OPER alice secret\r\nMODE ann -s");
    world_store_news(w);
    world_drain_all(w);
    world_say(w, ann, "@label=x KLINE 10m *@192.0.2.7 :spam");
    world_say(w, ann, "@label=y PING z");
    EXPECT(w, ann, "@label=y :irc.localhost PONG *");
    SILENT(w, ann);
    world_store_news(w);
    EXPECT(w, ann, "@label=x :irc.localhost NOTICE ann :K-line * saved");
    store_ram_fail(w->store, "disk full");
    world_say(w, ann, "@label=z UNKLINE *@192.0.2.7");
    world_store_news(w);
    EXPECT(w, ann, "@label=z :irc.localhost NOTICE ann :*NOT saved: disk full");
    store_ram_fail(w->store, NULL);
    world_store_news(w); /* later news are no answer any more */
    EXPECT(w, ann, ":irc.localhost NOTICE ann :* saved");
    world_say(w, ann, "@label=w KLINE nonsense :x");
    EXPECT(w, ann, "@label=w :irc.localhost NOTICE ann :KLINE refused: *");
    SILENT(w, ann);
    world_free(w);
}

/* The end of the connection does not drop the lines that were due before it. */
/* A command is answered with the capabilities that held when it was sent. */
static void
a_label_outlives_its_capabilities(void)
{
    struct world *w = begin("batch labeled-response");
    world_say(w, ann, "OPER alice secret\r\nMODE ann -s");
    world_store_news(w);
    world_drain_all(w);
    world_say(w, ann, "@label=x KLINE 10m *@192.0.2.7 :spam");
    world_say(w, ann, "CAP REQ :-batch -labeled-response");
    EXPECT(w, ann, ":irc.localhost CAP ann ACK :*");
    world_store_news(w);
    EXPECT(w, ann, "@label=x :irc.localhost NOTICE ann :K-line * saved");
    SILENT(w, ann);
    world_free(w);
}

static void
a_last_command_is_answered(void)
{
    struct world *w = begin("batch labeled-response");
    world_say(w, ann, "@label=x QUIT :bye");
    EXPECT(w, ann, "@label=x :irc.localhost ACK");
    EXPECT(w, ann, "ERROR :Closing Link: 10.1.1.1 (Quit: bye)");
    world_free(w);
    w = world_new("server { password = \"$argon2id$pw\" }");
    struct actor *a = world_connect(w, "192.0.2.1");
    world_say(w, a, "CAP REQ :batch labeled-response\r\nPASS wrong\r\nNICK a");
    world_say(w, a, "USER a 0 * :A");
    world_drain(a);
    world_say(w, a, "@label=x CAP END");
    EXPECT(w, a, "@label=x :irc.localhost BATCH +* labeled-response");
    EXPECT(w, a, "@batch=* :irc.localhost 464 a :*");
    EXPECT(w, a, "@batch=* :irc.localhost NOTICE a :Strike 1 of 5: *");
    EXPECT(w, a, ":irc.localhost BATCH -*");
    EXPECT(w, a, "ERROR :Closing Link: 192.0.2.1 (Wrong server password)");
    world_free(w);
}

/* A batch in the answer keeps its own reference; if it is the whole answer, it carries
 * the label itself. */
static void
batches_nest(void)
{
    struct world *w = begin("batch labeled-response draft/extended-isupport");
    world_say(w, ann, "@label=x ISUPPORT");
    EXPECT(w, ann,
           "@label=x :irc.localhost BATCH +" WORLD_REFERENCE_1 " draft/isupport");
    EXPECT(w, ann, "@batch=" WORLD_REFERENCE_1 " :irc.localhost 005 ann *");
    AWAIT(w, ann, ":irc.localhost BATCH -" WORLD_REFERENCE_1);
    SILENT(w, ann);
    world_say(w, ann, "@label=y VERSION");
    EXPECT(w, ann,
           "@label=y :irc.localhost BATCH +" WORLD_REFERENCE_3 " labeled-response");
    EXPECT(w, ann, "@batch=" WORLD_REFERENCE_3 " :irc.localhost 351 ann *");
    EXPECT(w, ann,
           "@batch=" WORLD_REFERENCE_3 " :irc.localhost BATCH +" WORLD_REFERENCE_2
           " draft/isupport");
    EXPECT(w, ann, "@batch=" WORLD_REFERENCE_2 " :irc.localhost 005 ann *");
    AWAIT(w, ann, ":irc.localhost BATCH -" WORLD_REFERENCE_2);
    EXPECT(w, ann, ":irc.localhost BATCH -" WORLD_REFERENCE_3);
    SILENT(w, ann);
    world_free(w);
}

/* Lines to other clients about the same command have no label. */
static void
others_get_no_label(void)
{
    struct world *w = begin("batch labeled-response");
    world_say(w, bob, "CAP REQ :batch labeled-response message-tags");
    world_say(w, bob, "JOIN #a");
    world_drain_all(w);
    world_say(w, ann, "@label=x JOIN #a");
    EXPECT(w, bob, ":ann!ann@* JOIN :#a");
    world_say(w, ann, "@label=x PART #a");
    EXPECT(w, bob, ":ann!ann@* PART #a");
    world_free(w);
}

/* One label comes back and no more, and each batch that is opened is closed. */
static void
check_answer(const struct actor *a, const char *name, const char *params)
{
    unsigned labels = world_count(a, "@label=once*");
    unsigned all = world_count(a, "*label=once*");
    unsigned open = world_count(a, "* BATCH +*"), shut = world_count(a, "* BATCH -*");
    bool good = labels == 1 && all == 1 && open == shut;
    if (!good)
        printf("\n    %s %s: %u labels, %u batches of %u closed:\n%s\n", name, params,
               all, shut, open, a->inbox);
    CU_ASSERT(good);
}

/* A row with parameters that fit or do not fit, sent by an operator on a channel. */
static void
check_row(const struct command *row, const char *params)
{
    struct world *w = begin("batch labeled-response standard-replies message-tags");
    world_say(w, ann, "JOIN #a\r\nOPER alice secret\r\nMODE ann -s");
    world_say(w, bob, "JOIN #a");
    world_store_news(w);
    world_drain_all(w);
    w->rehash_text = world_easy;
    world_sayf(w, ann, "@label=once %s %s", row->name, params);
    world_store_news(w);
    world_sleep(w, 2 * MSEC_SECOND);
    check_answer(ann, row->name, params);
    world_free(w);
}

/* The same before registration, where half of the commands run. */
static void
check_early_row(const struct command *row, const char *params)
{
    struct world *w = world_new(world_easy);
    struct actor *a = world_connect(w, "192.0.2.1");
    world_say(w, a, "CAP REQ :batch labeled-response draft/pre-away");
    world_say(w, a, "CAP END\r\nNICK ann");
    world_drain(a);
    world_sayf(w, a, "@label=once %s %s", row->name, params);
    check_answer(a, row->name, params);
    world_free(w);
}

static void
every_command_gives_exactly_one_response(void)
{
    static const char *const params[] = {
        "",
        "#a",
        "bob",
        "nobody :x",
        "#a bob :text",
        "#a +b",
        "LS",
        ":",
        "10m *@192.0.2.7 :x",
        "192.0.2.7",
        "bob #b",
        "#a #b :why",
        "k",
        "+ bob",
        "alice secret",
        "ann +i",
        "* * * *",
    };
    struct world *w = world_new(NULL);
    const struct command *row;
    size_t n = 0;
    for (; (row = registry_row(w->srv, n, NULL, NULL)) != NULL; n++) {
        /* multiline: the label of an open batch is answered when it ends. */
        if (strcmp(row->name, "BATCH") == 0)
            continue;
        for (size_t i = 0; i < sizeof params / sizeof *params; i++)
            check_row(row, params[i]);
        check_early_row(row, "");
        check_early_row(row, "ann 0 * :x");
    }
    CU_ASSERT(n > 40);
    world_free(w);
}

static void
a_refused_line_is_answered_with_its_label(void)
{
    struct world *w = begin("batch labeled-response standard-replies");
    char longer[700] = "@label=c PRIVMSG ann :";
    memset(longer + strlen(longer), 'x', 600);
    world_say(w, ann, "@label=a PRIVMSG ann :\xff");
    EXPECT(w, ann, "@label=a :irc.localhost FAIL PRIVMSG INVALID_UTF8 :*");
    world_say(w, ann, "@label=b PRIVMSG ann :a\rb");
    EXPECT(w, ann, "@label=b :irc.localhost NOTICE ann :A line with NUL *");
    world_say(w, ann, longer);
    EXPECT(w, ann, "@label=c :irc.localhost 417 ann :*");
    world_say(w, ann, "@label=\xff PRIVMSG ann :x");
    EXPECT(w, ann, ":irc.localhost FAIL PRIVMSG INVALID_UTF8 :*");
    SILENT(w, ann);
    world_free(w);
}

SUITE(label)
{
    TEST(nothing_to_say_is_ack);
    TEST(one_line_carries_the_label);
    TEST(more_lines_are_one_batch);
    TEST(a_long_answer_is_one_batch);
    TEST(the_label_is_opaque);
    TEST(without_the_capabilities_there_is_no_label);
    TEST(the_echo_carries_the_label);
    TEST(a_message_to_oneself_arrives_without_it);
    TEST(the_workers_answer_has_the_label);
    TEST(the_stores_answer_has_the_label);
    TEST(a_label_outlives_its_capabilities);
    TEST(a_last_command_is_answered);
    TEST(batches_nest);
    TEST(others_get_no_label);
    TEST(every_command_gives_exactly_one_response);
    TEST(a_refused_line_is_answered_with_its_label);
}
