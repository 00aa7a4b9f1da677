/* The report of STATS s, which `ircd ctl status` prints. */
#ifndef SRC_CMD_SERVER_STATUS_H
#define SRC_CMD_SERVER_STATUS_H

struct request;

/* Sends the lines "key: value", one fact each. The keys are server, up, listener,
 * clients, data, certificate and wrong; listener, certificate and wrong may come more
 * than once. The last lines are the faults (wrong), or one line "wrong: nothing". */
void status_report(const struct request *req, char letter);

#endif
