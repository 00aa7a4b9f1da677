/* The budget of requests of a host: refusals cost as much as answers, and a host without
 * budget loses its connection. */
#include "web_client.h"

#include "base/str.h"
#include "enact/ban.h"

#include <stdio.h>
#include <unistd.h>

#define PROXY "198.51.100.9"
#define FROM(host, address)                                                            \
    "GET /health HTTP/1.1\r\nHost: " host "\r\nX-Forwarded-For: " address "\r\n\r\n"

static struct looped *
with_budget(const char *config)
{
    struct looped *x = web_looped(config);
    x->srv->config->limits.per_host = 3; /* the budget is that of WEB_REQUESTS */
    return x;
}

/* Asks on connections that are made again when they end; the number of answers with this
 * code. */
static unsigned
count_answers(struct looped *x, const char *peer, const char *ask, const char *code,
              int times)
{
    unsigned n = 0;
    int fd = -1;
    for (int i = 0; i < times; i++) {
        if (fd < 0)
            fd = web_connect(x, peer);
        const char *got = web_ask(x, fd, ask);
        CU_ASSERT_PTR_NOT_NULL_FATAL(got);
        n += strncmp(got + strlen("HTTP/1.1 "), code, 3) == 0;
        if (strstr(got, "Connection: close\r\n")) {
            web_expect_closed(x, fd);
            fd = -1;
        }
    }
    if (fd >= 0)
        close(fd);
    looped_turns(x, 2);
    return n;
}

static void
expect_spent(struct looped *x, const char *peer, const char *ask)
{
    int fd = web_connect(x, peer);
    CONTAINS(web_ask(x, fd, ask), "HTTP/1.1 429 Too Many Requests\r\n");
    CONTAINS(x->got, "Connection: close\r\n");
    web_expect_closed(x, fd);
}

static void
a_host_without_budget_loses_its_connection(void)
{
    struct looped *x = with_budget(NULL);
    unsigned fine = count_answers(x, WEB_ADDR, WEB_GET("/health"), "200", WEB_REQUESTS);
    EQUAL_NUMBER(fine, WEB_REQUESTS);
    expect_spent(x, WEB_ADDR, WEB_GET("/health"));
    looped_free(x);
}

static void
a_wrong_host_costs_as_an_answer(void)
{
    static const char ask[] = "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    struct looped *x = with_budget(NULL);
    addr_parse("127.0.0.1", &x->listeners[LOOPED_WEB].addr);
    unsigned refused = count_answers(x, "127.0.0.1", ask, "421", WEB_REQUESTS);
    EQUAL_NUMBER(refused, WEB_REQUESTS);
    expect_spent(x, "127.0.0.1", ask);
    EQUAL_NUMBER(web_requests(x, "refused", "421"), WEB_REQUESTS);
    looped_free(x);
}

static void
a_banned_host_pays(void)
{
    char err[200];
    struct mask mask;
    struct ban_outcome out;
    struct looped *x = with_budget(NULL);
    CU_ASSERT_FATAL(ban_kinds[BAN_DLINE].parse(WEB_ADDR, &mask, err, sizeof err));
    const struct ban_request r = {
        .kind = BAN_DLINE, .mask = &mask, .setter = "test", .reason = "spam"};
    enact_ban(x->srv, &r, &out);
    unsigned refused = count_answers(x, WEB_ADDR, WEB_GET("/"), "403", WEB_REQUESTS);
    EQUAL_NUMBER(refused, WEB_REQUESTS);
    expect_spent(x, WEB_ADDR, WEB_GET("/"));
    looped_free(x);
}

/* Their connection is closed as well, so their handshake of TLS is what they cost. */
static void
requests_that_cannot_be_read_cost_as_answers(void)
{
    static const char ask[] = "GET / HTTP/1.1\r\nHost : a\r\n\r\n";
    struct looped *x = with_budget(NULL);
    unsigned refused = count_answers(x, WEB_ADDR, ask, "400", WEB_REQUESTS);
    EQUAL_NUMBER(refused, WEB_REQUESTS);
    expect_spent(x, WEB_ADDR, ask);
    expect_spent(x, WEB_ADDR, WEB_GET("/health"));
    looped_free(x);
}

/* --- behind a proxy --- */

static struct looped *
behind_proxy(void)
{
    return with_budget("proxy \"nginx\" { match = { \"" PROXY
                       "\" } accepts = { \"forwarded\" } }");
}

/* Another client of the same proxy pays nothing. */
static void
the_client_of_a_proxy_pays_for_its_refusals(void)
{
    struct looped *x = behind_proxy();
    addr_parse("127.0.0.1", &x->listeners[LOOPED_WEB].addr);
    unsigned refused = count_answers(x, PROXY, FROM("evil.example", "203.0.113.7"),
                                     "421", WEB_REQUESTS);
    EQUAL_NUMBER(refused, WEB_REQUESTS);
    expect_spent(x, PROXY, FROM("localhost", "203.0.113.7"));
    EQUAL_NUMBER(count_answers(x, PROXY, FROM("localhost", "203.0.113.8"), "200", 1),
                 1);
    looped_free(x);
}

/* A proxy has no budget. */
static void
a_proxy_that_tells_no_address_loses_its_connection(void)
{
    struct looped *x = behind_proxy();
    int fd = web_connect(x, PROXY);
    CONTAINS(web_ask(x, fd, WEB_GET("/health")), "HTTP/1.1 400 Bad Request\r\n");
    CONTAINS(x->got, "Connection: close\r\n");
    web_expect_closed(x, fd);
    unsigned fine =
        count_answers(x, PROXY, FROM("irc.example.org", "203.0.113.7"), "200", 1);
    EQUAL_NUMBER(fine, 1);
    looped_free(x);
}

/* The clients of a proxy choose such requests, and would spend its budget. */
static void
a_proxy_pays_for_no_request_that_cannot_be_read(void)
{
    static const char ask[] = "GET / HTTP/1.1\r\nHost : a\r\n\r\n";
    struct looped *x = behind_proxy();
    unsigned refused = count_answers(x, PROXY, ask, "400", 2 * WEB_REQUESTS);
    EQUAL_NUMBER(refused, 2 * WEB_REQUESTS);
    EQUAL_NUMBER(count_answers(x, PROXY, FROM("irc.example.org", PROXY), "200", 1), 1);
    looped_free(x);
}

/* --- users that do no harm --- */

static void
a_page_may_be_loaded_several_times(void)
{
    struct looped *x = with_budget(NULL);
    for (int i = 0; i < 4; i++) {
        unsigned files = count_answers(x, WEB_ADDR, WEB_GET("/chat.js"), "200", 14);
        EQUAL_NUMBER(files, 14);
        int fd = web_connect(x, WEB_ADDR);
        CONTAINS(web_ask(x, fd, WEB_UPGRADE_HEAD "\r\n"), "101 Switching Protocols");
        close(fd);
        looped_turns(x, 2);
    }
    looped_free(x);
}

/* A request each second leaves the budget as it is. */
static void
a_scrape_each_second_is_always_answered(void)
{
    struct looped *x = with_budget(NULL);
    struct web_hosts *h = &x->loop->webs.hosts;
    struct prefix host;
    struct addr addr;
    addr_parse(WEB_ADDR, &addr);
    addr_prefix(&addr, 32, 64, &host);
    for (int second = 1; second <= 600; second++) {
        CU_ASSERT(web_hosts_request(h, &host, WEB_REQUESTS, second * 1000));
    }
    looped_free(x);
}

static void
an_exempt_host_has_no_budget(void)
{
    struct looped *x = with_budget(
        "exempt \"192.0.2.1\" { from = { \"throttle\", \"connections\" } }");
    unsigned fine =
        count_answers(x, WEB_ADDR, WEB_GET("/metrics"), "200", 3 * WEB_REQUESTS);
    EQUAL_NUMBER(fine, 3 * WEB_REQUESTS);
    looped_free(x);
}

SUITE(web_budget)
{
    TEST(a_host_without_budget_loses_its_connection);
    TEST(a_wrong_host_costs_as_an_answer);
    TEST(a_banned_host_pays);
    TEST(requests_that_cannot_be_read_cost_as_answers);
    TEST(the_client_of_a_proxy_pays_for_its_refusals);
    TEST(a_proxy_that_tells_no_address_loses_its_connection);
    TEST(a_proxy_pays_for_no_request_that_cannot_be_read);
    TEST(a_page_may_be_loaded_several_times);
    TEST(a_scrape_each_second_is_always_answered);
    TEST(an_exempt_host_has_no_budget);
}
