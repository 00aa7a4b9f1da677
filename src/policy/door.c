/* Failed OPER attempts, counted a host: opers.failures within its time closes the door
 * as long.
 *
 * Kept in memory only: a restart opens the door, but the strikes given for it remain.
 */
#include "policy/door.h"

#include "config/config.h"
#include "policy/host.h"
#include "policy/strikes.h"
#include "state/client.h"
#include "state/server.h"

bool
door_is_open(const struct server *srv, const struct client *c, int *seconds)
{
    msec wait = c->host->door_opens - srv->now;
    *seconds = (int)((wait + MSEC_SECOND - 1) / MSEC_SECOND);
    return wait <= 0;
}

void
door_fail(struct server *srv, struct client *c)
{
    struct host *h = c->host;
    const struct rate *rate = &srv->config->opers.failures;
    if (srv->now - h->fail_since >= rate->per) {
        h->fails = 0;
        h->fail_since = srv->now;
    }
    h->fails++;
    if (h->fails >= rate->count) {
        h->fails = 0;
        h->door_opens = srv->now + rate->per;
    }
    strike_client(srv, c, STRIKE_OPER);
}

void
door_pass(struct client *c)
{
    c->host->fails = 0;
}
