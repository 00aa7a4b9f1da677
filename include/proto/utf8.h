/* Strict UTF-8 (RFC 3629): no surrogates, no overlong forms. */
#ifndef PROTO_UTF8_H
#define PROTO_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* True if all n bytes are UTF-8. */
bool utf8_valid(const char *bytes, size_t n);

/* The longest length <= max and <= n that does not cut a character of bytes[0..n). If
 * they are not UTF-8: max. */
size_t utf8_cut(const char *bytes, size_t n, size_t max);

/* Copies at most max bytes of text into out (size > max, else fewer), cut at a
 * character and NUL-terminated; returns the length. */
size_t utf8_copy(char *out, size_t size, const char *text, size_t max);

#endif
