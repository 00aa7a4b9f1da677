/* Splits one line of the protocol (Modern IRC "Message format", IRCv3 message-tags). */
#ifndef PROTO_MESSAGE_H
#define PROTO_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#define MESSAGE_PARAMS 15 /* parameters of a message at most */
#define MESSAGE_LINE 512  /* bytes of a line without tags, its CRLF included */
/* bytes of tags that a client may send, without '@' and space */
#define MESSAGE_CLIENT_TAGS 4094

/* All pointers point into the parsed line and are valid as long as it is. */
struct message {
    char *tags;   /* raw "a=b;c", without '@'; NULL: none */
    char *source; /* without ':'; NULL: none */
    char *verb;   /* as sent; never empty */
    /* a NULL follows the last one; the 15th contains the rest of the line */
    char *params[MESSAGE_PARAMS + 1];
    int nparams; /* 0..MESSAGE_PARAMS */
};

enum message_status {
    MESSAGE_OK,
    MESSAGE_BLANK,    /* no verb: only spaces, tags or a source */
    MESSAGE_BAD_BYTE, /* the line contains NUL, CR or LF */
    MESSAGE_BAD_TEXT, /* not UTF-8 (RFC 3629) */
};

/* Checks n bytes of a line: returns MESSAGE_OK, MESSAGE_BAD_BYTE (which takes
 * precedence) or MESSAGE_BAD_TEXT. */
enum message_status message_look(const char *bytes, size_t n);

/* Splits `line` (len bytes with a NUL behind them) in place. Words are separated by any
 * number of spaces, but not by tabs. *out is valid after MESSAGE_OK only. */
enum message_status message_parse(char *line, size_t len, struct message *out);

/* The start of the verb of a raw line, and its length in *len (0: there is none). The
 * line is not changed. */
const char *message_verb(const char *line, size_t line_len, size_t *len);

/* The length of the tag section at the start of a raw line: '@', the tags and the
 * spaces behind them; 0: there is none. */
size_t message_tags_length(const char *line, size_t line_len);

/* One tag of a tag section, still escaped. value is NULL if there is no '='. */
struct tag {
    const char *key, *value;
    size_t key_len, value_len;
};

/* Reads the next tag: *cursor is the start of the section in the first call. False at
 * the end. Tags with an empty key are skipped. */
bool tag_next(const char **cursor, struct tag *out);

/* Unescapes a tag value (\: \s \\ \r \n; other escapes lose the backslash) into out,
 * always NUL-terminated. Returns the length; 0 and an empty out if it does not fit. */
size_t tag_unescape(const char *value, size_t len, char *out, size_t size);

#endif
