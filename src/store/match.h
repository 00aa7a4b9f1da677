/* The verdict on two files that were read: whether they belong to one store, and which
 * one is used. */
#ifndef SRC_STORE_MATCH_H
#define SRC_STORE_MATCH_H

#include "pair.h"

#include <stdbool.h>
#include <stddef.h>

enum match {
    MATCH_NONE, /* neither file is valid */
    MATCH_SAME, /* both files are valid and equal */
    /* The other file is missing, or as an interrupted save leaves it: it is rewritten,
     * and nothing is lost. */
    MATCH_BEHIND,
    /* The other file is older, or not known to be the parent of the chosen one: it must
     * be kept. */
    MATCH_OLDER,
    /* The files are of different stores, or one has no identity and is not known to be
     * of the store of the other. */
    MATCH_STRANGER,
    MATCH_SPLIT /* the files have different contents of one epoch */
};

/* The verdict on two files, none of which is SCAN_REFUSED. *chosen is the file to read;
 * -1: neither is valid. With MATCH_STRANGER and MATCH_SPLIT no file may be changed. */
enum match match_files(const struct scan scan[PAIR_FILES], int *chosen);

/* True for a verdict with which a server must not start. Then err has the reason, the
 * contents of each file and the cure. Reads the files again, to count bans. */
bool match_refuses(enum match match, const struct dbfile file[PAIR_FILES],
                   const struct scan scan[PAIR_FILES], const struct store_hooks *hooks,
                   char *err, size_t errlen);

#endif
