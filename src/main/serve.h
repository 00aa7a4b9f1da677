/* The server from start to end. */
#ifndef SRC_MAIN_SERVE_H
#define SRC_MAIN_SERVE_H

struct args;
struct config_file;

/* Runs the server until it ends. Takes the ownership of all that *loaded holds. Returns
 * the exit code: 0 after an orderly end; 2, with a line on standard error, if a part
 * could not be started. */
int serve_run(const struct args *args, struct config_file *loaded);

#endif
