/* Lines about a host that CHECK and STRIKES share. */
#ifndef SRC_CMD_MODERATION_HOST_REPORT_H
#define SRC_CMD_MODERATION_HOST_REPORT_H

#include <stdbool.h>

struct client;
struct config_class;
struct host;
struct request;
struct server;

/* Tells the client of the request the strikes and the offence level of h, and the time
 * at which each falls. h NULL: the server has no record of the host, so both are 0.
 * class is that of its address; NULL: none. `names`: the nick of the last strike is
 * told as well. */
void host_report_strikes(struct request *req, const struct host *h,
                         const struct config_class *class, bool names);

#endif
