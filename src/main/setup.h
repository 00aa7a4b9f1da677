/* ircd --setup: the configuration of a new server. */
#ifndef SRC_MAIN_SETUP_H
#define SRC_MAIN_SETUP_H

#include "args.h"

/* Writes a configuration, the hash of a new operator password and a message of the day into
 * a directory, makes the directories of the data and the log, and prints what to run next.
 * Asks on a terminal for what the arguments lack. Overwrites nothing, and removes its files
 * after a failure. Returns the exit code: 0, 1 (wrong answers, or files are there already)
 * or 2 (it could not write), after one sentence on standard error. */
int setup_command(const struct args *args);

#endif
