/* The path and the query of a request.
 *
 * Routes, rights and limits are chosen by the path, so each path has one spelling after
 * it is decoded, and a path that could mean another one to a proxy or a file system
 * (dots, backslashes, escaped slashes) is refused. A text must never be
 * decoded twice. */
#include "proto/http_target.h"

#include "base/str.h"
#include "proto/utf8.h"

#define NAME_MAX_BYTES 64 /* room for a decoded name of a query */

enum http_refusal
http_target_split(struct http_text target, struct http_text *path,
                  struct http_text *query)
{
    if (target.n == 0 || target.at[0] != '/')
        return HTTP_REFUSED_BAD_TARGET;
    for (size_t i = 0; i < target.n; i++) {
        unsigned char c = (unsigned char)target.at[i];
        if (c <= ' ' || c >= 0x7f || strchr("#\"<>\\", c) != NULL)
            return HTTP_REFUSED_BAD_TARGET;
    }
    *query = target;
    http_text_cut(query, '?', path);
    return HTTP_FINE;
}

/* Takes a byte or an escape from the start of *text. -1: the escape is wrong. */
static int
take_escaped_byte(struct http_text *text)
{
    size_t n = 1;
    int byte = (unsigned char)text->at[0];
    if (byte == '%') {
        int high = text->n > 2 ? str_hex_digit(text->at[1]) : -1;
        int low = text->n > 2 ? str_hex_digit(text->at[2]) : -1;
        if (high < 0 || low < 0)
            return -1;
        byte = high * 16 + low;
        n = 3;
    }
    text->at += n;
    text->n -= n;
    return byte;
}

static bool
is_dots(struct http_text segment)
{
    return http_text_is(segment, ".") || http_text_is(segment, "..");
}

/* Whether the segments of a decoded path are good: none is empty but the last. */
static bool
are_segments_good(struct http_text path)
{
    struct http_text segment;
    http_text_cut(&path, '/', &segment); /* what is before the first slash */
    while (http_text_cut(&path, '/', &segment))
        if (segment.n == 0 || is_dots(segment))
            return false;
    return !is_dots(segment);
}

static enum http_refusal
decode_path(struct http_text path, char *out)
{
    size_t n = 0;
    while (path.n > 0) {
        bool is_escape = path.at[0] == '%';
        int byte = take_escaped_byte(&path);
        if (byte < 0)
            return HTTP_REFUSED_BAD_ESCAPE;
        if (byte < ' ' || byte == 0x7f || byte == '\\' || (is_escape && byte == '/'))
            return HTTP_REFUSED_BAD_PATH;
        if (n == HTTP_PATH_MAX)
            return HTTP_REFUSED_LONG_PATH;
        out[n++] = (char)byte;
    }
    out[n] = '\0';
    bool good = utf8_valid(out, n) && are_segments_good((struct http_text){out, n});
    return good ? HTTP_FINE : HTTP_REFUSED_BAD_PATH;
}

enum http_refusal
http_target_path(struct http_text path, char out[HTTP_PATH_MAX + 1])
{
    enum http_refusal refusal = decode_path(path, out);
    if (refusal != HTTP_FINE)
        out[0] = '\0';
    return refusal;
}

bool
http_query_next(struct http_text *rest, struct http_text *name, struct http_text *value)
{
    while (rest->n > 0) {
        http_text_cut(rest, '&', value);
        if (value->n == 0)
            continue;
        http_text_cut(value, '=', name);
        return true;
    }
    return false;
}

/* The length, or -1. */
static int
decode_query_text(struct http_text text, char *out, size_t size)
{
    size_t n = 0;
    while (text.n > 0) {
        bool is_plus = text.at[0] == '+';
        int byte = take_escaped_byte(&text);
        if (byte < ' ' || byte == 0x7f || n + 1 >= size)
            return -1;
        out[n++] = is_plus ? ' ' : (char)byte;
    }
    out[n] = '\0';
    return utf8_valid(out, n) ? (int)n : -1;
}

int
http_query_decode(struct http_text text, char *out, size_t size)
{
    int n = decode_query_text(text, out, size);
    if (n < 0)
        out[0] = '\0';
    return n;
}

int
http_query_find(struct http_text query, const char *name, char *out, size_t size)
{
    char given[NAME_MAX_BYTES];
    struct http_text raw_name, raw_value, found = {"", 0};
    int times = 0;
    out[0] = '\0';
    while (http_query_next(&query, &raw_name, &raw_value)) {
        if (http_query_decode(raw_name, given, sizeof given) < 0 ||
            strcmp(given, name) != 0)
            continue;
        found = raw_value;
        times++;
    }
    if (times == 0)
        return 0;
    return times == 1 && http_query_decode(found, out, size) >= 0 ? 1 : -1;
}
