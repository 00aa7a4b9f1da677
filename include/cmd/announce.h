/* What other clients are told when a client joins, goes away, or changes its real name
 * or host. */
#ifndef CMD_ANNOUNCE_H
#define CMD_ANNOUNCE_H

#include <stdbool.h>
#include <stdint.h>

struct channel;
struct client;
struct request;
struct server;

/* c has joined chan: JOIN in the form that each member asked for (extended-join), and
 * AWAY to members with away-notify if c is away. */
void announce_join(struct server *srv, struct client *c, struct channel *chan);

/* c->user.away has changed: AWAY to clients with away-notify (IRCv3 away-notify). A
 * channel that would refuse the text as a message gets AWAY without it. */
void announce_away(struct request *req);

/* c->user.realname has changed: SETNAME to clients with setname, c included (IRCv3
 * setname), but not to channels that would refuse the name as a message. */
void announce_realname(struct request *req);

/* Makes `host` the shown host of c: CHGHOST to clients with chghost; QUIT, JOIN and MODE
 * to the others, as if c had disconnected and joined again (IRCv3 chghost); 396 to c.
 * Does nothing if c has this host already. */
void announce_host(struct request *req, const char *host);

/* Tells operators with the notices 'c' that c has registered (comes), or that it exits,
 * with the reason c->quit. */
void announce_connect(struct server *srv, const struct client *c, bool comes);

#endif
