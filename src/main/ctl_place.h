/* The server that `ircd ctl` and `ircd --health` mean. */
#ifndef SRC_MAIN_CTL_PLACE_H
#define SRC_MAIN_CTL_PLACE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct args;

struct ctl_place {
    const char *config;  /* its path; NULL: the built-in configuration */
    char data[PATH_MAX]; /* the data directory */
    bool faulty; /* the configuration has faults; a server may run nevertheless */
};

/* The path of the configuration of the system; NULL: there is none. A file that this
 * user may not read is one. */
const char *ctl_place_system(void);

/* Finds the configuration (that of -c, else that of the system, unless a server
 * of this user runs in the working directory without a configuration) and the data directory that it names. False with
 * one sentence in err: it cannot be read, or its server keeps no data. */
bool ctl_place_find(const struct args *args, struct ctl_place *out, char *err,
                    size_t errlen);

#endif
