/* WEBIRC: a gateway tells the address of its client
 * (https://ircv3.net/specs/extensions/webirc). */
#ifndef CMD_WEBIRC_H
#define CMD_WEBIRC_H

#include <stdbool.h>

struct client;
struct server;

/* c has sent a line that is too long, so its command is unknown. True: c has the address
 * of a gateway that accepts WEBIRC, and no command of it has run, so the line may be
 * WEBIRC; c is ended, because otherwise its user would go on with the address of the
 * gateway, which has no limits of a host. */
bool webirc_refuse_long(struct server *srv, struct client *c);

#endif
