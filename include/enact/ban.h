/* Server bans: sets them, ends the clients that they cover, removes expired ones. */
#ifndef ENACT_BAN_H
#define ENACT_BAN_H

#include "policy/ban/ban.h"

/* Sets or replaces a ban, queues it for the store, and ends the connected clients that
 * it covers. It ends no exempt client and no operator; an operator is told instead. It
 * ends none if the kind lets clients stay, unless request->now is set. If there are now
 * too many automatic bans, enact_ban_tick removes some. */
void enact_ban(struct server *srv, const struct ban_request *request,
               struct ban_outcome *out);

/* Ends the connected clients that a ban in force covers, as enact_ban does, and returns
 * their number. So it also ends a client that was an operator when the ban was set and
 * is no longer one. */
unsigned enact_ban_enforce(struct server *srv, struct ban *ban);

/* Ends the connected clients that any ban in force covers, as enact_ban does for one. For
 * a caller that has set many bans with ban_put: each client is looked up once, so the
 * cost is not that of the bans times the clients. */
void enact_ban_enforce_all(struct server *srv);

/* Removes expired bans. If no expired ban is left, it removes automatic bans beyond
 * strikes.hosts, the oldest first. The work of one call is bounded. */
void enact_ban_tick(struct server *srv);

/* Ends c with this K-, D- or X-line as the cause. words is the text of ban_words. */
void enact_ban_end(struct server *srv, const struct ban *ban, struct client *c,
                   const char *words);

#endif
