/* The wire trace: the parts of a line that are masked, and the lines that are logged.
 */
#include "proto/secret.h"
#include "world.h"

#include <stdio.h>

static void
a_line_is_shown_up_to_its_first_secret(void)
{
    static const struct {
        const char *line, *shown;
    } rows[] = {
        {"PASS hunter2", "PASS ***"},
        {"pass :hunter2 and more\r\n", "pass ***"},
        {"@label=x :me  OPER  alice hunter2", "@label=x :me  OPER ***"},
        {"OPER hunter2 alice", "OPER ***"},
        {"OPER", "OPER"},
        {"AUTHENTICATE aHVudGVyMg==", "AUTHENTICATE ***"},
        {"JOIN #a,#b", "JOIN #a,#b"},
        {"JOIN #a,#b hunter2,x", "JOIN #a,#b ***"},
        {":bob!b@h JOIN :#a", ":bob!b@h JOIN :#a"},
        {"MODE #a +k hunter2", "MODE #a +k ***"},
        {"MODE #a k hunter2", "MODE #a k ***"},
        {"MODE #a :+k hunter2", "MODE #a :+k ***"},
        {"MODE #a +o bob", "MODE #a +o bob"},
        {"MODE #a +ok bob hunter2", "MODE #a +ok ***"},
        {"MODE #a +o kim", "MODE #a +o kim"},
        {"MODE #a +o bob -k hunter2", "MODE #a +o bob -k ***"},
        {"MODE kim +i", "MODE kim +i"},
        {":s MODE #k +k hunter2", ":s MODE #k +k ***"},
        {"samode #a +bk x!*@* hunter2", "samode #a +bk ***"},
        {":s 324 bob #k +ntk hunter2", ":s 324 bob #k +ntk ***"},
        {":s 324 bob #k +nt", ":s 324 bob #k +nt"},
        {":s 696 bob #a k hunter2 :no", ":s 696 bob #a k ***"},
        {":s 696 bob #a l kk :no", ":s 696 bob #a l kk :no"},
        {":s 421 bob hunter2 :Unknown command", ":s 421 bob ***"},
        {"PRIVMSG NickServ :IDENTIFY hunter2", "PRIVMSG NickServ :IDENTIFY ***"},
        {"PRIVMSG bot :!login bob hunter2", "PRIVMSG bot :!login ***"},
        {"PRIVMSG #a :/oper alice hunter2", "PRIVMSG #a :/oper ***"},
        {"PRIVMSG #a : oper alice hunter2", "PRIVMSG #a : oper ***"},
        {"PRIVMSG #a : /msg NickServ identify hunter2", "PRIVMSG #a : /msg ***"},
        {"PRIVMSG NickServ :drop bob hunter2", "PRIVMSG NickServ :drop ***"},
        {"PRIVMSG nickserv@x.y,bob :setpass hunter2",
         "PRIVMSG nickserv@x.y,bob :setpass ***"},
        {"NOTICE bob,NICKSERV :drop hunter2", "NOTICE bob,NICKSERV :drop ***"},
        {"PRIVMSG NickServ :help", "PRIVMSG NickServ :help"},
        {"PRIVMSG serve :drop a", "PRIVMSG serve :drop a"},
        {"PRIVMSG #a :\002identify hunter2", "PRIVMSG #a :\002identify ***"},
        {"PRIVMSG #a :\001 ", "PRIVMSG #a :\001 "},
        {"PRIVMSG NickServ", "PRIVMSG NickServ"},
        {"PRIVMSG #a :nickserv identify hunter2", "PRIVMSG #a :nickserv ***"},
        {"PRIVMSG #a :/NS identify hunter2", "PRIVMSG #a :/NS ***"},
        {"PRIVMSG #a :/quote oper bob hunter2", "PRIVMSG #a :/quote ***"},
        {":bob NOTICE x :register hunter2", ":bob NOTICE x :register ***"},
        {"PRIVMSG #a :the login page", "PRIVMSG #a :the login page"},
        {"PRIVMSG #a :operator", "PRIVMSG #a :operator"},
        {"PRIVMSG #a identify", "PRIVMSG #a identify"},
        {"NICK bob\n", "NICK bob"},
        {"PRIVMSG #a :\xff", "***"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char shown[256];
        secret_mask(rows[i].line, strlen(rows[i].line), true, shown, sizeof shown);
        EQUAL_TEXT(shown, rows[i].shown);
    }
}

static void
a_line_that_is_no_command_is_masked_whole(void)
{
    char shown[64];
    secret_mask("hunter2", 7, false, shown, sizeof shown);
    EQUAL_TEXT(shown, "***");
    secret_mask("PING \0x", 7, true, shown, sizeof shown);
    EQUAL_TEXT(shown, "***");
}

static void
a_long_line_is_cut_to_the_room(void)
{
    char shown[8];
    secret_mask("PRIVMSG #a :x", 13, true, shown, sizeof shown);
    EQUAL_TEXT(shown, "PRIVMSG");
}

static struct world *
open_traced_world(const char *config)
{
    struct world *w = world_new(config);
    w->log.level = LOG_LEVEL_TRACE;
    return w;
}

static void
each_line_of_a_client_is_logged_in_both_directions(void)
{
    struct world *w = open_traced_world(world_alice);
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    world_say(w, bob, "PRIVMSG bob :a \"word\"");
    CONTAINS(w->logged, "trace event=line-in client=*!*@192.0.2.7 line=\"NICK bob\"\n");
    CONTAINS(w->logged, "trace event=line-in client=bob!bob@192.0.2.7 "
                        "line=\"PRIVMSG bob :a \\\"word\\\"\"\n");
    CONTAINS(w->logged, "trace event=line-out client=bob!bob@192.0.2.7 "
                        "line=\":bob!bob@192.0.2.7 PRIVMSG bob :a \\\"word\\\"\"\n");
    CONTAINS(w->logged, " 001 bob :");
    world_free(w);
}

static unsigned
count_text(const char *text, const char *part)
{
    unsigned n = 0;
    for (; (text = strstr(text, part)) != NULL; text++)
        n++;
    return n;
}

/* Takes the bytes of a queue in pieces of this size, in the place of a socket. */
static void
take_bytes(struct world *w, struct actor *a, size_t most)
{
    struct sendq *q = session_sendq(a->client);
    while (q->bytes > 0)
        session_sent(w->srv, a->client, q->bytes < most ? q->bytes : most, true);
}

static void
a_line_that_goes_out_in_pieces_is_logged_once(void)
{
    for (size_t most = 1; most < 300; most = 2 * most + 1) {
        struct world *w = open_traced_world(world_easy);
        struct actor *bob = world_user(w, "bob");
        bob->deaf = true;
        world_say(w, bob, "PING one\r\nPING two\r\nWHOIS bob\r\nPING three");
        EQUAL_NUMBER(count_text(w->logged, "PONG"), 0);
        take_bytes(w, bob, most);
        EQUAL_NUMBER(count_text(w->logged, ":one\"\n"), 1);
        EQUAL_NUMBER(count_text(w->logged, ":two\"\n"), 1);
        EQUAL_NUMBER(count_text(w->logged, " 318 bob"), 1);
        EQUAL_NUMBER(count_text(w->logged, ":three\"\n"), 1);
        EQUAL_NUMBER(count_text(w->logged, "line-out"),
                     count_text(w->logged, "\"\n") - count_text(w->logged, "line-in"));
        world_free(w);
    }
}

static void
no_secret_is_logged_from_any_side(void)
{
    struct world *w = open_traced_world(world_alice);
    struct actor *bob = world_connect(w, "192.0.2.7");
    world_say(w, bob, "PASS xyzzy-1\r\nNICK bob\r\nUSER b 0 * :B");
    struct actor *ann = world_user(w, "ann");
    world_say(w, bob, "OPER alice xyzzy-2\r\nOPER xyzzy-3 alice\r\nxyzzy-4");
    world_say(w, bob, "JOIN #a xyzzy-5\r\nMODE #a +k xyzzy-6\r\nMODE #a");
    world_say(w, ann, "JOIN #a xyzzy-6\r\nJOIN #b\r\nMODE #b +k ,xyzzy-7");
    world_say(w, bob, "PRIVMSG ann :identify xyzzy-8");
    world_say(w, bob, "PING \xff xyzzy-9");
    char line[700];
    snprintf(line, sizeof line, "PRIVMSG ann :%0600d xyzzy-a", 0);
    world_say(w, bob, line);
    CU_ASSERT_PTR_NULL(strstr(w->logged, "xyzzy"));
    CONTAINS(w->logged, "line=\"OPER ***\"");
    CONTAINS(w->logged, " MODE #a +k ***\"");
    CONTAINS(w->logged, " 324 bob #a +knt ***\"");
    CONTAINS(w->logged, " JOIN :#a\"");
    CONTAINS(w->logged, " 421 bob ***\"");
    CONTAINS(w->logged, " PRIVMSG ann :identify ***\"");
    world_free(w);
}

static void
redaction_hides_the_client_and_the_line(void)
{
    struct world *w = open_traced_world(world_alice);
    w->log.redact.mode = REDACT_FULL;
    world_user_at(w, "bob", "192.0.2.7");
    CONTAINS(w->logged, "event=line-in client=*!*@<redacted> line=<redacted>\n");
    CU_ASSERT_PTR_NULL(strstr(w->logged, "bob"));
    CU_ASSERT_PTR_NULL(strstr(w->logged, "192.0.2.7"));
    world_free(w);
}

static void
at_another_level_no_line_is_logged(void)
{
    struct world *w = world_new(world_alice);
    world_user(w, "bob");
    CU_ASSERT_PTR_NULL(strstr(w->logged, "event=line"));
    world_free(w);
}

SUITE(wire)
{
    TEST(a_line_is_shown_up_to_its_first_secret);
    TEST(a_line_that_is_no_command_is_masked_whole);
    TEST(a_long_line_is_cut_to_the_room);
    TEST(each_line_of_a_client_is_logged_in_both_directions);
    TEST(a_line_that_goes_out_in_pieces_is_logged_once);
    TEST(no_secret_is_logged_from_any_side);
    TEST(redaction_hides_the_client_and_the_line);
    TEST(at_another_level_no_line_is_logged);
}
