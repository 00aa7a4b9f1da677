/* Whether the memory of this process may leave it: core dumps, debuggers. */
#ifndef SRC_MAIN_DUMP_H
#define SRC_MAIN_DUMP_H

#include <stdbool.h>

/* Forbids (false) or allows (true) core dumps of this process and, for other processes
 * of the same user, debuggers and /proc/PID/mem. A change of the user forbids them
 * again. */
void dump_allow(bool allowed);

#endif
