/* Replaces personal data in log lines by tokens (log.redact). Equal values have equal
 * tokens under one hash key, whatever the field: an address has the same token in
 * nick!user@address, alone and in a sentence. */
#ifndef BASE_REDACT_H
#define BASE_REDACT_H

#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>

enum redact_mode {
    REDACT_NONE, /* values stay as they are */
    REDACT_HASH, /* <12 hex digits>: a keyed hash */
    REDACT_FULL, /* <redacted> */
    /* "*" for each address, and all else stays: for operators without see_address. No
     * option has this mode. */
    REDACT_ADDRESSES,
};

/* The kind of a key's value, by log_keys.def. */
enum redact_kind {
    /* no personal data */
    REDACT_PLAIN,
    /* no personal data, and only digits: a number in JSON */
    REDACT_NUMBER,
    /* nick!user@host or a part of it: each part becomes one token; wildcards alone and
     * the length of a prefix stay */
    REDACT_IDENTITY,
    /* a sentence of the server: words that are addresses or masks become tokens */
    REDACT_WORDS,
    /* a sentence of the server up to ": ", and behind it a text of a user */
    REDACT_TOLD,
    /* a text of a user: one token */
    REDACT_TEXT,
};

struct redact {
    enum redact_mode mode;
    struct hash_key key; /* random, new in each run; the shell sets it */
};

/* Parses "none", "hash" or "full"; false for any other text. */
bool redact_parse(const char *text, enum redact_mode *out);

/* The kind of a key. A key without a row is REDACT_TEXT, so that a forgotten key is
 * hidden and not shown. */
enum redact_kind redact_kind_of(const char *key);

/* The value as it may be logged: `value` itself, or its redacted form in out (cut to
 * size). */
const char *redact_value(const struct redact *r, const char *key, const char *value,
                         char *out, size_t size);

#endif
