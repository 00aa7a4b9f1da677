/* One line of the protocol, taken apart (Modern IRC "Message format", IRCv3
 * message-tags). */
#ifndef PROTO_MESSAGE_H
#define PROTO_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#define MESSAGE_PARAMS 15
#define MESSAGE_LINE 512 /* bytes of a line without tags, its CRLF included */
#define MESSAGE_CLIENT_TAGS                                                            \
    4094 /* bytes of tags a client may send, '@' and space not counted */

/* All pointers are into the parsed line and live as long as it does. */
struct message {
    char *tags;   /* raw "a=b;c", without '@'; NULL when there are none */
    char *source; /* without ':'; NULL when there is none */
    char *verb;   /* as sent; never empty */
    char *params[MESSAGE_PARAMS +
                 1]; /* ends with NULL; the 15th takes the rest of the line */
    int nparams;
};

enum message_status {
    MESSAGE_OK,
    MESSAGE_BLANK,    /* nothing but spaces, or tags or a source without a verb */
    MESSAGE_BAD_BYTE, /* NUL, CR or LF inside */
    MESSAGE_BAD_TEXT, /* not UTF-8 (RFC 3629) */
};

/* Whether n bytes could be a line or a part of one: MESSAGE_OK, MESSAGE_BAD_BYTE (also
 * where both are true) or MESSAGE_BAD_TEXT. */
enum message_status message_look(const char *bytes, size_t n);

/* Splits `line` (len bytes, NUL-terminated after them) in place. Any number of spaces
 * separates; a tab does not. On anything but MESSAGE_OK, out is not to be used. */
enum message_status message_parse(char *line, size_t len, struct message *out);

/* The verb of a raw line without touching it: its start and length in *len (0 if none).
 */
const char *message_verb(const char *line, size_t line_len, size_t *len);

/* Length of the tag section at the start of a raw line: '@', tags and the spaces after
 * them; 0 if the line has none. */
size_t message_tags_length(const char *line, size_t line_len);

/* One tag of a tag section, not unescaped. value is NULL when there is no '='. */
struct tag {
    const char *key, *value;
    size_t key_len, value_len;
};

/* Walks raw tags: *cursor starts at the section; false at the end. Empty keys are
 * skipped. */
bool tag_next(const char **cursor, struct tag *out);

/* Unescapes a tag value (\: \s \\ \r \n; other escapes lose the backslash) into out,
 * always terminated; returns the length, or 0 with out empty when it does not fit. */
size_t tag_unescape(const char *value, size_t len, char *out, size_t size);

#endif
