/* The mirrored pair of files. The rule on which all depends: a file is written in place
 * only while the other one is whole and synced, with every acknowledged change. A
 * suspect file is replaced by renaming. */
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
    struct meta meta;    /* meta record of the last attempt to save */
    struct mark written; /* the last content that a file took and synced */
    char why[160];       /* the last failure to write, as told to operators */
};

/* Reads the pair in `dir` into *m, an initialised empty image, and makes the repairs
 * that are possible; pair_save makes the others. False with a sentence in err: nothing
 * was changed, and no file is open. */
bool pair_open(struct pair *p, const char *dir, struct image *m,
               const struct store_hooks *hooks, char *err, size_t errlen);
/* Closes both files and frees their paths. */
void pair_close(struct pair *p);

/* Whether a file must still be written anew. */
bool pair_suspect(const struct pair *p);

/* Saves the dirty items of *m to both files, one after the other, and marks them clean.
 * False: p->why has the reason, and the caller calls again later. *syncs is increased
 * by the number of syncs. */
bool pair_save(struct pair *p, struct image *m, unsigned long *syncs);

/* --- for look.c --- */

/* Zeroes the pair and names its files in `dir`. */
void pair_name(struct pair *p, const char *dir);

#endif
