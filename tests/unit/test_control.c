/* REHASH and RESTART, whose answers are inputs of a later turn: which client reads
 * which answer, in which order, and what happens if it has left. */
#include "policy/client_policy.h"
#include "world.h"

#define BLOCK(name)                                                                    \
    "oper \"" name "\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "         \
    "privileges = { \"all\" } }\n"

static const char both[] = BLOCK("alice") BLOCK("bea");
static const char in_force[] = "REHASH: the new configuration is in force";

static struct world *w;
static struct actor *ann, *bob, *eve; /* of alice, of bea, of alice */

static void
begin(void)
{
    w = world_new(both);
    w->rehash_text = both;
    w->answer_later = true;
    ann = world_oper_as(w, "ann", "alice");
    bob = world_oper_as(w, "bob", "bea");
    eve = world_oper_as(w, "eve", "alice");
    world_drain_all(w);
}

static unsigned
count_logged(const char *text)
{
    unsigned n = 0;
    for (const char *at = w->logged; (at = strstr(at, text)) != NULL; at++)
        n++;
    return n;
}

static size_t
count_waits(void)
{
    return world_counted(w, "answers that wait for disk or worker");
}

/* The answer itself, not the notice about another operator. */
static unsigned
count_answers(struct actor *a, const char *text)
{
    char pattern[200];
    snprintf(pattern, sizeof pattern, "* NOTICE %s :%s", a->client->user.nick, text);
    return world_count(a, pattern);
}

/* The number of the first question that waits; the world does not answer it. */
static uint64_t
take_number(void)
{
    uint64_t id = w->asked[0].id;
    CU_ASSERT_FATAL(w->n_asked > 0);
    memmove(w->asked, w->asked + 1, (size_t)--w->n_asked * sizeof *w->asked);
    return id;
}

static void
the_lines_behind_wait_for_the_answer(void)
{
    begin();
    world_say(w, ann, "CAP REQ :labeled-response batch");
    world_drain_all(w);
    world_say(w, ann, "@label=r REHASH\r\nPING x");
    world_sleep(w, MSEC_SECOND);
    SILENT(w, ann);
    world_say(w, bob, "PING y");
    EXPECT(w, bob, "* PONG irc.localhost :y");
    world_answer(w);
    EXPECT(w, ann, "@label=r :irc.localhost BATCH +* labeled-response");
    EXPECT(w, ann, "@batch=* :irc.localhost 382 ann configuration :*");
    EXPECT(w, ann, "@batch=* :irc.localhost NOTICE ann :REHASH: the new *");
    EXPECT(w, ann, ":irc.localhost BATCH -*");
    EXPECT(w, ann, "* PONG irc.localhost :x");
    SILENT(w, ann);
    world_free(w);
}

static void
restart_keeps_its_label_and_the_order(void)
{
    begin();
    world_say(w, ann, "CAP REQ :labeled-response batch");
    world_drain_all(w);
    w->restart_fault = "no program";
    world_say(w, ann, "@label=r RESTART irc.localhost\r\nPING x");
    SILENT(w, ann);
    world_answer(w);
    EXPECT(w, ann,
           "@label=r * NOTICE ann :RESTART refused, nothing changed: no program");
    EXPECT(w, ann, "* PONG irc.localhost :x");
    SILENT(w, bob);
    CONTAINS(w->logged, "event=restart-refused by=alice why=\"no program\"");
    EQUAL_TEXT(w->restarted, "");
    world_free(w);
}

/* Three at once, answered in another order. */
static void
each_operator_has_the_answer_to_its_own(void)
{
    begin();
    world_say(w, ann, "REHASH");
    world_say(w, bob, "REHASH");
    world_say(w, eve, "REHASH");
    EQUAL_NUMBER(count_waits(), 3);
    uint64_t of_ann = take_number(), of_bob = take_number();
    world_drain_all(w);
    session_configure_failed(w->srv, of_bob, "a:1: one\nb:2: two");
    world_sleep(w, 0);
    EQUAL_NUMBER(count_answers(bob, "REHASH refused, nothing changed: a:1: one"), 1);
    EQUAL_NUMBER(count_answers(bob, "REHASH refused, nothing changed: b:2: two"), 1);
    EQUAL_NUMBER(world_count(bob, "*"), 2);
    EQUAL_NUMBER(count_answers(ann, "REHASH refused*"), 0);
    EQUAL_NUMBER(world_count(ann, "* NOTICE ann :??"
                                  "? REHASH refused*"),
                 2);
    EQUAL_NUMBER(count_logged("event=rehash-refused by=bea faults=2"), 1);
    session_configure(w->srv, of_ann, world_parse(both), both, NULL);
    world_sleep(w, 0);
    EQUAL_NUMBER(count_answers(ann, in_force), 1);
    EQUAL_NUMBER(count_answers(bob, in_force) + count_answers(eve, in_force), 0);
    EQUAL_NUMBER(count_logged("event=rehash by=alice"), 1);
    world_answer(w);
    EQUAL_NUMBER(count_answers(eve, in_force), 1);
    EQUAL_NUMBER(count_answers(ann, in_force), 1);
    EQUAL_NUMBER(count_logged("event=rehash by="), 2);
    EQUAL_NUMBER(count_waits(), 0);
    world_free(w);
}

static void
what_a_signal_reads_answers_no_operator(void)
{
    begin();
    world_say(w, ann, "REHASH\r\nPING x");
    world_drain_all(w);
    CU_ASSERT(world_rehash(w));
    w->rehash_text = NULL;
    CU_ASSERT_FALSE(world_rehash(w));
    EQUAL_NUMBER(count_logged("event=rehash by=signal"), 1);
    EQUAL_NUMBER(count_logged("event=rehash-refused by=signal"), 1);
    EQUAL_NUMBER(count_answers(ann, "REHASH*"), 0);
    EQUAL_NUMBER(world_count(ann, "* NOTICE ann :??"
                                  "? REHASH: the new *"),
                 1);
    EQUAL_NUMBER(world_count(ann, "* PONG *"), 0);
    w->rehash_text = both;
    world_answer(w);
    EQUAL_NUMBER(count_answers(ann, in_force), 1);
    EQUAL_NUMBER(world_count(ann, "* PONG *"), 1);
    EQUAL_NUMBER(count_logged("event=rehash by=alice"), 1);
    world_free(w);
}

static void
close_it(struct actor *a)
{
    world_close(w, a);
}

static void
kill_it(struct actor *a)
{
    world_sayf(w, eve, "KILL %s :x", a->client->user.nick);
}

/* Its question goes on under the name of its operator, and the others are told. */
static void
an_operator_that_leaves_is_answered_no_more(void)
{
    static void (*const ways[])(struct actor * a) = {close_it, kill_it};
    for (size_t i = 0; i < 2 * (sizeof ways / sizeof *ways); i++) {
        begin();
        w->rehash_text = i % 2 ? NULL : both;
        world_say(w, bob, "REHASH\r\nPING x");
        ways[i / 2](bob);
        CU_ASSERT(bob->closed);
        EQUAL_NUMBER(count_waits(), 1);
        world_drain_all(w);
        world_answer(w);
        EQUAL_NUMBER(count_waits(), 0);
        EQUAL_NUMBER(
            count_logged(i % 2 ? "event=rehash-refused by=bea" : "event=rehash by=bea"),
            1);
        EQUAL_NUMBER(world_count(ann, "* NOTICE ann :??"
                                      "? REHASH*"),
                     1);
        SILENT(w, bob);
        world_free(w);
    }
}

static void
a_restart_goes_on_without_the_operator_that_asked(void)
{
    for (int refused = 0; refused < 2; refused++) {
        begin();
        w->restart_fault = refused ? "no program" : NULL;
        world_say(w, bob, "RESTART irc.localhost :new kernel|told by phone");
        world_close(w, bob);
        EQUAL_TEXT(w->restarted, "");
        world_answer(w);
        EQUAL_TEXT(w->restarted, refused ? "" : "Server restarted by bob: new kernel");
        CONTAINS(w->logged, refused ? "event=restart-refused by=bea"
                                    : "event=restart by=bea reason=\"new kernel\" "
                                      "oper-reason=\"told by phone\"");
        EQUAL_NUMBER(count_waits(), 0);
        world_free(w);
    }
}

/* The first answer takes the rights of the second operator away. */
static void
an_operator_without_rights_has_its_answer(void)
{
    begin();
    w->rehash_text = BLOCK("alice");
    world_say(w, ann, "REHASH");
    world_say(w, bob, "REHASH\r\nREHASH");
    world_answer(w);
    CU_ASSERT(bob->client->user.oper == NULL);
    EQUAL_NUMBER(count_answers(bob, in_force), 1);
    EQUAL_NUMBER(world_count(bob, "* 481 *"), 1);
    EQUAL_NUMBER(count_logged("event=rehash by=bea"), 1);
    world_free(w);
}

/* A number answers the question with that number, once. */
static void
an_answer_of_another_kind_is_ignored(void)
{
    begin();
    world_say(w, ann, "REHASH");
    world_say(w, bob, "RESTART irc.localhost");
    uint64_t of_rehash = take_number(), of_restart = take_number();
    world_drain_all(w);
    session_answered(w->srv, of_rehash, "\1", 1);
    session_answered(w->srv, of_restart, "\1", 1);
    session_restarted(w->srv, of_rehash, NULL);
    session_restarted(w->srv, 0, "x");
    session_restarted(w->srv, of_restart + 1, "x");
    world_sleep(w, 0);
    SILENT(w, ann);
    SILENT(w, bob);
    EQUAL_NUMBER(count_waits(), 2);
    session_configure_failed(w->srv, of_restart, "x"); /* is told as for a signal */
    world_sleep(w, 0);
    EQUAL_NUMBER(count_answers(bob, "REHASH refused*"), 0);
    session_restarted(w->srv, of_restart, "x");
    session_restarted(w->srv, of_restart, "x");
    world_sleep(w, 0);
    EQUAL_NUMBER(count_answers(bob, "RESTART refused, nothing changed: x"), 1);
    EQUAL_NUMBER(count_waits(), 1);
    world_free(w); /* while one waits */
}

/* It changes no option, and its answer is its own. */
static void
rehash_tls_reads_only_certificates(void)
{
    begin();
    w->rehash_text = "server { description = new }";
    world_say(w, ann, "REHASH tls");
    AWAIT(w, ann, ":irc.localhost 382 ann certificates :Rehashing");
    world_say(w, bob, "REHASH");
    EQUAL_NUMBER(count_answers(ann, "*"), 0);
    world_answer(w);
    EQUAL_NUMBER(count_answers(ann, "REHASH: the new certificates are in force"), 1);
    EQUAL_NUMBER(count_answers(bob, in_force), 1);
    AWAIT(w, eve, "*REHASH TLS: the certificates were read again");
    EQUAL_NUMBER(count_logged("event=rehash-tls by=alice"), 1);
    world_free(w);
    begin();
    w->rehash_text = NULL;
    world_say(w, ann, "REHASH TLS");
    world_answer(w);
    EQUAL_NUMBER(count_answers(ann, "REHASH refused, nothing changed: *no certificate"),
                 1);
    EQUAL_NUMBER(count_waits(), 0);
    world_free(w);
}

/* An operator that means a part gets no whole one. */
static void
rehash_of_an_unknown_part_is_refused(void)
{
    begin();
    world_say(w, ann, "REHASH -ssl");
    EQUAL_NUMBER(count_answers(ann, "REHASH refused: the only parameter is TLS*"), 1);
    EQUAL_NUMBER(count_waits(), 0);
    world_free(w);
}

SUITE(control)
{
    TEST(rehash_of_an_unknown_part_is_refused);
    TEST(rehash_tls_reads_only_certificates);
    TEST(the_lines_behind_wait_for_the_answer);
    TEST(restart_keeps_its_label_and_the_order);
    TEST(each_operator_has_the_answer_to_its_own);
    TEST(what_a_signal_reads_answers_no_operator);
    TEST(an_operator_that_leaves_is_answered_no_more);
    TEST(a_restart_goes_on_without_the_operator_that_asked);
    TEST(an_operator_without_rights_has_its_answer);
    TEST(an_answer_of_another_kind_is_ignored);
}
