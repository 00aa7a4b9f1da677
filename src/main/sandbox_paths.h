/* The paths that the plan of the sandbox lets the server reach. */
#ifndef SRC_MAIN_SANDBOX_PATHS_H
#define SRC_MAIN_SANDBOX_PATHS_H

#include <stdbool.h>

struct sandbox_plan;

/* Bits of an access. */
enum sandbox_access {
    SANDBOX_READ = 1,   /* read files, list directories */
    SANDBOX_WRITE = 2,  /* make, write and remove files */
    SANDBOX_SOCKET = 4, /* make and remove unix sockets */
};

/* Allows the access below a directory, or to a file. */
typedef bool sandbox_allow(void *ctx, const char *path, unsigned access);

/* Calls allow for each path of the plan, until it returns false. A path may come more
 * than once: its accesses add up. Rights are given for directories, not for files: an
 * editor and a log rotation put another file in the place of the first, and REHASH and
 * SIGUSR1 must find it. The directory of a link's target comes too. Only the log that
 * exists comes as a file as well. Returns whether all calls returned true. */
bool sandbox_paths(const struct sandbox_plan *plan, sandbox_allow *allow, void *ctx);

#endif
