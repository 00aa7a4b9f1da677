/* The body of a command: {"command":"KLINE 1h *@192.0.2.1 :spam"}. One object with one
 * string is all that is read, so this is no reader of JSON in general: every other value,
 * a second member and a second document are refused. */
#include "base/str.h"
#include "proto/api.h"

#include <string.h>

#define MEMBER "command"

/* The bytes that are left. */
struct cursor_bytes {
    const char *at, *end;
};

static void
skip_json_blanks(struct cursor_bytes *in)
{
    while (in->at < in->end && memchr(" \t\r\n", *in->at, 4))
        in->at++;
}

/* Takes the byte, with blanks before it. */
static bool
take_mark(struct cursor_bytes *in, char mark)
{
    skip_json_blanks(in);
    if (in->at == in->end || *in->at != mark)
        return false;
    in->at++;
    return true;
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Reads the four digits behind \u. -1: they are not there. */
static int
read_escape_unit(struct cursor_bytes *in)
{
    int unit = 0;
    if (in->end - in->at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(*in->at++);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* Reads the character behind \u, which two halves of a pair may give. -1: it is wrong. */
static int
read_escaped_character(struct cursor_bytes *in)
{
    int high = read_escape_unit(in);
    if (high < 0xD800 || high > 0xDFFF)
        return high;
    if (high > 0xDBFF || in->end - in->at < 2 || in->at[0] != '\\' || in->at[1] != 'u')
        return -1;
    in->at += 2;
    int low = read_escape_unit(in);
    if (low < 0xDC00 || low > 0xDFFF)
        return -1;
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

static void
add_character(struct str *out, unsigned c)
{
    char bytes[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    for (size_t i = n; i-- > 1; c >>= 6)
        bytes[i] = (char)(0x80 | (c & 0x3F));
    bytes[0] = (char)(first[n] | c);
    str_addn(out, bytes, n);
}

/* Reads what follows a backslash. -1: it is no escape; 0: it stands for a control
 * character. */
static int
read_escape(struct cursor_bytes *in, struct str *out)
{
    static const char plain[] = "\"\\/";
    if (in->at == in->end)
        return -1;
    char c = *in->at++;
    if (c == 'u') {
        int character = read_escaped_character(in);
        if (character < 0)
            return -1;
        add_character(out, (unsigned)character);
        return character >= 0x20 && character != 0x7F;
    }
    if (memchr("bfnrt", c, 5))
        return 0;
    if (!memchr(plain, c, sizeof plain - 1))
        return -1;
    str_addc(out, c);
    return 1;
}

/* Reads a string. API_FAULT_LINE: it has a control character, as an escape. */
static enum api_fault
read_json_string(struct cursor_bytes *in, struct str *out)
{
    enum api_fault fault = API_FINE;
    if (!take_mark(in, '"'))
        return API_FAULT_JSON;
    while (in->at < in->end && *in->at != '"') {
        size_t n = str_utf8(in->at, (size_t)(in->end - in->at));
        unsigned char c = (unsigned char)*in->at;
        if (n == 0 || c < 0x20)
            return API_FAULT_JSON;
        if (c == 0x7F)
            fault = API_FAULT_LINE;
        if (c != '\\') {
            str_addn(out, in->at, n);
            in->at += n;
            continue;
        }
        in->at++;
        int escape = read_escape(in, out);
        if (escape < 0)
            return API_FAULT_JSON;
        if (escape == 0)
            fault = API_FAULT_LINE;
    }
    return take_mark(in, '"') ? fault : API_FAULT_JSON;
}

/* Reads the object up to its end. */
static enum api_fault
read_object(struct cursor_bytes *in, struct str *out)
{
    char name[sizeof MEMBER + 1];
    struct str s;
    str_init(&s, name, sizeof name);
    if (!take_mark(in, '{') || read_json_string(in, &s) != API_FINE ||
        strcmp(name, MEMBER) != 0 || !take_mark(in, ':'))
        return API_FAULT_JSON;
    enum api_fault fault = read_json_string(in, out);
    if (fault == API_FAULT_JSON || !take_mark(in, '}'))
        return API_FAULT_JSON;
    skip_json_blanks(in);
    return in->at == in->end ? fault : API_FAULT_JSON;
}

enum api_fault
api_body_command(struct http_text body, char *out, size_t size)
{
    struct cursor_bytes in = {body.at, body.at + body.n};
    struct str s;
    str_init(&s, out, size);
    enum api_fault fault = read_object(&in, &s);
    if (fault == API_FINE && s.cut)
        fault = API_FAULT_LONG;
    if (fault != API_FINE)
        out[0] = '\0';
    return fault;
}
