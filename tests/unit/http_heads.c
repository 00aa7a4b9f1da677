/* Parses heads of HTTP whole and in pieces. A piece is in memory of exactly its size, so
 * that a sanitizer sees a read behind it. */
#include "http_heads.h"

#include "base/mem.h"
#include "base/str.h"
#include "test.h"

#include <stdlib.h>

/* Whether all that a parser has told of two heads is the same. */
static bool
is_same(const struct http_request *a, const struct http_request *b)
{
    return a->refusal == b->refusal && a->method == b->method &&
           strcmp(a->path, b->path) == 0 && a->query.at == b->query.at &&
           a->query.n == b->query.n && a->is_1_1 == b->is_1_1 &&
           a->expects_continue == b->expects_continue && a->port == b->port &&
           a->host.at == b->host.at && a->host.n == b->host.n && a->body == b->body &&
           a->length == b->length && a->seen == b->seen &&
           a->fields_count == b->fields_count &&
           memcmp(a->fields, b->fields, sizeof a->fields) == 0;
}

static void
expect_same_in_pieces(const char *bytes, size_t n, size_t step, enum http_state want,
                      const struct http_request *whole)
{
    struct http_request r;
    enum http_state state = HTTP_MORE;
    http_begin(&r);
    for (size_t have = 0; have < n && state == HTTP_MORE;) {
        have = n - have < step ? n : have + step;
        char *copy = memcpy(xmalloc(have), bytes, have);
        state = http_parse(&r, copy, have);
        free(copy);
    }
    EQUAL_NUMBER(state, want);
    CU_ASSERT_TRUE(is_same(whole, &r));
}

enum http_state
heads_parse(const char *bytes, size_t n, struct http_request *out)
{
    http_begin(out);
    enum http_state state = http_parse(out, bytes, n);
    EQUAL_NUMBER(state == HTTP_REFUSED, out->refusal != HTTP_FINE);
    EQUAL_NUMBER(state == HTTP_WHOLE, out->length > 0);
    expect_same_in_pieces(bytes, n, 1, state, out);
    expect_same_in_pieces(bytes, n, 7, state, out);
    EQUAL_NUMBER(http_parse(out, bytes, n), state); /* it stays */
    return state;
}

enum http_refusal
heads_refusal(const char *text)
{
    struct http_request r;
    enum http_state state = heads_parse(text, strlen(text), &r);
    if (state == HTTP_MORE)
        EQUAL_TEXT(text, "a head that is whole or refused");
    return r.refusal;
}

void
heads_with(const char *fields, struct http_request *out)
{
    static char text[HTTP_HEAD_MAX];
    str_format(text, sizeof text, "GET / HTTP/1.1\r\nHost: localhost\r\n%s\r\n",
               fields);
    enum http_state state = heads_parse(text, strlen(text), out);
    if (state != HTTP_WHOLE)
        EQUAL_TEXT(text, "a whole head");
}

const char *
heads_text(struct http_text text)
{
    static char copy[HTTP_HEAD_MAX + 1];
    CU_ASSERT_TRUE(http_text_copy(text, copy, sizeof copy));
    return copy;
}
