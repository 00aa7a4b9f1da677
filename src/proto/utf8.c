/* UTF-8 (RFC 3629). Text that is relayed is valid or refused, and text that is cut to
 * fit a line is cut between characters. The decoder is in base, because the log needs
 * it too. This file must never accept overlong forms or surrogates: a filter would see
 * another text than the clients. */
#include "proto/utf8.h"

#include "base/str.h"

#include <stdint.h>
#include <string.h>

/* The number of ASCII bytes at the start, eight at a time. */
static size_t
count_ascii_words(const char *bytes, size_t n)
{
    size_t at = 0;

    for (; n - at >= sizeof(uint64_t); at += sizeof(uint64_t)) {
        uint64_t word;

        memcpy(&word, bytes + at, sizeof word);
        if (word & 0x8080808080808080U)
            break;
    }
    return at;
}

bool
utf8_valid(const char *bytes, size_t n)
{
    size_t ascii = count_ascii_words(bytes, n);

    bytes += ascii;
    n -= ascii;
    while (n > 0) {
        size_t length = *bytes & 0x80 ? str_utf8(bytes, n) : 1;

        if (length == 0)
            return false;
        bytes += length;
        n -= length;
    }
    return true;
}

/* Begins a character of several bytes. The second byte has a range of its own where the
 * full one would allow overlong forms, surrogates or characters beyond U+10FFFF. */
static bool
begin_character(struct utf8_pieces *p, uint8_t first)
{
    if (first < 0xC2 || first > 0xF4)
        return false;
    p->left = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    p->low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    p->high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    return true;
}

bool
utf8_continue(struct utf8_pieces *p, const char *bytes, size_t n)
{
    for (size_t at = p->left == 0 ? count_ascii_words(bytes, n) : 0; at < n; at++) {
        uint8_t b = (uint8_t)bytes[at];
        if (p->left > 0) {
            if (b < p->low || b > p->high)
                return false;
            *p = (struct utf8_pieces){(uint8_t)(p->left - 1), 0x80, 0xBF};
        } else if (b >= 0x80 && !begin_character(p, b)) {
            return false;
        }
    }
    return true;
}

size_t
utf8_cut(const char *bytes, size_t n, size_t max)
{
    return str_cut(bytes, n, max);
}

size_t
utf8_copy(char *out, size_t size, const char *text, size_t max)
{
    size_t n = utf8_cut(text, strlen(text), max < size ? max : size - 1);
    memcpy(out, text, n);
    out[n] = '\0';
    return n;
}
