/* The refusal under caller-id (user mode +g). */
#ifndef SRC_CMD_CHAT_CALLERID_H
#define SRC_CMD_CHAT_CALLERID_H

#include <stdbool.h>

struct client;
struct request;

/* Refuses a message to `to`, which does not accept the sender of req (access_accepts):
 * 716 to the sender. If `tells`, `to` gets 718, at most once a minute for all senders,
 * and then the sender gets 717. quiet: the sender gets no answer (NOTICE). */
void callerid_refuse(struct request *req, struct client *to, bool quiet, bool tells);

#endif
