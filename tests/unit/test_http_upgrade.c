/* The request for a WebSocket: each part of it is needed. */
#include "proto/http_upgrade.h"

#include "base/str.h"
#include "http_heads.h"
#include "proto/http_answer.h"
#include "test.h"

#define UP "Upgrade: websocket\r\n"
#define CON "Connection: Upgrade\r\n"
#define VER "Sec-WebSocket-Version: 13\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static void
a_websocket_is_asked_for_in_one_way(void)
{
    static const struct {
        const char *first, *fields;
        enum http_refusal want;
    } cases[] = {
        {"GET /irc HTTP/1.1", UP CON VER KEY, HTTP_FINE},
        {"GET /irc HTTP/1.1",
         "Upgrade: h2c, WebSocket\r\nConnection: keep-alive, UPGRADE\r\n" VER KEY,
         HTTP_FINE},
        {"HEAD /irc HTTP/1.1", UP CON VER KEY, HTTP_REFUSED_NO_UPGRADE},
        {"GET /irc HTTP/1.0", UP CON VER KEY, HTTP_REFUSED_NO_UPGRADE},
        {"GET /irc HTTP/1.1", "", HTTP_REFUSED_NO_UPGRADE},
        {"GET /irc HTTP/1.1", CON VER KEY, HTTP_REFUSED_NO_UPGRADE},
        {"GET /irc HTTP/1.1", UP VER KEY, HTTP_REFUSED_NO_UPGRADE},
        {"GET /irc HTTP/1.1", "Upgrade: websockets\r\n" CON VER KEY,
         HTTP_REFUSED_NO_UPGRADE},
        {"GET /irc HTTP/1.1", UP "Connection: close\r\n" VER KEY,
         HTTP_REFUSED_NO_UPGRADE},
        {"GET /irc HTTP/1.1", UP CON KEY, HTTP_REFUSED_SOCKET_VERSION},
        {"GET /irc HTTP/1.1", UP CON "Sec-WebSocket-Version: 8\r\n" KEY,
         HTTP_REFUSED_SOCKET_VERSION},
        {"GET /irc HTTP/1.1", UP CON "Sec-WebSocket-Version: 13, 8\r\n" KEY,
         HTTP_REFUSED_SOCKET_VERSION},
        {"GET /irc HTTP/1.1", UP CON "Sec-WebSocket-Version: 013\r\n" KEY,
         HTTP_REFUSED_SOCKET_VERSION},
        {"GET /irc HTTP/1.1", UP CON VER, HTTP_REFUSED_SOCKET_KEY},
        {"GET /irc HTTP/1.1", UP CON VER "Sec-WebSocket-Key:\r\n",
         HTTP_REFUSED_SOCKET_KEY},
        {"GET /irc HTTP/1.1",
         UP CON VER "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n",
         HTTP_REFUSED_SOCKET_KEY},
        {"GET /irc HTTP/1.1",
         UP CON VER "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n",
         HTTP_REFUSED_SOCKET_KEY},
        {"GET /irc HTTP/1.1",
         UP CON VER "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWE=\r\n",
         HTTP_REFUSED_SOCKET_KEY}, /* 17 bytes */
        {"GET /irc HTTP/1.1",
         UP CON VER "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWFi\r\n",
         HTTP_REFUSED_SOCKET_KEY}, /* 18 bytes */
        {"GET /irc HTTP/1.1",
         UP CON VER "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub2-_ZQ==\r\n",
         HTTP_REFUSED_SOCKET_KEY},
        {"GET /irc HTTP/1.1",
         UP CON VER "Sec-WebSocket-Key: dGhlIHNhbXBs ZSBub25jQ==\r\n",
         HTTP_REFUSED_SOCKET_KEY},
        {"GET /irc HTTP/1.1",
         UP CON VER "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ===\r\n",
         HTTP_REFUSED_SOCKET_KEY},
    };
    char head[400];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_request r;
        struct http_text key;
        str_format(head, sizeof head, "%s\r\nHost: a\r\n%s\r\n", cases[i].first,
                   cases[i].fields);
        EQUAL_NUMBER(heads_parse(head, strlen(head), &r), HTTP_WHOLE);
        if (http_upgrade(&r, &key) != cases[i].want)
            EQUAL_TEXT(head, "judged as listed");
        EQUAL_NUMBER(key.n, cases[i].want == HTTP_FINE ? HTTP_UPGRADE_KEY : 0);
    }
}

/* As nginx 1.22 (proxy_set_header) and haproxy 2.6 pass it on. */
static void
a_request_through_a_proxy_is_one(void)
{
    static const char *const heads[] = {
        "GET /irc HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        "Connection: upgrade\r\nX-Forwarded-For: 203.0.113.9, 127.0.0.1\r\n"
        "X-Forwarded-Proto: http\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n"
        "Sec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        "GET /irc HTTP/1.1\r\nhost: 127.0.0.1:8069\r\nuser-agent: curl/7.88.1\r\n"
        "accept: */*\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
        "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "x-forwarded-for: 127.0.0.1\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct http_request r;
        struct http_text key;
        EQUAL_NUMBER(heads_parse(heads[i], strlen(heads[i]), &r), HTTP_WHOLE);
        EQUAL_NUMBER(http_upgrade(&r, &key), HTTP_FINE);
        EQUAL_TEXT(heads_text(key), "dGhlIHNhbXBsZSBub25jZQ==");
    }
}

static void
an_upgrade_is_answered_with_101(void)
{
    static const struct http_policy policy;
    char text[HTTP_ANSWER_HEAD];
    struct str s;
    str_init(&s, text, sizeof text);
    CU_ASSERT_TRUE(http_upgrade_answer(
        &s, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "binary.ircv3.net", 0, &policy));
    EQUAL_NUMBER(strncmp(text, "HTTP/1.1 101 Switching Protocols\r\n", 34), 0);
    CONTAINS(text, "\r\nConnection: Upgrade\r\n");
    CONTAINS(text, "\r\nUpgrade: websocket\r\n"
                   "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                   "Sec-WebSocket-Protocol: binary.ircv3.net\r\n");
    CONTAINS(text, "\r\nContent-Security-Policy: ");
    CU_ASSERT_PTR_NULL(strstr(text, "Content-Length"));
    EQUAL_TEXT(text + s.len - 4, "\r\n\r\n");
    str_init(&s, text, sizeof text);
    CU_ASSERT_TRUE(http_upgrade_answer(&s, "x", NULL, 0, &policy));
    CU_ASSERT_PTR_NULL(strstr(text, "Sec-WebSocket-Protocol"));
    str_init(&s, text, 100);
    CU_ASSERT_FALSE(http_upgrade_answer(&s, "x", NULL, 0, &policy));
}

SUITE(http_upgrade)
{
    TEST(a_websocket_is_asked_for_in_one_way);
    TEST(a_request_through_a_proxy_is_one);
    TEST(an_upgrade_is_answered_with_101);
}
