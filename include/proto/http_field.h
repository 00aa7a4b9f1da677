/* The fields of a whole request of HTTP, and what the usual ones mean. Names of fields
 * are compared without case. */
#ifndef PROTO_HTTP_FIELD_H
#define PROTO_HTTP_FIELD_H

#include "proto/http.h"

/* The value of the first field of that name. False: there is none; *value is empty. */
bool http_field(const struct http_request *r, const char *name,
                struct http_text *value);

/* The value of the next field of that name; *cursor is 0 in the first call. False at
 * the end. */
bool http_field_next(const struct http_request *r, const char *name, unsigned *cursor,
                     struct http_text *value);

/* Reads the next element of a list with commas (RFC 9110 5.6.1), without blanks at its
 * ends; *rest is the value of the field in the first call. Empty elements are skipped.
 * False at the end. A comma inside of quotes separates as well. */
bool http_list_next(struct http_text *rest, struct http_text *element);

/* Whether the word is an element of the lists in all fields of that name, without
 * case. */
bool http_field_has(const struct http_request *r, const char *name, const char *word);

/* Goes through the elements of the lists in all fields of that name, in their order,
 * and returns the index of the first one that is in words[0..n), compared with case:
 * what the client likes best (Sec-WebSocket-Protocol). -1: none. */
int http_field_choose(const struct http_request *r, const char *name,
                      const char *const *words, int n);

/* Whether the connection may stay open after the answer (RFC 9112 9.3): with 1.1 unless
 * Connection has close, with 1.0 only if it has keep-alive. */
bool http_keeps_open(const struct http_request *r);

/* Whether the client takes a body in this coding, such as "gzip": Accept-Encoding names
 * it, or else "*", with a weight above 0 (RFC 9110 12.5.3). An element that is not
 * understood counts as not there. */
bool http_accepts_coding(const struct http_request *r, const char *coding);

/* Whether If-None-Match names the tag of an entity, so that the answer is 304. `tag` is
 * written with its quotes. The comparison is the weak one (RFC 9110 8.8.3.2); "*" names
 * every tag. A field that is not a list of tags names none. */
bool http_tag_matches(const struct http_request *r, const char *tag);

/* The token of "Authorization: Bearer TOKEN" (RFC 6750 2.1). 1: *token is it. 0: there
 * is no field Authorization. -1: it has another scheme or form. *token is empty
 * after 0 and -1. */
int http_bearer(const struct http_request *r, struct http_text *token);

#endif
