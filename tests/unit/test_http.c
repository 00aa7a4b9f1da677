/* Heads of requests: what is read out of them, each refusal, each limit from both
 * sides. */
#include "proto/http.h"

#include "base/str.h"
#include "http_heads.h"
#include "proto/http_answer.h"
#include "proto/http_field.h"
#include "test.h"

#define HOST "Host: localhost\r\n"

static void
a_head_is_read_in_any_pieces(void)
{
    struct http_request r;
    struct http_text value;
    const char *text =
        "GET /config.json?a=1&b HTTP/1.1\r\nhOST: irc.example.org:8067\r\n"
        "X-Empty:\r\nX-Blank: \t a, b\t c \t\r\n\r\nbehind";
    EQUAL_NUMBER(heads_parse(text, strlen(text), &r), HTTP_WHOLE);
    EQUAL_NUMBER(r.length, strlen(text) - strlen("behind"));
    EQUAL_NUMBER(r.method, HTTP_GET);
    EQUAL_TEXT(r.path, "/config.json");
    EQUAL_TEXT(heads_text(http_text(&r, r.query)), "a=1&b");
    EQUAL_TEXT(heads_text(http_text(&r, r.host)), "irc.example.org");
    EQUAL_NUMBER(r.port, 8067);
    CU_ASSERT_TRUE(r.is_1_1);
    EQUAL_NUMBER(r.body, 0);
    EQUAL_NUMBER(r.fields_count, 3);
    CU_ASSERT_TRUE(http_field(&r, "x-empty", &value));
    EQUAL_TEXT(heads_text(value), "");
    CU_ASSERT_TRUE(http_field(&r, "X-BLANK", &value));
    EQUAL_TEXT(heads_text(value), "a, b\t c");
    CU_ASSERT_FALSE(http_field(&r, "x-", &value));
}

static void
methods_and_versions_are_told(void)
{
    struct http_request r;
    const char *head = "HEAD / HTTP/1.0\r\n" HOST "\r\n";
    const char *post = "POST /api/v1/command HTTP/1.1\r\n" HOST "Content-Length: 12\r\n"
                       "Expect: 100-Continue\r\n\r\n";
    EQUAL_NUMBER(heads_parse(head, strlen(head), &r), HTTP_WHOLE);
    EQUAL_NUMBER(r.method, HTTP_HEAD);
    CU_ASSERT_FALSE(r.is_1_1);
    EQUAL_NUMBER(r.port, 0);
    EQUAL_NUMBER(heads_parse(post, strlen(post), &r), HTTP_WHOLE);
    EQUAL_NUMBER(r.method, HTTP_POST);
    EQUAL_NUMBER(r.body, 12);
    CU_ASSERT_TRUE(r.expects_continue);
}

/* As they were recorded, with the addresses of the tests. */
static void
heads_of_real_clients_are_read(void)
{
    static const struct {
        const char *name, *head;
        enum http_refusal want;
    } cases[] = {
        {"curl 7.88",
         "GET /health HTTP/1.1\r\nHost: 127.0.0.1:8067\r\nUser-Agent: curl/7.88.1\r\n"
         "Accept: */*\r\n\r\n",
         HTTP_FINE},
        {"curl -d",
         "POST /api/v1/command HTTP/1.1\r\nHost: localhost:8067\r\n"
         "User-Agent: curl/7.88.1\r\nAccept: */*\r\nAuthorization: Bearer abc\r\n"
         "Content-Length: 15\r\nContent-Type: "
         "application/x-www-form-urlencoded\r\n\r\n",
         HTTP_FINE},
        {"Python 3.11",
         "GET /metrics HTTP/1.1\r\nAccept-Encoding: identity\r\nHost: "
         "127.0.0.1:8067\r\n"
         "User-Agent: Python-urllib/3.11\r\nConnection: close\r\n\r\n",
         HTTP_FINE},
        {"nginx 1.22, HTTP/1.0",
         "GET /plain HTTP/1.0\r\nHost: 127.0.0.1:8067\r\nConnection: close\r\n"
         "User-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n",
         HTTP_FINE},
        {"haproxy 2.6",
         "GET / HTTP/1.1\r\nhost: 127.0.0.1:8069\r\nuser-agent: curl/7.88.1\r\n"
         "accept: */*\r\nx-forwarded-for: 127.0.0.1\r\n\r\n",
         HTTP_FINE},
        /* option httpchk; with `http-check send … hdr Host localhost` it has a Host */
        {"a check of haproxy", "GET /health HTTP/1.0\r\n\r\n", HTTP_REFUSED_NO_HOST},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (heads_refusal(cases[i].head) != cases[i].want)
            EQUAL_TEXT(cases[i].name, "judged as listed");
}

static void
a_head_that_is_not_whole_needs_more(void)
{
    const char *text = "POST /api/x HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n";
    struct http_request r;
    for (size_t n = 0; n < strlen(text); n++)
        EQUAL_NUMBER(heads_parse(text, n, &r), HTTP_MORE);
    EQUAL_NUMBER(heads_parse(text, strlen(text), &r), HTTP_WHOLE);
}

static void
first_lines_have_one_form(void)
{
    static const struct {
        const char *line;
        enum http_refusal want;
    } cases[] = {
        {"GET / HTTP/1.1", HTTP_FINE},
        {"GET / HTTP/1.0", HTTP_FINE},
        {"", HTTP_REFUSED_BAD_LINE},
        {"GET", HTTP_REFUSED_BAD_LINE},
        {"GET /", HTTP_REFUSED_BAD_LINE},
        {"GET  / HTTP/1.1", HTTP_REFUSED_BAD_LINE},
        {"GET /  HTTP/1.1", HTTP_REFUSED_BAD_LINE},
        {"GET / HTTP/1.1 ", HTTP_REFUSED_BAD_LINE},
        {" GET / HTTP/1.1", HTTP_REFUSED_BAD_LINE},
        {"GET / x HTTP/1.1", HTTP_REFUSED_BAD_LINE},
        {"GET\t/ HTTP/1.1", HTTP_REFUSED_BAD_LINE},
        {"G@T / HTTP/1.1", HTTP_REFUSED_BAD_LINE},
        {"GET / HTTP/1.1\t", HTTP_REFUSED_BAD_LINE},
        {"GET / http/1.1", HTTP_REFUSED_BAD_LINE},
        {"GET / HTTP/1", HTTP_REFUSED_BAD_LINE},
        {"GET / HTTP/11", HTTP_REFUSED_BAD_LINE},
        {"GET / HTTP/1.10", HTTP_REFUSED_BAD_LINE},
        {"GET / HTTP/x.1", HTTP_REFUSED_BAD_LINE},
        {"GET / HTTP/1,1", HTTP_REFUSED_BAD_LINE},
        {"GET / HTTP/0.9", HTTP_REFUSED_VERSION},
        {"GET / HTTP/1.2", HTTP_REFUSED_VERSION},
        {"GET / HTTP/2.0", HTTP_REFUSED_VERSION},
        {"PRI * HTTP/2.0", HTTP_REFUSED_VERSION},
        {"get / HTTP/1.1", HTTP_REFUSED_METHOD},
        {"GETS / HTTP/1.1", HTTP_REFUSED_METHOD},
        {"OPTIONS * HTTP/1.1", HTTP_REFUSED_METHOD},
        {"CONNECT a:1 HTTP/1.1", HTTP_REFUSED_METHOD},
        {"PUT / HTTP/1.1", HTTP_REFUSED_METHOD},
        {"GET x HTTP/1.1", HTTP_REFUSED_BAD_TARGET},
        {"GET * HTTP/1.1", HTTP_REFUSED_BAD_TARGET},
        {"GET http://localhost/ HTTP/1.1", HTTP_REFUSED_BAD_TARGET},
        {"GET /\xc3\xa4 HTTP/1.1", HTTP_REFUSED_BAD_TARGET},
        {"GET /%4 HTTP/1.1", HTTP_REFUSED_BAD_ESCAPE},
        {"GET /../x HTTP/1.1", HTTP_REFUSED_BAD_PATH},
        {"NICK alice", HTTP_REFUSED_BAD_LINE},
    };
    char text[200];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        str_format(text, sizeof text, "%s\r\n" HOST "\r\n", cases[i].line);
        if (heads_refusal(text) != cases[i].want)
            EQUAL_TEXT(text, http_refusal_sentence(cases[i].want));
    }
}

static void
fields_have_one_form(void)
{
    static const struct {
        const char *lines;
        enum http_refusal want;
    } cases[] = {
        {"a:b\r\n", HTTP_FINE},
        {"!#$%&'*+-.^_`|~09AZ: \x80\xff\r\n", HTTP_FINE},
        {"a: b:c : d\r\n", HTTP_FINE},
        {"a: b\r\n c\r\n", HTTP_REFUSED_FOLDED},
        {"a: b\r\n\tc\r\n", HTTP_REFUSED_FOLDED},
        {" a: b\r\n", HTTP_REFUSED_FOLDED},
        {"a : b\r\n", HTTP_REFUSED_BAD_NAME},
        {"a\t: b\r\n", HTTP_REFUSED_BAD_NAME},
        {"a b: c\r\n", HTTP_REFUSED_BAD_NAME},
        {": b\r\n", HTTP_REFUSED_BAD_NAME},
        {"a\r\n", HTTP_REFUSED_BAD_NAME},
        {"\x80: b\r\n", HTTP_REFUSED_BAD_NAME},
        {"a(: b\r\n", HTTP_REFUSED_BAD_NAME},
        {"a: b\n", HTTP_REFUSED_BARE_LF},
        {"a: b\rc\r\n", HTTP_REFUSED_BARE_CR},
        {"a: b\r\r\n", HTTP_REFUSED_BARE_CR},
        {"\ra: b\r\n", HTTP_REFUSED_BARE_CR},
        {"a: \x01\r\n", HTTP_REFUSED_BAD_BYTE},
        {"a: \x0b\r\n", HTTP_REFUSED_BAD_BYTE},
        {"a: \x7f\r\n", HTTP_REFUSED_BAD_BYTE},
        {"\x1b: b\r\n", HTTP_REFUSED_BAD_BYTE},
    };
    char text[200];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        str_format(text, sizeof text, "GET / HTTP/1.1\r\n" HOST "%s\r\n",
                   cases[i].lines);
        if (heads_refusal(text) != cases[i].want)
            EQUAL_TEXT(text, http_refusal_sentence(cases[i].want));
    }
}

static void
a_nul_is_refused_at_each_place(void)
{
    static const char text[] = "GET /a?b HTTP/1.1\r\n" HOST "\r\n";
    char bytes[sizeof text];
    struct http_request r;
    for (size_t i = 0; i < sizeof text - 1; i++) {
        memcpy(bytes, text, sizeof text);
        bytes[i] = '\0';
        EQUAL_NUMBER(heads_parse(bytes, sizeof text - 1, &r), HTTP_REFUSED);
        EQUAL_NUMBER(r.length, 0);
    }
}

static void
a_refusal_comes_with_its_byte(void)
{
    struct http_request r;
    EQUAL_NUMBER(heads_parse("\x16\x03\x01", 3, &r), HTTP_REFUSED); /* TLS */
    EQUAL_NUMBER(heads_parse("\n", 1, &r), HTTP_REFUSED);
    EQUAL_NUMBER(heads_parse("NICK alice\r\n", 12, &r), HTTP_REFUSED);
    EQUAL_NUMBER(heads_parse("NICK alice\r", 11, &r), HTTP_MORE);
}

/* A head of `size` bytes: one long field, or (with line) a long query. */
static void
expect_size(size_t size, bool line, enum http_state state, enum http_refusal refusal)
{
    static char text[HTTP_HEAD_MAX + 64];
    struct http_request r;
    const char *start = line ? "GET /?" : "GET / HTTP/1.1\r\n" HOST "a:";
    const char *end = line ? " HTTP/1.1\r\n" HOST "\r\n" : "\r\n\r\n";
    memset(text, 'x', sizeof text);
    memcpy(text, start, strlen(start));
    memcpy(text + size - strlen(end), end, strlen(end));
    EQUAL_NUMBER(heads_parse(text, size, &r), state);
    EQUAL_NUMBER(r.refusal, refusal);
}

static void
a_head_has_8192_bytes_at_most(void)
{
    expect_size(HTTP_HEAD_MAX, false, HTTP_WHOLE, HTTP_FINE);
    expect_size(HTTP_HEAD_MAX + 1, false, HTTP_REFUSED, HTTP_REFUSED_LONG_HEAD);
    expect_size(HTTP_HEAD_MAX + 2, false, HTTP_REFUSED, HTTP_REFUSED_LONG_HEAD);
    expect_size(HTTP_HEAD_MAX, true, HTTP_WHOLE, HTTP_FINE);
    expect_size(HTTP_HEAD_MAX + 1, true, HTTP_REFUSED, HTTP_REFUSED_LONG_HEAD);
    expect_size(HTTP_HEAD_MAX + 40, true, HTTP_REFUSED, HTTP_REFUSED_LONG_LINE);
}

static void
a_head_without_end_is_refused_at_8192_bytes(void)
{
    static char text[HTTP_HEAD_MAX];
    struct http_request r;
    memset(text, 'x', sizeof text);
    EQUAL_NUMBER(heads_parse(text, sizeof text - 1, &r), HTTP_MORE);
    EQUAL_NUMBER(heads_parse(text, sizeof text, &r), HTTP_REFUSED);
    EQUAL_NUMBER(r.refusal, HTTP_REFUSED_LONG_LINE);
    memcpy(text, "GET / HTTP/1.1\r\n" HOST, strlen("GET / HTTP/1.1\r\n" HOST));
    memcpy(text + sizeof text - 4, ":x\r\n", 4);
    EQUAL_NUMBER(heads_parse(text, sizeof text - 1, &r), HTTP_MORE);
    EQUAL_NUMBER(heads_parse(text, sizeof text, &r), HTTP_REFUSED);
    EQUAL_NUMBER(r.refusal, HTTP_REFUSED_LONG_HEAD);
}

static void
a_head_has_64_fields_at_most(void)
{
    char text[2000];
    struct str s;
    for (int fields = 63; fields <= 66; fields++) {
        str_init(&s, text, sizeof text);
        str_add(&s, "GET / HTTP/1.1\r\n" HOST);
        for (int i = 1; i < fields; i++)
            str_addf(&s, "a%d: b\r\n", i);
        str_add(&s, "\r\n");
        EQUAL_NUMBER(heads_refusal(text),
                     fields <= 64 ? HTTP_FINE : HTTP_REFUSED_MANY_FIELDS);
    }
}

static void
each_refusal_has_a_code_and_a_sentence(void)
{
    for (int i = HTTP_FINE + 1; i < HTTP_REFUSALS; i++) {
        unsigned status = http_refusal_status((enum http_refusal)i);
        const char *sentence = http_refusal_sentence((enum http_refusal)i);
        CU_ASSERT_TRUE(status >= 400 && status < 600);
        CU_ASSERT_PTR_NOT_NULL(http_status_words(status));
        CU_ASSERT_TRUE(strlen(sentence) > 20 && sentence[strlen(sentence) - 1] == '.');
    }
}

SUITE(http)
{
    TEST(a_head_is_read_in_any_pieces);
    TEST(methods_and_versions_are_told);
    TEST(heads_of_real_clients_are_read);
    TEST(a_head_that_is_not_whole_needs_more);
    TEST(first_lines_have_one_form);
    TEST(fields_have_one_form);
    TEST(a_nul_is_refused_at_each_place);
    TEST(a_refusal_comes_with_its_byte);
    TEST(a_head_has_8192_bytes_at_most);
    TEST(a_head_without_end_is_refused_at_8192_bytes);
    TEST(a_head_has_64_fields_at_most);
    TEST(each_refusal_has_a_code_and_a_sentence);
}
