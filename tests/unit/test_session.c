/* Connections: opening, closing, killing, splits of the stream, slow readers. */
#include "base/mem.h"
#include "session/session.h"
#include "state/channel.h"
#include "state/client_end.h"
#include "state/out.h"
#include "world.h"

static void
a_close_is_told_once_and_leaves_nothing(void)
{
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann"), *b = world_user(w, "bob");
    world_say(w, a, "JOIN #a,#b");
    world_say(w, b, "JOIN #a,#b");
    world_drain_all(w);
    struct client *c = a->client;
    session_close(w->srv, c, "Connection reset");
    session_close(w->srv, c, "again");
    world_send(w, b, "PONG x\r\n", 8);
    EXPECT(w, b, ":ann!ann@10.1.1.1 QUIT :Connection reset");
    SILENT(w, b);
    SILENT(w, a); /* it is gone: no ERROR */
    CU_ASSERT(a->closed);
    world_close(w, b);
    EQUAL_NUMBER(session_count(w->srv), 0);
    EQUAL_NUMBER(w->srv->n_channels, 0);
    world_free(w);
}

static void
a_half_line_dies_with_its_client(void)
{
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann");
    world_send(w, a, "PRIVMSG ann :unfin", 18);
    world_close(w, a);
    a = world_connect(w, "192.0.2.1");
    world_send(w, a, "NICK b", 6);
    world_close(w, a);
    EQUAL_NUMBER(session_count(w->srv), 0);
    world_free(w);
}

static void
killing_oneself_or_twice_is_safe(void)
{
    struct world *w = world_new(world_easy);
    struct actor *o = world_oper(w, "root"), *b = world_user(w, "bob");
    world_channel(w, "#a", "root@", "bob");
    world_say(w, o, "KILL bob :one\r\nKILL bob :two\r\nPRIVMSG bob :x");
    EQUAL_NUMBER(world_count(b, "ERROR :*one*"), 1);
    EQUAL_NUMBER(world_count(b, "ERROR :*"), 1);
    EQUAL_NUMBER(world_count(o, ":bob!bob@* QUIT :*one*"), 1);
    EQUAL_NUMBER(world_count(o, ":irc.localhost 401 root bob :*"), 2);
    world_drain(o);
    world_say(w, o, "KILL root :me\r\nJOIN #b\r\nKILL root :me");
    AWAIT(w, o, "ERROR :Closing Link: 10.1.1.1 (*me*)");
    SILENT(w, o);
    CU_ASSERT(o->closed && b->closed);
    EQUAL_NUMBER(w->srv->n_channels, 0);
    world_free(w);
}

static void
the_first_reason_stands(void)
{
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann");
    client_kill(w->srv, a->client, END_KILL, "first");
    client_kill(w->srv, a->client, END_KILL, "second");
    world_close(w, a);
    SILENT(w, a);
    struct actor *b = world_user(w, "bob");
    a = world_user(w, "ann");
    client_kill(w->srv, a->client, END_KILL, "first");
    client_kill(w->srv, a->client, END_KILL, "second");
    world_say(w, a, "PRIVMSG bob :late");
    world_say(w, b, "PONG :the reaper comes between two commands");
    SILENT(w, b);
    EXPECT(w, a, "ERROR :Closing Link: * (first)");
    SILENT(w, a);
    world_free(w);
}

static const char script[] =
    "CAP LS 302\r\nNICK 1bad\r\nNICK ann\nUSER ann 0 * :Ann \xe2\x82\xac\r\n\r\n"
    "CAP REQ :multi-prefix message-tags echo-message\r\nCAP END\r\n   \r\n"
    "JOIN #a,#b key\r\nMODE #a +ovk ann ann key\r\n@+x=y PRIVMSG #a,ann,#A :hi\r\n"
    "NAMES #a\r\nWHO #a\r\nTOPIC #a :\xc3\xa9t\xc3\xa9\r\nBAD \xff\r\nNUL \0\r\nCR \r "
    "x\r\n"
    "FROB\r\nLIST\r\nWHOIS ann,ann,bob\r\nISON ann\r\nKICK #a nobody,ann\r\nPART #b "
    ":x\r\n"
    "AWAY :x\r\nMODE ann +iw\r\nUSERHOST ann\r\nPING :a b\r\nVERSION\r\n"
    "LONG "
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    "xxx"
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    "xxx"
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    "xxx"
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    "xxx"
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    "xxx"
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    "xxx\r"
    "\nPING end\r\nQUIT :bye\r\nPING late\r\n";

/* All replies when the bytes come in pieces of 1 to `most` (0: whole). */
static char *
replay(const char *config, const char *bytes, size_t n, unsigned most, unsigned seed)
{
    struct world *w = world_new(config);
    struct actor *a = world_connect(w, "192.0.2.1");
    for (size_t at = 0; at < n;) {
        seed = seed * 1103515245 + 12345;
        size_t part = most ? 1 + (seed >> 16) % most : n;
        if (part > n - at)
            part = n - at;
        world_send(w, a, bytes + at, part);
        at += part;
    }
    char *got = xstrdup(a->inbox);
    world_free(w);
    return got;
}

static void
same_for_every_split(const char *config, const char *bytes, size_t n, unsigned rounds)
{
    char *whole = replay(config, bytes, n, 0, 0);
    CU_ASSERT(strlen(whole) > 0);
    for (unsigned i = 0; i < rounds; i++) {
        char *parts = replay(config, bytes, n, i == 0 ? 1 : 1 + i * 7, i);
        EQUAL_TEXT(parts, whole);
        free(parts);
    }
    free(whole);
}

static void
every_split_gives_the_same_replies(void)
{
    char *whole = replay(world_easy, script, sizeof script - 1, 0, 0);
    CONTAINS(whole, " 417 ann ");
    CONTAINS(whole, " PONG irc.localhost :end\r\n");
    CONTAINS(whole, "ERROR :Closing Link: 192.0.2.1 (Quit: bye)\r\n");
    CU_ASSERT_PTR_NULL(strstr(whole, "late"));
    free(whole);
    same_for_every_split(world_easy, script, sizeof script - 1, 40);
    /* With flood control too: the held and the refused lines do not depend on the
     * pieces. */
    same_for_every_split(NULL, script, sizeof script - 1, 20);
}

static void
a_huge_line_is_the_same_in_every_split(void)
{
    static const size_t sizes[] = {511,  4000,  4096,  4097, 4606,
                                   5000, 16384, 16385, 20000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int tagged = 0; tagged < 2; tagged++) {
            char *line = xmalloc(sizes[s] + 20);
            memset(line, 'x', sizes[s]);
            if (tagged) /* tags, and a body that fits */
                line[0] = '@', line[sizes[s] > 400 ? sizes[s] - 400 : 1] = ' ';
            memcpy(line + sizes[s], "\r\nPING after\r\n", 14);
            same_for_every_split(world_easy, line, sizes[s] + 14, 3);
            free(line);
        }
}

static void
input_without_an_end_is_cut_off(void)
{
    char piece[1000];
    struct world *w = world_new(world_easy);
    struct actor *a = world_connect(w, "192.0.2.1"), *b = world_user(w, "bob");
    memset(piece, 'x', sizeof piece);
    for (int i = 0; i < 5; i++)
        world_send(w, a, piece, sizeof piece);
    AWAIT(w, a, "ERROR :Closing Link: 192.0.2.1 (Excess Flood)");
    for (int i = 0; i < 16; i++)
        world_send(w, b, piece, sizeof piece);
    CU_ASSERT(!b->closed);
    SILENT(w, b);
    world_send(w, b, piece, sizeof piece);
    CU_ASSERT(b->closed);
    world_free(w);
}

static void
a_paste_comes_out_in_order(void)
{
    char want[64];
    struct world *w = world_new(NULL);
    struct actor *a = world_user(w, "ann"), *b = world_user(w, "bob");
    for (int i = 0; i < 20; i++)
        world_sayf(w, a, "PRIVMSG bob :%d", i);
    world_sleep(w, 12 * MSEC_SECOND);
    for (int i = 0; i < 20; i++) {
        snprintf(want, sizeof want, ":ann!ann@* PRIVMSG bob :%d", i);
        EXPECT(w, b, want);
    }
    SILENT(w, a);
    world_free(w);
}

static void
a_slow_reader_is_dropped_and_no_other(void)
{
    struct world *w = world_new("limits { sendq = 16384 } flood { burst = 99999 }");
    struct actor *a = world_user(w, "ann"), *slow = world_user(w, "slow");
    struct actor *b = world_user(w, "bob");
    world_channel(w, "#a", "ann@", "slow", "bob");
    slow->deaf = true;
    for (int i = 0; i < 60; i++)
        world_sayf(w, a, "PRIVMSG #a :%d %400d", i, i);
    CU_ASSERT(slow->closed);
    EQUAL_NUMBER(world_count(b, ":ann!ann@* PRIVMSG #a *"), 60);
    EQUAL_NUMBER(world_count(b, ":slow!slow@* QUIT :SendQ exceeded"), 1);
    EQUAL_NUMBER(world_count(a, ":slow!slow@* QUIT :SendQ exceeded"), 1);
    world_free(w);
}

static void
many_slow_readers_die_in_one_broadcast(void)
{
    enum { SLOW = 300 };
    char nick[16];
    struct world *w = world_new("limits { sendq = 16384 per_network = 9999 } "
                                "flood { burst = 99999 }");
    struct actor *a = world_user(w, "ann");
    world_say(w, a, "JOIN #a");
    for (int i = 0; i < SLOW; i++) {
        snprintf(nick, sizeof nick, "s%d", i);
        world_say(w, world_user(w, nick), "JOIN #a");
    }
    world_drain_all(w);
    for (int i = 1; i <= SLOW; i++)
        w->actors[i].deaf = true;
    for (int i = 0; i < 60; i++)
        world_sayf(w, a, "PRIVMSG #a :%400d", i);
    for (int i = 1; i <= SLOW; i++)
        CU_ASSERT(w->actors[i].closed);
    EQUAL_NUMBER(world_count(a, ":s*!* QUIT :SendQ exceeded"), SLOW);
    EQUAL_NUMBER(session_count(w->srv), 1);
    CU_ASSERT(!a->closed);
    world_free(w);
}

static void
shutdown_tells_all_clients(void)
{
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann"), *b = world_connect(w, "192.0.2.1");
    session_shutdown(w->srv, "restarting");
    world_send(w, a, "PING x\r\n", 8);
    EXPECT(w, a, "ERROR :Closing Link: 10.1.1.1 (restarting)");
    EXPECT(w, b, "ERROR :Closing Link: 192.0.2.1 (restarting)");
    EQUAL_NUMBER(session_count(w->srv), 0);
    world_free(w);
}

static void
a_storm_leaves_no_trace(void)
{
    unsigned seed = 3;
    char nick[16];
    struct world *w = world_new(world_easy);
    struct actor *on[20] = {NULL};
    for (int i = 0; i < 3000; i++) {
        seed = seed * 1103515245 + 12345;
        unsigned k = (seed >> 16) % 20, what = (seed >> 8) % 8;
        if (on[k] == NULL) {
            snprintf(nick, sizeof nick, "n%u", (seed >> 4) % 30);
            on[k] = world_user(w, nick);
        }
        static const char *const lines[] = {
            "JOIN #a,#b,#c", "PART #b",      "NICK x",        "QUIT",
            "MODE #a +b x",  "INVITE n1 #a", "PRIVMSG #a :x", "AWAY :x"};
        if (what == 3 && i % 2)
            world_close(w, on[k]);
        world_say(w, on[k], lines[what]);
        if (on[k]->closed)
            on[k] = NULL;
        world_drain_all(w);
    }
    for (int k = 0; k < 20; k++)
        if (on[k])
            world_close(w, on[k]);
    EQUAL_NUMBER(session_count(w->srv), 0);
    EQUAL_NUMBER(w->srv->n_channels, 0);
    EQUAL_NUMBER(w->srv->n_registered, 0);
    EQUAL_NUMBER(w->srv->buffers.sum.bytes, 0);
    EQUAL_NUMBER(w->srv->input_bytes, 0);
    CU_ASSERT_PTR_NULL(w->srv->nicks);
    world_free(w);
}

static void
before_registration_the_queue_is_small(void)
{
    char line[420];
    uint32_t most = 0;
    struct world *w = world_new("limits { sendq = 65536 sendq_unregistered = 8192 }\n"
                                "flood { unregistered = 1000 burst = 100000 }");
    struct actor *ann = world_user(w, "ann"), *fresh = world_connect(w, "192.0.2.1");
    world_drain_all(w);
    ann->deaf = fresh->deaf = true;
    snprintf(line, sizeof line, "PING :%400d", 0);
    for (int n = 0; n < 100 && !fresh->closed; n++) {
        most = fresh->client->out.sendq.bytes;
        world_say(w, fresh, line);
        world_say(w, ann, line);
    }
    CU_ASSERT(fresh->closed && !ann->closed);
    CU_ASSERT(most > 8192 - 500 && most <= 8192);
    world_free(w);
}

SUITE(session)
{
    TEST(a_close_is_told_once_and_leaves_nothing);
    TEST(a_half_line_dies_with_its_client);
    TEST(killing_oneself_or_twice_is_safe);
    TEST(the_first_reason_stands);
    TEST(every_split_gives_the_same_replies);
    TEST(a_huge_line_is_the_same_in_every_split);
    TEST(input_without_an_end_is_cut_off);
    TEST(a_paste_comes_out_in_order);
    TEST(a_slow_reader_is_dropped_and_no_other);
    TEST(many_slow_readers_die_in_one_broadcast);
    TEST(shutdown_tells_all_clients);
    TEST(a_storm_leaves_no_trace);
    TEST(before_registration_the_queue_is_small);
}
