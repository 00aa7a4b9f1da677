/* RESTART: executes the same program again in the same process. */
#ifndef SRC_MAIN_RESTART_H
#define SRC_MAIN_RESTART_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct restart {
    char program[PATH_MAX]; /* "": its path is not known */
    char **argv;            /* borrowed */
    bool detached;          /* in the background already: it must not fork again */
};

/* Keeps how the program was started, and whether a restart has started it. */
void restart_begin(struct restart *r, char **argv);

/* Whether the program can be executed, as far as this can be known. False with the
 * reason. */
bool restart_check(const struct restart *r, char *err, size_t errlen);

/* Blocks SIGTERM and SIGINT: from now on they wait for the new program. */
void restart_hold(void);

/* Executes the program. Returns only if that failed, with the reason. */
void restart_run(const struct restart *r, char *err, size_t errlen);

#endif
