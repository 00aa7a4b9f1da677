/* Which half of the fact "this nick has this address" a reader of bans gets.
 *
 * A K-line on an address shows no nick, and a QUIT shows no address; told at the same
 * moment they show both. So a reader without the privilege gets the notice of a ban
 * without the address, and a list, which has the addresses, without the nick. Verdicts
 * only. */
#include "policy/ban/shown.h"

#include "base/str.h"
#include "policy/access.h"
#include "policy/ban/ban.h"
#include "policy/privs.h"
#include "state/client.h"

uint64_t
ban_mask_privileges(enum ban_kind kind)
{
    return PRIV_see_address | ban_kinds[kind].priv;
}

bool
ban_shows_mask(const struct client *c, enum ban_kind kind)
{
    return !ban_is_of_hosts(kind) || c->user.privileges & ban_mask_privileges(kind);
}

const char *
ban_hidden_mask(enum ban_kind kind, const char *mask, const char *nick,
                char room[BAN_SHOWN])
{
    if (!ban_is_of_hosts(kind))
        return mask;
    str_format(room, BAN_SHOWN, "on %s", nick ? nick : "a host");
    return room;
}

const char *
ban_shown_oper_reason(const struct client *c, const struct ban *ban)
{
    return ban->automatic && !access_has(c, PRIV_see_address) ? "" : ban->oper_reason;
}
