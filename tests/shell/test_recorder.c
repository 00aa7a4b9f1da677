/* Recordings: the limits of their size and content, and how they end. */
#include "taped.h"

#include "base/mem.h"
#include "proto/casemap.h"

/* The longest text of an event. */
static size_t
longest(const struct trace *trace)
{
    size_t most = 0;
    for (size_t i = 0; i < trace->n_events; i++)
        if (trace->events[i].bytes > most)
            most = trace->events[i].bytes;
    return most;
}

/* Sends n bytes without a line end, from a client that is registered or not. */
static void
overrun(bool registered, size_t bytes, const char *config, size_t want)
{
    struct taped t;
    taped_begin(&t, config);
    struct actor *a =
        registered ? world_user(t.world, "ann") : world_connect(t.world, "192.0.2.1");
    char *flood = xmalloc(bytes);
    memset(flood, 'y', bytes);
    world_send(t.world, a, flood, bytes);
    CU_ASSERT(a->closed);
    free(flood);
    taped_stop(&t);
    struct trace *trace = taped_trace(&t);
    EQUAL_NUMBER(longest(trace), want);
    EQUAL_NUMBER(trace->events[trace->n_events - 1].kind, TRACE_CLOSE);
    trace_free(trace);
    taped_clear(&t);
}

static void
an_overrun_is_recorded_as_long_as_the_limit_of_its_client(void)
{
    static const char small[] = "limits { recvq = 16384 recvq_unregistered = 2048 }";
    static const char large[] =
        "limits { recvq = 1048576 recvq_unregistered = 65536 sendq = 2097152 }";
    overrun(false, 2049, small, 2049 + 2);
    overrun(true, 20000, small, 16385 + 2);
    overrun(false, 65537, large, 65537 + 2);
    overrun(true, 1 << 21, large, (1 << 20) + 1 + 2);
}

static void
many_long_lines_are_all_recorded(void)
{
    struct taped t;
    char line[8192];
    taped_begin(&t, world_easy);
    struct actor *a = world_user(t.world, "ann");
    memset(line, 'y', sizeof line);
    memcpy(line, "@a=", 3);
    memcpy(line + sizeof line - 20, " PRIVMSG ann :yyyyyy", 20);
    line[sizeof line - 1] = '\n';
    for (int i = 0; i < 100; i++)
        world_send(t.world, a, line, sizeof line);
    taped_stop(&t);
    struct trace *trace = taped_trace(&t);
    EQUAL_NUMBER(trace->n_events, 1 + 2 + 100);
    trace_free(trace);
    taped_clear(&t);
}

static const char *const secrets[] = {"hunter2",  "Diary",          "my-password",
                                      "bob@home", "dawn.example",   "192.0.2.77",
                                      "Alice",    "secret-meeting", "du\xc3\xa9l"};
#define SECRETS (sizeof secrets / sizeof *secrets)

static const char *const verbs[] = {"PRIVMSG",
                                    "NOTICE",
                                    "TAGMSG",
                                    "JOIN",
                                    "PART",
                                    "TOPIC",
                                    "KICK",
                                    "INVITE",
                                    "KNOCK",
                                    "NAMES",
                                    "WHO",
                                    "WHOIS",
                                    "WHOWAS",
                                    "ISON",
                                    "USERHOST",
                                    "USERIP",
                                    "MONITOR",
                                    "MONITOR +",
                                    "MODE",
                                    "MODE #a",
                                    "MODE #a b",
                                    "MODE #a +b",
                                    "NICK",
                                    "USER",
                                    "PASS",
                                    "CAP",
                                    "CAP REQ",
                                    "CAP LS",
                                    "CAP LIST",
                                    "CAP END",
                                    "AWAY",
                                    "SETNAME",
                                    "PING",
                                    "LIST",
                                    "MOTD",
                                    "LUSERS",
                                    "VERSION",
                                    "TIME",
                                    "INFO",
                                    "ADMIN",
                                    "HELP",
                                    "STATS",
                                    "ACCEPT",
                                    "BATCH",
                                    "RENAME",
                                    "LINKS",
                                    "MAP",
                                    "OPER",
                                    "PONG",
                                    "ISUPPORT",
                                    "KLINE",
                                    "AUTHENTICATE",
                                    "",
                                    "ERROR",
                                    "@a=%s;+b PRIVMSG",
                                    ":%s PRIVMSG",
                                    "%s",
                                    "@%s",
                                    "REHASH",
                                    "PRIVMSG #a :\x01"
                                    "ACTION",
                                    "PRIVMSG #a :\x01"
                                    "DCC",
                                    "QUIT"};
#define VERBS (sizeof verbs / sizeof *verbs)

static unsigned state = 7;

static unsigned
any(size_t n)
{
    state = state * 1103515245u + 12345u;
    return (state >> 16) % (unsigned)n;
}

static const char *
secret(void)
{
    return secrets[any(SECRETS)];
}

/* A verb and up to five parameters, each a secret in one of these forms. */
static void
make_line(char *line, size_t size, const char *verb)
{
    static const char *const forms[] = {"%s",  "+%s",  "-%s",  ":%s",  "#%s",
                                        "@%s", "x=%s", "a,%s", "%s,a", "@#%s"};
    const char *in_verb = strstr(verb, "%s");
    size_t n =
        (size_t)snprintf(line, size, "%.*s%s%s", in_verb ? (int)(in_verb - verb) : 999,
                         verb, in_verb ? secret() : "", in_verb ? in_verb + 2 : "");
    for (unsigned params = any(6); params > 0; params--) {
        const char *form = forms[any(sizeof forms / sizeof *forms)];
        const char *at = strstr(form, "%s");
        n += (size_t)snprintf(line + n, size - n, " %.*s%s%s", (int)(at - form), form,
                              secret(), at + 2);
    }
}

static void
to_lower(char *text)
{
    for (; *text; text++)
        *text = casemap_fold(*text);
}

static void
no_secret_is_recorded_wherever_it_is_typed(void)
{
    struct taped t;
    char line[512], word[64];
    taped_begin(&t, world_easy);
    struct actor *a = world_user(t.world, "ann");
    for (int round = 0; round < 20000; round++) {
        if (a->closed && t.world->n_actors < WORLD_CLIENTS - 1)
            a = world_user(t.world, "ann");
        make_line(line, sizeof line, verbs[(size_t)round % VERBS]);
        world_say(t.world, a, line);
        world_drain(a);
    }
    CU_ASSERT(!a->closed);
    taped_stop(&t);
    char *text = taped_text(&t);
    to_lower(text);
    CU_ASSERT(strlen(text) > 500000);
    for (size_t i = 0; i < SECRETS; i++) {
        snprintf(word, sizeof word, "%s", secrets[i]);
        to_lower(word);
        if (strstr(text, word))
            EQUAL_TEXT(strstr(text, word) - 40, "no secret");
    }
    free(text);
    taped_clear(&t);
}

/* The bytes that a client of a gateway has sent so far belong to the old address, the
 * rest to the new one, and nothing follows the end of either. */
static void
a_client_that_moves_is_recorded_as_two(void)
{
    static const struct {
        size_t conn;
        enum trace_kind kind;
    } want[] = {{0, TRACE_CONNECT}, {0, TRACE_LINES}, {0, TRACE_CLOSE},
                {1, TRACE_CONNECT}, {1, TRACE_LINES}, {1, TRACE_CLOSE},
                {2, TRACE_CONNECT}};
    struct connection_info info = {.listener = "test"};
    struct taped t;
    taped_begin(&t, "limits { per_host = 1 }");
    struct actor *a = world_connect(t.world, "198.51.100.1");
    world_say(t.world, a, "NICK ann");
    CU_ASSERT_FATAL(addr_parse("192.0.2.1", &info.addr));
    CU_ASSERT(session_rehome(t.world->srv, a->client, &info));
    world_sleep(t.world, MSEC_SECOND);
    world_say(t.world, a, "USER ann 0 * :Ann");
    world_close(t.world, a);
    world_sleep(t.world, MSEC_SECOND);
    CU_ASSERT_FALSE(world_connect(t.world, "192.0.2.7")->closed);
    taped_stop(&t);
    struct trace *trace = taped_trace(&t);
    EQUAL_NUMBER(trace->n_events, sizeof want / sizeof *want);
    for (size_t i = 0; i < trace->n_events && i < sizeof want / sizeof *want; i++) {
        EQUAL_NUMBER(trace->events[i].conn, want[i].conn);
        EQUAL_NUMBER(trace->events[i].kind, want[i].kind);
    }
    trace_free(trace);
    taped_clear(&t);
}

/* A fingerprint is replaced, and the same one stays the same. A client that a class gets
 * by its certificate has it at its second connect. */
static void
tls_and_certificates_are_recorded(void)
{
#define ONE "1111111111111111111111111111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222222222222222222222222222"
    static const char *const certfps[] = {ONE, TWO, ONE};
    struct connection_info info = {.listener = "[::]:6697", .secure = true};
    struct taped t;
    taped_begin(&t, "listen \"[::]:6697\" { tls = true }\n"
                    "class \"known\" { certfp = { \"" ONE "\", \"" TWO "\" } }");
    world_connect(t.world, "192.0.2.1");
    for (int i = 0; i < 3; i++) {
        char address[20];
        snprintf(address, sizeof address, "192.0.2.%d", 2 + i);
        struct actor *a = world_connect_with(t.world, address, info);
        session_info(a->client, &info);
        info.certfp = certfps[i];
        CU_ASSERT(session_rehome(t.world->srv, a->client, &info));
        info.listener = "[::]:6697";
        info.certfp = NULL;
    }
    world_sleep(t.world, MSEC_SECOND);
    taped_stop(&t);
    char *text = taped_text(&t);
    CU_ASSERT_PTR_NULL(strstr(text, "1111111111"));
    free(text);
    struct trace *trace = taped_trace(&t);
    CU_ASSERT_EQUAL_FATAL(trace->n_conns, 7);
    const struct trace_conn *c = trace->conns;
    CU_ASSERT(!c[0].tls && c[1].tls && c[2].tls);
    EQUAL_TEXT(c[1].certfp, "");
    EQUAL_NUMBER(strlen(c[2].certfp), 64);
    EQUAL_TEXT(c[2].certfp, c[6].certfp);
    CU_ASSERT(strcmp(c[2].certfp, c[4].certfp) != 0);
    trace_free(trace);
    taped_clear(&t);
}

SUITE(recorder)
{
    TEST(tls_and_certificates_are_recorded);
    TEST(a_client_that_moves_is_recorded_as_two);
    TEST(no_secret_is_recorded_wherever_it_is_typed);
    TEST(an_overrun_is_recorded_as_long_as_the_limit_of_its_client);
    TEST(many_long_lines_are_all_recorded);
}
