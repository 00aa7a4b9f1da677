/* Splits a line in place: separators become NUL, and a message is pointers into the
 * line. It is lenient where clients differ (any number of spaces, anywhere) and strict
 * where a line could smuggle in another (NUL, CR, LF). This file must never copy,
 * allocate, or read beyond the line. */
#include "proto/message.h"

#include "base/attr.h"
#include "proto/utf8.h"

#include <stdint.h>
#include <string.h>

#define EACH(byte) ((byte) * (UINT64_MAX / 0xFF)) /* the byte eight times, in a word */

/* Has the highest bit of a byte set if one of eight bytes is less than 0x0E (NUL, LF
 * and CR are) or more than 0x7F. */
static uint64_t
find_odd_bits(const char *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof word);
    return word | (word - EACH(0x0EU));
}

/* True for nearly every line: ASCII without control codes below 0x0E. One walk over
 * eight bytes at a time replaces four walks. False also for fewer than eight bytes. */
static bool
is_plain_ascii(const char *bytes, size_t n)
{
    uint64_t odd = 0;

    if (n < sizeof odd)
        return false;
    for (size_t at = 0; at < n - sizeof odd; at += sizeof odd)
        odd |= find_odd_bits(bytes + at);
    odd |= find_odd_bits(bytes + n - sizeof odd);
    return (odd & EACH(0x80U)) == 0;
}

ATTR_HOT enum message_status
message_look(const char *bytes, size_t n)
{
    if (is_plain_ascii(bytes, n))
        return MESSAGE_OK;
    if (memchr(bytes, '\0', n) || memchr(bytes, '\r', n) || memchr(bytes, '\n', n))
        return MESSAGE_BAD_BYTE;
    return utf8_valid(bytes, n) ? MESSAGE_OK : MESSAGE_BAD_TEXT;
}

static char *
skip_spaces(char *p)
{
    while (*p == ' ')
        p++;
    return p;
}

/* Ends the word at *p with NUL, moves *p behind it and the spaces that follow, and
 * returns the word. */
static char *
cut_word(char **p)
{
    char *word = *p;
    char *end = word;

    /* words are short, so a call would take longer */
    while (*end != ' ' && *end != '\0')
        end++;
    *p = skip_spaces(end);
    *end = '\0';
    return word;
}

/* The same for a word behind a sign such as '@'; NULL if the sign or the word is
 * missing. */
static char *
cut_signed(char **p, char sign)
{
    char *word;

    if (**p != sign)
        return NULL;
    word = cut_word(p) + 1;
    return *word != '\0' ? word : NULL;
}

static void
cut_params(char *p, struct message *out)
{
    while (*p != '\0') {
        bool last = out->nparams == MESSAGE_PARAMS - 1;

        if (*p == ':' || last) {
            out->params[out->nparams++] = *p == ':' ? p + 1 : p;
            break;
        }
        out->params[out->nparams++] = cut_word(&p);
    }
    out->params[out->nparams] = NULL;
}

ATTR_HOT enum message_status
message_parse(char *line, size_t len, struct message *out)
{
    enum message_status looks = message_look(line, len);
    char *p = skip_spaces(line);

    if (looks != MESSAGE_OK)
        return looks;
    out->tags = cut_signed(&p, '@');
    out->source = cut_signed(&p, ':');
    if (*p == '\0')
        return MESSAGE_BLANK;
    out->verb = cut_word(&p);
    out->nparams = 0;
    cut_params(p, out);
    return MESSAGE_OK;
}

static size_t
skip_spaces_at(const char *line, size_t at, size_t len)
{
    while (at < len && line[at] == ' ')
        at++;
    return at;
}

static size_t
find_word_end(const char *line, size_t at, size_t len)
{
    const char *space = memchr(line + at, ' ', len - at);

    return space != NULL ? (size_t)(space - line) : len;
}

ATTR_HOT const char *
message_verb(const char *line, size_t line_len, size_t *len)
{
    size_t at = skip_spaces_at(line, 0, line_len);

    if (at < line_len && line[at] == '@')
        at = skip_spaces_at(line, find_word_end(line, at, line_len), line_len);
    if (at < line_len && line[at] == ':')
        at = skip_spaces_at(line, find_word_end(line, at, line_len), line_len);
    *len = find_word_end(line, at, line_len) - at;
    return line + at;
}

ATTR_HOT size_t
message_tags_length(const char *line, size_t line_len)
{
    if (line_len == 0 || line[0] != '@')
        return 0;
    return skip_spaces_at(line, find_word_end(line, 0, line_len), line_len);
}

bool
tag_next(const char **cursor, struct tag *out)
{
    while (**cursor != '\0') {
        const char *start = *cursor;
        size_t n = strcspn(start, ";");
        const char *equals = memchr(start, '=', n);

        *cursor = start + n + (start[n] == ';' ? 1 : 0);
        out->key = start;
        out->key_len = equals != NULL ? (size_t)(equals - start) : n;
        out->value = equals != NULL ? equals + 1 : NULL;
        out->value_len = equals != NULL ? n - out->key_len - 1 : 0;
        if (out->key_len > 0)
            return true;
    }
    return false;
}

/* The character that a letter behind a backslash means; IRCv3 message-tags "Escaping
 * values". */
static char
unescape_letter(char c)
{
    static const char pairs[] = ":;s r\rn\n";

    for (const char *p = pairs; *p != '\0'; p += 2) {
        if (*p == c)
            return p[1];
    }
    return c;
}

size_t
tag_unescape(const char *value, size_t len, char *out, size_t size)
{
    size_t n = 0;

    if (size == 0)
        return 0;
    for (size_t i = 0; i < len; i++) {
        char c = value[i];

        if (c == '\\' && ++i == len)
            break; /* a lone backslash at the end is dropped */
        if (n + 1 >= size) {
            out[0] = '\0';
            return 0;
        }
        out[n++] = c == '\\' ? unescape_letter(value[i]) : c;
    }
    out[n] = '\0';
    return n;
}
