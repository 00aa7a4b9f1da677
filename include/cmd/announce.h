/* What others are told when somebody joins, goes away, or changes name or host. */
#ifndef CMD_ANNOUNCE_H
#define CMD_ANNOUNCE_H

#include <stdbool.h>
#include <stdint.h>

struct channel;
struct client;
struct request;
struct server;

/* c has joined chan: JOIN in the form that each member asked for (extended-join), and
 * AWAY to those with away-notify if c is away. */
void announce_join(struct server *srv, struct client *c, struct channel *chan);

/* c->user.away has changed: AWAY to those with away-notify (IRCv3 away-notify). The
 * text stays out of channels that would not take it as a message. */
void announce_away(struct request *req);

/* c->user.realname has changed: SETNAME to those with setname, c included (IRCv3
 * setname), but not to channels that would not take the name as a message. */
void announce_realname(struct request *req);

/* c shows `host` from now on: CHGHOST to those with chghost; to the others QUIT, JOIN
 * and MODE as if it had come again (IRCv3 chghost); 396 to c itself. Does nothing when
 * it is the same. */
void announce_host(struct request *req, const char *host);

/* To operators with the notices 'c': c has registered, or goes (c->quit). */
void announce_connect(struct server *srv, const struct client *c, bool comes);

#endif
