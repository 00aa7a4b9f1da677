/* CASEMAPPING=ascii: the rule by which names are compared. */
#ifndef PROTO_CASEMAP_H
#define PROTO_CASEMAP_H

#include <stdbool.h>
#include <stddef.h>

/* The lower-case letter of A to Z; any other byte stays. */
static inline char
casemap_fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Compares two texts as strcmp does, as if both were folded. 0 if they are equal, else
 * the sign of the difference. */
int casemap_cmp(const char *a, const char *b);

/* The same for exactly n bytes; a NUL does not end the comparison. */
int casemap_ncmp(const char *a, const char *b, size_t n);

static inline bool
name_equal(const char *a, const char *b)
{
    return casemap_cmp(a, b) == 0;
}

/* Writes the folded text into out (cut to size - 1 bytes, NUL-terminated) and returns
 * the length written. */
size_t casemap_fold_to(const char *text, char *out, size_t size);

#endif
