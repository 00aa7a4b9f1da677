/* Checks of a name that a client wants to take: RESV for NICK, JOIN and RENAME, K-lines
 * for NICK. */
#ifndef CMD_RESERVED_H
#define CMD_RESERVED_H

#include "policy/ban/ban.h"

#include <stdbool.h>
#include <stddef.h>

struct client;
struct server;

/* True if this nick or channel is reserved and c may not take it. Then `why` holds
 * "until …: reason", the log and operators (notices 'f') are told, and the ban counts a
 * hit; the caller tells c. */
bool reserved_refuses(struct server *srv, const struct client *c, const char *name,
                      char why[BAN_WHY]);

/* True if a K-line would match c with this nick, and c is registered and no operator.
 * Then `why` is set, and the log, operators and hit count are updated, as above. */
bool reserved_bans(struct server *srv, const struct client *c, const char *nick,
                   char why[BAN_WHY]);

#endif
