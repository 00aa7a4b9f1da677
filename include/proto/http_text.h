/* Texts inside a head of HTTP. */
#ifndef PROTO_HTTP_TEXT_H
#define PROTO_HTTP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of another text, not NUL-terminated. */
struct http_text {
    const char *at;
    size_t n;
};

/* Whether the text is the word; the letters A to Z are compared without case. */
bool http_text_is(struct http_text text, const char *word);

/* Whether the text is a token: one or more letters, digits and characters of
 * !#$%&'*+-.^_`|~ (RFC 9110 5.6.2). */
bool http_text_is_token(struct http_text text);

/* The text without the blanks and tabs at its ends. */
struct http_text http_text_trim(struct http_text text);

/* Cuts the text at the first `mark`: *before is what comes before it, and *text what
 * follows it. False: there is none; then *before is the whole text and
 * *text is empty. */
bool http_text_cut(struct http_text *text, char mark, struct http_text *before);

/* Copies the text into out, NUL-terminated. False: it does not fit or has a NUL; then
 * out is empty. size > 0. */
bool http_text_copy(struct http_text text, char *out, size_t size);

#endif
