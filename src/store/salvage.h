/* Recovers every record that can be proven right when neither file of the pair is
 * valid. */
#ifndef SRC_STORE_SALVAGE_H
#define SRC_STORE_SALVAGE_H

#include "image.h"
#include "pair.h"

#include <stdbool.h>
#include <stddef.h>

/* Fills the empty image from copies of the files; the epoch of p->meta becomes one that
 * no file has. The originals are kept under other names, which a note gives. False with
 * a sentence in err if they cannot be kept, or if the disk has no room for the copies;
 * then nothing was changed. */
bool salvage_run(struct pair *p, const struct scan scan[PAIR_FILES], struct image *m,
                 const struct store_hooks *hooks, char *err, size_t errlen);

/* The same for a command that only reads: no copies are made, so the records that only
 * libgdbm's recovery finds are left out, and nothing is kept or changed. */
void salvage_look(const struct pair *p, const struct scan scan[PAIR_FILES],
                  struct image *m, const struct store_hooks *hooks);

/* Gives the file a second name made of `what` and the time, and writes that name to
 * out. A directory or the like is renamed instead. False with errno. */
bool salvage_keep_aside(const struct dbfile *f, const char *what, char *out,
                        size_t size);

#endif
