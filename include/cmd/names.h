/* The members (353) of a channel, as NAMES and JOIN send them. */
#ifndef CMD_NAMES_H
#define CMD_NAMES_H

#include <stdbool.h>

struct channel;
struct client;
struct server;

/* Sends c the members that it may see (353), and 366; only 366 if c may not see the
 * channel. The list of a large channel is sent in pieces, and later lines of c wait for
 * its end. `paid`: c pays for it as for NAMES. Nothing is sent if c has no session. */
void names_send(struct server *srv, struct client *c, struct channel *chan, bool paid);

#endif
