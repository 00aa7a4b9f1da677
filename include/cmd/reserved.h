/* RESV where names are taken: NICK, JOIN, RENAME; K-lines at NICK. */
#ifndef CMD_RESERVED_H
#define CMD_RESERVED_H

#include "policy/ban/ban.h"

#include <stdbool.h>
#include <stddef.h>

#define RESERVED_WHY (BAN_REASON + 100)

struct client;
struct server;

/* Is this nick or channel reserved, and c has no right to it? Then `why` holds "until
 * …: reason", the log and operators (notices 'f') are told, and the ban counts a hit;
 * c is told by the caller. */
bool reserved_refuses(struct server *srv, const struct client *c, const char *name,
                      char why[RESERVED_WHY]);

/* Would a K-line keep c, who is registered and no operator, out under this nick? The
 * same then. */
bool reserved_bans(struct server *srv, const struct client *c, const char *nick,
                   char why[RESERVED_WHY]);

#endif
