/* The list of a channel's members (353), sent by JOIN and NAMES. */
#ifndef CMD_NAMES_H
#define CMD_NAMES_H

struct channel;
struct client;
struct server;

/* 353 lines of those c may see, and 366; only 366 when c may not see the channel. */
void names_send(struct server *srv, struct client *c, const struct channel *chan);

#endif
