/* The parts of a ban that a client may read in a place that also tells the nick it has
 * hit. */
#ifndef POLICY_BAN_SHOWN_H
#define POLICY_BAN_SHOWN_H

#include "policy/policy.h"

#include <stdbool.h>
#include <stdint.h>

struct ban;
struct client;

#define BAN_SHOWN 48 /* room for "on <nick>" */

/* The privileges that show masks of this kind beside nicks; one of them is enough:
 * see_address, and the privilege to set such bans (an operator that bans a nick reads
 * its address). */
uint64_t ban_mask_privileges(enum ban_kind kind);

/* May c read masks of this kind there? Every client may if they name no address. */
bool ban_shows_mask(const struct client *c, enum ban_kind kind);

/* The text that other clients read instead of the mask: "on bob" (nick as it was typed
 * or seen; NULL: "on a host"); the mask itself if it names no address. Borrowed from
 * room or mask. */
const char *ban_hidden_mask(enum ban_kind kind, const char *mask, const char *nick,
                            char room[BAN_SHOWN]);

/* The reason for operators as c may read it in lists, which show masks. The reason of
 * an automatic ban is the nick that it has hit, so it is "" for c without see_address.
 * Borrowed from the ban. */
const char *ban_shown_oper_reason(const struct client *c, const struct ban *ban);

#endif
