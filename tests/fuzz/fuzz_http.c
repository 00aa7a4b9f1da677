/* Heads of HTTP: whole and byte by byte they mean the same, and what is accepted has
 * the form that the header promises, however it is read again. Input: the bytes of a
 * connection. */
#include "base/mem.h"
#include "base/str.h"
#include "fuzz.h"
#include "proto/http.h"
#include "proto/http_answer.h"
#include "proto/http_field.h"
#include "proto/http_host.h"
#include "proto/http_target.h"
#include "proto/http_upgrade.h"
#include "proto/utf8.h"
#include "proto/web_first.h"

#include <stdlib.h>
#include <string.h>

#define COPIED 512 /* bytes; a longer head would cost its square */

/* Parses the bytes one by one, the first ones each time in another block of exactly
 * that size: the head moves, and a read behind it is seen. */
static enum http_state
parse_bytewise(const uint8_t *bytes, size_t n, struct http_request *out)
{
    enum http_state state = HTTP_MORE;
    http_begin(out);
    for (size_t have = 1; have <= n && state == HTTP_MORE; have++) {
        char *copy = have <= COPIED ? memcpy(xmalloc(have), bytes, have) : NULL;
        state = http_parse(out, copy ? copy : (const char *)bytes, have);
        free(copy);
    }
    out->head = (const char *)bytes;
    return state;
}

static void
check_same_request(struct http_request a, struct http_request b)
{
    MUST(a.refusal == b.refusal && a.length == b.length && a.seen == b.seen);
    MUST(a.line == b.line && a.fields_count == b.fields_count);
    MUST(a.method == b.method && a.is_1_1 == b.is_1_1 && a.body == b.body);
    MUST(strcmp(a.path, b.path) == 0 && a.expects_continue == b.expects_continue);
    MUST(a.query.at == b.query.at && a.query.n == b.query.n && a.port == b.port);
    MUST(a.host.at == b.host.at && a.host.n == b.host.n);
    MUST(memcmp(a.fields, b.fields, sizeof a.fields) == 0);
}

/* Each byte of a head that is not in a field or the first line is a CR or LF of a
 * line's end, a colon, or a blank around a value. */
static void
check_lines(const struct http_request *r)
{
    for (size_t i = 0; i < r->length; i++) {
        unsigned char c = (unsigned char)r->head[i];
        MUST(c != '\0' && c != 0x7f);
        MUST((c == '\n') == (i > 0 && r->head[i - 1] == '\r'));
        MUST(c != '\r' || i + 1 < r->length);
    }
    MUST(memcmp(r->head + r->length - 4, "\r\n\r\n", 4) == 0);
    for (unsigned i = 0; i < r->fields_count; i++) {
        const struct http_field *f = &r->fields[i];
        MUST(f->name.n > 0 && r->head[f->name.at - 1] == '\n');
        MUST(r->head[f->name.at + f->name.n] == ':');
        MUST(f->value.at > f->name.at + f->name.n);
        MUST(f->value.at + f->value.n <= r->length - 4);
        MUST(http_text_trim(http_text(r, f->value)).n == f->value.n);
    }
}

static unsigned
count_fields(const struct http_request *r, const char *name)
{
    struct http_text value;
    unsigned n = 0;
    for (unsigned cursor = 0; http_field_next(r, name, &cursor, &value);)
        n++;
    return n;
}

static void
check_frame(const struct http_request *r)
{
    bool has_body = r->method == HTTP_POST;
    MUST(r->length <= HTTP_HEAD_MAX && r->fields_count <= HTTP_FIELDS_MAX);
    MUST(count_fields(r, "host") == 1 && r->host.n > 0);
    MUST(count_fields(r, "transfer-encoding") == 0);
    MUST(count_fields(r, "content-length") == (has_body ? 1 : 0));
    MUST(count_fields(r, "authorization") <= 1 && count_fields(r, "origin") <= 1);
    MUST(r->body <= HTTP_BODY_MAX && (has_body || r->body == 0));
    MUST(!has_body || strncmp(r->path, "/api/", 5) == 0);
}

/* A path stays what it is if it is written without escapes and decoded again. */
static void
check_path(const struct http_request *r)
{
    char escaped[3 * HTTP_PATH_MAX + 1], again[HTTP_PATH_MAX + 1];
    struct str s;
    MUST(r->path[0] == '/' && strlen(r->path) <= HTTP_PATH_MAX);
    MUST(utf8_valid(r->path, strlen(r->path)));
    MUST(strstr(r->path, "/../") == NULL && strstr(r->path, "//") == NULL);
    str_init(&s, escaped, sizeof escaped);
    for (const char *p = r->path; *p != '\0'; p++) {
        MUST((unsigned char)*p >= ' ' && *p != 0x7f && *p != '\\');
        str_addf(&s, *p == '/' ? "/" : "%%%02x", (unsigned char)*p);
    }
    MUST(http_target_path((struct http_text){escaped, s.len}, again) == HTTP_FINE);
    MUST(strcmp(r->path, again) == 0);
}

static void
check_query(const struct http_request *r)
{
    struct http_text rest = http_text(r, r->query), name, value;
    char text[100], found[100];
    while (http_query_next(&rest, &name, &value)) {
        int n = http_query_decode(name, text, sizeof text);
        MUST(n == -1 ? text[0] == '\0' : (size_t)n == strlen(text));
        MUST(value.at + value.n <= r->head + r->length);
        if (n >= 0 && n < 60)
            MUST(http_query_find(http_text(r, r->query), text, found, sizeof found) !=
                 0);
    }
}

/* What is asked of a whole request never reads outside of it, and agrees with itself.
 */
static void
check_lookups(const struct http_request *r)
{
    static const char *const words[] = {"text.ircv3.net", "binary.ircv3.net"};
    static const char *const globs[] = {"https://*.example.org"};
    struct http_text text;
    MUST(http_bearer(r, &text) == 1 ? text.n > 0 : text.n == 0);
    MUST((http_upgrade(r, &text) == HTTP_FINE) == (text.n == HTTP_UPGRADE_KEY));
    int chosen = http_field_choose(r, "sec-websocket-protocol", words, 2);
    MUST(chosen < 0 || http_field_has(r, "sec-websocket-protocol", words[chosen]));
    MUST(!http_keeps_open(r) || !http_field_has(r, "connection", "close"));
    MUST((http_origin(r, globs, 1) == HTTP_ORIGIN_NONE) ==
         (count_fields(r, "origin") == 0));
    MUST(!http_tag_matches(r, "\"1a2b\"") || count_fields(r, "if-none-match") > 0);
    MUST(!http_accepts_coding(r, "gzip") || count_fields(r, "accept-encoding") > 0);
    MUST(!http_host_is_local(r, NULL, 0) || http_host_is_local(r, words, 2));
}

/* No byte of the request is in the answer to it. */
static void
check_answer(enum http_refusal refusal)
{
    static const struct http_policy policy;
    char text[HTTP_ANSWER_HEAD];
    struct str s;
    str_init(&s, text, sizeof text);
    MUST(http_refusal_answer(&s, refusal, HTTP_GET, HTTP_AFTER_CLOSE, 0, &policy));
    MUST(s.len == strlen(text) && strncmp(text, "HTTP/1.1 ", 9) == 0);
}

int
fuzz_http(const uint8_t *bytes, size_t n)
{
    struct http_request whole, single;
    http_begin(&whole);
    enum http_state state = http_parse(&whole, (const char *)bytes, n);
    MUST(parse_bytewise(bytes, n, &single) == state);
    check_same_request(whole, single);
    MUST(state != HTTP_MORE || n < HTTP_HEAD_MAX);
    MUST((state == HTTP_WHOLE) == (whole.length > 0));
    MUST((state == HTTP_REFUSED) == (whole.refusal != HTTP_FINE));
    if (state == HTTP_REFUSED)
        check_answer(whole.refusal);
    if (state != HTTP_WHOLE)
        return 0;
    MUST(web_first((const char *)bytes, n) == WEB_FIRST_HTTP);
    MUST(web_first_is_request((const char *)bytes, n));
    check_lines(&whole);
    check_frame(&whole);
    check_path(&whole);
    check_query(&whole);
    check_lookups(&whole);
    return 0;
}
