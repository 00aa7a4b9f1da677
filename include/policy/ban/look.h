/* Searches for bans that change nothing: no hit is counted and no record is made. */
#ifndef POLICY_BAN_LOOK_H
#define POLICY_BAN_LOOK_H

#include "base/addr.h"
#include "policy/policy.h"

#include <stdbool.h>

struct ban;
struct client;
struct mask;
struct server;

/* Called for each ban found. It may remove this ban, and no other. */
typedef void ban_seen(void *ctx, struct ban *ban);

/* The bans in force with a host part that matches this address, for any user and nick
 * part; without bans that have a host part of wildcards only. */
void ban_look_addr(const struct server *srv, const struct addr *addr, ban_seen *fn,
                   void *ctx);

/* True if one of these bans is of this kind and covers every user and nick of the
 * address. */
bool ban_look_any(const struct server *srv, enum ban_kind kind,
                  const struct addr *addr);

/* True if a K-line or D-line in force covers c now. Exemptions are ignored. Before
 * registration c has no nick and no user, so only bans that need none cover it. */
bool ban_look_covers(const struct server *srv, const struct client *c);

/* The bans in force of every kind that cover c and that ban_look_addr does not find:
 * they match its nick, its user, its shown host, its real name or its channels. */
void ban_look_client(const struct server *srv, const struct client *c, ban_seen *fn,
                     void *ctx);

/* The bans in force of every kind that equal the mask or cover all that it matches, as
 * far as the texts of both tell. Walks all bans. */
void ban_look_mask(const struct server *srv, const struct mask *mask, ban_seen *fn,
                   void *ctx);

/* The K-lines and D-lines in force that match only a part of what the mask matches.
 * Walks all bans. */
void ban_look_inside(const struct server *srv, const struct mask *mask, ban_seen *fn,
                     void *ctx);

/* The automatic bans in force that lie in this prefix or cover it. Walks all bans. */
void ban_look_automatic(const struct server *srv, const struct prefix *host,
                        ban_seen *fn, void *ctx);

#endif
