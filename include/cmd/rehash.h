/* The answer of the shell to a REHASH: a new configuration, or its faults. */
#ifndef CMD_REHASH_H
#define CMD_REHASH_H

#include <stdint.h>

struct rehash;
struct server;

/* Begins the answer to the REHASH with this number; what is sent to its client until
 * rehash_end is part of the answer. NULL: no REHASH has this number (a signal asked). */
struct rehash *rehash_resume(struct server *srv, uint64_t asked);

/* Ends the answer: the configuration is in force (faults: NULL) or refused (faults, one
 * a line). Writes it to the log, and tells the operators and the client of the REHASH
 * if it is still there. Frees r, which may be NULL. */
void rehash_end(struct server *srv, struct rehash *r, const char *faults);

#endif
