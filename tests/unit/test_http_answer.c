/* Heads of answers: what each one has, and that none depends on a request. */
#include "proto/http_answer.h"

#include "http_heads.h"
#include "test.h"

#define NOON 1795356185123 /* 2026-11-22 14:03:05 UTC */

static const struct http_policy plain;

#define SECURITY(embed)                                                                \
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src "       \
    "'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri "       \
    "'none'; form-action 'none'; frame-ancestors " embed "\r\n"                        \
    "X-Content-Type-Options: nosniff\r\n"                                              \
    "Referrer-Policy: no-referrer\r\n"                                                 \
    "Cross-Origin-Opener-Policy: same-origin\r\n"                                      \
    "Permissions-Policy: camera=(), microphone=(), geolocation=()\r\n"

static void
a_head_is_written_whole(void)
{
    char text[HTTP_ANSWER_HEAD];
    struct str s;
    struct http_answer a = {.status = 200,
                            .after = HTTP_AFTER_KEEP,
                            .type = "text/javascript",
                            .length = 12345678901u,
                            .tag = "\"1a2b\"",
                            .cache = "no-cache",
                            .fields = "Vary: Accept-Encoding\r\n",
                            .wall = NOON};
    str_init(&s, text, sizeof text);
    CU_ASSERT_TRUE(http_answer_head(&s, &a, &plain));
    EQUAL_TEXT(text, "HTTP/1.1 200 OK\r\n"
                     "Date: Sun, 22 Nov 2026 14:03:05 GMT\r\n"
                     "Connection: keep-alive\r\n"
                     "Content-Type: text/javascript\r\n"
                     "Content-Length: 12345678901\r\n"
                     "ETag: \"1a2b\"\r\n"
                     "Cache-Control: no-cache\r\n"
                     "Vary: Accept-Encoding\r\n" SECURITY("'none'") "\r\n");
}

static void
the_policy_is_that_of_the_listener(void)
{
    char text[HTTP_ANSWER_HEAD];
    struct str s;
    struct http_policy policy = {.embed = "'self' https://*.example.org",
                                 .sts = 31536000};
    struct http_answer a = {.status = 404, .wall = NOON};
    str_init(&s, text, sizeof text);
    CU_ASSERT_TRUE(http_answer_head(&s, &a, &policy));
    EQUAL_TEXT(text, "HTTP/1.1 404 Not Found\r\n"
                     "Date: Sun, 22 Nov 2026 14:03:05 GMT\r\n"
                     "Connection: close\r\n"
                     "Content-Length: 0\r\n"
                     "Cache-Control: no-store\r\n" SECURITY(
                         "'self' https://*.example.org") "Strict-Transport-Security: "
                                                         "max-age=31536000\r\n\r\n");
}

static void
an_upgrade_and_an_unchanged_file_have_no_length(void)
{
    char text[HTTP_ANSWER_HEAD];
    struct str s;
    struct http_answer a = {.status = 101,
                            .after = HTTP_AFTER_UPGRADE,
                            .fields = "Upgrade: websocket\r\n",
                            .wall = NOON};
    str_init(&s, text, sizeof text);
    CU_ASSERT_TRUE(http_answer_head(&s, &a, &plain));
    CONTAINS(text, "HTTP/1.1 101 Switching Protocols\r\n");
    CONTAINS(text, "\r\nConnection: Upgrade\r\n");
    CONTAINS(text, "\r\nUpgrade: websocket\r\n");
    CU_ASSERT_PTR_NULL(strstr(text, "Content-Length"));
    a.status = 304;
    a.tag = "\"1a2b\"";
    str_init(&s, text, sizeof text);
    CU_ASSERT_TRUE(http_answer_head(&s, &a, &plain));
    CONTAINS(text, "\r\nETag: \"1a2b\"\r\n");
    CU_ASSERT_PTR_NULL(strstr(text, "Content-Length"));
}

static void
only_the_body_depends_on_the_method(void)
{
    CU_ASSERT_TRUE(http_answer_has_body(200, HTTP_GET));
    CU_ASSERT_TRUE(http_answer_has_body(200, HTTP_POST));
    CU_ASSERT_TRUE(http_answer_has_body(404, HTTP_GET));
    CU_ASSERT_FALSE(http_answer_has_body(200, HTTP_HEAD));
    CU_ASSERT_FALSE(http_answer_has_body(304, HTTP_GET));
    CU_ASSERT_FALSE(http_answer_has_body(101, HTTP_GET));
    CU_ASSERT_PTR_NULL(http_status_words(299));
}

static void
each_refusal_is_answered_with_its_sentence(void)
{
    char get[HTTP_ANSWER_HEAD], head[HTTP_ANSWER_HEAD], length[40];
    struct str s;
    for (int i = HTTP_FINE + 1; i < HTTP_REFUSALS; i++) {
        enum http_refusal refusal = (enum http_refusal)i;
        const char *sentence = http_refusal_sentence(refusal);
        str_init(&s, get, sizeof get);
        CU_ASSERT_TRUE(
            http_refusal_answer(&s, refusal, HTTP_GET, HTTP_AFTER_CLOSE, NOON, &plain));
        str_init(&s, head, sizeof head);
        CU_ASSERT_TRUE(http_refusal_answer(&s, refusal, HTTP_HEAD, HTTP_AFTER_CLOSE,
                                           NOON, &plain));
        CU_ASSERT_TRUE(memcmp(get, head, strlen(head)) == 0);
        EQUAL_NUMBER(strncmp(get + strlen(head), sentence, strlen(sentence)), 0);
        EQUAL_TEXT(get + strlen(head) + strlen(sentence), "\n");
        str_format(length, sizeof length, "\r\nContent-Length: %d\r\n",
                   (int)strlen(sentence) + 1);
        CONTAINS(head, length);
        CONTAINS(head, "\r\nConnection: close\r\n");
        EQUAL_NUMBER(atol(head + strlen("HTTP/1.1 ")), http_refusal_status(refusal));
    }
}

static void
some_refusals_say_what_is_accepted(void)
{
    static const struct {
        enum http_refusal refusal;
        const char *field;
    } cases[] = {
        {HTTP_REFUSED_POST, "\r\nAllow: GET, HEAD\r\n"},
        {HTTP_REFUSED_SOCKET_VERSION, "\r\nSec-WebSocket-Version: 13\r\n"},
        {HTTP_REFUSED_SOCKET_VERSION, "\r\nUpgrade: websocket\r\n"},
        {HTTP_REFUSED_NO_UPGRADE, "\r\nSec-WebSocket-Version: 13\r\n"},
        {HTTP_REFUSED_BAD_LINE, "HTTP/1.1 400 Bad Request\r\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[HTTP_ANSWER_HEAD];
        struct str s;
        str_init(&s, text, sizeof text);
        CU_ASSERT_TRUE(http_refusal_answer(&s, cases[i].refusal, HTTP_GET,
                                           HTTP_AFTER_CLOSE, NOON, &plain));
        CONTAINS(text, cases[i].field);
    }
}

static void
a_refusal_may_keep_the_connection(void)
{
    char text[HTTP_ANSWER_HEAD];
    struct str s;
    str_init(&s, text, sizeof text);
    CU_ASSERT_TRUE(http_refusal_answer(&s, HTTP_REFUSED_NOT_FOUND, HTTP_GET,
                                       HTTP_AFTER_KEEP, NOON, &plain));
    CONTAINS(text, "HTTP/1.1 404 Not Found\r\n");
    CONTAINS(text, "\r\nConnection: keep-alive\r\n");
}

static void
too_little_room_is_told(void)
{
    char text[100];
    struct str s;
    struct http_answer a = {.status = 200, .wall = NOON};
    str_init(&s, text, sizeof text);
    CU_ASSERT_FALSE(http_answer_head(&s, &a, &plain));
    str_init(&s, text, sizeof text);
    CU_ASSERT_FALSE(http_refusal_answer(&s, HTTP_REFUSED_BAD_LINE, HTTP_GET,
                                        HTTP_AFTER_CLOSE, NOON, &plain));
}

static void
a_text_for_frames_adds_no_field_and_no_directive(void)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"'self'", true},
        {"https://www.example.org", true},
        {"'self' https://*.example.org:8443 http://[::1]:1/a_b-c", true},
        {"*", true},
        {"", false},
        {" ", false},
        {" 'self'", false},
        {"'self' ", false},
        {"a  b", false},
        {"'self'; script-src *", false},
        {"a,b", false},
        {"a\r\nX: y", false},
        {"a\tb", false},
        {"\xc3\xa4", false},
    };
    char text[514];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (http_answer_embed(cases[i].text) != cases[i].good)
            EQUAL_TEXT(cases[i].text, cases[i].good ? "accepted" : "refused");
    memset(text, 'a', sizeof text);
    text[513] = '\0';
    CU_ASSERT_FALSE(http_answer_embed(text));
    text[512] = '\0';
    CU_ASSERT_TRUE(http_answer_embed(text));
}

SUITE(http_answer)
{
    TEST(a_head_is_written_whole);
    TEST(the_policy_is_that_of_the_listener);
    TEST(an_upgrade_and_an_unchanged_file_have_no_length);
    TEST(only_the_body_depends_on_the_method);
    TEST(each_refusal_is_answered_with_its_sentence);
    TEST(some_refusals_say_what_is_accepted);
    TEST(a_refusal_may_keep_the_connection);
    TEST(too_little_room_is_told);
    TEST(a_text_for_frames_adds_no_field_and_no_directive);
}
