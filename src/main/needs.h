/* What the start needs of this machine, and what will fail later. */
#ifndef SRC_MAIN_NEEDS_H
#define SRC_MAIN_NEEDS_H

#include "config/config.h"

#include <stdbool.h>

struct args;
struct config_file;

/* Calls warning with a sentence for each thing that is missing for the start: the user,
 * files and directories for it, addresses, ports, descriptors, limits that do not
 * contradict each other. Each sentence has the value and the cure. False after at least
 * one call of fault: a certificate cannot be used. Changes nothing. Call it before any
 * thread exists. */
bool needs_tell(const struct args *args, const struct config_file *loaded,
                config_fault *warning, config_fault *fault, void *ctx);

/* The same for a server that has started: whether a database was left behind, whether
 * the log can be opened again, and what a server that stays root may reach. Call it as
 * the user that the server has become. */
void needs_tell_started(const struct args *args, const struct config_file *loaded,
                        config_fault *fn, void *ctx);

#endif
