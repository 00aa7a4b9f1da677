/* Two files that were read: whether they are one store's, and which of them holds. */
#ifndef SRC_STORE_MATCH_H
#define SRC_STORE_MATCH_H

#include "pair.h"

#include <stdbool.h>
#include <stddef.h>

enum match {
    MATCH_NONE,   /* neither file is valid */
    MATCH_SAME,   /* both are valid and equal */
    MATCH_BEHIND, /* the other file is what a save that was interrupted leaves, or
                     missing: it is rewritten, and nothing is lost */
    MATCH_OLDER,  /* the other file is of an earlier time, or not known to be the chosen
                     one's parent, and must be kept */
    MATCH_STRANGER, /* the files are of different stores, or one of them has no identity
                       and is not known to be of the other's store */
    MATCH_SPLIT     /* different contents have one epoch */
};

/* The verdict on two files, none of which is SCAN_REFUSED. *chosen is the file to read,
 * or -1 if neither is valid. With MATCH_STRANGER and MATCH_SPLIT no file may be
 * changed. */
enum match match_files(const struct scan scan[PAIR_FILES], int *chosen);

/* True for the verdicts with which a server must not start. Then err says why, what is
 * in each file and what to do. Reads the files again, to count bans. */
bool match_refuses(enum match match, const struct dbfile file[PAIR_FILES],
                   const struct scan scan[PAIR_FILES], const struct store_hooks *hooks,
                   char *err, size_t errlen);

#endif
