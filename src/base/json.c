/* Strings of JSON. A client may have chosen the bytes, so the result must be a string of
 * JSON for any bytes: what a reader would take for a control character is escaped as
 * well (U+0000 to U+001F, U+007F to U+009F). */
#include "base/json.h"

#include <string.h>

void
json_escape(const char *at, size_t n, char out[JSON_ESCAPE])
{
    /* pairs of a character and the letter of its escape */
    static const char names[] = "\"\"\\\\\nn\rr\tt";
    unsigned c = (unsigned char)at[0];
    out[0] = '\0';
    if (n == 0) {
        str_format(out, JSON_ESCAPE, "\\ufffd");
        return;
    }
    for (const char *p = names; n == 1 && *p; p += 2) {
        if (*at == *p) {
            str_format(out, JSON_ESCAPE, "\\%c", p[1]);
            return;
        }
    }
    if (n == 2 && c == 0xC2)
        c = (unsigned char)at[1]; /* U+0080 to U+00BF */
    if (n <= 2 && (c < 0x20 || (c >= 0x7F && c < 0xA0)))
        str_format(out, JSON_ESCAPE, "\\u%04x", c);
}

void
json_add_string(struct str *s, const char *text)
{
    char escaped[JSON_ESCAPE];
    size_t left = strlen(text), n;
    str_addc(s, '"');
    for (; left > 0; text += n, left -= n) {
        n = str_utf8(text, left);
        json_escape(text, n, escaped);
        n = n > 0 ? n : 1;
        if (escaped[0])
            str_add(s, escaped);
        else
            str_addn(s, text, n);
    }
    str_addc(s, '"');
}
