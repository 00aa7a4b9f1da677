/* The first bytes of a connection to a port of HTTP. */
#include "proto/web_first.h"
#include "test.h"

static void
first_bytes_tell_the_protocol(void)
{
    static const struct {
        const char *bytes;
        enum web_first want;
        bool is_request;
    } cases[] = {
        {"", WEB_FIRST_HTTP, false},
        {"GET / HTTP/1.1\r\n", WEB_FIRST_HTTP, true},
        {"HEAD /health HTTP/1.1\r\n", WEB_FIRST_HTTP, true},
        {"POST /api/v1/command HTTP/1.1\r\n", WEB_FIRST_HTTP, true},
        {"GET http://x/ HTTP/1.1\r\n", WEB_FIRST_HTTP, false},
        {"get / HTTP/1.1\r\n", WEB_FIRST_HTTP, false},
        {"OPTIONS / HTTP/1.1\r\n", WEB_FIRST_HTTP, false},
        {"GET", WEB_FIRST_HTTP, false},
        {"\x16\x03\x01", WEB_FIRST_TLS, false},
        {"\x16\x03", WEB_FIRST_HTTP, false},
        {"PROXY TCP4 192.0.2.7 10.0.0.2 1 2\r\n", WEB_FIRST_PROXY, false},
        {"CAP LS 302\r\n", WEB_FIRST_IRC, false},
        {"NICK ann\r\n", WEB_FIRST_IRC, false},
        {"USER ann 0 * :Ann\r\n", WEB_FIRST_IRC, false},
        {"PASS secret\r\n", WEB_FIRST_IRC, false},
        {"WEBIRC a b c d\r\n", WEB_FIRST_IRC, false},
        {"STARTTLS\r\n", WEB_FIRST_IRC, false},
        {"NICKEL / HTTP/1.1\r\n", WEB_FIRST_HTTP, false},
        {"CAP", WEB_FIRST_HTTP, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = strlen(cases[i].bytes);
        EQUAL_NUMBER(web_first(cases[i].bytes, n), cases[i].want);
        EQUAL_NUMBER(web_first_is_request(cases[i].bytes, n), cases[i].is_request);
    }
}

SUITE(web_first)
{
    TEST(first_bytes_tell_the_protocol);
}
