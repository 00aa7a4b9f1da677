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

/* The four that every line is made with are here, so that they cost no call. */

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

/* The last part of a text that does not fit: fills the room with the first of `bytes`,
 * which are more than the room, and closes the text at its last whole character. */
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

/* In decimal, with zeros in front up to width (at most 32) digits. */
void str_addu(struct str *s, uint64_t n, int width);
/* The same with a sign, if it has one, which counts in width. */
void str_addd(struct str *s, int64_t n, int width);
void str_addf(struct str *s, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* The same with the arguments of a caller. No NULL for %s. */
void str_addv(struct str *s, const char *fmt, va_list ap) ATTR_PRINTF(2, 0);

/* snprintf into a buffer whose cutting is wanted (error texts): always terminates, and
 * cuts at a UTF-8 character. */
void str_format(char *buffer, size_t size, const char *fmt, ...) ATTR_PRINTF(3, 4);

/* A whole decimal number: digits only, no sign, no leading zeros (but "0"), min <= n <=
 * max. False leaves *out alone. */
bool str_to_uint(const char *text, uint64_t min, uint64_t max, uint64_t *out);

/* Bytes of the UTF-8 character (RFC 3629) at the start of bytes[0..n), 1 to 4; 0 when
 * there is no whole valid one. NUL is a character of one byte. */
size_t str_utf8(const char *bytes, size_t n);

/* The longest length <= max that does not cut a UTF-8 character of bytes[0..n). Not
 * UTF-8: max. */
size_t str_cut(const char *bytes, size_t n, size_t max);

#define STR_SHOWN 64 /* room for a text that a message repeats */

/* A text of others as a message repeats it: whole up to 60 bytes, else cut there at a
 * character, with "..." behind. Every message that repeats a text of any length takes
 * it from here; a precision ("%.60s") would cut a character. Returns room. */
const char *str_shown(const char *text, char room[STR_SHOWN]);
#define SHOWN(text) str_shown((text), (char[STR_SHOWN]){0})

#endif
