/* When neither file of the pair is valid: getting out of both what can be proven right.
 */
#ifndef STORE_SALVAGE_H
#define STORE_SALVAGE_H

#include "image.h"
#include "pair.h"

#include <stdbool.h>
#include <stddef.h>

/* Fills the empty image from copies of the files, record by record; p->epoch becomes
 * one that no file has. The originals stay under other names, which the note says.
 * False with a sentence in err if they cannot be kept, or if the disk has no room for
 * the copies: nothing was changed. */
bool salvage_run(struct pair *p, const struct scan scan[PAIR_FILES], struct image *m,
                 pair_note_fn *note, void *ctx, char *err, size_t errlen);

/* Gives the file a second name that says "damaged" and when (what is not a file is
 * moved there) and writes that name to out. False with errno. */
bool salvage_keep_aside(const struct dbfile *f, char *out, size_t size);

#endif
