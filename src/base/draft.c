/* A text that grows while it is written.
 *
 * It serves output that is made once, so it is not fast. It has no limit: a caller that
 * adds text of a client bounds it. */
#include "base/draft.h"

#include "base/mem.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

void
draft_add(struct draft *d, const char *text)
{
    draft_addn(d, text, strlen(text));
}

void
draft_addn(struct draft *d, const char *bytes, size_t n)
{
    if (d->len + n + 1 > d->cap) {
        d->cap = 2 * (d->len + n) + 64;
        d->at = xrealloc(d->at, d->cap);
    }
    memcpy(d->at + d->len, bytes, n);
    d->len += n;
    d->at[d->len] = '\0';
}

void
draft_addf(struct draft *d, const char *fmt, ...)
{
    char piece[1001];
    va_list ap;
    va_start(ap, fmt);
    struct str s;
    str_init(&s, piece, sizeof piece);
    str_addv(&s, fmt, ap);
    va_end(ap);
    draft_add(d, piece);
}

/* The escape of an ASCII byte; NULL: the byte needs none. */
static const char *
find_roff_escape(char byte)
{
    switch (byte) {
    case '\\':
        return "\\e";
    case '"':
        return "\\(dq";
    case '\'':
        return "\\(aq";
    case '`':
        return "\\(ga";
    case '^':
        return "\\(ha";
    case '~':
        return "\\(ti";
    case '-':
        return "\\-";
    default:
        return NULL;
    }
}

#define ROFF_WORD 40 /* characters of a word in one piece */

/* The code point of a valid UTF-8 character of n bytes, 2 to 4. */
static unsigned
decode_code_point(const char *at, size_t n)
{
    unsigned code = (unsigned char)*at & (0x7FU >> n);
    for (size_t i = 1; i < n; i++)
        code = code << 6 | ((unsigned char)at[i] & 0x3FU);
    return code;
}

void
draft_add_roff(struct draft *d, const char *text)
{
    size_t run = 0; /* characters since the last blank */
    if (*text == '.' || *text == '\'')
        draft_add(d, "\\&");
    while (*text != '\0') {
        run = *text == ' ' ? 0 : run + 1;
        if (run % ROFF_WORD == 0 && run > 0)
            draft_add(d, "\\:"); /* the line may break here */
        size_t n = str_utf8(text, strlen(text));
        const char *escape = n == 1 ? find_roff_escape(*text) : NULL;
        if (escape)
            draft_add(d, escape);
        else if (n > 1)
            draft_addf(d, "\\[u%04X]", decode_code_point(text, n));
        else
            draft_add(d, (char[]){*text, '\0'});
        text += n > 0 ? n : 1;
    }
}

void
draft_add_line(struct draft *d, const char *text)
{
    const char *end;
    while ((end = strstr(text, ". ")) != NULL) {
        char sentence[1000];
        str_format(sentence, sizeof sentence, "%.*s", (int)(end + 1 - text), text);
        draft_add_roff(d, sentence);
        draft_add(d, "\n");
        text = end + 2;
    }
    draft_add_roff(d, text);
    draft_add(d, "\n");
}
