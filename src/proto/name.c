/* The form of names. Names end up between spaces in replies, in masks and on terminals,
 * so each alphabet is a table of what is allowed, and all else is refused. This file
 * must never let a space, a comma, a control character or a leading ':' into a name. */
#include "proto/name.h"

#include "base/attr.h"
#include "base/str.h"

#include <string.h>

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_in_set(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

bool
name_is_nick(const char *text, size_t max)
{
    size_t n = 0;

    for (; text[n] != '\0'; n++) {
        bool first = is_letter(text[n]) || is_in_set(text[n], "[]\\`_^{|}");

        if (n >= max || !(first || (n > 0 && (is_digit(text[n]) || text[n] == '-'))))
            return false;
    }
    return n > 0;
}

ATTR_HOT bool
name_has_channel_prefix(const char *text)
{
    return text[0] == '#';
}

/* The bytes of a character that a channel name may contain; 0: it may not. */
static size_t
measure_channel_char(const char *p, size_t left)
{
    unsigned char c = (unsigned char)*p;

    if (c <= ' ' || c == ',' || c == 0x7F)
        return 0;
    if (c == 0xC2 && left > 1 && (unsigned char)p[1] < 0xA0)
        return 0; /* C1 */
    return str_utf8(p, left);
}

bool
name_is_channel(const char *text)
{
    size_t n = strnlen(text, NAME_CHANNEL_MAX + 1);

    if (!name_has_channel_prefix(text) || n < 2 || n > NAME_CHANNEL_MAX)
        return false;
    for (size_t i = 1; i < n;) {
        size_t length = measure_channel_char(text + i, n - i);

        if (length == 0)
            return false;
        i += length;
    }
    return true;
}

bool
name_make_user(const char *sent, char out[NAME_USER_MAX + 1])
{
    size_t n = 0;

    for (; *sent != '\0' && n < NAME_USER_MAX; sent++) {
        if (is_letter(*sent) || is_digit(*sent) || is_in_set(*sent, "-_.[]{}|`^"))
            out[n++] = *sent;
    }
    out[n] = '\0';
    return n > 0;
}
