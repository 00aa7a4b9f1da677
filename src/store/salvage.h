/* When neither file of the pair is valid: getting out of both what can be proven right.
 */
#ifndef SRC_STORE_SALVAGE_H
#define SRC_STORE_SALVAGE_H

#include "image.h"
#include "pair.h"

#include <stdbool.h>
#include <stddef.h>

/* Fills the empty image from copies of the files, record by record; the epoch of
 * p->meta becomes one that no file has. The originals stay under other names, which the
 * note says. False with a sentence in err if they cannot be kept, or if the disk has no
 * room for the copies: nothing was changed. */
bool salvage_run(struct pair *p, const struct scan scan[PAIR_FILES], struct image *m,
                 const struct store_hooks *hooks, char *err, size_t errlen);

/* The same for a command that only reads: no copies are made, so the records that only
 * libgdbm's recovery finds are left out, and nothing is kept or changed. */
void salvage_look(const struct pair *p, const struct scan scan[PAIR_FILES],
                  struct image *m, const struct store_hooks *hooks);

/* Gives the file a second name that says `what` it is and when (what is not a file is
 * moved there) and writes that name to out. False with errno. */
bool salvage_keep_aside(const struct dbfile *f, const char *what, char *out,
                        size_t size);

#endif
