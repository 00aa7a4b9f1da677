/* The files that a configuration includes, and the files of its secrets. */
#ifndef SRC_MAIN_INCLUDES_H
#define SRC_MAIN_INCLUDES_H

#include "config/source.h"

#include <stddef.h>

/* A file that was read. */
struct includes_file {
    char *path;
    bool secret;
};

struct includes_found {
    struct includes_file *files;
    size_t n;
    /* the directory of each pattern, up to its first wildcard: REHASH reads it again */
    char **directories;
    size_t n_directories;
};

struct includes {
    const char *config; /* the file to which paths are relative; NULL: none */
    struct includes_found *found;
};

/* The functions that config_join needs. They remember what they read in in->found; both
 * must live as long as they are used. */
struct config_files includes_files(struct includes *in);

void includes_clear(struct includes_found *found);

#endif
