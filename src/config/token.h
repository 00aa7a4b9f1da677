/* The tokens of a configuration file, with their lines. */
#ifndef SRC_CONFIG_TOKEN_H
#define SRC_CONFIG_TOKEN_H

#include "fault.h"

#include <stdbool.h>
#include <stddef.h>

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,    /* name or unquoted value */
    TOKEN_STRING,  /* quoted value */
    TOKEN_INCLUDE, /* include("x"), always bad */
    TOKEN_OPEN,    /* the marks, in the order of TOKEN_MARKS */
    TOKEN_CLOSE,
    TOKEN_EQUALS,
    TOKEN_COMMA,
};
#define TOKEN_MARKS "{}=,"

struct token {
    enum token_kind kind;
    const char *at; /* into the text, the quotes included */
    size_t len;
    int line; /* from 1 */
    bool bad; /* a fault was reported for it, and its value must not be used */
};

struct lexer {
    const char *at; /* the rest of the text, NUL-terminated; it outlives the tokens */
    int line;       /* of `at`, from 1 */
    struct faults *faults;
    int open_comment; /* the line of a comment without end; 0: there is none */
};

/* The next token; at the end of the text, each call returns TOKEN_END. Reports the
 * faults in the comments, strings and bytes on the way. */
struct token lexer_next(struct lexer *x);

/* The value of a token, without quotes and escapes. The caller frees it, with
 * mem_free_secret if it may be a password. */
char *token_value(const struct token *t);

#define TOKEN_SHOWN 64 /* room for a token in a message */

/* Writes the token as it stands in the file, shortened for messages. Returns out. */
const char *token_show(const struct token *t, char out[TOKEN_SHOWN]);

#endif
