/* Registration: what turns a connection into a user. */
#ifndef SRC_CMD_SERVER_REGISTER_H
#define SRC_CMD_SERVER_REGISTER_H

struct client;
struct server;

/* Goes on with c's registration if it now has all that it needs (a nick, a user name,
 * CAP END); else does nothing. */
void register_try(struct server *srv, struct client *c);

#endif
