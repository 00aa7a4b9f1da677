/* Lines about a host that CHECK and STRIKES share. */
#ifndef SRC_CMD_MODERATION_HOST_REPORT_H
#define SRC_CMD_MODERATION_HOST_REPORT_H

#include <stdbool.h>

struct client;
struct config_class;
struct host;
struct request;
struct server;

/* To c: strikes and offence level of h (NULL: the server knows nothing of it), each
 * with what comes next; `names`: also the nick of the last strike. class: of its
 * address; NULL: none. */
void host_report_strikes(struct request *req, const struct host *h,
                         const struct config_class *class, bool names);

#endif
