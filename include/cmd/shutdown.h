/* The answer of the shell to a RESTART. */
#ifndef CMD_SHUTDOWN_H
#define CMD_SHUTDOWN_H

#include <stdint.h>

struct server;

/* The answer to the RESTART with this number: the server ends and starts again (faults:
 * NULL), or nothing changes (faults, one a line). Writes it to the log, and tells the
 * client of the RESTART if it is still there. An unknown number is ignored. */
void shutdown_restarted(struct server *srv, uint64_t asked, const char *faults);

#endif
