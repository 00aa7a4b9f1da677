/* Growing text. The bounded builder of base serves what a client can drive; here the
 * size comes from the operator's own file, so the text may grow with it. It must never
 * be used for anything that arrives from the network. */
#include "text.h"

#include "base/mem.h"
#include "base/str.h"

#include <stdarg.h>
#include <string.h>

void
text_addn(struct text *t, const char *bytes, size_t n)
{
    if (t->len + n + 1 > t->cap) {
        t->cap = 2 * (t->len + n) + 64;
        t->at = xrealloc(t->at, t->cap);
    }
    memcpy(t->at + t->len, bytes, n);
    t->len += n;
    t->at[t->len] = '\0';
}

void
text_add(struct text *t, const char *more)
{
    text_addn(t, more, strlen(more));
}

void
text_addf(struct text *t, const char *fmt, ...)
{
    char piece[1001];
    va_list ap;
    va_start(ap, fmt);
    struct str s;
    str_init(&s, piece, sizeof piece);
    str_addv(&s, fmt, ap);
    va_end(ap);
    text_add(t, piece);
}
