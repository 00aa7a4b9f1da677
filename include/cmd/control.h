/* The answers of the shell to REHASH and RESTART. */
#ifndef CMD_CONTROL_H
#define CMD_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

struct control_wait;
struct server;

/* Begins the answer to the REHASH with this number; lines that are sent to its client
 * until control_rehash_end are part of the answer. NULL: no REHASH has this number (a
 * signal asked). */
struct control_wait *control_rehash_resume(struct server *srv, uint64_t asked);

/* Whether it reads the certificates only (REHASH TLS); false for NULL. */
bool control_rehash_is_tls(const struct control_wait *w);

/* Ends the answer: the configuration is in force (faults: NULL) or refused (faults, one
 * a line). Writes it to the log, and tells the operators and the client of the REHASH
 * if it is still there. Frees w, which may be NULL. */
void control_rehash_end(struct server *srv, struct control_wait *w, const char *faults);

/* The answer to the RESTART with this number: the server ends and starts again (faults:
 * NULL), or nothing changes (faults, one a line). Writes it to the log, and tells the
 * client of the RESTART if it is still there. An unknown number is ignored. */
void control_restarted(struct server *srv, uint64_t asked, const char *faults);

#endif
