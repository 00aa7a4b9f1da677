/* A bounded text builder over the caller's memory, and strict number parsing. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/attr.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Always NUL-terminated. A text that does not fit is cut at a UTF-8 character, `cut`
 * becomes true, and nothing more is added. */
struct str {
    char *at;    /* borrowed from the caller of str_init */
    size_t len;  /* bytes without the NUL */
    size_t size; /* room at `at`, the NUL included; at least 1 */
    bool cut;    /* something did not fit */
};

/* These functions are inline, because every line is made with them. */

static inline void
str_init(struct str *s, char *buffer, size_t size)
{
    assert(size > 0);
    s->at = buffer;
    s->len = 0;
    s->size = size;
    s->cut = false;
    buffer[0] = '\0';
}

/* For a text that does not fit: adds the first of `bytes`, which are more than the
 * room, and cuts the text at its last whole character. */
void str_fill(struct str *s, const char *bytes);

static inline void
str_addn(struct str *s, const char *bytes, size_t n)
{
    size_t room = s->size - s->len - 1;

    if (n > room) {
        str_fill(s, bytes);
        return;
    }
    memcpy(s->at + s->len, bytes, n);
    s->len += n;
    s->at[s->len] = '\0';
}

static inline void
str_add(struct str *s, const char *text)
{
    str_addn(s, text, strlen(text));
}

static inline void
str_addc(struct str *s, char c)
{
    if (s->len + 1 >= s->size) {
        str_fill(s, &c);
        return;
    }
    s->at[s->len++] = c;
    s->at[s->len] = '\0';
}

/* Adds n in decimal, with leading zeros up to width (at most 32) digits. */
void str_addu(struct str *s, uint64_t n, int width);
/* The same for a signed number; its sign counts in width. */
void str_addd(struct str *s, int64_t n, int width);
/* Adds text as printf formats it. No NULL for %s. */
void str_addf(struct str *s, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* The same with the arguments of the caller. */
void str_addv(struct str *s, const char *fmt, va_list ap) ATTR_PRINTF(2, 0);

/* snprintf for a buffer that may be too small (error texts): always NUL-terminated, and
 * cut at a UTF-8 character. */
void str_format(char *buffer, size_t size, const char *fmt, ...) ATTR_PRINTF(3, 4);

/* Parses a whole decimal number: digits only, no sign, no leading zeros (except "0"),
 * min <= n <= max. False leaves *out alone. */
bool str_to_uint(const char *text, uint64_t min, uint64_t max, uint64_t *out);

/* The value of a hexadecimal digit of either case; -1: it is none. */
int str_hex_digit(char c);

/* The bytes of the UTF-8 character (RFC 3629) at the start of bytes[0..n), 1 to 4; 0:
 * there is no whole valid one. NUL is a character of one byte. */
size_t str_utf8(const char *bytes, size_t n);

/* The longest length <= max and <= n that does not cut a UTF-8 character of
 * bytes[0..n). If they are not UTF-8: max. */
size_t str_cut(const char *bytes, size_t n, size_t max);

#define STR_SHOWN 64 /* room for a text that a message quotes */

/* A text of a user as a message quotes it: whole up to 60 bytes, else cut there at a
 * character, with "..." behind. Every message that quotes a text of any length uses it:
 * a precision ("%.60s") would cut a character. Returns room. */
const char *str_shown(const char *text, char room[STR_SHOWN]);
#define SHOWN(text) str_shown((text), (char[STR_SHOWN]){0})

#endif
