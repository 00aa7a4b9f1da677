/* Registration and the life of a nick, as clients see them. */
#include "world.h"

static void
the_welcome_comes_in_order(void)
{
    struct world *w = world_new(NULL);
    struct actor *a = world_connect(w, "192.0.2.1");
    SILENT(w, a);
    world_say(w, a, "NICK ann");
    SILENT(w, a);
    world_say(w, a, "USER annie 0 * :Ann Other");
    EXPECT(w, a,
           ":irc.localhost 001 ann :Welcome to the Local network, ann!annie@192.0.2.1");
    EXPECT(
        w, a,
        ":irc.localhost 002 ann :Your host is irc.localhost, running version ircd-*");
    EXPECT(w, a, ":irc.localhost 003 ann :This server was started *");
    EXPECT(w, a, ":irc.localhost 004 ann irc.localhost ircd-* *o* *b* *b*");
    EXPECT(w, a, ":irc.localhost 005 ann * :are supported by this server");
    EXPECT(w, a, ":irc.localhost 005 ann * :are supported by this server");
    EXPECT(w, a, ":irc.localhost 005 ann * :are supported by this server");
    EXPECT(w, a,
           ":irc.localhost 251 ann :There are 1 users and 0 invisible on 1 server*");
    EXPECT(w, a, ":irc.localhost 255 ann :I have 1 clients and 0 servers");
    EXPECT(w, a, ":irc.localhost 265 ann 1 1 :*");
    EXPECT(w, a, ":irc.localhost 266 ann 1 1 :*");
    EXPECT(w, a, ":irc.localhost 422 ann :Hello! * /quote HELP *");
    EXPECT(w, a, ":irc.localhost 221 ann +");
    SILENT(w, a);
    world_free(w);
}

static void
user_before_nick_registers_too(void)
{
    struct world *w = world_new(NULL);
    struct actor *a = world_connect(w, "192.0.2.1");
    world_say(w, a, "USER ann 0 * :Ann");
    SILENT(w, a);
    world_say(w, a, "nick ann");
    EXPECT(w, a, ":irc.localhost 001 ann :*");
    world_free(w);
}

static void
only_registration_works_before_it(void)
{
    static const char *const lines[] = {
        "JOIN #a",    "PRIVMSG a :x", "NOTICE a :x", "TAGMSG a",
        "MODE ann",   "WHO",          "WHOIS ann",   "LIST",
        "KICK #a b",  "HELP",         "AWAY",        "OPER a b",
        "KLINE a :x", "KILL a :x",    "JOIN",        "FROBNICATE"};
    struct world *w = world_new(world_easy);
    struct actor *a = world_connect(w, "192.0.2.1");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        world_say(w, a, lines[i]);
        EXPECT(w, a, ":irc.localhost 451 * :You have not registered");
        SILENT(w, a);
    }
    world_free(w);
}

static void
a_web_browser_is_turned_away(void)
{
    struct world *w = world_new(NULL);
    struct actor *a = world_connect(w, "192.0.2.1");
    world_say(w, a, "POST / HTTP/1.1\r\nNICK ann\r\nUSER ann 0 * :x");
    EXPECT(w, a, "ERROR :Closing Link: 192.0.2.1 (This is IRC, not HTTP)");
    SILENT(w, a);
    CU_ASSERT(a->closed);
    world_free(w);
}

static void
a_bad_nick_is_refused(void)
{
    static const struct {
        const char *line, *reply;
    } cases[] = {
        {"NICK", ":irc.localhost 431 * :*"},
        {"NICK :", ":irc.localhost 431 * :*"},
        {"NICK 1ann", ":irc.localhost 432 * 1ann :*"},
        {"NICK -ann", ":irc.localhost 432 * -ann :*"},
        {"NICK a.n", ":irc.localhost 432 * a.n :*"},
        {"NICK #ann", ":irc.localhost 432 * #ann :*"},
        {"NICK a!b", ":irc.localhost 432 * a!b :*"},
        {"NICK ann\xc3\xa9", ":irc.localhost 432 * ann\xc3\xa9 :*"},
        {"NICK abcdefghijklmnopqrstuvwxyzabcde", ":irc.localhost 432 * abc*e :*"},
        {"NICK anna", ":irc.localhost 433 * anna :*"},
        {"NICK ANNA", ":irc.localhost 433 * ANNA :*"},
    };
    struct world *w = world_new(world_easy);
    world_user(w, "anna");
    struct actor *a = world_connect(w, "192.0.2.1");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, a, cases[i].line);
        EXPECT(w, a, cases[i].reply);
        SILENT(w, a);
    }
    world_say(w, a, "NICK abcdefghijklmnopqrstuvwxyzabcd");
    world_say(w, a, "USER a 0 * :x");
    EXPECT(w, a, ":irc.localhost 001 abcdefghijklmnopqrstuvwxyzabcd :*");
    world_free(w);
}

static void
a_collision_keeps_the_nick(void)
{
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann");
    world_user(w, "bob");
    world_say(w, ann, "NICK BOB");
    EXPECT(w, ann, ":irc.localhost 433 ann BOB :Nickname is already in use");
    world_say(w, ann, "ISON ann bob");
    EXPECT(w, ann, ":irc.localhost 303 ann :ann bob");
    world_free(w);
}

/* The client loses the nick to any other that wants it, and can go on with another
 * nick. */
static void
an_unregistered_client_keeps_no_nick_from_others(void)
{
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann");
    struct actor *half = world_connect(w, "192.0.2.1");
    world_say(w, half, "CAP LS\r\nNICK carol\r\nUSER x 0 * :X");
    world_drain_all(w);
    world_say(w, ann, "NICK CAROL");
    EXPECT(w, ann, ":ann!ann@10.1.1.1 NICK :CAROL");
    EXPECT(w, half, ":irc.localhost 433 * CAROL :*");
    world_say(w, half, "CAP END");
    SILENT(w, half);
    world_say(w, half, "NICK carol");
    EXPECT(w, half, ":irc.localhost 433 * carol :*");
    world_say(w, half, "NICK dave");
    AWAIT(w, half, ":irc.localhost 001 dave :*");
    /* Another client that registers takes it as well. */
    struct actor *one = world_connect(w, "192.0.2.1"),
                 *two = world_connect(w, "192.0.2.2");
    world_say(w, one, "NICK eve");
    world_say(w, two, "NICK eve\r\nUSER y 0 * :Y");
    AWAIT(w, two, ":irc.localhost 001 eve :*");
    EXPECT(w, one, ":irc.localhost 433 * eve :*");
    world_free(w);
}

/* A client with a password at the worker counts as registered. A nick is taken from
 * no client if the taker is refused for another reason. */
static void
a_nick_is_taken_from_no_client_that_is_about_to_register(void)
{
    struct world *w =
        world_new("server { password = \"$argon2id$secret\" }\n"
                  "oper \"alice\" { password = \"$argon2id$secret\" hosts = "
                  "{ \"*@*\" } privileges = { \"all\" } }\n");
    w->verify_later = true;
    struct actor *one = world_connect(w, "192.0.2.1"),
                 *two = world_connect(w, "192.0.2.2");
    world_say(w, one, "PASS secret\r\nNICK eve\r\nUSER x 0 * :X");
    world_say(w, two, "PASS secret\r\nNICK eve");
    AWAIT(w, two, ":irc.localhost 433 * eve :*");
    world_verify(w);
    AWAIT(w, one, ":irc.localhost 001 eve :*");
    world_free(w);
    w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann"), *bob = world_user(w, "bob");
    one = world_connect(w, "192.0.2.1");
    world_say(w, one, "NICK carol");
    world_channel(w, "#a", "ann@", "bob");
    world_say(w, ann, "MODE #a +b bob");
    world_drain_all(w);
    world_say(w, bob, "NICK carol");
    EXPECT(w, bob, ":irc.localhost 435 bob carol #a :*");
    world_say(w, one, "USER x 0 * :X");
    AWAIT(w, one, ":irc.localhost 001 carol :*");
    world_free(w);
}

static void
a_nick_change_reaches_all_peers_once(void)
{
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann"), *bob = world_user(w, "bob");
    struct actor *eve = world_user(w, "eve");
    world_say(w, ann, "JOIN #a,#b");
    world_say(w, bob, "JOIN #a,#b");
    world_drain_all(w);
    world_say(w, ann, "NICK Ann");
    EXPECT(w, ann, ":ann!ann@* NICK :Ann");
    EXPECT(w, bob, ":ann!ann@* NICK :Ann");
    world_say(w, ann, "NICK Ann");
    world_say(w, ann, "NICK anna");
    EXPECT(w, ann, ":Ann!ann@* NICK :anna");
    EXPECT(w, bob, ":Ann!ann@* NICK :anna");
    SILENT(w, ann);
    SILENT(w, bob);
    SILENT(w, eve);
    world_free(w);
}

static void
nick_changes_have_a_rate(void)
{
    struct world *w = world_new(NULL);
    struct actor *ann = world_user(w, "ann");
    for (int i = 0; i < 5; i++)
        world_sayf(w, ann, "NICK ann%d", i);
    world_drain(ann);
    world_say(w, ann, "NICK late");
    AWAIT(w, ann, ":irc.localhost 438 ann4 late :Nick change too fast; try again in *");
    world_say(w, ann, "MODE ann4");
    AWAIT(w, ann, ":irc.localhost 221 ann4 *");
    world_free(w);
}

static void
user_and_pass_come_once(void)
{
    struct world *w = world_new(NULL);
    struct actor *ann = world_user(w, "ann");
    world_say(w, ann, "USER x 0 * :x");
    EXPECT(w, ann, ":irc.localhost 462 ann :*");
    world_say(w, ann, "PASS x");
    EXPECT(w, ann, ":irc.localhost 462 ann :*");
    struct actor *b = world_connect(w, "192.0.2.1");
    world_say(w, b, "USER x 0 *");
    EXPECT(w, b, ":irc.localhost 461 * USER :Not enough parameters: USER <user> 0 *");
    world_say(w, b, "USER x 0 * :");
    EXPECT(w, b, ":irc.localhost 461 * USER :*");
    world_say(w, b, "USER !!! 0 * :x");
    EXPECT(w, b,
           ":irc.localhost 468 ? :Your user name was refused: *; send USER again");
    world_say(w, b, "PASS");
    EXPECT(w, b, ":irc.localhost 461 * PASS :*");
    world_free(w);
}

static void
a_user_name_is_made_safe(void)
{
    struct world *w = world_new(NULL);
    struct actor *b = world_connect(w, "192.0.2.1");
    world_say(w, b, "NICK bob\r\nUSER b@o!b*abcdefghijkl 0 * :Bob");
    EXPECT(w, b,
           ":irc.localhost 001 bob :Welcome to the Local network, "
           "bob!bobabcdefg@192.0.2.1");
    world_free(w);
}

static void
a_real_name_is_cut_at_a_character(void)
{
    char real[400] = "", want[400];
    struct world *w = world_new(NULL);
    for (int i = 0; i < 100; i++)
        memcpy(real + 3 * i, "\xe2\x82\xac", 4);
    struct actor *b = world_connect(w, "192.0.2.1");
    world_say(w, b, "NICK bob");
    world_sayf(w, b, "USER bob 0 * :x%s", real);
    world_drain(b);
    world_say(w, b, "WHO bob");
    snprintf(want, sizeof want,
             ":irc.localhost 352 bob * bob 192.0.2.1 irc.localhost bob H :0 x%.147s",
             real);
    AWAIT(w, b, want);
    world_free(w);
}

static void
pings_are_answered(void)
{
    struct world *w = world_new(NULL);
    struct actor *a = world_connect(w, "192.0.2.1");
    world_say(w, a, "PING :before I am in");
    EXPECT(w, a, ":irc.localhost PONG irc.localhost :before I am in");
    world_say(w, a, "PING");
    EXPECT(w, a, ":irc.localhost 409 * :No origin specified");
    world_say(w, a, "PONG :whatever");
    world_say(w, a, "PONG");
    SILENT(w, a);
    world_free(w);
}

static void
the_silent_are_pinged_and_dropped(void)
{
    struct world *w = world_new(NULL);
    struct actor *ann = world_user(w, "ann"), *bob = world_user(w, "bob");
    world_channel(w, "#a", "ann@", "bob");
    world_sleep(w, 121 * MSEC_SECOND);
    EXPECT(w, ann, "PING :irc.localhost");
    EXPECT(w, bob, "PING :irc.localhost");
    world_say(w, ann, "PONG :irc.localhost");
    world_sleep(w, 61 * MSEC_SECOND);
    EXPECT(w, bob, "ERROR :Closing Link: 10.1.2.1 (Ping timeout: 60 seconds)");
    EXPECT(w, ann, ":bob!bob@* QUIT :Ping timeout: 60 seconds");
    CU_ASSERT(bob->closed && !ann->closed);
    world_free(w);
}

static void
registration_must_end_in_time(void)
{
    struct world *w = world_new(NULL);
    struct actor *a = world_connect(w, "192.0.2.1");
    world_sleep(w, 20 * MSEC_SECOND);
    world_say(w, a, "NICK ann");
    CU_ASSERT(!a->closed);
    world_sleep(w, 11 * MSEC_SECOND);
    EXPECT(w, a, "ERROR :Closing Link: 192.0.2.1 (Registration timed out)");
    CU_ASSERT(a->closed);
    world_free(w);
}

static void
lines_before_registration_are_few(void)
{
    static const char *const lines[] = {"NICK 1", "FOO", "PONG", "CAP LIST"};
    for (size_t l = 0; l < sizeof lines / sizeof *lines; l++) {
        struct world *w = world_new("flood { burst = 100 }");
        struct actor *a = world_connect(w, "192.0.2.1");
        for (int i = 0; i < 20; i++)
            world_say(w, a, lines[l]);
        CU_ASSERT(!a->closed);
        world_say(w, a, lines[l]);
        AWAIT(w, a, "ERROR :Closing Link: 192.0.2.1 (Excess Flood)");
        CU_ASSERT(a->closed);
        world_free(w);
    }
}

static void
long_lines_before_registration_are_few_too(void)
{
    char line[600];
    struct world *w = world_new(NULL);
    struct actor *a = world_connect(w, "192.0.2.1");
    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    for (int i = 0; i < 20; i++)
        world_say(w, a, line);
    CU_ASSERT(!a->closed);
    world_say(w, a, line);
    CU_ASSERT(a->closed);
    AWAIT(w, a, "ERROR :Closing Link: 192.0.2.1 (Excess Flood)");
    world_free(w);
}

static void
quit_is_told_to_peers_and_ends_the_packet(void)
{
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann"), *bob = world_user(w, "bob");
    world_say(w, ann, "JOIN #a,#b");
    world_say(w, bob, "JOIN #a,#b");
    world_drain_all(w);
    world_say(w, ann, "QUIT :see you\r\nPRIVMSG #a :ghost\r\nJOIN #c\r\nQUIT :again");
    EXPECT(w, ann, "ERROR :Closing Link: 10.1.1.1 (Quit: see you)");
    SILENT(w, ann);
    EXPECT(w, bob, ":ann!ann@10.1.1.1 QUIT :Quit: see you");
    SILENT(w, bob);
    CU_ASSERT(ann->closed);
    world_say(w, bob, "QUIT");
    EXPECT(w, bob, "ERROR :Closing Link: 10.1.2.1 (Client quit)");
    EQUAL_NUMBER(w->srv->n_channels, 0);
    EQUAL_NUMBER(w->srv->n_clients, 0);
    world_free(w);
}

static const char with_password[] = "server { password = \"$argon2id$door\" }";

static void
the_server_password_opens(void)
{
    struct world *w = world_new(with_password);
    struct actor *a = world_connect(w, "192.0.2.1");
    world_say(w, a, "PASS door\r\nNICK ann\r\nUSER ann 0 * :Ann");
    EXPECT(w, a, ":irc.localhost 001 ann :*");
    world_free(w);
}

static void
a_wrong_server_password_does_not(void)
{
    static const struct {
        const char *pass, *error;
    } cases[] = {
        {"PASS window", "ERROR :* (Wrong server password)"},
        {"PONG", "ERROR :* (This server needs a password (PASS))"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(with_password);
        struct actor *a = world_connect(w, "192.0.2.1");
        world_say(w, a, cases[i].pass);
        world_say(w, a, "NICK ann\r\nUSER ann 0 * :Ann");
        EXPECT(w, a, ":irc.localhost 464 ann :*");
        AWAIT(w, a, cases[i].error);
        CU_ASSERT(a->closed);
        world_free(w);
    }
}

static void
lines_wait_for_the_password_in_order(void)
{
    struct world *w = world_new(with_password);
    w->verify_later = true;
    struct actor *a = world_connect(w, "192.0.2.1");
    world_say(w, a, "PASS door\r\nNICK ann\r\nUSER ann 0 * :Ann\r\nJOIN #a\r\nNICK b");
    SILENT(w, a);
    world_verify(w);
    EXPECT(w, a, ":irc.localhost 001 ann :*");
    AWAIT(w, a, ":irc.localhost 221 ann +");
    EXPECT(w, a, ":ann!ann@* JOIN :#a");
    AWAIT(w, a, ":ann!ann@* NICK :b");
    world_free(w);
}

static void
leaving_while_the_password_is_checked_is_safe(void)
{
    struct world *w = world_new(with_password);
    w->verify_later = true;
    struct actor *a = world_connect(w, "192.0.2.1");
    world_say(w, a, "PASS door\r\nNICK ann\r\nUSER ann 0 * :Ann\r\nJOIN #a");
    world_close(w, a);
    CU_ASSERT(a->closed);
    world_verify(w);
    EQUAL_NUMBER(w->srv->n_clients, 0);
    world_fill_worker(w, true);
    a = world_connect(w, "192.0.2.1");
    world_say(w, a, "PASS door\r\nNICK ann\r\nUSER ann 0 * :Ann");
    EXPECT(w, a, "ERROR :* (Too many logins at once; try again in a few seconds)");
    world_free(w);
}

SUITE(register)
{
    TEST(the_welcome_comes_in_order);
    TEST(user_before_nick_registers_too);
    TEST(only_registration_works_before_it);
    TEST(a_web_browser_is_turned_away);
    TEST(a_bad_nick_is_refused);
    TEST(a_collision_keeps_the_nick);
    TEST(an_unregistered_client_keeps_no_nick_from_others);
    TEST(a_nick_is_taken_from_no_client_that_is_about_to_register);
    TEST(a_nick_change_reaches_all_peers_once);
    TEST(nick_changes_have_a_rate);
    TEST(user_and_pass_come_once);
    TEST(a_user_name_is_made_safe);
    TEST(a_real_name_is_cut_at_a_character);
    TEST(pings_are_answered);
    TEST(the_silent_are_pinged_and_dropped);
    TEST(registration_must_end_in_time);
    TEST(lines_before_registration_are_few);
    TEST(long_lines_before_registration_are_few_too);
    TEST(quit_is_told_to_peers_and_ends_the_packet);
    TEST(the_server_password_opens);
    TEST(a_wrong_server_password_does_not);
    TEST(lines_wait_for_the_password_in_order);
    TEST(leaving_while_the_password_is_checked_is_safe);
}
