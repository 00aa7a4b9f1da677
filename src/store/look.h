/* Reading the pair without changing anything: for commands that only read. */
#ifndef SRC_STORE_LOOK_H
#define SRC_STORE_LOOK_H

#include "pair.h"

/* Reads into *m, an initialised empty image, what a server that starts on `dir` would
 * read. Writes, repairs and renames nothing and keeps nothing open, so pair_save must
 * not be called. If both files are damaged, *m holds every record that can be proven
 * right, and a note of STORE_LOSS says so. False with a sentence in err if a server
 * would refuse to start on the files, if none is there, or if one changes while it is
 * read. */
bool pair_look(struct pair *p, const char *dir, struct image *m,
               const struct store_hooks *hooks, char *err, size_t errlen);

#endif
