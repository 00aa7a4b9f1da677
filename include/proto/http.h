/* The head of a request of HTTP/1.1 or 1.0: the first line and the fields (RFC 9112). A
 * head that two readers could read differently is refused, not repaired, because a
 * proxy in front of the server reads the same bytes. */
#ifndef PROTO_HTTP_H
#define PROTO_HTTP_H

#include "proto/http_text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_MAX 8192  /* bytes of a head, its empty line included */
#define HTTP_FIELDS_MAX 64  /* fields of a head */
#define HTTP_BODY_MAX 65536 /* bytes of a body */
#define HTTP_PATH_MAX 255   /* bytes of a path, decoded */

enum http_refusal {
    HTTP_FINE, /* no refusal */
#define HTTP_REFUSAL(name, status, fields, sentence) HTTP_REFUSED_##name,
#include "proto/http_refusals.def"
#undef HTTP_REFUSAL
    HTTP_REFUSALS
};

enum http_state {
    HTTP_MORE,   /* the head is not whole */
    HTTP_WHOLE,  /* it is whole, and all that http.h says of a request holds */
    HTTP_REFUSED /* it is not accepted, whatever follows */
};

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST };

/* A part of a head, as an offset: the head may move while it is read. */
struct http_span {
    uint16_t at, n;
};

struct http_field {
    struct http_span name;  /* a token (RFC 9110 5.6.2); never empty */
    struct http_span value; /* without blanks and tabs at its ends */
};

struct http_request {
    enum http_refusal refusal; /* HTTP_FINE unless the state is HTTP_REFUSED */
    enum http_method method;
    /* The path without its escapes: valid UTF-8 that begins with a slash, without
     * control characters, backslashes, empty segments and segments of dots. Only its
     * last segment may be empty. */
    char path[HTTP_PATH_MAX + 1];
    struct http_span query; /* what follows '?', with its escapes */
    bool is_1_1;            /* HTTP/1.1; else 1.0 */
    bool expects_continue;  /* the sender waits for 100 before it sends the body */
    uint16_t port;          /* of the field Host; 0: it has none */
    struct http_span host;  /* of the field Host, without the port; not empty */
    uint32_t body; /* Content-Length: bytes that follow the head; 0 to HTTP_BODY_MAX */
    uint16_t length;       /* bytes of the head; 0 until it is whole */
    uint16_t fields_count; /* 0 to HTTP_FIELDS_MAX */
    /* The start of the unfinished line, and the bytes that were read. Only http.c uses
     * them. */
    uint16_t line, seen;
    const char *head; /* borrowed from the last call of http_parse */
    struct http_field fields[HTTP_FIELDS_MAX]; /* in their order */
};

/* Begins a request. */
void http_begin(struct http_request *r);

/* Reads the head in head[0..n), which begins a request and holds at least the bytes of
 * the last call, perhaps at another address. Bytes read before are not read again. The
 * result depends only on the bytes: it is the same however they are divided into calls,
 * and after HTTP_WHOLE and HTTP_REFUSED it stays. HTTP_MORE is never returned if n is
 * HTTP_HEAD_MAX or more.
 *
 * A whole request has one valid Host, no Transfer-Encoding, and a Content-Length only
 * with POST, which is accepted under /api/ only. Host, Content-Length, Content-Type,
 * Authorization, Origin, Expect, Sec-WebSocket-Key and Sec-WebSocket-Version stand once
 * at most. Lines end with CR LF; no line is folded; no empty line comes before the
 * first. The body, which is not looked at, begins at head + r->length, and the next
 * request behind it.
 *
 * r->head borrows head; texts of the request are valid as long as it is. */
enum http_state http_parse(struct http_request *r, const char *head, size_t n);

/* The bytes of a part of the head. */
static inline struct http_text
http_text(const struct http_request *r, struct http_span span)
{
    return (struct http_text){r->head + span.at, span.n};
}

#endif
