/* Admission: counts a connection that is admitted, moves one to another address, and
 * gives strikes for refused ones. A move is a new admission, after all that was counted
 * for the old address was taken back: no other function changes a client's address. */
#include "enact/admit.h"

#include "base/str.h"
#include "enact/strike.h"
#include "policy/ban/internal.h"
#include "policy/class.h"
#include "policy/client_policy.h"
#include "policy/counts.h"
#include "policy/gateway.h"
#include "policy/privs.h"
#include "policy/throttle.h"
#include "state/client.h"
#include "state/client_end.h"
#include "state/out.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "state/tell.h"
#include "state/watch.h"

#include <string.h>

bool
enact_admit(struct server *srv, const struct addr *addr,
            const struct connection_facts *facts, char *why, size_t size)
{
    struct throttle_refusal refusal;
    if (throttle_judge(srv, addr, facts, &refusal)) {
        throttle_take(srv, addr, facts);
        return true;
    }
    srv->policy->counts->refused[refusal.which]++;
    if (refusal.ban)
        ban_count_hit(srv, refusal.ban);
    if (refusal.too_fast && throttle_note_too_fast(srv, addr, facts))
        enact_strike_host(srv, addr, class_find(srv, addr, facts), STRIKE_RATE);
    WATCH(srv, refused, addr, facts, NULL, refusal.limit);
    str_format(why, size, "%s", refusal.why);
    return false;
}

void
enact_enter(struct server *srv, struct client *c, const struct connection_facts *facts)
{
    char host[ADDR_TEXT];
    addr_format(&c->session->addr, host, sizeof host);
    client_set_connection(c, facts);
    if (!connection_acts(facts) && srv->n_clients - srv->n_acting > srv->max_clients)
        srv->max_clients = srv->n_clients - srv->n_acting;
    subsystems_client_enters(srv, c);
    if (facts->oper)
        return; /* its command is logged */
    WATCH(srv, enter, c);
    LOG_EVENT(srv->log, connect, .host = host);
    if (facts->gateway && gateway_is(srv, &c->session->addr))
        TELL(srv, TELL_FORMS(PRIV_see_address), proxy_address, .host = host,
             .gateway = facts->gateway, .hidden = "a proxy");
}

void
enact_tell_refused(struct server *srv, const char *host, const char *why)
{
    srv->n_refused++;
    TELL(srv, TELL_FORMS(PRIV_see_address), refused, .host = host, .told = why,
         .hidden = "a host");
}

/* As enact_admit, for a client that is counted among the connected ones already. */
static bool
admit_moved(struct server *srv, const struct addr *addr,
            const struct connection_facts *facts, char *why, size_t size)
{
    srv->n_clients--;
    bool admitted = enact_admit(srv, addr, facts, why, size);
    srv->n_clients++;
    return admitted;
}

static bool
move_client(struct server *srv, struct client *c, const struct addr *addr,
            const struct connection_facts *facts)
{
    char why[400], host[ADDR_TEXT];
    WATCH(srv, leave, c);
    throttle_take_back(srv, c);
    bool admitted = admit_moved(srv, addr, facts, why, sizeof why);
    client_set_address(c, addr);
    if (admitted) {
        enact_enter(srv, c, facts);
        return true;
    }
    addr_format(&c->session->addr, host, sizeof host);
    enact_tell_refused(srv, host, why);
    client_kill(srv, c, END_REFUSED, why);
    return false;
}

/* Whether c counts for another host, class or gateway with these facts. */
static bool
is_elsewhere(const struct server *srv, const struct client *c, const struct addr *addr,
             const struct connection_facts *facts)
{
    const char *now = client_gateway(c), *gateway = facts->gateway;
    bool same = now && gateway ? strcmp(now, gateway) == 0 : now == gateway;
    return !same || !addr_equal(&c->session->addr, addr) ||
           policy_of(c)->class != class_find(srv, addr, facts);
}

bool
enact_rehome(struct server *srv, struct client *c, const struct addr *addr,
             const struct connection_facts *facts)
{
    struct connection_facts known = *facts;
    known.listener = client_facts(c).listener;
    known.owner = client_facts(c).owner;
    if (is_elsewhere(srv, c, addr, &known))
        return move_client(srv, c, addr, &known);
    client_set_connection(c, &known);
    return true;
}

void
enact_password_wrong(struct server *srv, const struct password_try *t, struct client *c)
{
    throttle_password_wrong(srv, t);
    if (c)
        enact_strike(srv, c, STRIKE_PASSWORD);
    else
        enact_strike_disconnected(srv, &t->addr, t->nick, t->class, STRIKE_PASSWORD);
}
