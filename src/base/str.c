/* Text that cannot overflow. Every builder knows its room, cuts a text that does not
 * fit, and remembers the cut. Numbers are parsed strictly, because "08", "+8" and "8 "
 * can be read in more than one way, and a ban must mean one thing. This file must never
 * write beyond `size`, never leave a buffer without its NUL, and never take text of a
 * user as a format. */
#include "base/str.h"

#include "base/attr.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* "00" ... "99" */
static const char pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

void
str_addu(struct str *s, uint64_t n, int width)
{
    char digits[32];
    size_t at = sizeof digits, least = sizeof digits - (size_t)(width > 0 ? width : 1);

    if (n < 10 && width <= 1) { /* the usual case */
        str_addc(s, (char)('0' + n));
        return;
    }
    for (; n >= 10; n /= 100) {
        at -= 2;
        memcpy(digits + at, pairs + 2 * (n % 100), 2);
    }
    if (n > 0)
        digits[--at] = (char)('0' + n);
    while (at > least)
        digits[--at] = '0';
    str_addn(s, digits + at, sizeof digits - at);
}

void
str_addd(struct str *s, int64_t n, int width)
{
    if (n >= 0) {
        str_addu(s, (uint64_t)n, width);
        return;
    }
    str_addc(s, '-');
    str_addu(s, -(uint64_t)n, width - 1);
}

/* Ends a text that did not fit: an unfinished character at its end is removed, and
 * nothing more is added. */
static void
close_cut(struct str *s)
{
    for (size_t back = 1; back <= 3 && back <= s->len; back++) {
        unsigned char c = (unsigned char)s->at[s->len - back];
        size_t length = c < 0xC0 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;

        if ((c & 0xC0) == 0x80)
            continue;
        if (length > back)
            s->len -= back;
        break;
    }
    s->at[s->len] = '\0';
    s->size = s->len + 1;
    s->cut = true;
}

void
str_fill(struct str *s, const char *bytes)
{
    size_t room = s->size - s->len - 1;

    if (s->cut)
        return;
    memcpy(s->at + s->len, bytes, room);
    s->len += room;
    close_cut(s);
}

/* "%02d" and the like */
static bool
is_padded_decimal(const char *at)
{
    return at[1] == '0' && at[2] >= '1' && at[2] <= '9' && at[3] == 'd';
}

/* Adds the rest of a format by vsnprintf. */
static void ATTR_PRINTF(2, 0) add_rest(struct str *s, const char *fmt, va_list ap)
{
    size_t room = s->size - s->len;
    int n = vsnprintf(s->at + s->len, room, fmt, ap);

    if (n < 0) {
        s->at[s->len] = '\0';
        s->cut = true;
        return;
    }
    if ((size_t)n >= room) {
        s->len += room - 1;
        close_cut(s);
        return;
    }
    s->len += (size_t)n;
}

/* Every line that is sent is made here, and most lines need only text, %s, %c, %d,
 * %02d, %u and %%. Without vsnprintf these cost a tenth. */
ATTR_HOT void
str_addv(struct str *s, const char *fmt, va_list ap)
{
    const char *at;

    while ((at = strchr(fmt, '%')) != NULL) {
        str_addn(s, fmt, (size_t)(at - fmt));
        fmt = at + 2;
        if (at[1] == 's')
            str_add(s, va_arg(ap, const char *));
        else if (at[1] == 'd')
            str_addd(s, va_arg(ap, int), 0);
        else if (at[1] == 'u')
            str_addu(s, va_arg(ap, unsigned), 0);
        else if (at[1] == 'c')
            str_addc(s, (char)va_arg(ap, int));
        else if (at[1] == '%')
            str_addc(s, '%');
        else if (is_padded_decimal(at)) {
            str_addd(s, va_arg(ap, int), at[2] - '0');
            fmt = at + 4;
        } else {
            fmt = at;
            add_rest(s, fmt, ap);
            return;
        }
    }
    str_add(s, fmt);
}

void
str_addf(struct str *s, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    str_addv(s, fmt, ap);
    va_end(ap);
}

void
str_format(char *buffer, size_t size, const char *fmt, ...)
{
    struct str s;
    va_list ap;

    if (size == 0)
        return;
    str_init(&s, buffer, size);
    va_start(ap, fmt);
    str_addv(&s, fmt, ap);
    va_end(ap);
}

bool
str_to_uint(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
    uint64_t n = 0;

    if (text[0] == '\0' || (text[0] == '0' && text[1] != '\0'))
        return false;
    for (const char *p = text; *p != '\0'; p++) {
        unsigned digit = (unsigned)*p - '0';

        if (digit > 9 || n > (UINT64_MAX - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    if (n < min || n > max)
        return false;
    *out = n;
    return true;
}

int
str_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

size_t
str_utf8(const char *bytes, size_t n)
{
    const unsigned char *b = (const unsigned char *)bytes;
    unsigned low = 0x80, high = 0xBF; /* range of the second byte */
    size_t length;

    if (n == 0)
        return 0;
    if (b[0] < 0x80)
        return 1;
    if (b[0] < 0xC2 || b[0] > 0xF4)
        return 0;
    length = b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : 4;
    if (n < length)
        return 0;
    if (b[0] == 0xE0)
        low = 0xA0; /* overlong below */
    if (b[0] == 0xED)
        high = 0x9F; /* surrogates above */
    if (b[0] == 0xF0)
        low = 0x90; /* overlong below */
    if (b[0] == 0xF4)
        high = 0x8F; /* beyond U+10FFFF */
    if (b[1] < low || b[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++) {
        if ((b[i] & 0xC0) != 0x80)
            return 0;
    }
    return length;
}

size_t
str_cut(const char *bytes, size_t n, size_t max)
{
    if (max >= n)
        return n;
    for (size_t back = 1; back <= 3 && back <= max; back++) {
        size_t length = str_utf8(bytes + max - back, n - (max - back));

        if (length > back)
            return max - back; /* a character that begins here and ends behind max */
        if (length > 0)
            break;
    }
    return max;
}

const char *
str_shown(const char *text, char room[STR_SHOWN])
{
    size_t n = strlen(text), max = STR_SHOWN - sizeof "...";

    str_format(room, STR_SHOWN, "%.*s%s", (int)str_cut(text, n, max), text,
               n > max ? "..." : "");
    return room;
}
