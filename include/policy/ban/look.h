/* Looking at server bans without touching them: no hit is counted, nothing is made. */
#ifndef POLICY_BAN_LOOK_H
#define POLICY_BAN_LOOK_H

#include "base/addr.h"
#include "policy/policy.h"

#include <stdbool.h>

struct ban;
struct client;
struct mask;
struct server;

/* One that was found; it may be removed, and no other. */
typedef void ban_seen(void *ctx, struct ban *ban);

/* The bans in force that are about this address by their host part, whatever user or
 * nick they name; not those whose host part is all wildcards. */
void ban_look_addr(const struct server *srv, const struct addr *addr, ban_seen *fn,
                   void *ctx);

/* Is one of them of this kind, and about whoever comes from there? */
bool ban_look_any(const struct server *srv, enum ban_kind kind,
                  const struct addr *addr);

/* Is c covered by a K-line or D-line in force, as it is now? Exemptions are not looked
 * at. Before registration c has no nick or user yet, so only bans that need none
 * cover it. */
bool ban_look_covers(const struct server *srv, const struct client *c);

/* The bans of every kind in force that cover c but that ban_look_addr would not find:
 * by its nick, user, shown host or whatever else their kind looks at. */
void ban_look_client(const struct server *srv, const struct client *c, ban_seen *fn,
                     void *ctx);

/* The bans of every kind in force that equal the mask, or cover all that it matches (as
 * far as the texts of both tell). Walks all bans. */
void ban_look_mask(const struct server *srv, const struct mask *mask, ban_seen *fn,
                   void *ctx);

/* The K-lines and D-lines in force that match a part of what the mask matches, and no
 * more. Walks all bans. */
void ban_look_inside(const struct server *srv, const struct mask *mask, ban_seen *fn,
                     void *ctx);

/* The automatic bans in force that lie in this host or cover it. Walks all bans. */
void ban_look_automatic(const struct server *srv, const struct prefix *host,
                        ban_seen *fn, void *ctx);

#endif
