/* DIE and RESTART, the ends that an operator asks for. */
#ifndef CMD_ENDING_H
#define CMD_ENDING_H

#include <stdint.h>

struct request;
struct server;

/* The commands. RESTART waits for the shell's answer. */
void ending_die(struct request *req);
void ending_restart(struct request *req);

/* The answer to the RESTART with this number: the server ends and starts anew (faults:
 * NULL), or nothing changes (faults, one a line). Logs it and tells the client, if that
 * is still there. Other numbers are ignored. */
void ending_restarted(struct server *srv, uint64_t asked, const char *faults);

#endif
