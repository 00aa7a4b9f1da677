/* Each end of a client has a cause, and one log event that names it. */
#include "base/str.h"
#include "logged.h"
#include "state/client_end.h"
#include "world.h"

#define ADDRESS "192.0.2.7"
#define OPER                                                                           \
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "            \
    "privileges = { \"all\" } }\n"
#define LOCKED "server { password = \"$argon2id$secret\" }\n"
#define ROOM                                                                           \
    "limits { sendq_total = 1048576 sendq = 1048576 recvq = 1048576 "                  \
    "recvq_total = 1048576 connect_rate = \"9999/1s\" per_host = 9999 "                \
    "unregistered_per_host = 9999 per_network = 9999 }\n"

static struct world *w;

static struct actor *
ann(void)
{
    return world_user_at(w, "ann", ADDRESS);
}

/* A client that is about to register. */
static struct actor *
guest(const char *line)
{
    struct actor *a = world_connect(w, ADDRESS);
    world_say(w, a, line);
    return a;
}

static void
quit(void)
{
    world_say(w, ann(), "QUIT :bye");
}

static void
hang_up(void)
{
    world_close(w, ann());
}

static void
break_connection(void)
{
    session_close(w->srv, ann()->client, "Read error: Connection reset by peer");
    world_sleep(w, 0);
}

static void
fall_silent(void)
{
    ann();
    for (int i = 0; i < 10; i++)
        world_sleep(w, MSEC_MINUTE);
}

static void
say_nothing(void)
{
    world_connect(w, ADDRESS);
    world_sleep(w, MSEC_MINUTE);
}

static void
wait_for_the_worker(void)
{
    w->verify_later = true;
    guest("PASS secret\r\nNICK ann\r\nUSER ann 0 * :Ann");
    world_sleep(w, MSEC_MINUTE);
}

static void
bring_no_password(void)
{
    guest("NICK ann\r\nUSER ann 0 * :Ann");
}

static void
bring_a_wrong_password(void)
{
    guest("PASS wrong\r\nNICK ann\r\nUSER ann 0 * :Ann");
}

static void
change_the_password(void)
{
    w->verify_later = true;
    guest("PASS secret\r\nNICK ann\r\nUSER ann 0 * :Ann");
    w->rehash_text = "server { password = \"$argon2id$other\" }\n";
    CU_ASSERT_FATAL(world_rehash(w));
    world_verify(w);
}

static void
find_the_worker_full(void)
{
    world_fill_worker(w, true);
    guest("PASS secret\r\nNICK ann\r\nUSER ann 0 * :Ann");
}

static void
claim_an_address(void)
{
    guest("WEBIRC guess gw host 192.0.2.66");
}

static void
browse(void)
{
    guest("GET / HTTP/1.1");
}

static void
use_a_redirecting_listener(void)
{
    struct connection_info info = {.listener = "192.0.2.9:6667"};
    world_say(w, world_connect_with(w, ADDRESS, info), "NICK ann");
}

static void
talk_as_a_server(void)
{
    guest("ERROR :x");
}

static void
come_through_a_gateway(void)
{
    struct connection_info info = {.listener = "test"};
    world_say(w, world_oper(w, "root"), "DLINE 192.0.2.66 :x");
    struct actor *a = world_connect(w, ADDRESS);
    CU_ASSERT_FATAL(addr_parse("192.0.2.66", &info.addr));
    CU_ASSERT_FALSE(session_rehome(w->srv, a->client, &info));
    world_sleep(w, 0);
}

static void
come_back_banned(void)
{
    world_say(w, world_oper(w, "root"), "KLINE *@" ADDRESS " :x");
    guest("NICK ann\r\nUSER ann 0 * :Ann");
}

static void
pour(struct actor *a, const char *line, int times)
{
    for (int i = 0; i < times && a->client; i++)
        world_say(w, a, line);
}

static void
flood(void)
{
    pour(world_connect(w, ADDRESS), "PING x", 25);
}

static void
read_nothing(void)
{
    struct actor *a = ann();
    a->deaf = true;
    a->client->out.sendq.limit = 4096;
    pour(a, "VERSION", 60);
    world_sleep(w, MSEC_SECOND);
}

static void
read_nothing_together(void)
{
    struct actor *a = ann(), *other = world_user_at(w, "bob", ADDRESS);
    a->deaf = other->deaf = true;
    a->client->out.sendq.limit = other->client->out.sendq.limit = 16777216;
    for (int i = 0; i < 6000 && a->client; i++)
        world_sayf(w, other, "PRIVMSG ann :%0400d", i);
}

static void
say_too_much_together(void)
{
    char line[600];
    struct actor *all[] = {ann(), world_user(w, "bob"), world_user(w, "cat"),
                           world_user(w, "dan")};
    for (int i = 0; i < 4 * 900; i++) {
        str_format(line, sizeof line, "PRIVMSG x :%0400d\r\n", i);
        if (i % 4 == 0 || i < 4 * 700)
            session_input(w->srv, all[i % 4]->client, line, strlen(line));
    }
    world_sleep(w, 0);
}

static void
flood_from_a_gateway(void)
{
    pour(world_user_at(w, "ann", "198.51.100.9"), "VERSION", 60);
}

static void
set_kline(void)
{
    struct actor *root = world_oper(w, "root");
    ann();
    world_say(w, root, "KLINE 1h *@" ADDRESS " :x");
}

static void
set_dline(void)
{
    struct actor *root = world_oper(w, "root");
    ann();
    world_say(w, root, "DLINE 1h " ADDRESS " :x");
}

static void
set_xline(void)
{
    struct actor *root = world_oper(w, "root");
    ann();
    world_say(w, root, "XLINE FORCE NOW 1h Real\\sann :x");
}

static void
be_killed(void)
{
    struct actor *root = world_oper(w, "root");
    ann();
    world_say(w, root, "KILL ann :x|secret");
}

static void
be_closed(void)
{
    struct actor *root = world_oper(w, "root");
    world_connect(w, ADDRESS);
    world_say(w, root, "CLOSE");
}

static void
stop_the_server(void)
{
    ann();
    session_shutdown(w->srv, "Server stopped by root");
    world_sleep(w, 0);
}

#define REDIRECT                                                                       \
    "listen \"192.0.2.9:6667\" { redirect = true }\n"                                  \
    "listen \"192.0.2.9:6697\" { tls = true }"

/* Other keys of the event. */
#define ANN "client=ann!ann@" ADDRESS " host=" ADDRESS " "
#define NEW "client=*!*@" ADDRESS " host=" ADDRESS " "

static const struct {
    enum end_cause cause;
    const char *config;
    void (*act)(void);
    const char *client, *behind; /* of the event, before and behind the cause */
} cases[] = {
    {END_QUIT, NULL, quit, ANN, "reason=\"Quit: bye\"\n"},
    {END_CLOSED, NULL, hang_up, ANN, "reason=\"Connection closed\"\n"},
    {END_CONNECTION_ERROR, NULL, break_connection, ANN,
     "reason=\"Read error: Connection reset by peer\"\n"},
    {END_PING_TIMEOUT, NULL, fall_silent, ANN, "reason=\"Ping timeout: "},
    {END_REGISTRATION_TIMEOUT, NULL, say_nothing, NEW,
     "reason=\"Registration timed out\"\n"},
    {END_PASSWORD_TIMEOUT, LOCKED, wait_for_the_worker, ANN,
     "reason=\"Your password could not be checked in time; try again\"\n"},
    {END_PASSWORD_MISSING, LOCKED, bring_no_password, ANN,
     "reason=\"This server needs a password (PASS)\"\n"},
    {END_PASSWORD_WRONG, LOCKED, bring_a_wrong_password, ANN,
     "reason=\"Wrong server password\"\n"},
    {END_PASSWORD_CHANGED, LOCKED, change_the_password, ANN,
     "reason=\"The server password has changed meanwhile; try again\"\n"},
    {END_PASSWORD_REFUSED, LOCKED, find_the_worker_full, ANN,
     "reason=\"Too many logins at once; try again in a few seconds\"\n"},
    {END_HTTP, NULL, browse, NEW, "reason=\"This is IRC, not HTTP\"\n"},
    {END_REDIRECTED, REDIRECT, use_a_redirecting_listener, NEW,
     "reason=\"Use TLS: port 6697\"\n"},
    {END_SERVER_PROTOCOL, NULL, talk_as_a_server, NEW,
     "reason=\"ERROR is sent by servers only\"\n"},
    {END_REFUSED, OPER, come_through_a_gateway,
     "client=*!*@192.0.2.66 host=192.0.2.66 ", "reason=\"You are banned (D-line) "},
    {END_GATEWAY, NULL, claim_an_address, NEW, "reason=\"Invalid WebIRC password\"\n"},
    {END_BANNED, OPER, come_back_banned, ANN, " mask=*@" ADDRESS "\n"},
    {END_EXCESS_FLOOD, NULL, flood, NEW, "reason=\"Excess Flood\"\n"},
    {END_SENDQ, "flood { burst = 1000 }", read_nothing, ANN,
     "reason=\"SendQ exceeded\"\n"},
    {END_SENDQ_TOTAL, ROOM "flood { burst = 99999 targets = \"9999/1s\" }",
     read_nothing_together, ANN, "reason=\"SendQ exceeded (all queues together)\"\n"},
    {END_RECVQ_TOTAL, ROOM "flood { hold = 1000 }", say_too_much_together, ANN,
     "reason=\"RecvQ exceeded (input of all clients together)\"\n"},
    {END_STRIKES,
     "class \"gateway\" { match = { \"198.51.100.0/24\" } strikes = \"disconnect\" }\n"
     "strikes { limit = 1 }",
     flood_from_a_gateway, "client=ann!ann@198.51.100.9 host=198.51.100.9 ",
     "reason=\"1 strikes, the last for "},
    {END_KLINE, OPER, set_kline, ANN, " mask=*@" ADDRESS "\n"},
    {END_DLINE, OPER, set_dline, ANN, " mask=" ADDRESS "\n"},
    {END_XLINE, OPER, set_xline, ANN, " mask=\"Real\\\\sann\"\n"},
    {END_KILL, OPER, be_killed, ANN, "reason=\"Killed (root (x))\" by=alice\n"},
    {END_CLOSE, OPER, be_closed, NEW, "reason=\"Closed by an operator\" by=alice\n"},
    {END_SHUTDOWN, NULL, stop_the_server, ANN, "reason=\"Server stopped by root\"\n"},
};
#define CASES (sizeof cases / sizeof *cases)

/* "<level> event=exit <client>cause=<word> ... <behind>" stands in the log once. */
static void
expect_exit(size_t i, const char *level)
{
    char want[256];
    str_format(want, sizeof want, " %s event=exit %scause=%s ", level, cases[i].client,
               end_cause_word(cases[i].cause));
    const char *at = strstr(w->logged, want);
    const char *end = at ? strchr(at, '\n') : NULL;
    const char *behind = at ? strstr(at, cases[i].behind) : NULL;
    if (end == NULL || behind == NULL || behind > end)
        printf("\n    no event \"%s... %s\" in:\n%s\n", want, cases[i].behind,
               w->logged);
    CU_ASSERT(end && behind && behind <= end);
    CU_ASSERT(end && strstr(end, " event=exit client=ann!") == NULL);
}

static void
every_cause_has_its_event(void)
{
    for (size_t i = 0; i < CASES; i++) {
        w = world_new(cases[i].config);
        cases[i].act();
        bool asked = cases[i].cause == END_QUIT || cases[i].cause == END_CLOSED;
        expect_exit(i, asked ? "debug" : "info");
        logged_check(w);
        world_free(w);
    }
}

static void
no_cause_is_without_a_case(void)
{
    for (int cause = 0; cause < END_CAUSES; cause++) {
        int n = 0;
        for (size_t i = 0; i < CASES; i++)
            n += cases[i].cause == (enum end_cause)cause;
        if (n != 1)
            printf("\n    the cause %s has %d cases in test_end.c\n",
                   end_cause_word((enum end_cause)cause), n);
        EQUAL_NUMBER(n, 1);
        for (int other = 0; other < cause; other++)
            CU_ASSERT(strcmp(end_cause_word((enum end_cause)cause),
                             end_cause_word((enum end_cause)other)) != 0);
    }
}

static unsigned
exits(void)
{
    unsigned n = 0;
    for (const char *at = w->logged; (at = strstr(at, "event=exit ")) != NULL; at++)
        n++;
    return n;
}

/* The level is info: an end that the client asks for is logged at a lower one. */
static void
an_end_that_was_asked_for_is_debug(void)
{
    w = world_new(NULL);
    w->log.level = LOG_LEVEL_INFO;
    quit();
    hang_up();
    EQUAL_NUMBER(exits(), 0);
    break_connection();
    EQUAL_NUMBER(exits(), 1);
    world_free(w);
}

/* `removed` of a K-line counts clients that are named one by one. */
static void
the_removed_of_a_ban_are_named(void)
{
    w = world_new(OPER ROOM);
    char nick[16];
    struct actor *root = world_oper(w, "root");
    for (int i = 0; i < 200; i++) {
        str_format(nick, sizeof nick, "n%d", i);
        world_user_at(w, nick, ADDRESS);
    }
    world_say(w, root, "KLINE FORCE *@" ADDRESS " :x");
    CONTAINS(w->logged, " removed=200\n");
    EQUAL_NUMBER(exits(), 200);
    CONTAINS(w->logged, "event=exit client=n0!n0@" ADDRESS);
    CONTAINS(w->logged, "event=exit client=n199!n199@" ADDRESS);
    world_free(w);
}

/* Connections that do not register are at most ten lines at once and one a second; a
 * flood of them hides no end of a client that is registered. */
static void
a_flood_of_ends_is_bounded(void)
{
    w = world_new(ROOM "flood { unregistered = 1000 }\nstrikes { limit = 1000 }");
    for (int i = 0; i < 500; i++)
        browse();
    EQUAL_NUMBER(exits(), 10);
    break_connection();
    EQUAL_NUMBER(exits(), 11);
    CONTAINS(w->logged, "event=exit client=ann!");
    world_sleep(w, MSEC_SECOND);
    browse();
    EQUAL_NUMBER(exits(), 12);
    CONTAINS(w->logged, "event=exit suppressed=490 ");
    for (int i = 0; i < 200; i++)
        break_connection();
    EQUAL_NUMBER(exits(), 112);
    world_sleep(w, MSEC_SECOND);
    for (int i = 0; i < 20; i++)
        break_connection();
    EQUAL_NUMBER(exits(), 117);
    world_free(w);
}

SUITE(client_end)
{
    TEST(every_cause_has_its_event);
    TEST(no_cause_is_without_a_case);
    TEST(an_end_that_was_asked_for_is_debug);
    TEST(the_removed_of_a_ban_are_named);
    TEST(a_flood_of_ends_is_bounded);
}
