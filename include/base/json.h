/* Strings of JSON (RFC 8259), for the log and for rows of tables. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/str.h"

#include <stddef.h>

#define JSON_ESCAPE 8 /* room for the escape of one character */

/* Writes the escape of the character of n bytes at `at` (str_utf8; n = 0: a byte that
 * is not UTF-8, which becomes U+FFFD) into out; "" if the character needs none. */
void json_escape(const char *at, size_t n, char out[JSON_ESCAPE]);

/* Adds text as a string with its quotes. The string is valid UTF-8 without control
 * characters, whatever the bytes are. A string that does not fit is cut. */
void json_add_string(struct str *s, const char *text);

#endif
