/* The refusal under caller-id (user mode +g). */
#ifndef SRC_CMD_CHAT_CALLERID_H
#define SRC_CMD_CHAT_CALLERID_H

#include <stdbool.h>

struct client;
struct request;

/* `to` does not accept the sender of req (policy/access.h): 716 to the sender. If
 * tells, `to` learns of it, at most once a minute whatever is tried (718), and the
 * sender that it did (717). quiet: the sender gets no answer (NOTICE). */
void callerid_refuse(struct request *req, struct client *to, bool quiet, bool tells);

#endif
