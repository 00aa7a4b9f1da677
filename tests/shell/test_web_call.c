/* Calls of the API behind the real loop: their time, their number, their nicks, and what is
 * left of them. The rest is in tests/e2e/api_test.py. */
#include "web_client.h"

#include "../../src/net/conn_state.h"

#include "base/str.h"
#include "policy/policy.h"

#include <sys/socket.h>
#include <unistd.h>

/* The token is "secret". */
static const char config[] =
    "oper \"bot\" { token = "
    "\"sha256:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b\" "
    "hosts = { \"*@*\" } privileges = { \"all\" } }\n"
    "limits { per_host = 9999 per_network = 9999 unregistered_per_host = 9999 "
    "connect_rate = \"9999/1s\" }";

#define CALL_FIELDS WEB_HOST "Authorization: Bearer secret\r\n"
#define CALL_STATUS "GET /api/v1/status HTTP/1.1\r\n" CALL_FIELDS "\r\n"
/* Its answer waits for the store, which saves nothing here. */
#define CALL_KLINE                                                                     \
    "POST /api/v1/command HTTP/1.1\r\n" CALL_FIELDS                                    \
    "Content-Type: application/json\r\nContent-Length: 42\r\n\r\n"                     \
    "{\"command\":\"KLINE 1h *@192.0.2.77 :spam\"}\n"

static void
expect_no_call(struct looped *x)
{
    looped_turns(x, 3);
    EQUAL_NUMBER(x->loop->calls.n, 0);
    EQUAL_NUMBER(x->srv->n_clients, 0);
    EQUAL_NUMBER(x->srv->n_acting, 0);
    EQUAL_NUMBER(x->loop->calls.listener.clients, 0);
}

static void
a_call_is_answered_and_its_client_ends(void)
{
    struct looped *x = looped_new(config);
    int fd = web_connect(x, "127.0.0.1");
    for (int i = 0; i < 3; i++) {
        const char *got = web_ask(x, fd, CALL_STATUS);
        CONTAINS(got, "HTTP/1.1 200 OK\r\n");
        CONTAINS(got, "Content-Type: application/json\r\n");
        CONTAINS(got, "\"cursor\":null}\n");
        expect_no_call(x);
    }
    EQUAL_NUMBER(web_requests(x, "api", "200"), 3);
    close(fd);
    looped_free(x);
}

static void
a_call_has_a_time(void)
{
    struct looped *x = looped_new(config);
    int fd = web_connect(x, "127.0.0.1");
    EQUAL_TEXT(web_ask(x, fd, CALL_KLINE), "");
    EQUAL_NUMBER(web_count(x, WEB_CALLING), 1);
    EQUAL_NUMBER(x->srv->n_clients, 1);
    msec left = web_call_expire(x->loop, MSEC_MINUTE); /* turns take time */
    CU_ASSERT(left <= WEB_CALL_TIME && left > WEB_CALL_TIME - 5 * MSEC_SECOND);
    x->loop->now += left - 1;
    EQUAL_NUMBER(web_call_expire(x->loop, MSEC_SECOND), 1);
    web_call_turn(x->loop);
    EQUAL_TEXT(looped_read(x, fd), "");
    x->loop->now += 1;
    EQUAL_NUMBER(web_call_expire(x->loop, MSEC_SECOND), MSEC_SECOND);
    web_call_turn(x->loop);
    const char *got = looped_read(x, fd);
    CONTAINS(got, "HTTP/1.1 504 Gateway Timeout\r\n");
    CONTAINS(got, "{\"error\":\"The command was not answered in time");
    expect_no_call(x);
    close(fd);
    looped_free(x);
}

static void
a_token_from_elsewhere_needs_tls(void)
{
    struct looped *x = looped_new(config);
    const char *got = web_ask_new(x, CALL_STATUS);
    CONTAINS(got, "HTTP/1.1 403 Forbidden\r\n");
    CONTAINS(got, "not encrypted");
    expect_no_call(x);
    looped_free(x);
}

static void
a_nick_that_is_taken_does_not_stop_a_call(void)
{
    struct looped *x = looped_new(config);
    int users[3], fd = web_connect(x, "127.0.0.1");
    for (int i = 0; i < 3; i++) {
        char lines[64];
        str_format(lines, sizeof lines, "NICK api0%d\r\nUSER a 0 * :A\r\n", i + 1);
        users[i] = looped_connect(x, LOOPED_PLAIN, "192.0.2.9");
        looped_send(users[i], lines);
        looped_turns(x, 2);
    }
    EQUAL_NUMBER(session_count(x->srv), 3);
    looped_send(fd, CALL_STATUS);
    looped_turns(x, 8);
    CONTAINS(looped_read(x, fd), "\"cursor\":null}\n");
    EQUAL_NUMBER(x->loop->calls.number, 4);
    for (int i = 0; i < 3; i++)
        close(users[i]);
    close(fd);
    looped_turns(x, 2);
    expect_no_call(x);
    looped_free(x);
}

static void
calls_have_a_number(void)
{
    struct looped *x = looped_new(config);
    int fds[WEB_CALLS_MOST + 1];
    for (int i = 0; i <= WEB_CALLS_MOST; i++) {
        char address[32];
        str_format(address, sizeof address, "127.0.1.%d", i + 1);
        fds[i] = web_connect(x, address);
        const char *got = web_ask(x, fds[i], CALL_KLINE);
        if (i < WEB_CALLS_MOST)
            EQUAL_TEXT(got, "");
        else
            CONTAINS(got, "HTTP/1.1 503 Service Unavailable\r\n");
    }
    EQUAL_NUMBER(x->loop->calls.n, WEB_CALLS_MOST);
    looped_free(x); /* with all of them */
    for (int i = 0; i <= WEB_CALLS_MOST; i++)
        close(fds[i]);
}

static void
a_connection_that_ends_ends_its_call(void)
{
    struct looped *x = looped_new(config);
    int fd = web_connect(x, "127.0.0.1");
    web_ask(x, fd, CALL_KLINE);
    EQUAL_NUMBER(x->loop->calls.n, 1);
    web_wait(x, MSEC_MINUTE); /* the limit of all phases of HTTP */
    expect_no_call(x);
    web_expect_closed(x, fd);
    looped_free(x);
}

static void
expect_ban_holds(struct looped *x)
{
    EQUAL_NUMBER(x->srv->policy->n_bans[BAN_KLINE], 1);
}

/* Its place is free at once. The command stays. */
static void
a_caller_that_leaves_ends_its_call(void)
{
    struct looped *x = looped_new(config);
    for (int how = 0; how < 2; how++) {
        int fd = web_connect(x, "127.0.0.1");
        EQUAL_TEXT(web_ask(x, fd, CALL_KLINE), "");
        EQUAL_NUMBER(x->loop->calls.n, 1);
        if (how == 0)
            close(fd);
        else
            shutdown(fd, SHUT_WR);
        expect_no_call(x);
        EQUAL_NUMBER(x->loop->webs.hosts.connections, 0);
        expect_ban_holds(x);
        if (how == 1)
            web_expect_closed(x, fd);
    }
    looped_free(x);
}

/* Bytes behind the request wake the loop once. */
static void
a_caller_that_sends_on_gets_its_last_answer(void)
{
    struct looped *x = looped_new(config);
    int fd = web_connect(x, "127.0.0.1");
    EQUAL_TEXT(web_ask(x, fd, CALL_KLINE), "");
    struct web *w =
        LIST_ENTRY(x->loop->webs.waiting[WEB_CALLING].next, struct web, link);
    CU_ASSERT_TRUE(ev_is_active(&w->conn->conn.io));
    EQUAL_TEXT(web_ask(x, fd, CALL_STATUS), "");
    EQUAL_NUMBER(x->loop->calls.n, 1);
    CU_ASSERT_FALSE(ev_is_active(&w->conn->conn.io));
    session_close(x->srv, looped_registered(x), "gone");
    looped_turns(x, 3);
    const char *got = looped_read(x, fd);
    CONTAINS(got, "HTTP/1.1 503 Service Unavailable\r\n");
    CONTAINS(got, "Connection: close\r\n");
    CU_ASSERT_PTR_NULL(strstr(got, "200 OK"));
    expect_no_call(x);
    web_expect_closed(x, fd);
    looped_free(x);
}

static void
expect_error(const char *got, const char *status, bool is_json)
{
    CONTAINS(got, status);
    CONTAINS(got, is_json ? "Content-Type: application/json\r\n"
                          : "Content-Type: text/plain; charset=utf-8\r\n");
    const char *body = strstr(got, "\r\n\r\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(body);
    EQUAL_NUMBER(strncmp(body + 4, "{\"error\":\"", 10) == 0, is_json);
}

/* Also if no call is made of it. */
static void
each_refusal_below_api_is_json(void)
{
#define LINE(first, fields) first " HTTP/1.1\r\n" WEB_HOST fields "\r\n"
    static const struct {
        const char *ask, *status;
        bool is_json;
    } cases[] = {
        {LINE("GET /api/v1", ""), " 404 ", true},
        {LINE("GET /api/", ""), " 404 ", true},
        {LINE("GET /api/v2/status", ""), " 404 ", true},
        {LINE("GET /%61pi/v1", ""), " 404 ", true},
        {LINE("GET /api", ""), " 404 ", false},
        {LINE("GET /nothing", ""), " 404 ", false},
        {LINE("POST /api/v1/command", ""), " 411 ", true},
        {LINE("POST /api/v1/command", "Content-Length: 65537\r\n"), " 413 ", true},
        {LINE("POST /api/v1/command", "Transfer-Encoding: chunked\r\n"), " 501 ", true},
        {LINE("PUT /api/v1/command", ""), " 501 ", true},
        {LINE("PUT /health", ""), " 501 ", false},
        {"GET /api/v1/status HTTP/3.0\r\n", " 505 ", true},
        {"GET /api/v1/status HTTP/1.1\r\n\r\n", " 400 ", true},
        {LINE("GET /api/v1/status", "Content-Length: 1\r\n"), " 400 ", true},
        {LINE("POST /health", "Content-Length: 1\r\n"), " 405 ", false},
        {LINE("GET /api/v1/status", ""), " 401 ", true},
    };
    struct looped *x = looped_new(config);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_error(web_ask_new(x, cases[i].ask), cases[i].status, cases[i].is_json);
    CONTAINS(web_ask_new(x, LINE("HEAD /api/v1", "")), " 404 ");
    CU_ASSERT_TRUE(strcmp(x->got + strlen(x->got) - 4, "\r\n\r\n") == 0);
    x->listeners[LOOPED_WEB].serves = SERVES_HEALTH;
    expect_error(web_ask_new(x, CALL_STATUS), " 404 ", true);
    looped_free(x);
}

/* What the server asks of its sender. */
static void
each_limit_below_api_is_json(void)
{
    struct looped *x = looped_new("limits { per_host = 8 }");
    int fd = web_connect(x, WEB_ADDR);
    EQUAL_TEXT(web_ask(x, fd, "GET /api/v1/status HTTP/1.1\r\n"), "");
    web_wait(x, MSEC_MINUTE);
    expect_error(looped_read(x, fd), " 408 ", true);
    close(fd);
    fd = web_connect(x, WEB_ADDR);
    EQUAL_TEXT(web_ask(x, fd, "GET /health HTTP/1.1\r\n"), "");
    web_wait(x, MSEC_MINUTE);
    expect_error(looped_read(x, fd), " 408 ", false);
    close(fd);
    for (int i = 0; i < WEB_REQUESTS; i++)
        web_ask_new(x, CALL_STATUS);
    expect_error(web_ask_new(x, CALL_STATUS), " 429 ", true);
    expect_error(web_ask_new(x, WEB_GET("/health")), " 429 ", false);
    looped_free(x);
}

/* The core ends the client of a call. */
static void
a_call_that_the_core_ends_is_answered(void)
{
    struct looped *x = looped_new(config);
    int fd = web_connect(x, "127.0.0.1");
    web_ask(x, fd, CALL_KLINE);
    session_close(x->srv, looped_registered(x), "gone");
    looped_turns(x, 3);
    CONTAINS(looped_read(x, fd), "HTTP/1.1 503 Service Unavailable\r\n");
    expect_no_call(x);
    close(fd);
    looped_free(x);
}

/* The first call waits for the store; one that begins now has no effect. */
static int
end_while_a_call_waits(struct looped *x)
{
    int fd = web_connect(x, "127.0.0.1"), late = web_connect(x, "127.0.0.2");
    EQUAL_TEXT(web_ask(x, fd, CALL_KLINE), "");
    loop_end(x->loop, "maintenance");
    looped_turns(x, 2);
    CONTAINS(web_ask(x, late, CALL_KLINE), "HTTP/1.1 503 Service Unavailable\r\n");
    CONTAINS(x->got, "The server ends; the command has not run.");
    EQUAL_NUMBER(x->loop->calls.number, 1);
    EQUAL_TEXT(looped_read(x, fd), "");
    close(late);
    return fd;
}

static void
the_end_waits_until_a_call_is_saved(void)
{
    struct looped *x = looped_new(config);
    int fd = end_while_a_call_waits(x);
    session_stored(x->srv, &(struct store_news){.upto = UINT64_MAX});
    looped_turns(x, 2);
    CONTAINS(looped_read(x, fd), "HTTP/1.1 200 OK\r\n");
    CONTAINS(x->got, ", saved\"],\"saved\":true}");
    CU_ASSERT(x->loop->told);
    close(fd);
    looped_free(x);
}

static void
the_end_waits_until_a_call_is_told_that_it_is_not_saved(void)
{
    struct looped *x = looped_new(config);
    int fd = end_while_a_call_waits(x);
    session_stored(x->srv, &(struct store_news){.upto = UINT64_MAX, .why = "full"});
    looped_turns(x, 2);
    CONTAINS(looped_read(x, fd), "NOT saved: full\"],\"saved\":false}");
    CU_ASSERT(x->loop->told);
    close(fd);
    looped_free(x);
}

static void
the_end_waits_for_a_time(void)
{
    struct looped *x = looped_new(config);
    int fd = end_while_a_call_waits(x);
    msec left = x->loop->save_until - x->loop->now;
    CU_ASSERT(left > 0 && left <= MSEC_SECOND);
    x->loop->save_until = x->loop->now;
    looped_turns(x, 2);
    CONTAINS(looped_read(x, fd), "HTTP/1.1 503 Service Unavailable\r\n");
    CONTAINS(x->got, "the command may still have an effect, saved or not.");
    close(fd);
    looped_free(x);
}

SUITE(web_call)
{
    TEST(a_call_is_answered_and_its_client_ends);
    TEST(a_call_has_a_time);
    TEST(a_token_from_elsewhere_needs_tls);
    TEST(a_nick_that_is_taken_does_not_stop_a_call);
    TEST(calls_have_a_number);
    TEST(a_connection_that_ends_ends_its_call);
    TEST(a_caller_that_leaves_ends_its_call);
    TEST(a_caller_that_sends_on_gets_its_last_answer);
    TEST(each_refusal_below_api_is_json);
    TEST(each_limit_below_api_is_json);
    TEST(a_call_that_the_core_ends_is_answered);
    TEST(the_end_waits_until_a_call_is_saved);
    TEST(the_end_waits_until_a_call_is_told_that_it_is_not_saved);
    TEST(the_end_waits_for_a_time);
}
