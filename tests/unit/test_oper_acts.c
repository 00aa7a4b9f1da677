/* KILL, CLOSE, REHASH, DIE, RESTART and bans: which clients are told of an act, how
 * often, and which part of its reason. */
#include "world.h"

static void
die_names_the_operator_that_stopped_the_server(void)
{
    static const struct {
        const char *line, *reason;
    } cases[] = {
        {"DIE irc.localhost", "Server stopped by alice"},
        {"DIE irc.localhost :a|b", "Server stopped by alice: a"},
        {"DIE irc.localhost :upgrade to 2", "Server stopped by alice: upgrade to 2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(world_alice);
        struct actor *alice = world_oper(w, "alice");
        world_say(w, alice, cases[i].line);
        EQUAL_TEXT(w->died, cases[i].reason);
        CONTAINS(w->logged, "event=die by=alice");
        world_free(w);
    }
}

static void
die_and_restart_want_the_name_of_the_server(void)
{
    static const char *const lines[] = {
        "DIE",   "DIE :bye", "DIE irc.example.org", "DIE irc.localhos",
        "DIE *", "RESTART",  "RESTART irc",         "RESTART :irc.localhost or so"};
    struct world *w = world_new(world_alice);
    struct actor *bob = world_oper(w, "bob");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        world_say(w, bob, lines[i]);
        EXPECT(w, bob,
               "* NOTICE bob :* refused: it disconnects all clients (1 is "
               "on); "
               "to confirm it, add the name of the server. Example: * "
               "irc.localhost "
               ":maintenance");
        SILENT(w, bob);
    }
    EQUAL_TEXT(w->died, "");
    EQUAL_TEXT(w->restarted, "");
    CU_ASSERT(strstr(w->logged, "event=die") == NULL);
    world_free(w);
}

/* The reason behind the bar is for operators and the log. */
static void
the_rest_of_a_reason_is_for_operators(void)
{
    struct world *w = world_new(world_alice);
    struct actor *ann = world_oper(w, "ann"), *other = world_oper(w, "other");
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    struct actor *eve = world_user_at(w, "eve", "192.0.2.8");
    world_channel(w, "#a", "bob@", "eve");
    world_say(w, ann, "STRIKE eve 1 :spam | the one of last week");
    EXPECT(w, eve, "* :Strike 1 of 5: spam (given by an operator). *");
    EXPECT(w, other,
           "* Strike 1 of 5 for 192.0.2.8 (eve): spam | the one of last week "
           "(given by alice)");
    CONTAINS(w->logged, "reason=spam oper-reason=\"the one of last week\"");
    world_say(w, ann, "KILL bob :flooding|from the same net");
    EXPECT(w, bob, ":ann!ann@* KILL bob :flooding");
    EXPECT(w, bob, "ERROR :Closing Link: * (Killed (ann (flooding)))");
    AWAIT(w, eve, ":bob!bob@* QUIT :Killed (ann (flooding))");
    AWAIT(w, other, "* ann killed bob (bob@192.0.2.7): flooding | from the same net");
    CONTAINS(w->logged, "reason=flooding oper-reason=\"from the same net\"");
    NEVER(w, eve, "*net*");
    NEVER(w, eve, "*week*");
    world_say(w, ann, "KILL eve :|all for operators");
    AWAIT(w, eve, "ERROR :Closing Link: * (Killed (ann (no reason given)))");
    world_free(w);
}

/* The notices of strikes stand with the ban to which the last strike has led. */
static void
words_for_operators_stay_with_the_ban_of_a_strike(void)
{
    struct world *w = world_new(world_easy);
    struct actor *ann = world_oper(w, "ann");
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    world_say(w, ann, "STRIKE bob 5 :spam | the one of last week");
    AWAIT(w, bob, "ERROR :*: 5 strikes, the last for spam)");
    NEVER(w, bob, "*week*");
    world_say(w, ann, "STRIKE 192.0.2.8 5 :spam|a proxy");
    world_drain(ann);
    world_say(w, ann, "CHECK 192.0.2.7");
    AWAIT(w, ann, "* :K-line *, the last for spam | bob: the one of last week");
    world_say(w, ann, "CHECK 192.0.2.8");
    AWAIT(w, ann, "* :K-line *, the last for spam | a proxy");
    world_free(w);
}

/* Each act is told once to the operator that acts, and once to another operator. */
static void
an_act_is_told_to_its_actor_once(void)
{
    static const char *const lines[] = {
        "KLINE 1h *@192.0.2.7 :x",
        "UNKLINE *@192.0.2.7",
        "DLINE 1h 192.0.2.7 :x",
        "UNDLINE 192.0.2.7",
        "RESV 1h guest* :x",
        "UNRESV guest*",
        "XLINE 1h free* :x",
        "UNXLINE free*",
        "STRIKE 192.0.2.9 2 :x",
        "PARDON 192.0.2.9",
        "KILL eve :x",
        "REHASH",
        "CLOSE",
    };
    struct world *w = world_new(world_easy);
    struct actor *ann = world_oper(w, "ann"), *other = world_oper(w, "other");
    w->rehash_text = world_easy;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (strncmp(lines[i], "KILL", 4) == 0)
            world_user_at(w, "eve", "192.0.2.99");
        world_drain_all(w);
        world_say(w, ann, lines[i]);
        world_store_news(w);
        unsigned to_other = world_count(other, ":irc.localhost NOTICE other :?** *") -
                            world_count(other, "*Client exiting*");
        unsigned to_ann = world_count(ann, "*") - world_count(ann, "*Client exiting*") -
                          world_count(ann, "* 382 *");
        if (to_other != 1 || to_ann != 1)
            printf("\n    %s\n    %s    %s\n", lines[i], ann->inbox, other->inbox);
        EQUAL_NUMBER(to_other, 1);
        EQUAL_NUMBER(to_ann, 1);
    }
    world_free(w);
}

/* Also to an operator that has turned off these notices. */
static void
an_actor_without_notices_is_told_of_a_kill(void)
{
    struct world *w = world_new(world_easy);
    struct actor *ann = world_oper(w, "ann"), *other = world_oper(w, "other");
    world_user_at(w, "eve", "192.0.2.99");
    world_say(w, ann, "MODE ann -s");
    world_drain_all(w);
    world_say(w, ann, "KILL eve :x | y");
    EXPECT(w, ann, ":irc.localhost NOTICE ann :KILL: eve is disconnected: x | y");
    SILENT(w, ann);
    AWAIT(w, other, "* NOTICE other :?** ann killed eve (eve@192.0.2.99): x | y");
    world_free(w);
}

static void
all_faults_of_a_rehash_are_told_to_its_actor_once(void)
{
    struct world *w = world_new(world_alice);
    struct actor *ann = world_oper(w, "ann"), *other = world_oper(w, "other");
    w->rehash_text = "limits { nick_length = x\nsendq = y }";
    world_say(w, ann, "REHASH");
    unsigned n = world_count(other, "*REHASH refused, nothing changed: *");
    EQUAL_NUMBER(n, 1); /* the shell of the test reports one fault */
    EQUAL_NUMBER(world_count(ann, "*REHASH refused, nothing changed: *"), n);
    world_free(w);
}

static void
restart_gives_the_reason_or_all_the_faults(void)
{
    struct world *w = world_new(world_alice);
    struct actor *bob = world_oper(w, "bob");
    w->restart_fault = "a.conf:1: no\na.conf:7: such";
    world_say(w, bob, "RESTART irc.localhost :new kernel");
    EXPECT(w, bob, "* NOTICE bob :RESTART refused, nothing changed: a.conf:1: no");
    EXPECT(w, bob, "* NOTICE bob :RESTART refused, nothing changed: a.conf:7: such");
    SILENT(w, bob);
    EQUAL_TEXT(w->restarted, "");
    w->restart_fault = NULL;
    world_say(w, bob, "RESTART irc.localhost :new kernel");
    EQUAL_TEXT(w->restarted, "Server restarted by bob: new kernel");
    world_say(w, bob, "RESTART IRC.localhost");
    EQUAL_TEXT(w->restarted, "Server restarted by bob");
    EQUAL_TEXT(w->died, "");
    world_free(w);
}

SUITE(oper_acts)
{
    TEST(die_names_the_operator_that_stopped_the_server);
    TEST(die_and_restart_want_the_name_of_the_server);
    TEST(the_rest_of_a_reason_is_for_operators);
    TEST(words_for_operators_stay_with_the_ban_of_a_strike);
    TEST(an_act_is_told_to_its_actor_once);
    TEST(an_actor_without_notices_is_told_of_a_kill);
    TEST(all_faults_of_a_rehash_are_told_to_its_actor_once);
    TEST(restart_gives_the_reason_or_all_the_faults);
}
