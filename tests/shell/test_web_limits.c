/* Limits and deadlines of connections of HTTP, and the checks before their routes. */
#include "web_client.h"

#include "../../src/net/web_serve.h"
#include "base/str.h"
#include "enact/ban.h"
#include "state/refusal.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROXY "198.51.100.9"
#define FROM(list) "GET / HTTP/1.1\r\n" WEB_HOST "X-Forwarded-For: " list "\r\n\r\n"

static void
ban_address(struct looped *x, const char *address, const char *reason)
{
    char err[200];
    struct mask mask;
    struct ban_outcome out;
    CU_ASSERT_FATAL(ban_kinds[BAN_DLINE].parse(address, &mask, err, sizeof err));
    const struct ban_request r = {
        .kind = BAN_DLINE, .mask = &mask, .setter = "test", .reason = reason};
    enact_ban(x->srv, &r, &out);
}

/* --- deadlines --- */

static void
a_slow_head_is_answered_with_408(void)
{
    struct looped *x = web_looped(NULL);
    int fd = web_connect(x, WEB_ADDR);
    looped_send(fd, "GET /");
    looped_turn(x);
    web_wait(x, 6000);
    x->loop->webs.most[WEB_READING] += 6000; /* the next turn sets the clock back */
    looped_send(fd, " HTTP/1.1\r\n");
    looped_turns(x, 2);
    x->loop->webs.most[WEB_READING] -= 6000;
    web_wait(x, 9999 - 10);
    EQUAL_TEXT(looped_read(x, fd), "");
    web_wait(x, 20);
    CONTAINS(looped_read(x, fd), "HTTP/1.1 408 Request Timeout\r\n");
    CONTAINS(x->got, "Connection: close\r\n");
    web_expect_closed(x, fd);
    EQUAL_NUMBER(web_requests(x, "refused", "408"), 1);
    looped_free(x);
}

static void
an_idle_connection_ends_without_an_answer(void)
{
    struct looped *x = web_looped(NULL);
    int fresh = web_connect(x, WEB_ADDR), used = web_connect(x, WEB_ADDR);
    CONTAINS(web_ask(x, used, WEB_GET("/health")), "200 OK");
    web_wait(x, 4900);
    EQUAL_TEXT(looped_read(x, fresh), "");
    EQUAL_TEXT(looped_read(x, used), "");
    web_wait(x, 200);
    web_expect_closed(x, fresh);
    web_expect_closed(x, used);
    EQUAL_NUMBER(web_requests(x, "refused", "408"), 0);
    looped_free(x);
}

static void
answer_with_much(struct looped *x, enum web_route route, const struct web_request *r,
                 struct web_answer *out)
{
    static char much[1 << 22];
    (void)x, (void)route, (void)r;
    *out = (struct web_answer){.status = 200, .body = much, .size = sizeof much};
}

static void
a_reader_of_an_answer_has_a_deadline(void)
{
    struct looped *x = web_looped(NULL);
    x->web = answer_with_much;
    int fd = web_connect(x, WEB_ADDR);
    looped_send(fd, WEB_GET("/metrics"));
    looped_turns(x, 2);
    EQUAL_NUMBER(web_count(x, WEB_ANSWERING), 1);
    web_wait(x, 29900);
    EQUAL_NUMBER(web_count(x, WEB_ANSWERING), 1);
    web_wait(x, 200);
    EQUAL_NUMBER(web_memory(x->loop).n, 0);
    close(fd);
    looped_free(x);
}

/* --- numbers --- */

static void
a_host_has_a_number_of_connections(void)
{
    int fds[WEB_PER_HOST];
    struct looped *x = web_looped(NULL);
    x->srv->config->limits.per_host = 3;
    for (int i = 0; i < WEB_PER_HOST; i++)
        fds[i] = web_connect(x, WEB_ADDR);
    int more = web_connect(x, WEB_ADDR);
    looped_turn(x);
    CONTAINS(looped_read(x, more), "HTTP/1.1 429 Too Many Requests\r\n");
    web_expect_closed(x, more);
    EQUAL_NUMBER(x->srv->refusals[REFUSAL_http], 1);
    int other = web_connect(x, "192.0.2.77");
    CONTAINS(web_ask(x, other, WEB_GET("/health")), "200 OK");
    close(fds[0]);
    looped_turns(x, 2);
    fds[0] = web_connect(x, WEB_ADDR);
    CONTAINS(web_ask(x, fds[0], WEB_GET("/health")), "200 OK");
    for (int i = 0; i < WEB_PER_HOST; i++)
        close(fds[i]);
    close(other);
    looped_free(x);
}

static int
connect_host(struct looped *x, int number)
{
    char address[40];
    snprintf(address, sizeof address, "192.0.2.%d", number);
    return web_connect(x, address);
}

/* The newest connection takes the place of the one that is idle for the longest time; one
 * with a request keeps its place. */
static void
all_hosts_have_a_number_of_connections(void)
{
    int fds[WEB_CONNECTIONS];
    struct looped *x = web_looped(NULL);
    for (int i = 0; i < WEB_CONNECTIONS; i++)
        fds[i] = connect_host(x, i / 2);
    looped_send(fds[0], "GET /");
    looped_turn(x);
    EQUAL_NUMBER(web_memory(x->loop).n, WEB_CONNECTIONS);
    int more = connect_host(x, 200);
    CONTAINS(web_ask(x, more, WEB_GET("/health")), "200 OK");
    web_expect_closed(x, fds[1]);
    EQUAL_TEXT(looped_read(x, fds[0]), "");
    EQUAL_NUMBER(web_memory(x->loop).n, WEB_CONNECTIONS);
    for (int i = 2; i < WEB_CONNECTIONS; i++)
        looped_send(fds[i], "GET /");
    looped_send(more, "GET /");
    looped_turns(x, 20);
    int refused = connect_host(x, 201);
    CONTAINS(looped_read(x, refused), "HTTP/1.1 503 Service Unavailable\r\n");
    web_expect_closed(x, refused);
    close(fds[0]);
    close(more);
    for (int i = 2; i < WEB_CONNECTIONS; i++)
        close(fds[i]);
    looped_free(x);
}

static const char *
ask_often(struct looped *x, int times)
{
    const char *got = NULL;
    for (int i = 0; i < times; i++)
        got = web_ask_new(x, WEB_GET("/health"));
    return got;
}

static void
a_host_has_a_number_of_requests(void)
{
    struct looped *x = web_looped(NULL);
    x->srv->config->limits.per_host = 3;
    CONTAINS(ask_often(x, WEB_REQUESTS), "200 OK");
    CONTAINS(ask_often(x, 1), "HTTP/1.1 429 Too Many Requests\r\n");
    CONTAINS(x->got, "Retry-After: 60\r\n");
    EQUAL_NUMBER(web_requests(x, "refused", "429"), 1);
    EQUAL_NUMBER(x->requests, WEB_REQUESTS);
    int other = web_connect(x, "192.0.2.77");
    CONTAINS(web_ask(x, other, WEB_GET("/health")), "200 OK");
    close(other);
    looped_free(x);
}

static void
a_class_raises_both_numbers(void)
{
    struct looped *x = web_looped("class \"nat\" { match = { \"192.0.2.0/24\" } "
                                  "per_host = 16 }");
    int fds[2 * WEB_PER_HOST];
    for (int i = 0; i < 2 * WEB_PER_HOST; i++)
        fds[i] = web_connect(x, WEB_ADDR);
    int more = web_connect(x, WEB_ADDR);
    CONTAINS(looped_read(x, more), "429");
    close(more);
    for (int i = 0; i < 2 * WEB_PER_HOST; i++)
        close(fds[i]);
    looped_turns(x, 2);
    CONTAINS(ask_often(x, 2 * WEB_REQUESTS), "200 OK");
    CONTAINS(ask_often(x, 1), "429");
    looped_free(x);
}

/* --- checks before the route --- */

static void
a_loopback_listener_has_its_names(void)
{
    static const struct {
        const char *host;
        bool known;
    } cases[] = {
        {"localhost", true},        {"127.0.0.1:8067", true}, {"[::1]", true},
        {"chat.example.org", true}, {"evil.example", false},
    };
    struct looped *x = web_looped("web { hosts = { \"chat.example.org\" } }");
    addr_parse("127.0.0.1", &x->listeners[LOOPED_WEB].addr);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char ask[200];
        snprintf(ask, sizeof ask, "GET /health HTTP/1.1\r\nHost: %s\r\n\r\n",
                 cases[i].host);
        CONTAINS(web_ask_new(x, ask),
                 cases[i].known ? "200 OK" : "421 Misdirected Request");
    }
    EQUAL_NUMBER(x->requests, 4);
    addr_parse("192.0.2.200", &x->listeners[LOOPED_WEB].addr);
    CONTAINS(web_ask_new(x, WEB_GET("/health")), "200 OK");
    looped_free(x);
}

static void
a_banned_address_reads_why(void)
{
    struct looped *x = web_looped(NULL);
    ban_address(x, "192.0.2.1", "spam from here");
    CONTAINS(web_ask_new(x, WEB_GET("/")), "HTTP/1.1 403 Forbidden\r\n");
    CONTAINS(x->got, "spam from here");
    CONTAINS(web_ask_new(x, WEB_GET("/api/v1/bans")), "HTTP/1.1 403 Forbidden\r\n");
    CONTAINS(x->got, "{\"error\":\"");
    CONTAINS(x->got, "spam from here");
    EQUAL_NUMBER(x->requests, 0);
    int other = web_connect(x, "192.0.2.2");
    CONTAINS(web_ask(x, other, WEB_GET("/")), "200 OK");
    close(other);
    int fd = web_connect(x, WEB_ADDR);
    CONTAINS(web_ask(x, fd, WEB_UPGRADE_HEAD "\r\n"), "101 Switching Protocols");
    CONTAINS(x->got, "spam from here");
    web_expect_closed(x, fd);
    EQUAL_NUMBER(session_count(x->srv), 0);
    looped_free(x);
}

/* --- proxies --- */

static struct web_request seen;

static void
note_request(struct looped *x, enum web_route route, const struct web_request *r,
             struct web_answer *out)
{
    (void)x, (void)route;
    seen = *r;
    out->status = 200;
}

static void
expect_seen(const char *address, bool secure, bool local)
{
    char text[ADDR_TEXT];
    addr_format(&seen.addr, text, sizeof text);
    EQUAL_TEXT(text, address);
    EQUAL_NUMBER(seen.secure, secure);
    EQUAL_NUMBER(seen.local, local);
}

static struct looped *
behind_proxy(void)
{
    struct looped *x = web_looped("proxy \"nginx\" { match = { \"" PROXY
                                  "\", \"127.0.0.1\" } accepts = { \"forwarded\" } }");
    x->web = note_request;
    return x;
}

static const char *
ask_from(struct looped *x, const char *peer, const char *text)
{
    int fd = web_connect(x, peer);
    const char *got = web_ask(x, fd, text);
    close(fd);
    looped_turns(x, 2);
    return got;
}

static void
a_trusted_proxy_tells_the_address(void)
{
    struct looped *x = behind_proxy();
    CONTAINS(ask_from(x, PROXY, FROM("203.0.113.7")), "200 OK");
    expect_seen("203.0.113.7", false, false);
    CONTAINS(ask_from(x, PROXY, FROM("127.0.0.1, 203.0.113.8, " PROXY)), "200 OK");
    expect_seen("203.0.113.8", false, false);
    CONTAINS(ask_from(x, "127.0.0.1", FROM("203.0.113.9")), "200 OK");
    expect_seen("203.0.113.9", false, false);
    CONTAINS(ask_from(x, "127.0.0.1",
                      "GET / HTTP/1.1\r\n" WEB_HOST "X-Forwarded-For: 203.0.113.9\r\n"
                      "X-Forwarded-Proto: https\r\n\r\n"),
             "200 OK");
    expect_seen("203.0.113.9", true, false);
    /* The way from the proxy to the server is not encrypted. */
    CONTAINS(ask_from(x, PROXY,
                      "GET / HTTP/1.1\r\n" WEB_HOST "X-Forwarded-For: 203.0.113.9\r\n"
                      "X-Forwarded-Proto: https\r\n\r\n"),
             "200 OK");
    expect_seen("203.0.113.9", false, false);
    CONTAINS(ask_from(x, "127.0.0.1", FROM("127.0.0.1")), "200 OK");
    expect_seen("127.0.0.1", false, true);
    CONTAINS(ask_from(x, PROXY, FROM("127.0.0.1")), "200 OK");
    CU_ASSERT_FALSE(seen.local);
    looped_free(x);
}

static void
a_proxy_that_tells_no_address_is_refused(void)
{
    struct looped *x = behind_proxy();
    CONTAINS(ask_from(x, PROXY, WEB_GET("/")), "400 Bad Request");
    CONTAINS(x->got, "X-Forwarded-For");
    CONTAINS(ask_from(x, PROXY, FROM("203.0.113.7, unknown")), "400 Bad Request");
    EQUAL_NUMBER(x->requests, 0);
    looped_free(x);
}

/* Without a proxy block the field is the client's own word. */
static void
others_tell_nothing(void)
{
    struct looped *x = behind_proxy();
    CONTAINS(ask_from(x, WEB_ADDR,
                      "GET / HTTP/1.1\r\n" WEB_HOST "X-Forwarded-For: 127.0.0.1\r\n"
                      "X-Forwarded-Proto: https\r\n\r\n"),
             "200 OK");
    expect_seen(WEB_ADDR, false, false);
    looped_free(x);
}

/* The hosts behind a proxy are counted, the proxy is not. */
static void
limits_are_those_of_the_clients(void)
{
    int fds[2 * WEB_PER_HOST];
    struct looped *x = behind_proxy();
    for (int i = 0; i < 2 * WEB_PER_HOST; i++)
        fds[i] = web_connect(x, PROXY);
    looped_turn(x);
    EQUAL_NUMBER(web_memory(x->loop).n, 2 * WEB_PER_HOST);
    for (int i = 0; i < 2 * WEB_PER_HOST; i++)
        close(fds[i]);
    looped_turns(x, 2);
    for (int i = 0; i < WEB_REQUESTS; i++)
        CONTAINS(ask_from(x, PROXY, FROM("203.0.113.7")), "200 OK");
    CONTAINS(ask_from(x, PROXY, FROM("203.0.113.7")), "429");
    CONTAINS(ask_from(x, PROXY, FROM("203.0.113.8")), "200 OK");
    ban_address(x, "203.0.113.9", "spam");
    CONTAINS(ask_from(x, PROXY, FROM("203.0.113.9")), "403");
    looped_free(x);
}

static void
the_client_of_a_websocket_has_the_address(void)
{
    struct looped *x = behind_proxy();
    int fd = web_connect(x, PROXY);
    CONTAINS(web_ask(x, fd, WEB_UPGRADE_HEAD "X-Forwarded-For: 203.0.113.7\r\n\r\n"),
             "101 ");
    struct connection_info info;
    session_info(looped_client(x), &info);
    char text[ADDR_TEXT];
    addr_format(&info.addr, text, sizeof text);
    EQUAL_TEXT(text, "203.0.113.7");
    EQUAL_TEXT(info.gateway, "nginx");
    CU_ASSERT_FALSE(info.secure);
    close(fd);
    looped_free(x);
}

/* A PROXY header comes first, and then HTTP. */
static void
a_header_comes_before_the_request(void)
{
    struct looped *x = web_looped("proxy \"hap\" { match = { \"" PROXY
                                  "\" } accepts = { \"proxy-protocol\" } }");
    x->web = note_request;
    x->listeners[LOOPED_WEB].proxy = true;
    CONTAINS(ask_from(x, PROXY, "PROXY TCP4 203.0.113.7 10.0.0.2 1 2\r\n" WEB_GET("/")),
             "200 OK");
    expect_seen("203.0.113.7", false, false);
    int fd = web_connect(x, PROXY);
    CONTAINS(web_ask(x, fd,
                     "PROXY TCP4 203.0.113.7 10.0.0.2 1 2\r\n" WEB_UPGRADE_HEAD "\r\n"),
             "101 ");
    EQUAL_TEXT(client_gateway(looped_client(x)), "hap");
    close(fd);
    CU_ASSERT_PTR_NULL(ask_from(x, PROXY, WEB_GET("/")));
    looped_free(x);
}

SUITE(web_limits)
{
    TEST(a_slow_head_is_answered_with_408);
    TEST(an_idle_connection_ends_without_an_answer);
    TEST(a_reader_of_an_answer_has_a_deadline);
    TEST(a_host_has_a_number_of_connections);
    TEST(all_hosts_have_a_number_of_connections);
    TEST(a_host_has_a_number_of_requests);
    TEST(a_class_raises_both_numbers);
    TEST(a_loopback_listener_has_its_names);
    TEST(a_banned_address_reads_why);
    TEST(a_trusted_proxy_tells_the_address);
    TEST(a_proxy_that_tells_no_address_is_refused);
    TEST(others_tell_nothing);
    TEST(limits_are_those_of_the_clients);
    TEST(the_client_of_a_websocket_has_the_address);
    TEST(a_header_comes_before_the_request);
}
