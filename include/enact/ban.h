/* Server bans, carried out and told. */
#ifndef ENACT_BAN_H
#define ENACT_BAN_H

#include "policy/ban/ban.h"

/* Sets or replaces a ban, ends those connected whom it matches (operators are told
 * instead, exempt clients left alone) unless they stay by its kind and the request is
 * not for now, and queues it for
 * the store. Too many automatic ones wait for enact_ban_tick. */
void enact_ban(struct server *srv, const struct ban_request *request,
               struct ban_outcome *out);

/* Ends those connected whom a ban in force covers, as enact_ban does; returns how many.
 * Operators who were on when it was set and are none any more still are. */
unsigned enact_ban_enforce(struct server *srv, struct ban *ban);

/* Removes expired bans and, once there are none of these, automatic ones beyond
 * strikes.hosts, the oldest first; bounded work. */
void enact_ban_tick(struct server *srv);

/* Ends c, which a K-, D- or X-line covers, with the ban as the cause; words is the text
 * of ban_words. */
void enact_ban_end(struct server *srv, const struct ban *ban, struct client *c,
                   const char *words);

#endif
