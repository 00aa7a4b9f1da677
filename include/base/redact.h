/* What a log line says of people, replaced by tokens (log.redact). Equal values have
 * equal tokens as long as the key is the same, whatever the field: the address in
 * nick!user@address, alone, or in a sentence is one token. */
#ifndef BASE_REDACT_H
#define BASE_REDACT_H

#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>

enum redact_mode {
    REDACT_NONE, /* everything stands as it is */
    REDACT_HASH, /* <12 hex digits>, keyed */
    REDACT_FULL, /* <redacted> */
};

/* What a key's value is, by log_keys.def. */
enum redact_kind {
    REDACT_PLAIN,  /* never about people */
    REDACT_NUMBER, /* the same, and digits alone: a number in JSON */
    REDACT_WHO,    /* nick!user@host or a part of it: each part is one token; wildcards
                      alone, and the length of a prefix, stay */
    REDACT_WORDS,  /* the server's sentence: words that are addresses or masks */
    REDACT_TOLD,   /* the same up to ": ", and behind it text that somebody wrote */
    REDACT_TEXT,   /* somebody's text: one token */
};

struct redact {
    enum redact_mode mode;
    struct hash_key key; /* random, of this run; the shell sets it */
};

/* "none", "hash", "full" -> mode; false for anything else. */
bool redact_parse(const char *text, enum redact_mode *out);

/* The kind of a key; a key that no row names is REDACT_TEXT, so that what somebody
 * forgets is hidden and not shown. */
enum redact_kind redact_kind_of(const char *key);

/* The value as it may be logged: `value` itself, or what is left of it in out (cut to
 * size). */
const char *redact_value(const struct redact *r, const char *key, const char *value,
                         char *out, size_t size);

#endif
