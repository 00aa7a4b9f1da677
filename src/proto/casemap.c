/* CASEMAPPING=ascii: only A to Z are folded. The rule is the same wherever names are
 * compared, stored or hashed; under two rules, one name could be two. This file must
 * never use the locale of the C library. */
#include "proto/casemap.h"

#include "base/attr.h"

int
casemap_cmp(const char *a, const char *b)
{
    unsigned char x, y;

    do {
        x = (unsigned char)casemap_fold(*a++);
        y = (unsigned char)casemap_fold(*b++);
    } while (x == y && x != '\0');
    return (x > y) - (x < y);
}

ATTR_HOT int
casemap_ncmp(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char x = (unsigned char)casemap_fold(a[i]);
        unsigned char y = (unsigned char)casemap_fold(b[i]);

        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

ATTR_HOT size_t
casemap_fold_to(const char *text, char *out, size_t size)
{
    size_t n = 0;

    if (size == 0)
        return 0;
    for (; n < size - 1 && text[n] != '\0'; n++)
        out[n] = casemap_fold(text[n]);
    out[n] = '\0';
    return n;
}
