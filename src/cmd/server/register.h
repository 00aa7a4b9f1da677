/* Registration: a connection becomes a user. */
#ifndef SRC_CMD_SERVER_REGISTER_H
#define SRC_CMD_SERVER_REGISTER_H

struct client;
struct server;

/* Continues the registration of c if c has sent all that it needs (NICK, USER, and CAP
 * END after CAP LS or REQ); else does nothing. */
void register_try(struct server *srv, struct client *c);

#endif
