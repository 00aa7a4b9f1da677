/* UTF-8 as RFC 3629 has it. What is relayed is either valid or refused, and what is cut
 * to fit a line is cut between characters. The decoder itself is base's, because the
 * log needs it too. Must never accept overlong forms or surrogates: filters would see
 * other text than clients. */
#include "proto/utf8.h"

#include "base/str.h"

#include <stdint.h>
#include <string.h>

/* Bytes at the front that are ASCII, eight at a time. */
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
