/* Who may read what of a ban where it is known whom the ban has hit. */
#ifndef POLICY_BAN_SHOWN_H
#define POLICY_BAN_SHOWN_H

#include "policy/policy.h"

#include <stdbool.h>
#include <stdint.h>

struct ban;
struct client;

#define BAN_SHOWN 48 /* room for "on <nick>" */

/* Any of these privileges shows the masks of such bans beside nicks: see_address, and
 * the one that sets them (the operator that bans a nick reads its address). */
uint64_t ban_mask_privileges(enum ban_kind kind);

/* May c read them there? Everybody may where masks name no address. */
bool ban_shows_mask(const struct client *c, enum ban_kind kind);

/* What all others read in the place of the mask: "on bob" (nick as it was typed, or was
 * seen; NULL: none), "on a host"; the mask itself where it names no address. Borrowed
 * from room or mask. */
const char *ban_hidden_mask(enum ban_kind kind, const char *mask, const char *nick,
                            char room[BAN_SHOWN]);

/* The reason for operators as c may read it in lists, where masks stand: that of an
 * automatic ban is the nick it has hit, "" without see_address. Borrowed from the ban.
 */
const char *ban_shown_oper_reason(const struct client *c, const struct ban *ban);

#endif
