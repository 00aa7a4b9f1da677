/* Heads of HTTP for tests: each one is parsed whole and in pieces, and both must agree. */
#ifndef TESTS_HTTP_HEADS_H
#define TESTS_HTTP_HEADS_H

#include "proto/http.h"

/* Parses bytes[0..n) whole, byte by byte, and in pieces of 7 in buffers that move. Fails
 * the test if the three differ. *out borrows bytes. */
enum http_state heads_parse(const char *bytes, size_t n, struct http_request *out);

/* The refusal of a head, which is a text; HTTP_FINE: it is whole. Fails the test if it is
 * neither. */
enum http_refusal heads_refusal(const char *text);

/* Parses a request for "/" of localhost with further fields (lines with CR LF), which must
 * be whole. *out borrows memory until the next call. */
void heads_with(const char *fields, struct http_request *out);

/* A text of a head as a string, borrowed until the next call. */
const char *heads_text(struct http_text text);

#endif
