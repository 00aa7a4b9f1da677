/* RESTART: the same program anew, in the same process. */
#ifndef SRC_MAIN_RESTART_H
#define SRC_MAIN_RESTART_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct restart {
    char program[PATH_MAX]; /* "": its path is not known */
    char **argv;            /* borrowed */
    bool detached;          /* in the background already: not to fork again */
};

/* Remembers how the program was started, and whether a restart has started it. */
void restart_begin(struct restart *r, char **argv);

/* Whether the program can be started anew as far as one can tell; false with the
 * reason. */
bool restart_check(const struct restart *r, char *err, size_t errlen);

/* From here on SIGTERM and SIGINT wait for the new program. */
void restart_hold(void);

/* Becomes the new program; returns only when that failed, with the reason. */
void restart_run(const struct restart *r, char *err, size_t errlen);

#endif
