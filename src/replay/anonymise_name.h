/* Other names for those of a recording. */
#ifndef SRC_REPLAY_ANONYMISE_NAME_H
#define SRC_REPLAY_ANONYMISE_NAME_H

#include "base/hash.h"

#include <stddef.h>
#include <stdint.h>

#define ANONYMISE_NAMES_MAX (1u << 18) /* names remembered */
#define ANONYMISE_NAME_GROWS 3         /* bytes that one may be longer than its name */

struct anonymise_name_entry;

/* Zeroed but for the key: empty. */
struct anonymise_names {
    struct hash_key key; /* random; nobody learns it */
    struct anonymise_name_entry *entries;
    size_t n;
    uint32_t
        used[ANONYMISE_NAME_GROWS + 1]; /* by length; the last: all that are longer */
};

/* Writes what stands for a name of len bytes into out and returns its length. The same
 * name, in any case, always has the same one, and no two names share one: numbers in
 * letters and digits, a letter first. It is as long as the name; where there are no
 * more of one to three bytes it grows, to four at most. When the table is full it is
 * made of a hash, and short ones may be shared. */
size_t anonymise_name(struct anonymise_names *p, const char *name, size_t len,
                      char *out);
void anonymise_names_clear(struct anonymise_names *p);

#endif
