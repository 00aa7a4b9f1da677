/* What the start will need of this machine, and what will not work later. */
#ifndef SRC_MAIN_NEEDS_H
#define SRC_MAIN_NEEDS_H

#include "config/config.h"

#include <stdbool.h>

struct args;
struct config_file;

/* Calls fn with a sentence for each thing that the start will miss: the user, files and
 * directories for it, addresses, ports, descriptors, limits that contradict each other;
 * each with its value and its cure. Changes nothing. Before any thread exists. */
void needs_tell(const struct args *args, const struct config_file *loaded,
                config_fault *fn, void *ctx);

/* The same for what the server that has started must know: what a server that stays
 * root may reach, and whether the log can be opened again. Call it as the user that the
 * server has become. */
void needs_tell_started(const struct args *args, const struct config_file *loaded,
                        config_fault *fn, void *ctx);

#endif
