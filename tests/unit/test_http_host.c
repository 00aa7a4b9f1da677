/* Host and Origin: which names are those of this server. */
#include "proto/http_host.h"

#include "base/str.h"
#include "http_heads.h"
#include "proto/http_answer.h"
#include "test.h"

static void
a_host_has_one_form(void)
{
    static const struct {
        const char *text, *host;
        int port; /* -1: refused */
    } cases[] = {
        {"localhost", "localhost", 0},
        {"IRC.example.org:8067", "IRC.example.org", 8067},
        {"a_b-c.d.:1", "a_b-c.d.", 1},
        {"127.0.0.1:65535", "127.0.0.1", 65535},
        {"[::1]", "[::1]", 0},
        {"[2001:db8::7]:80", "[2001:db8::7]", 80},
        {"", "", -1},
        {":80", "", -1},
        {"a:", "", -1},
        {"a:0", "", -1},
        {"a:080", "", -1},
        {"a:65536", "", -1},
        {"a:1:2", "", -1},
        {"a:+1", "", -1},
        {"a:1x", "", -1},
        {"a b", "", -1},
        {"a,b", "", -1},
        {"a/", "", -1},
        {"u@a", "", -1},
        {"a%41", "", -1},
        {"\xc3\xa4", "", -1},
        {"::1", "", -1},
        {"[::1", "", -1},
        {"[]", "", -1},
        {"[", "", -1},
        {"[::1]x", "", -1},
        {"[::1]:", "", -1},
        {"[::1%25eth0]", "", -1},
        {"[127.0.0.1]", "", -1},
        {"[v1.x]", "", -1},
        {"[[::1]]", "", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_text text = {cases[i].text, strlen(cases[i].text)}, host;
        uint16_t port;
        bool good = http_host_split(text, &host, &port);
        if (good != (cases[i].port >= 0))
            EQUAL_TEXT(cases[i].text, good ? "refused" : "accepted");
        if (!good)
            continue;
        EQUAL_TEXT(heads_text(host), cases[i].host);
        EQUAL_NUMBER(port, cases[i].port);
    }
}

static void
a_host_has_253_bytes_at_most(void)
{
    char name[255];
    struct http_text host;
    uint16_t port;
    memset(name, 'a', sizeof name);
    CU_ASSERT_TRUE(http_host_split((struct http_text){name, 253}, &host, &port));
    CU_ASSERT_FALSE(http_host_split((struct http_text){name, 254}, &host, &port));
}

static void
parse_host(const char *host, struct http_request *r)
{
    static char head[200];
    str_format(head, sizeof head, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", host);
    EQUAL_NUMBER(heads_parse(head, strlen(head), r), HTTP_WHOLE);
}

static void
a_foreign_name_of_a_loopback_address_is_refused(void)
{
    static const char *const names[] = {"chat.example.org", "[2001:db8::7]"};
    static const struct {
        const char *host;
        bool local, listed;
    } cases[] = {
        {"localhost", true, true},
        {"LOCALHOST:8067", true, true},
        {"127.0.0.1", true, true},
        {"127.0.0.1:8067", true, true},
        {"[::1]", true, true},
        {"[::1]:1", true, true},
        {"Chat.Example.Org:80", false, true},
        {"[2001:db8::7]", false, true},
        {"evil.example", false, false},
        {"localhost.evil.example", false, false},
        {"evil.localhost", false, false},
        {"localhost.", false, false},
        {"xlocalhost", false, false},
        {"127.0.0.1.evil.example", false, false},
        {"127.0.0.2", false, false},
        {"0.0.0.0", false, false},
        {"2130706433", false, false},
        {"[::]", false, false},
        {"[0:0:0:0:0:0:0:1]", false, false},
        {"[::ffff:127.0.0.1]", false, false},
        {"xchat.example.org", false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_request r;
        parse_host(cases[i].host, &r);
        if (http_host_is_local(&r, NULL, 0) != cases[i].local ||
            http_host_is_local(&r, names, 2) != cases[i].listed)
            EQUAL_TEXT(cases[i].host, "judged as listed");
    }
    EQUAL_NUMBER(http_refusal_status(HTTP_REFUSED_MISDIRECTED), 421);
}

static void
an_origin_is_this_host_or_listed(void)
{
    static const char *const globs[] = {"https://*.example.net", "app://chat"};
    static const struct {
        const char *host, *origin;
        enum http_origin want;
    } cases[] = {
        {"a.example:8067", NULL, HTTP_ORIGIN_NONE},
        {"a.example:8067", "http://a.example:8067", HTTP_ORIGIN_SAME},
        {"A.example:8067", "HTTP://a.EXAMPLE:8067", HTTP_ORIGIN_SAME},
        {"a.example:8067", "https://a.example:8067", HTTP_ORIGIN_SAME},
        {"a.example", "http://a.example", HTTP_ORIGIN_SAME},
        {"a.example", "https://a.example", HTTP_ORIGIN_SAME},
        {"a.example:443", "https://a.example", HTTP_ORIGIN_SAME},
        {"a.example", "https://a.example:443", HTTP_ORIGIN_SAME},
        {"a.example:80", "http://a.example", HTTP_ORIGIN_SAME},
        {"[::1]:8067", "http://[::1]:8067", HTTP_ORIGIN_SAME},
        {"a.example:80", "https://a.example", HTTP_ORIGIN_FOREIGN},
        {"a.example:8067", "http://a.example", HTTP_ORIGIN_FOREIGN},
        {"a.example", "http://a.example:8067", HTTP_ORIGIN_FOREIGN},
        {"a.example", "http://b.example", HTTP_ORIGIN_FOREIGN},
        {"a.example", "http://a.example.evil", HTTP_ORIGIN_FOREIGN},
        {"a.example", "http://xa.example", HTTP_ORIGIN_FOREIGN},
        {"a.example", "http://a.example/", HTTP_ORIGIN_FOREIGN},
        {"a.example", "http://a.example:80:80", HTTP_ORIGIN_FOREIGN},
        {"a.example", "http://u@a.example", HTTP_ORIGIN_FOREIGN},
        {"a.example", "ftp://a.example", HTTP_ORIGIN_FOREIGN},
        {"a.example", "a.example", HTTP_ORIGIN_FOREIGN},
        {"a.example", "http://", HTTP_ORIGIN_FOREIGN},
        {"a.example", "http:", HTTP_ORIGIN_FOREIGN},
        {"a.example", "null", HTTP_ORIGIN_FOREIGN},
        {"a.example", "", HTTP_ORIGIN_FOREIGN},
        {"a.example", "http://a.example http://b.example", HTTP_ORIGIN_FOREIGN},
        {"a.example", "https://chat.Example.net", HTTP_ORIGIN_LISTED},
        {"a.example", "http://chat.example.net", HTTP_ORIGIN_FOREIGN},
        {"a.example", "https://chat.example.net:1", HTTP_ORIGIN_FOREIGN},
        {"a.example", "app://chat", HTTP_ORIGIN_LISTED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        struct http_request r;
        str_format(text, sizeof text, "%s%s%s", cases[i].host,
                   cases[i].origin ? "\r\nOrigin: " : "",
                   cases[i].origin ? cases[i].origin : "");
        parse_host(text, &r);
        if (http_origin(&r, globs, 2) != cases[i].want)
            EQUAL_TEXT(text, "judged as listed");
    }
}

static void
a_star_lists_every_origin(void)
{
    static const char *const any[] = {"*"};
    struct http_request r;
    parse_host("a.example\r\nOrigin: null", &r);
    EQUAL_NUMBER(http_origin(&r, any, 1), HTTP_ORIGIN_LISTED);
    EQUAL_NUMBER(http_origin(&r, NULL, 0), HTTP_ORIGIN_FOREIGN);
}

/* No origin of a browser is so long. */
static void
an_origin_of_320_bytes_is_foreign(void)
{
    static const char *const any[] = {"*"};
    char host[400];
    struct http_request r;
    str_format(host, sizeof host, "a.example\r\nOrigin: http://a.example%0320d", 0);
    static char head[600];
    str_format(head, sizeof head, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", host);
    EQUAL_NUMBER(heads_parse(head, strlen(head), &r), HTTP_WHOLE);
    EQUAL_NUMBER(http_origin(&r, any, 1), HTTP_ORIGIN_FOREIGN);
}

SUITE(http_host)
{
    TEST(a_host_has_one_form);
    TEST(a_host_has_253_bytes_at_most);
    TEST(a_foreign_name_of_a_loopback_address_is_refused);
    TEST(an_origin_is_this_host_or_listed);
    TEST(a_star_lists_every_origin);
    TEST(an_origin_of_320_bytes_is_foreign);
}
