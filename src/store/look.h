/* Reads the pair without changing it, for commands that only read. */
#ifndef SRC_STORE_LOOK_H
#define SRC_STORE_LOOK_H

#include "pair.h"

/* Reads into *m, an initialised empty image, the records that a server started on `dir`
 * would read. Nothing is written, repaired or renamed, and no file stays open, so
 * pair_save must not be called. If both files are damaged, *m has every record that can
 * be proven right, and a note of STORE_LOSS says so. False with a sentence in err if a
 * server would refuse to start on the files, if there is no file, or if a file changes
 * while it is read. */
bool pair_look(struct pair *p, const char *dir, struct image *m,
               const struct store_hooks *hooks, char *err, size_t errlen);

#endif
