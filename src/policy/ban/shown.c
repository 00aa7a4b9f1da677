/* Which half of "this nick has this address" a reader of bans gets.
 *
 * A K-line on an address says nothing about a nick, and a QUIT nothing about an
 * address; told in one moment they are both. So the notice of a ban has no address for
 * who may not see it, and a list, which has the addresses, has no nick. Verdicts alone.
 */
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
