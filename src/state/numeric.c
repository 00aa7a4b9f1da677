/* Formats numerics with the conversions of proto/numeric.h.
 *
 * A word of a user is often a parameter of a reply ("403 ann <word> :No such channel").
 * If it is empty, has a blank or begins with ':', clients would read no parameter or
 * several; if it is long, the text after it would be cut. All numerics pass here, so
 * this is the one place that turns such a parameter into exactly one word. */
#include "numeric.h"

#include "base/str.h"
#include "proto/utf8.h"

#include <stdbool.h>
#include <string.h>

/* A va_list that can be passed by pointer. */
struct arguments {
    va_list args;
};

/* One conversion, as in "%02llu": width 2 (zero-padded), longer 'L', conversion 'u'. */
struct spec {
    int width;
    char longer; /* 'L' long long, 'z' size_t, 0 int */
    char conversion;
};

/* Reads a conversion after its '%'; returns the rest of the format. */
static const char *
read_spec(const char *at, struct spec *out)
{
    *out = (struct spec){0};
    while (*at >= '0' && *at <= '9')
        out->width = out->width * 10 + (*at++ - '0');
    if (*at == 'z') {
        out->longer = *at++;
    } else if (at[0] == 'l' && at[1] == 'l') {
        out->longer = 'L';
        at += 2;
    }
    out->conversion = *at;
    return *at ? at + 1 : at;
}

static void
write_word(struct str *s, const char *text)
{
    text += strspn(text, " :");
    size_t n = strcspn(text, " ");
    if (n > NUMERIC_WORD_MAX)
        n = utf8_cut(text, n, NUMERIC_WORD_MAX);
    if (n == 0)
        str_addc(s, '*');
    else
        str_addn(s, text, n);
}

static void
write_parameter(struct str *s, const char *text, bool word)
{
    if (word)
        write_word(s, text);
    else
        str_add(s, text);
}

static unsigned long long
take_unsigned(const struct spec *spec, struct arguments *from)
{
    if (spec->longer == 'L')
        return va_arg(from->args, unsigned long long);
    if (spec->longer == 'z')
        return va_arg(from->args, size_t);
    return va_arg(from->args, unsigned);
}

static long long
take_signed(const struct spec *spec, struct arguments *from)
{
    return spec->longer == 'L' ? va_arg(from->args, long long)
                               : va_arg(from->args, int);
}

static void
write_conversion(struct str *s, const struct spec *spec, bool word,
                 struct arguments *from)
{
    char letter[2] = "";
    if (spec->conversion == 's') {
        write_parameter(s, va_arg(from->args, const char *), word);
    } else if (spec->conversion == 'c') {
        letter[0] = (char)va_arg(from->args, int);
        write_parameter(s, letter, word);
    } else if (spec->conversion == 'd') {
        str_addd(s, take_signed(spec, from), spec->width);
    } else if (spec->conversion == 'u') {
        str_addu(s, take_unsigned(spec, from), spec->width);
    } else {
        str_addc(s, '%');
    }
}

/* True if the parameter that takes the rest of the line begins in the n bytes at
 * `at`. */
static bool
begins_last_parameter(const char *fmt, const char *at, size_t n)
{
    const char *end = at + n;
    while ((at = memchr(at, ':', (size_t)(end - at))) != NULL) {
        if (at == fmt || at[-1] == ' ')
            return true;
        at++;
    }
    return false;
}

size_t
numeric_text(char *out, size_t size, const char *fmt, va_list args)
{
    struct arguments from;
    struct spec spec;
    struct str s;
    /* the last parameter, which takes the rest of the line, has begun */
    bool last = false;
    str_init(&s, out, size);
    va_copy(from.args, args);
    for (const char *at = fmt;;) {
        const char *next = strchr(at, '%');
        size_t n = next ? (size_t)(next - at) : strlen(at);
        last = last || begins_last_parameter(fmt, at, n);
        str_addn(&s, at, n);
        if (next == NULL)
            break;
        bool begins = next == fmt || next[-1] == ' ';
        at = read_spec(next + 1, &spec);
        write_conversion(&s, &spec, begins && !last && *at == ' ', &from);
    }
    va_end(from.args);
    return s.len;
}
