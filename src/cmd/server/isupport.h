/* RPL_ISUPPORT (005): the features and limits of this server. */
#ifndef SRC_CMD_SERVER_ISUPPORT_H
#define SRC_CMD_SERVER_ISUPPORT_H

struct client;
struct server;

/* Sends all tokens, at most 13 a line. */
void isupport_send(struct server *srv, struct client *c);

#endif
