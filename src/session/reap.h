/* The end of clients that are marked as dead. */
#ifndef SRC_SESSION_REAP_H
#define SRC_SESSION_REAP_H

struct server;

/* Takes the clients on srv->doomed out of everything; each departure may add more,
 * which go as well. Call between two commands. */
void session_reap(struct server *srv);

#endif
