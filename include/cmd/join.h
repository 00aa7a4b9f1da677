/* The last step of every JOIN. */
#ifndef CMD_JOIN_H
#define CMD_JOIN_H

struct channel;
struct client;
struct server;

/* Makes c a member of chan: as its operator if chan is empty and not permanent. Sends
 * JOIN to all members, topic and names to c. c is no member yet; the caller has decided
 * that it may join. */
void join_enter(struct server *srv, struct client *c, struct channel *chan);

#endif
