/* RPL_ISUPPORT (005): what this server does, and nothing that it does not. */
#ifndef SRC_CMD_SERVER_ISUPPORT_H
#define SRC_CMD_SERVER_ISUPPORT_H

struct client;
struct server;

/* All tokens, at most 13 a line. */
void isupport_send(struct server *srv, struct client *c);

#endif
