/* The server from start to end. */
#ifndef SRC_MAIN_SERVE_H
#define SRC_MAIN_SERVE_H

struct args;
struct config_file;

/* Takes over what source holds. Returns the exit code: 0 after an orderly end, 2 with a
 * line on standard error when something could not be started. */
int serve_run(const struct args *args, struct config_file *loaded);

#endif
