/* RPL_ISUPPORT (005): what this server does, and nothing that it does not. */
#ifndef CMD_ISUPPORT_H
#define CMD_ISUPPORT_H

struct client;
struct server;

/* All tokens, at most 13 a line. */
void isupport_send(struct server *srv, struct client *c);

#endif
