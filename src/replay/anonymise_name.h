/* Replaces the names in a recording by others. */
#ifndef SRC_REPLAY_ANONYMISE_NAME_H
#define SRC_REPLAY_ANONYMISE_NAME_H

#include "base/hash.h"

#include <stddef.h>
#include <stdint.h>

#define ANONYMISE_NAMES_MAX (1u << 18) /* names in the table */
/* bytes that a replacement may be longer than its name */
#define ANONYMISE_NAME_GROWS 3

struct anonymise_name_entry;

/* A struct that is zeroed except for its key is empty. */
struct anonymise_names {
    struct hash_key key; /* random; never written anywhere */
    struct anonymise_name_entry *entries;
    size_t n;
    /* replacements given, by length; the last: all longer ones */
    uint32_t used[ANONYMISE_NAME_GROWS + 1];
};

/* Writes the name that replaces a name of len bytes into out and returns its length.
 * The same name, in any case, is always replaced by the same one, and no two names by
 * one. It is a number in letters and digits that begins with a letter, as long as the
 * name. If all replacements of 1, 2 or 3 bytes are used, it is longer, up to 4 bytes.
 * If the table is full, it is made of a hash, and two short names may get the same
 * one. */
size_t anonymise_name(struct anonymise_names *p, const char *name, size_t len,
                      char *out);
void anonymise_names_clear(struct anonymise_names *p);

#endif
