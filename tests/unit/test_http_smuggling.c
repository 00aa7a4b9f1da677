/* Heads that two readers may divide differently (request smuggling): each is refused,
 * and what is accepted has exactly one end. */
#include "base/str.h"
#include "http_heads.h"
#include "proto/http_answer.h"
#include "test.h"

#define POST "POST /api/v1/command HTTP/1.1\r\n"
#define GET "GET / HTTP/1.1\r\n"
#define HOST "Host: localhost\r\n"
#define CL "Content-Length: "
#define TE "Transfer-Encoding: "

static const struct {
    const char *text;
    enum http_refusal want;
} cases[] = {
    /* one length */
    {POST HOST CL "5\r\n\r\n", HTTP_FINE},
    {POST HOST "content-length:5\r\n\r\n", HTTP_FINE},
    {POST HOST CL "0\r\n\r\n", HTTP_FINE},
    {POST HOST CL "65536\r\n\r\n", HTTP_FINE},
    {POST HOST CL "65537\r\n\r\n", HTTP_REFUSED_LONG_BODY},
    {POST HOST CL "4294967301\r\n\r\n", HTTP_REFUSED_LONG_BODY},
    {POST HOST CL "18446744073709551621\r\n\r\n", HTTP_REFUSED_LONG_BODY},
    {POST HOST CL "99999999999999999999999999999999\r\n\r\n", HTTP_REFUSED_LONG_BODY},
    {POST HOST "\r\n", HTTP_REFUSED_NO_LENGTH},
    {POST HOST CL "5\r\n" CL "5\r\n\r\n", HTTP_REFUSED_TWICE},
    {POST HOST CL "5\r\n" CL "6\r\n\r\n", HTTP_REFUSED_TWICE},
    {POST HOST CL "5\r\ncontent-LENGTH: 0\r\n\r\n", HTTP_REFUSED_TWICE},
    {POST HOST CL "5, 5\r\n\r\n", HTTP_REFUSED_BAD_LENGTH},
    {POST HOST CL "5,\r\n\r\n", HTTP_REFUSED_BAD_LENGTH},
    {POST HOST CL "5 5\r\n\r\n", HTTP_REFUSED_BAD_LENGTH},
    {POST HOST CL "+5\r\n\r\n", HTTP_REFUSED_BAD_LENGTH},
    {POST HOST CL "-5\r\n\r\n", HTTP_REFUSED_BAD_LENGTH},
    {POST HOST CL "05\r\n\r\n", HTTP_REFUSED_BAD_LENGTH},
    {POST HOST CL "00\r\n\r\n", HTTP_REFUSED_BAD_LENGTH},
    {POST HOST CL "0x5\r\n\r\n", HTTP_REFUSED_BAD_LENGTH},
    {POST HOST CL "5.0\r\n\r\n", HTTP_REFUSED_BAD_LENGTH},
    {POST HOST CL "5;\r\n\r\n", HTTP_REFUSED_BAD_LENGTH},
    {POST HOST CL "\"5\"\r\n\r\n", HTTP_REFUSED_BAD_LENGTH},
    {POST HOST CL "\xb2\r\n\r\n", HTTP_REFUSED_BAD_LENGTH},
    {POST HOST CL "\r\n\r\n", HTTP_REFUSED_BAD_LENGTH},
    {POST HOST "Content-Length : 5\r\n\r\n", HTTP_REFUSED_BAD_NAME},
    {POST HOST "Content-Length\r\n\r\n", HTTP_REFUSED_BAD_NAME},
    {POST HOST "X: y\r\n " CL "5\r\n\r\n", HTTP_REFUSED_FOLDED},
    {POST HOST CL "\r\n 5\r\n\r\n", HTTP_REFUSED_FOLDED},
    {POST HOST "Content_Length: 5\r\n\r\n", HTTP_REFUSED_NO_LENGTH},
    /* no encoding, with or without a length, in any spelling */
    {POST HOST TE "chunked\r\n\r\n", HTTP_REFUSED_TRANSFER_ENCODING},
    {POST HOST CL "5\r\n" TE "chunked\r\n\r\n", HTTP_REFUSED_TRANSFER_ENCODING},
    {POST HOST TE "chunked\r\n" CL "5\r\n\r\n", HTTP_REFUSED_TRANSFER_ENCODING},
    {POST HOST TE "identity\r\n" CL "5\r\n\r\n", HTTP_REFUSED_TRANSFER_ENCODING},
    {POST HOST TE "xchunked\r\n" CL "5\r\n\r\n", HTTP_REFUSED_TRANSFER_ENCODING},
    {POST HOST TE "\r\n" CL "5\r\n\r\n", HTTP_REFUSED_TRANSFER_ENCODING},
    {POST HOST TE "x\r\n" TE "chunked\r\n\r\n", HTTP_REFUSED_TRANSFER_ENCODING},
    {POST HOST "transfer-encoding:\tchunked\r\n\r\n", HTTP_REFUSED_TRANSFER_ENCODING},
    {POST HOST TE "\"chunked\"\r\n\r\n", HTTP_REFUSED_TRANSFER_ENCODING},
    {GET HOST TE "chunked\r\n\r\n", HTTP_REFUSED_TRANSFER_ENCODING},
    {"GET / HTTP/1.0\r\n" HOST TE "chunked\r\n\r\n", HTTP_REFUSED_TRANSFER_ENCODING},
    {POST HOST "Transfer-Encoding : chunked\r\n\r\n", HTTP_REFUSED_BAD_NAME},
    {POST HOST " Transfer-Encoding: chunked\r\n\r\n", HTTP_REFUSED_FOLDED},
    {POST HOST "Transfer-Encoding\r\n: chunked\r\n\r\n", HTTP_REFUSED_BAD_NAME},
    {POST HOST "Transfer-Encoding:\n chunked\r\n\r\n", HTTP_REFUSED_BARE_LF},
    {POST HOST "X: y\rTransfer-Encoding: chunked\r\n\r\n", HTTP_REFUSED_BARE_CR},
    {POST HOST "X: y\nTransfer-Encoding: chunked\r\n\r\n", HTTP_REFUSED_BARE_LF},
    {POST HOST "Transfer-Encoding:\x0b"
               "chunked\r\n\r\n",
     HTTP_REFUSED_BAD_BYTE},
    {POST HOST "Transfer-Encoding: chunked\x0c\r\n\r\n", HTTP_REFUSED_BAD_BYTE},
    {POST HOST "\x0bTransfer-Encoding: chunked\r\n\r\n", HTTP_REFUSED_BAD_BYTE},
    /* a body only with POST under /api/ */
    {GET HOST CL "0\r\n\r\n", HTTP_REFUSED_BODY},
    {GET HOST CL "5\r\n\r\n", HTTP_REFUSED_BODY},
    {GET HOST CL "x\r\n\r\n", HTTP_REFUSED_BAD_LENGTH},
    {"HEAD / HTTP/1.1\r\n" HOST CL "5\r\n\r\n", HTTP_REFUSED_BODY},
    {"GET /api/v1/status HTTP/1.1\r\n" HOST CL "5\r\n\r\n", HTTP_REFUSED_BODY},
    {"POST / HTTP/1.1\r\n" HOST CL "5\r\n\r\n", HTTP_REFUSED_POST},
    {"POST /api HTTP/1.1\r\n" HOST CL "5\r\n\r\n", HTTP_REFUSED_POST},
    {"POST /apix HTTP/1.1\r\n" HOST CL "5\r\n\r\n", HTTP_REFUSED_POST},
    {"POST /x?/api/ HTTP/1.1\r\n" HOST CL "5\r\n\r\n", HTTP_REFUSED_POST},
    {"POST /api/../x HTTP/1.1\r\n" HOST CL "5\r\n\r\n", HTTP_REFUSED_BAD_PATH},
    {"POST /api%2fx HTTP/1.1\r\n" HOST CL "5\r\n\r\n", HTTP_REFUSED_BAD_PATH},
    {"POST /%61pi/x HTTP/1.1\r\n" HOST CL "5\r\n\r\n", HTTP_FINE},
    /* one host */
    {GET "\r\n", HTTP_REFUSED_NO_HOST},
    {"GET / HTTP/1.0\r\n\r\n", HTTP_REFUSED_NO_HOST},
    {GET HOST HOST "\r\n", HTTP_REFUSED_TWICE},
    {GET HOST "host: evil.example\r\n\r\n", HTTP_REFUSED_TWICE},
    {GET "Host:\r\n\r\n", HTTP_REFUSED_BAD_HOST},
    {GET "Host: a, b\r\n\r\n", HTTP_REFUSED_BAD_HOST},
    {GET "Host: a b\r\n\r\n", HTTP_REFUSED_BAD_HOST},
    {GET "Host: a/b\r\n\r\n", HTTP_REFUSED_BAD_HOST},
    {GET "Host: a@b\r\n\r\n", HTTP_REFUSED_BAD_HOST},
    {GET "Host: http://a\r\n\r\n", HTTP_REFUSED_BAD_HOST},
    {GET "Host : a\r\n\r\n", HTTP_REFUSED_BAD_NAME},
    {GET " Host: a\r\n\r\n", HTTP_REFUSED_FOLDED},
    {"GET http://evil.example/ HTTP/1.1\r\n" HOST "\r\n", HTTP_REFUSED_BAD_TARGET},
    {"GET //evil.example/ HTTP/1.1\r\n" HOST "\r\n", HTTP_REFUSED_BAD_PATH},
    /* one of what tells the sender or its rights */
    {GET HOST "Authorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n",
     HTTP_REFUSED_TWICE},
    {GET HOST "Origin: null\r\nOrigin: null\r\n\r\n", HTTP_REFUSED_TWICE},
    {GET HOST "Sec-WebSocket-Key: a\r\nSec-WebSocket-Key: b\r\n\r\n",
     HTTP_REFUSED_TWICE},
    {GET HOST "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 8\r\n\r\n",
     HTTP_REFUSED_TWICE},
    {GET HOST "Cookie: a\r\nCookie: b\r\n\r\n", HTTP_FINE},
    /* an expectation is known, or the sender waits for nothing */
    {POST HOST CL "5\r\nExpect: 100-continue\r\n\r\n", HTTP_FINE},
    {POST HOST CL "5\r\nExpect: 200-ok\r\n\r\n", HTTP_REFUSED_EXPECT},
    {POST HOST CL "5\r\nExpect: 100-continue, x\r\n\r\n", HTTP_REFUSED_EXPECT},
    /* a second request before the first */
    {"\r\n" GET HOST "\r\n", HTTP_REFUSED_BAD_LINE},
    {"\n" GET HOST "\r\n", HTTP_REFUSED_BARE_LF},
    {"GET / HTTP/1.1\n" HOST "\r\n", HTTP_REFUSED_BARE_LF},
    {GET HOST "\n", HTTP_REFUSED_BARE_LF},
    {GET HOST "\rX", HTTP_REFUSED_BARE_CR},
};

static void
a_head_has_one_meaning_or_none(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum http_refusal got = heads_refusal(cases[i].text);
        if (got == cases[i].want)
            continue;
        EQUAL_TEXT(cases[i].text, got ? http_refusal_sentence(got) : "fine");
    }
}

/* What follows a body of 5 bytes is the next request, and no byte of it belongs to the
 * first. */
static void
a_second_request_begins_behind_the_body(void)
{
    static const char text[] =
        POST HOST CL "5\r\n\r\nGET /GET /second HTTP/1.1\r\n" HOST "\r\n";
    struct http_request r;
    EQUAL_NUMBER(heads_parse(text, sizeof text - 1, &r), HTTP_WHOLE);
    size_t at = r.length + r.body, n = sizeof text - 1 - at;
    EQUAL_NUMBER(heads_parse(text + at, n, &r), HTTP_WHOLE);
    EQUAL_TEXT(r.path, "/second");
    EQUAL_NUMBER(r.length, n);
}

SUITE(http_smuggling)
{
    TEST(a_head_has_one_meaning_or_none);
    TEST(a_second_request_begins_behind_the_body);
}
