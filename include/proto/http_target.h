/* The target of a request of HTTP: a path, and behind '?' a query of names and values.
 * An escape (%41, RFC 3986 2.1) is decoded once and never again. */
#ifndef PROTO_HTTP_TARGET_H
#define PROTO_HTTP_TARGET_H

#include "proto/http.h"

/* Cuts a target at its first '?'. *path and *query are parts of it; the query is empty
 * without one. Only printable ASCII is accepted, without '#', '"', '<', '>' and '\\',
 * and the path must begin with a slash; else HTTP_REFUSED_BAD_TARGET. So the forms
 * "http://host/path" and "*" are refused. */
enum http_refusal http_target_split(struct http_text target, struct http_text *path,
                                    struct http_text *query);

/* Decodes a path that http_target_split has given, into out as http_request.path says.
 * HTTP_FINE, or a refusal, and then out is empty. An escaped slash or percent sign
 * makes no segment and no escape: the first is refused, the second is a character of
 * the path. */
enum http_refusal http_target_path(struct http_text path, char out[HTTP_PATH_MAX + 1]);

/* Reads the next NAME=VALUE of a query; *rest is the query in the first call. Pairs are
 * separated by '&', empty ones are skipped, and without '=' the value is empty. Name
 * and value keep their escapes. False at the end. */
bool http_query_next(struct http_text *rest, struct http_text *name,
                     struct http_text *value);

/* Decodes a name or value of a query into out, NUL-terminated: escapes, and '+' as a
 * blank (as browsers write forms). Returns the length. -1, and an empty out: it does
 * not fit, has a wrong escape or a control character, or is not UTF-8. size > 0. */
int http_query_decode(struct http_text text, char *out, size_t size);

/* Looks for a name in a query (names are compared decoded, with case) and decodes its
 * value into out. 1: it is there. 0: it is not, and out is empty. -1: it stands twice,
 * or its value cannot be decoded; out is empty. size > 0. */
int http_query_find(struct http_text query, const char *name, char *out, size_t size);

#endif
