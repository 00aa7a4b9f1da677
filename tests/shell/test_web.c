/* HTTP behind the real loop: requests, their answers, and bytes that are no request. */
#include "web_client.h"

#include "state/refusal.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static void
a_request_is_answered_and_the_connection_stays(void)
{
    struct looped *x = web_looped(NULL);
    int fd = web_connect(x, WEB_ADDR);
    for (int i = 0; i < 3; i++) {
        const char *got = web_ask(x, fd, WEB_GET("/health"));
        CU_ASSERT_PTR_NOT_NULL_FATAL(got);
        CU_ASSERT(strncmp(got, "HTTP/1.1 200 OK\r\n", 17) == 0);
        CONTAINS(got, "Connection: keep-alive\r\n");
        CONTAINS(got, "Content-Length: 6\r\n");
        CONTAINS(got, "frame-ancestors 'none'");
        CONTAINS(got, "\r\n\r\nhealth");
    }
    EQUAL_NUMBER(x->requests, 3);
    EQUAL_NUMBER(web_requests(x, "health", "200"), 3);
    EQUAL_NUMBER(web_count(x, WEB_IDLE), 1);
    EQUAL_NUMBER(session_count(x->srv), 0);
    close(fd);
    looped_turns(x, 2);
    EQUAL_NUMBER(web_count(x, WEB_IDLE), 0);
    EQUAL_NUMBER(x->loop->webs.hosts.connections, 0);
    looped_free(x);
}

/* Without the field Date, which may change between two answers. */
static void
copy_head(const char *got, char out[4000])
{
    const char *date = strstr(got, "Date: "), *behind = strchr(date, '\n') + 1;
    const char *end = strstr(got, "\r\n\r\n");
    snprintf(out, 4000, "%.*s%.*s", (int)(date - got), got, (int)(end - behind),
             behind);
}

static void
head_has_the_head_of_get(void)
{
    struct looped *x = web_looped(NULL);
    char get[4000], head[4000];
    copy_head(web_ask_new(x, WEB_GET("/metrics")), get);
    const char *got = web_ask_new(x, "HEAD /metrics HTTP/1.1\r\n" WEB_HOST "\r\n");
    copy_head(got, head);
    EQUAL_TEXT(head, get);
    EQUAL_TEXT(strstr(got, "\r\n\r\n"), "\r\n\r\n");
    got = web_ask_new(x, "HEAD /nothing.txt/ HTTP/1.1\r\n" WEB_HOST "\r\n");
    CU_ASSERT_PTR_NOT_NULL(strstr(got, "\r\n\r\n"));
    looped_free(x);
}

static void
a_route_needs_its_role(void)
{
    static const struct {
        const char *path;
        unsigned serves;
    } cases[] = {
        {"/", SERVES_CHAT},
        {"/config.json", SERVES_CHAT},
        {"/chat.js", SERVES_CHAT},
        {"/irc", SERVES_WEBSOCKET},
        {"/health", SERVES_HEALTH},
        {"/metrics", SERVES_METRICS},
        {"/api/v1/status", SERVES_API},
    };
    struct looped *x = web_looped(NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char ask[200];
        snprintf(ask, sizeof ask, WEB_GET("%s"), cases[i].path);
        x->listeners[LOOPED_WEB].serves =
            ~(unsigned)(SERVES_IRC | SERVES_CHAT | cases[i].serves);
        CONTAINS(web_ask_new(x, ask), "HTTP/1.1 404 Not Found\r\n");
        x->listeners[LOOPED_WEB].serves = cases[i].serves;
        const char *got = web_ask_new(x, ask);
        if (cases[i].serves != SERVES_API)
            CU_ASSERT_PTR_NULL(strstr(got, "404"));
    }
    EQUAL_NUMBER(web_requests(x, "other", "404"), 7);
    CONTAINS(web_ask_new(x, WEB_GET("/admin")), "404 Not Found");
    looped_free(x);
}

/* However it is divided. */
static void
a_request_may_come_in_parts(void)
{
    static const char ask[] = WEB_GET("/health");
    struct looped *x = web_looped(NULL);
    int fd = web_connect(x, WEB_ADDR);
    for (size_t i = 0; i < sizeof ask - 1; i++) {
        EQUAL_TEXT(looped_read(x, fd), "");
        CU_ASSERT_FATAL(send(fd, ask + i, 1, 0) == 1);
        looped_turns(x, 2);
        EQUAL_NUMBER(web_count(x, WEB_READING), i < sizeof ask - 2);
    }
    CONTAINS(looped_read(x, fd), "\r\n\r\nhealth");
    CU_ASSERT(web_memory(x->loop).bytes < 1000);
    close(fd);
    looped_free(x);
}

static void
an_idle_connection_has_no_buffer(void)
{
    struct looped *x = web_looped(NULL);
    int fd = web_connect(x, WEB_ADDR);
    size_t before = web_memory(x->loop).bytes;
    web_ask(x, fd, "GET /hea");
    CU_ASSERT(web_memory(x->loop).bytes > before + HTTP_HEAD_MAX);
    CONTAINS(web_ask(x, fd, "lth HTTP/1.1\r\n" WEB_HOST "\r\n"), "health");
    EQUAL_NUMBER(web_memory(x->loop).bytes, before);
    close(fd);
    looped_free(x);
}

#define POST(fields, length)                                                           \
    "POST /api/v1/command HTTP/1.1\r\n" WEB_HOST fields                                \
    "Content-Type: application/json\r\nContent-Length: " length "\r\n\r\n"

/* The answer comes behind the whole body, not before. */
static void
a_body_may_come_in_parts(void)
{
    static const char body[] = "{\"command\":\"TIME\"}";
    struct looped *x = web_looped(NULL);
    int fd = web_connect(x, WEB_ADDR);
    EQUAL_TEXT(web_ask(x, fd, POST("", "18")), "");
    for (size_t i = 0; i < sizeof body - 1; i++) {
        EQUAL_TEXT(looped_read(x, fd), "");
        EQUAL_NUMBER(web_count(x, WEB_READING), 1);
        CU_ASSERT_FATAL(send(fd, body + i, 1, 0) == 1);
        looped_turn(x);
    }
    looped_turns(x, 3);
    CONTAINS(looped_read(x, fd), "HTTP/1.1 401 Unauthorized\r\n");
    CONTAINS(x->got, "Connection: keep-alive\r\n");
    CONTAINS(web_ask(x, fd, WEB_GET("/health")), "200 OK");
    close(fd);
    looped_free(x);
}

static void
a_client_may_wait_before_it_sends_the_body(void)
{
    struct looped *x = web_looped(NULL);
    int fd = web_connect(x, WEB_ADDR);
    EQUAL_TEXT(web_ask(x, fd, POST("Expect: 100-continue\r\n", "18")),
               "HTTP/1.1 100 Continue\r\n\r\n");
    CONTAINS(web_ask(x, fd, "{\"command\":\"TIME\"}"), "HTTP/1.1 401 Unauthorized\r\n");
    close(fd);
    x->listeners[LOOPED_WEB].serves = SERVES_CHAT;
    fd = web_connect(x, WEB_ADDR);
    CONTAINS(web_ask(x, fd, POST("Expect: 100-continue\r\n", "18")), "404 Not Found");
    CONTAINS(x->got, "Connection: close\r\n");
    web_expect_closed(x, fd);
    looped_free(x);
}

/* Two servers may divide such bytes differently. */
static void
bytes_behind_a_request_end_the_connection(void)
{
    struct looped *x = web_looped(NULL);
    int fd = web_connect(x, WEB_ADDR);
    const char *got = web_ask(x, fd, WEB_GET("/health") WEB_GET("/metrics"));
    CONTAINS(got, "Connection: close\r\n");
    CONTAINS(got, "\r\n\r\nhealth");
    CU_ASSERT_PTR_NULL(strstr(got, "metrics"));
    web_expect_closed(x, fd);
    EQUAL_NUMBER(x->requests, 1);
    looped_free(x);
}

static void
a_connection_takes_a_number_of_requests(void)
{
    struct looped *x = web_looped(NULL);
    int fd = web_connect(x, WEB_ADDR);
    for (int i = 1; i <= WEB_REQUESTS_MOST; i++)
        CONTAINS(web_ask(x, fd, WEB_GET("/health")), i < WEB_REQUESTS_MOST
                                                         ? "Connection: keep-alive\r\n"
                                                         : "Connection: close\r\n");
    web_expect_closed(x, fd);
    looped_free(x);
}

static void
a_client_may_end_the_connection(void)
{
    static const char *const asks[] = {
        "GET /health HTTP/1.1\r\n" WEB_HOST "Connection: close\r\n\r\n",
        "GET /health HTTP/1.0\r\n" WEB_HOST "\r\n",
    };
    struct looped *x = web_looped(NULL);
    for (int i = 0; i < 2; i++) {
        int fd = web_connect(x, WEB_ADDR);
        CONTAINS(web_ask(x, fd, asks[i]), "Connection: close\r\n");
        web_expect_closed(x, fd);
    }
    CONTAINS(web_ask_new(x, "GET /health HTTP/1.0\r\n" WEB_HOST
                            "Connection: keep-alive\r\n\r\n"),
             "Connection: keep-alive\r\n");
    looped_free(x);
}

static void
a_bad_head_is_answered_and_ends_the_connection(void)
{
    static const char *const cases[][2] = {
        {"GET / HTTP/1.1\r\n\r\n", "400 Bad Request"},
        {"DELETE / HTTP/1.1\r\n" WEB_HOST "\r\n", "501 "},
        {"GET /../etc HTTP/1.1\r\n" WEB_HOST "\r\n", "400 "},
        {"GET / HTTP/2.0\r\n" WEB_HOST "\r\n", "505 "},
        {"POST / HTTP/1.1\r\n" WEB_HOST "Content-Length: 1\r\n\r\nx", "405 "},
        {"GET / HTTP/1.1\r\n" WEB_HOST "Transfer-Encoding: chunked\r\n\r\n", "501 "},
        {"\x80\x81\r\n", "400 "},
    };
    struct looped *x = web_looped(NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int fd = web_connect(x, WEB_ADDR);
        const char *got = web_ask(x, fd, cases[i][0]);
        CONTAINS(got, cases[i][1]);
        CONTAINS(got, "Connection: close\r\n");
        web_expect_closed(x, fd);
        EQUAL_NUMBER(x->srv->refusals[REFUSAL_http], i + 1);
    }
    EQUAL_NUMBER(x->requests, 0);
    EQUAL_NUMBER(session_count(x->srv), 0);
    EQUAL_NUMBER(web_requests(x, "refused", "400"), 3);
    EQUAL_NUMBER(x->loop->webs.hosts.connections, 0);
    looped_free(x);
}

static void
a_long_head_is_refused_at_its_limit(void)
{
    char ask[HTTP_HEAD_MAX + 1];
    struct looped *x = web_looped(NULL);
    memset(ask, 'a', sizeof ask);
    memcpy(ask, "GET / HTTP/1.1\r\nX: ", 19);
    ask[HTTP_HEAD_MAX - 1] = '\0';
    int fd = web_connect(x, WEB_ADDR);
    EQUAL_TEXT(web_ask(x, fd, ask), "");
    CONTAINS(web_ask(x, fd, "a"), "HTTP/1.1 431 ");
    web_expect_closed(x, fd);
    looped_free(x);
}

static void
other_protocols_get_an_answer_of_their_own(void)
{
    struct looped *x = web_looped(NULL);
    int fd = web_connect(x, WEB_ADDR);
    EQUAL_TEXT(web_ask(x, fd, "NICK ann\r\nUSER ann 0 * :Ann\r\n"),
               "ERROR :Closing Link: (This port speaks HTTP only)\r\n");
    web_expect_closed(x, fd);
    EQUAL_NUMBER(x->srv->refusals[REFUSAL_http], 1);
    fd = web_connect(x, WEB_ADDR);
    CU_ASSERT_PTR_NULL(web_ask(x, fd, "\x16\x03\x01"));
    close(fd);
    EQUAL_NUMBER(x->srv->refusals[REFUSAL_plain_port], 1);
    fd = web_connect(x, WEB_ADDR);
    CONTAINS(web_ask(x, fd, "PROXY TCP4 192.0.2.7 10.0.0.2 1 2\r\n" WEB_GET("/")),
             "HTTP/1.1 400 Bad Request\r\n");
    web_expect_closed(x, fd);
    EQUAL_NUMBER(x->srv->refusals[REFUSAL_proxy], 1);
    EQUAL_NUMBER(x->requests, 0);
    looped_free(x);
}

static void
irc_ports_answer_requests_with_a_line(void)
{
    struct looped *x = web_looped(NULL);
    int fd = looped_connect(x, LOOPED_PLAIN, WEB_ADDR);
    const char *got = web_ask(x, fd, WEB_GET("/"));
    CONTAINS(got, "ERROR :Closing Link: 192.0.2.1 (This is IRC, not HTTP)\r\n");
    web_expect_closed(x, fd);
    EQUAL_NUMBER(x->requests, 0);
    looped_free(x);
}

static void
answer_with_much(struct looped *x, enum web_route route, const struct web_request *r,
                 struct web_answer *out)
{
    static char much[1 << 20];
    (void)x, (void)route, (void)r;
    for (size_t i = 0; i < sizeof much; i++)
        much[i] = (char)('a' + i % 26);
    *out = (struct web_answer){.status = 200, .body = much, .size = sizeof much};
}

static size_t
count_wrong(const char *got, size_t n, size_t *at)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++)
        wrong += got[i] != (char)('a' + (*at)++ % 26);
    return wrong;
}

/* The socket takes an answer in many writes. */
static void
a_long_answer_comes_whole(void)
{
    struct looped *x = web_looped(NULL);
    size_t at = 0, wrong = 0;
    x->web = answer_with_much;
    int fd = web_connect(x, WEB_ADDR);
    looped_send(fd, WEB_GET("/metrics"));
    looped_turns(x, 2);
    EQUAL_NUMBER(web_count(x, WEB_ANSWERING), 1);
    const char *got = looped_read(x, fd), *body = strstr(got, "\r\n\r\n") + 4;
    wrong += count_wrong(body, strlen(body), &at);
    for (int i = 0; i < 5000 && at < 1 << 20; i++) {
        looped_turn(x);
        got = looped_read(x, fd);
        CU_ASSERT_PTR_NOT_NULL_FATAL(got);
        wrong += count_wrong(got, strlen(got), &at);
    }
    EQUAL_NUMBER(at, 1 << 20);
    EQUAL_NUMBER(wrong, 0);
    x->web = NULL;
    CONTAINS(web_ask(x, fd, WEB_GET("/metrics")), "404");
    close(fd);
    looped_free(x);
}

SUITE(web)
{
    TEST(a_request_is_answered_and_the_connection_stays);
    TEST(head_has_the_head_of_get);
    TEST(a_route_needs_its_role);
    TEST(a_request_may_come_in_parts);
    TEST(an_idle_connection_has_no_buffer);
    TEST(a_body_may_come_in_parts);
    TEST(a_client_may_wait_before_it_sends_the_body);
    TEST(bytes_behind_a_request_end_the_connection);
    TEST(a_connection_takes_a_number_of_requests);
    TEST(a_client_may_end_the_connection);
    TEST(a_bad_head_is_answered_and_ends_the_connection);
    TEST(a_long_head_is_refused_at_its_limit);
    TEST(other_protocols_get_an_answer_of_their_own);
    TEST(irc_ports_answer_requests_with_a_line);
    TEST(a_long_answer_comes_whole);
}
