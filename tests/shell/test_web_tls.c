/* HTTP and WebSockets over TLS: the handshake, the end of it, and what a browser must not
 * be asked for. */
#include "tls_client.h"
#include "web_client.h"

#include "../../src/net/conn_state.h"
#include "../../src/net/handshake.h"
#include "../../src/net/web_serve.h"
#include "base/str.h"
#include "enact/ban.h"
#include "state/refusal.h"
#include "ws_client_frame.h"

#include <sys/socket.h>
#include <unistd.h>

static struct looped *
begin_webs(const char *config)
{
    struct looped *x = web_looped(config);
    looped_use_tls(x, "database { path = '' }");
    return x;
}

static struct tls_client *
connect_webs(struct looped *x)
{
    struct tls_client *c = tls_client_new_at(x, LOOPED_WEBS, WEB_ADDR);
    CU_ASSERT_FATAL(tls_client_connect(c));
    return c;
}

static void
requests_come_over_tls(void)
{
    struct looped *x = begin_webs(NULL);
    struct tls_client *c = connect_webs(x);
    for (int i = 0; i < 3; i++) {
        c->n = 0;
        CONTAINS(tls_client_ask(c, WEB_GET("/health")), "\r\n\r\nhealth");
    }
    EQUAL_NUMBER(web_count(x, WEB_IDLE), 1);
    EQUAL_NUMBER(x->loop->under_way, 0);
    c->n = 0;
    CONTAINS(
        tls_client_ask(c, "GET / HTTP/1.1\r\n" WEB_HOST "Connection: close\r\n\r\n"),
        "Connection: close\r\n");
    EQUAL_NUMBER(web_memory(x->loop).n, 0);
    tls_client_free(c);
    looped_free(x);
}

/* The request comes with the last message of the handshake. */
static void
a_request_may_come_with_the_handshake(void)
{
    struct looped *x = begin_webs(NULL);
    struct tls_client *c = tls_client_new_at(x, LOOPED_WEBS, WEB_ADDR);
    while (!tls_client_handshake(c)) {
        tls_client_send(c, SIZE_MAX);
        looped_turns(x, 2);
        tls_client_read(c);
    }
    tls_client_say(c, WEB_GET("/health"));
    tls_client_send(c, SIZE_MAX);
    looped_turns(x, 4);
    tls_client_read(c);
    CONTAINS(c->got, "\r\n\r\nhealth");
    tls_client_free(c);
    looped_free(x);
}

static void
bytes_may_come_one_at_a_time(void)
{
    struct looped *x = begin_webs(NULL);
    struct tls_client *c = tls_client_new_at(x, LOOPED_WEBS, WEB_ADDR);
    for (int i = 0; i < 5000 && c->n == 0; i++) {
        if (tls_client_handshake(c) && i % 1000 == 0)
            tls_client_say(c, WEB_GET("/health"));
        tls_client_send(c, 1);
        looped_turn(x);
        tls_client_read(c);
    }
    CONTAINS(c->got, "\r\n\r\nhealth");
    tls_client_free(c);
    looped_free(x);
}

static void
answer_with_much(struct looped *x, enum web_route route, const struct web_request *r,
                 struct web_answer *out)
{
    static char much[200000];
    (void)x, (void)route, (void)r;
    memset(much, 'm', sizeof much);
    *out = (struct web_answer){.status = 200, .body = much, .size = sizeof much};
}

static void
a_long_answer_comes_whole_over_tls(void)
{
    struct looped *x = begin_webs(NULL);
    x->web = answer_with_much;
    struct tls_client *c = connect_webs(x);
    const char *got = tls_client_ask(c, WEB_GET("/metrics"));
    for (int i = 0; i < 200 && strlen(got) < 200000; i++) {
        looped_turn(x);
        got = tls_client_read(c);
    }
    const char *body = strstr(got, "\r\n\r\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(body);
    EQUAL_NUMBER(strspn(body + 4, "m"), 200000);
    tls_client_free(c);
    looped_free(x);
}

static void
a_websocket_comes_over_tls(void)
{
    char frame[200];
    struct looped *x = begin_webs(NULL);
    struct tls_client *c = connect_webs(x);
    CONTAINS(tls_client_ask(c, WEB_UPGRADE_HEAD "\r\n"), "101 Switching");
    struct connection_info info;
    session_info(looped_client(x), &info);
    CU_ASSERT(info.secure);
    CU_ASSERT_PTR_NULL(info.certfp);
    EQUAL_NUMBER(x->listeners[LOOPED_WEBS].clients, 1);
    size_t n = ws_client_frame(frame, 0x81, "PING 1", 6, 0x12345678);
    tls_client_say_bytes(c, frame, n);
    c->n = 0;
    CONTAINS(tls_client_ask(c, ""), "PONG");
    tls_client_free(c);
    looped_turns(x, 3);
    EQUAL_NUMBER(session_count(x->srv), 0);
    EQUAL_NUMBER(x->loop->kept_bytes, 0);
    looped_free(x);
}

/* The choice of a certificate is a window that a browser shows to its user. */
static void
no_certificate_is_asked_for(void)
{
    static const struct {
        int listener;
        bool asks;
    } cases[] = {{LOOPED_TLS, true}, {LOOPED_WEBS, false}};
    struct looped *x = begin_webs(NULL);
    for (int i = 0; i < 2; i++) {
        X509 *certificate;
        EVP_PKEY *key;
        struct connection_info info;
        pem_make(&(struct pem_wish){.from = -1, .until = 10}, &certificate, &key);
        struct tls_client *c = tls_client_new_at(x, cases[i].listener, WEB_ADDR);
        SSL_use_certificate(c->ssl, certificate);
        SSL_use_PrivateKey(c->ssl, key);
        CU_ASSERT_FATAL(tls_client_connect(c));
        if (cases[i].listener == LOOPED_WEBS)
            tls_client_ask(c, WEB_UPGRADE_HEAD "\r\n");
        session_info(looped_client(x), &info);
        EQUAL_NUMBER(info.certfp != NULL, cases[i].asks);
        tls_client_free(c);
        looped_turns(x, 3);
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
    looped_free(x);
}

static void
expect_protocol(int listener, const char *offered, const char *chosen)
{
    struct looped *x = begin_webs(NULL);
    struct tls_client *c = tls_client_new_at(x, listener, WEB_ADDR);
    const unsigned char *got = NULL;
    unsigned n = 0;
    SSL_set_alpn_protos(c->ssl, (const unsigned char *)offered,
                        (unsigned)strlen(offered));
    CU_ASSERT_FATAL(tls_client_connect(c));
    SSL_get0_alpn_selected(c->ssl, &got, &n);
    EQUAL_NUMBER(n, strlen(chosen));
    CU_ASSERT(n == 0 || memcmp(got, chosen, n) == 0);
    tls_client_free(c);
    looped_free(x);
}

static void
the_protocol_is_that_of_the_listener(void)
{
    expect_protocol(LOOPED_WEBS, "\2h2\10http/1.1", "http/1.1");
    expect_protocol(LOOPED_WEBS, "\3irc\10http/1.1", "http/1.1");
    expect_protocol(LOOPED_WEBS, "\2h2\3irc", "");
    expect_protocol(LOOPED_TLS, "\10http/1.1\3irc", "irc");
    expect_protocol(LOOPED_TLS, "\10http/1.1", "");
}

/* A browser keeps the duration for the name that it has asked for. */
static void
the_duration_of_sts_is_that_of_the_name(void)
{
    static const struct {
        const char *name;
        bool told;
    } cases[] = {{"irc.example.org", true}, {"www.example.org", false}, {NULL, false}};
    struct looped *x =
        begin_webs("tls \"irc.example.org\" { certificate = \"c\" key = \"k\" sts = "
                   "\"30d\" }\ntls \"www.example.org\" { certificate = \"c\" key = "
                   "\"k\" }");
    for (int i = 0; i < 3; i++) {
        struct tls_client *c = tls_client_new_at(x, LOOPED_WEBS, WEB_ADDR);
        if (cases[i].name)
            tls_client_name(c, cases[i].name);
        CU_ASSERT_FATAL(tls_client_connect(c));
        const char *got = tls_client_ask(c, WEB_GET("/health"));
        const char *field = strstr(got, "Strict-Transport-Security: max-age=2592000");
        EQUAL_NUMBER(field != NULL, cases[i].told);
        tls_client_free(c);
    }
    looped_free(x);
}

/* A handshake costs as much as hundreds of refusals. */
static void
a_banned_host_makes_few_handshakes(void)
{
    char err[200];
    struct mask mask;
    struct ban_outcome out;
    struct looped *x = begin_webs("tls_limits { explain = \"10/1s\" }");
    CU_ASSERT_FATAL(ban_kinds[BAN_DLINE].parse(WEB_ADDR, &mask, err, sizeof err));
    const struct ban_request r = {
        .kind = BAN_DLINE, .mask = &mask, .setter = "test", .reason = "spam"};
    enact_ban(x->srv, &r, &out);
    struct tls_client *c = connect_webs(x);
    CONTAINS(tls_client_ask(c, WEB_GET("/")), "403 Forbidden");
    int fd = looped_connect(x, LOOPED_WEBS, WEB_ADDR);
    EQUAL_TEXT(looped_read(x, fd), "\x15\x03\x03");
    EQUAL_NUMBER(memcmp(x->got, "\x15\x03\x03\0\2\2\x31", 7), 0);
    web_expect_closed(x, fd);
    tls_client_free(c);
    looped_free(x);
}

static void
a_host_without_budget_makes_few_handshakes(void)
{
    struct looped *x = begin_webs("tls_limits { explain = \"10/1s\" }");
    struct prefix host;
    struct addr addr;
    addr_parse(WEB_ADDR, &addr);
    addr_prefix(&addr, 32, 64, &host);
    for (int i = 0; i < WEB_REQUESTS; i++)
        CU_ASSERT(
            web_hosts_request(&x->loop->webs.hosts, &host, WEB_REQUESTS, x->loop->now));
    struct tls_client *c = connect_webs(x);
    CONTAINS(tls_client_ask(c, WEB_GET("/")), "429 Too Many Requests");
    int fd = looped_connect(x, LOOPED_WEBS, WEB_ADDR);
    EQUAL_TEXT(looped_read(x, fd), "\x15\x03\x03");
    web_expect_closed(x, fd);
    struct tls_client *other = tls_client_new_at(x, LOOPED_WEBS, "192.0.2.77");
    CU_ASSERT_FATAL(tls_client_connect(other));
    CONTAINS(tls_client_ask(other, WEB_GET("/")), "200 OK");
    tls_client_free(c);
    tls_client_free(other);
    looped_free(x);
}

static void
a_request_without_tls_is_answered(void)
{
    struct looped *x = begin_webs(NULL);
    int fd = looped_connect(x, LOOPED_WEBS, WEB_ADDR);
    CONTAINS(web_ask(x, fd, WEB_GET("/")), "HTTP/1.1 400 Bad Request\r\n");
    CONTAINS(x->got, "This port speaks TLS only: use https.");
    web_expect_closed(x, fd);
    EQUAL_NUMBER(x->srv->refusals[REFUSAL_tls], 1);
    fd = looped_connect(x, LOOPED_WEBS, WEB_ADDR);
    EQUAL_TEXT(web_ask(x, fd, "NICK ann\r\n"),
               "ERROR :Closing Link: (This port speaks TLS only)\r\n");
    web_expect_closed(x, fd);
    EQUAL_NUMBER(web_memory(x->loop).n, 0);
    EQUAL_NUMBER(x->loop->webs.hosts.connections, 0);
    looped_free(x);
}

static void
a_handshake_that_does_not_end_is_closed(void)
{
    struct looped *x = begin_webs(NULL);
    int fd = looped_connect(x, LOOPED_WEBS, WEB_ADDR);
    looped_send(fd, "\x16\x03\x01\x01\x00\x01");
    looped_turns(x, 2);
    EQUAL_NUMBER(web_count(x, WEB_SHAKING), 1);
    EQUAL_NUMBER(x->loop->under_way, 1);
    x->loop->now += x->loop->handshake_timeout + 1;
    handshake_expire(x->loop, MSEC_SECOND);
    EQUAL_NUMBER(web_memory(x->loop).n, 0);
    EQUAL_NUMBER(x->loop->under_way, 0);
    web_expect_closed(x, fd);
    fd = looped_connect(x, LOOPED_WEBS, WEB_ADDR);
    looped_send(fd, "\x16\x03\x01\x01\x00\x01");
    looped_turns(x, 2);
    close(fd);
    looped_turns(x, 2);
    EQUAL_NUMBER(web_memory(x->loop).n, 0);
    looped_free(x);
}

/* The server ends while a handshake is under way and another one has not begun. */
static void
the_end_of_the_server_ends_handshakes(void)
{
    struct looped *x = begin_webs(NULL);
    int silent = looped_connect(x, LOOPED_WEBS, WEB_ADDR);
    int begun = looped_connect(x, LOOPED_WEBS, WEB_ADDR);
    looped_send(begun, "\x16\x03\x01\x01\x00\x01");
    looped_turns(x, 2);
    EQUAL_NUMBER(web_count(x, WEB_SHAKING), 2);
    loop_end(x->loop, "maintenance");
    looped_turns(x, 2);
    web_expect_closed(x, silent);
    web_expect_closed(x, begun);
    EQUAL_NUMBER(x->loop->under_way, 0);
    looped_free(x);
}

SUITE(web_tls)
{
    TEST(requests_come_over_tls);
    TEST(a_request_may_come_with_the_handshake);
    TEST(bytes_may_come_one_at_a_time);
    TEST(a_long_answer_comes_whole_over_tls);
    TEST(a_websocket_comes_over_tls);
    TEST(no_certificate_is_asked_for);
    TEST(the_protocol_is_that_of_the_listener);
    TEST(the_duration_of_sts_is_that_of_the_name);
    TEST(a_banned_host_makes_few_handshakes);
    TEST(a_host_without_budget_makes_few_handshakes);
    TEST(a_request_without_tls_is_answered);
    TEST(a_handshake_that_does_not_end_is_closed);
    TEST(the_end_of_the_server_ends_handshakes);
}
