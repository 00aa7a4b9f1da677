/* REHASH: a new configuration, from the command to the answer. */
#ifndef CMD_REHASH_H
#define CMD_REHASH_H

#include <stdint.h>

struct rehash;
struct request;
struct server;

/* The command: asks the shell to read the configuration, and waits for its answer. */
void rehash_run(struct request *req);

/* The answer to the REHASH with this number follows; what happens to its client until
 * rehash_end belongs to it. NULL: no REHASH asked for it (a signal did). */
struct rehash *rehash_resume(struct server *srv, uint64_t asked);

/* The answer: the configuration is in force (faults: NULL) or refused (faults, one a
 * line). Logs it, and tells operators with the right and the client that asked, if that
 * is still there. r, which may be NULL, is freed. */
void rehash_end(struct server *srv, struct rehash *r, const char *faults);

#endif
