/* The mirrored pair of files: which of the two is good, and how both get to know a
 * change. The rule that everything rests on: a file is written in place only while the
 * other one is whole and synced with everything acknowledged; a suspect one is replaced
 * by renaming. */
#ifndef SRC_STORE_PAIR_H
#define SRC_STORE_PAIR_H

#include "dbfile.h"
#include "hooks.h"
#include "image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAIR_FILES = 2 };

struct pair {
    struct dbfile file[PAIR_FILES];
    struct meta meta;    /* of the last attempt to save */
    struct mark written; /* the last content that a file took and synced */
    char why[160];       /* the last failure to write, in the words of an operator */
};

/* Reads the pair in `dir` into *m, an initialised empty image, and repairs what can be
 * repaired (what cannot be written now is left for pair_save). False with a sentence in
 * err: nothing was changed, nothing is open. */
bool pair_open(struct pair *p, const char *dir, struct image *m,
               const struct store_hooks *hooks, char *err, size_t errlen);
void pair_close(struct pair *p);

/* True while a file waits to be written anew. */
bool pair_suspect(const struct pair *p);

/* Brings both files, one after the other, to what *m says, and marks it clean. On
 * false, p->why says what failed; call again later. *syncs counts files synced. */
bool pair_save(struct pair *p, struct image *m, unsigned long *syncs);

/* --- for look.c */

/* Zeroes the pair and names its files in `dir`. */
void pair_name(struct pair *p, const char *dir);

#endif
