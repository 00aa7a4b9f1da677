/* Strict UTF-8 (RFC 3629): no surrogates, no overlong forms. */
#ifndef PROTO_UTF8_H
#define PROTO_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True if all n bytes are UTF-8. */
bool utf8_valid(const char *bytes, size_t n);

/* The character at the end of a text that comes in pieces. A zeroed struct is the start
 * of a text. */
struct utf8_pieces {
    uint8_t left;      /* bytes of the character that are missing */
    uint8_t low, high; /* range of the next byte, if left is not 0 */
};

/* Goes on with n more bytes. False: the text is not UTF-8, whatever follows. A text has
 * ended well if p->left is 0 then. */
bool utf8_continue(struct utf8_pieces *p, const char *bytes, size_t n);

/* The longest length <= max and <= n that does not cut a character of bytes[0..n). If
 * they are not UTF-8: max. */
size_t utf8_cut(const char *bytes, size_t n, size_t max);

/* Copies at most max bytes of text into out (size > max, else fewer), cut at a
 * character and NUL-terminated; returns the length. */
size_t utf8_copy(char *out, size_t size, const char *text, size_t max);

#endif
