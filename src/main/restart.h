/* RESTART: executes the same program again in the same process. */
#ifndef SRC_MAIN_RESTART_H
#define SRC_MAIN_RESTART_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct restart {
    char program[PATH_MAX]; /* path of the executable; "": not known */
    char **argv;            /* borrowed */
    bool detached;          /* restart_run started it, so it must not fork again */
};

/* Fills *r with the path and the arguments of this program. If restart_run started it
 * in this process, sets r->detached and unblocks the signals of restart_hold. */
void restart_begin(struct restart *r, char **argv);

/* Returns false, with the reason in err, if it is known now that the program cannot be
 * executed again. */
bool restart_check(const struct restart *r, char *err, size_t errlen);

/* Blocks SIGTERM and SIGINT. A signal that comes from now on is delivered to the new
 * program. */
void restart_hold(void);

/* Executes the program. Returns only if that fails, with the reason in err. */
void restart_run(const struct restart *r, char *err, size_t errlen);

#endif
