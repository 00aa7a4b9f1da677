/* Admission: counts a connection that is admitted, and gives strikes for refused ones.
 */
#include "enact/admit.h"

#include "base/str.h"
#include "enact/strike.h"
#include "policy/ban/internal.h"
#include "policy/class.h"
#include "policy/throttle.h"
#include "state/server.h"
#include "state/watch.h"

bool
enact_admit(struct server *srv, const struct addr *addr,
            const struct connection_facts *facts, char *why, size_t size)
{
    struct throttle_refusal refusal;
    if (throttle_judge(srv, addr, facts, &refusal)) {
        throttle_take(srv, addr, facts);
        return true;
    }
    if (refusal.ban)
        ban_count_hit(srv, refusal.ban);
    if (refusal.too_fast && throttle_note_too_fast(srv, addr, facts))
        enact_strike_host(srv, addr, class_find(srv, addr, facts), STRIKE_RATE);
    WATCH(srv, refused, addr, facts, NULL, refusal.limit);
    str_format(why, size, "%s", refusal.why);
    return false;
}

void
enact_password_wrong(struct server *srv, const struct password_try *t, struct client *c)
{
    throttle_password_wrong(srv, t);
    if (c)
        enact_strike(srv, c, STRIKE_PASSWORD);
    else
        enact_strike_disconnected(srv, &t->addr, t->nick, STRIKE_PASSWORD);
}
