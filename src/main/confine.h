/* The sandbox of a server. */
#ifndef SRC_MAIN_CONFINE_H
#define SRC_MAIN_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

struct config_file;
struct serve;

/* Makes the data directory if it is missing, listens for `ircd ctl` in it, and enters the
 * sandbox. Sets s->sandbox, s->locked, s->hides_files and s->has_pid_file. Call it after
 * all that may need root, and before the first thread. False with a sentence in err. */
bool confine_server(struct serve *s, const struct config_file *loaded, char *err,
                    size_t errlen);

#endif
