/* The words of a configuration file, with their lines. */
#ifndef CONFIG_TOKEN_H
#define CONFIG_TOKEN_H

#include "fault.h"

#include <stdbool.h>
#include <stddef.h>

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,   /* name or unquoted value */
    TOKEN_STRING, /* quoted value */
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_EQUALS,
    TOKEN_COMMA,
};

struct token {
    enum token_kind kind;
    const char *at; /* into the text, the quotes included */
    size_t len;
    int line; /* from 1 */
    bool bad; /* a fault was told about it; its value means nothing */
};

/* The last one is TOKEN_END. */
struct tokens {
    struct token *list;
    size_t n, cap;
};

/* Splits the text and tells what is wrong with comments, strings and bytes. The caller
 * frees out->list; the tokens are views into text. */
void tokens_read(const char *text, struct faults *faults, struct tokens *out);

/* The value: without quotes, escapes resolved. The caller frees it. */
char *token_value(const struct token *t);

/* The token as written, shortened for messages. */
#define TOKEN_SHOWN 64
const char *token_show(const struct token *t, char out[TOKEN_SHOWN]);

#endif
