/* The last step of every JOIN. */
#ifndef CMD_JOIN_H
#define CMD_JOIN_H

struct channel;
struct client;
struct server;

/* Puts c, who is not on it, on chan (as its operator if it is empty): JOIN to all,
 * topic and names to c. Asks no questions: who may join was decided before. */
void join_enter(struct server *srv, struct client *c, struct channel *chan);

#endif
