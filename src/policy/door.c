/* Failed OPER attempts, counted a host: opers.failures within its time closes the door
 * as long.
 *
 * Kept in memory only: a restart opens the door, but the strikes given for it remain.
 */
#include "policy/door.h"

#include "base/duration.h"
#include "config/config.h"
#include "policy/host.h"
#include "policy/privs.h"
#include "policy/strikes.h"
#include "state/client.h"
#include "state/out.h"
#include "state/server.h"

bool
door_enter(struct server *srv, const struct client *c, int *seconds)
{
    struct host *h = c->host;
    const struct rate *rate = &srv->config->opers.failures;
    msec wait = h->door_opens - srv->now;
    *seconds = (int)((wait + MSEC_SECOND - 1) / MSEC_SECOND);
    if (wait > 0)
        return false;
    if (srv->now - h->fail_since >= rate->per) {
        h->fails = 0;
        h->fail_since = srv->now;
    }
    if (++h->fails >= rate->count) {
        h->fails = 0;
        h->door_opens = srv->now + rate->per;
        h->door_told = false;
    }
    return true;
}

void
door_leave(struct server *srv, struct client *c)
{
    struct host *h = c->host;
    bool closed_behind = h->door_opens > srv->now;
    h->fails =
        (uint16_t)((closed_behind ? srv->config->opers.failures.count : h->fails) - 1);
    h->door_opens = srv->now;
}

/* Once for each time it closes, however many guesses were on their way. */
static void
tell_closed(struct server *srv, struct host *h)
{
    char mask[PREFIX_TEXT], until[MOMENT_TEXT];
    if (h->door_opens <= srv->now || h->door_told)
        return;
    h->door_told = true;
    prefix_format(&h->key, mask, sizeof mask);
    moment_format(srv->wall + (h->door_opens - srv->now), until, sizeof until);
    for (int real = 0; real < 2; real++)
        out_opers_who(srv, SNO_OPERS, PRIV_see_address, real,
                      "Too many failed OPERs from %s: no OPER from there until %s",
                      real ? mask : "a host", until);
    log_event(srv->log, LOG_LEVEL_WARN, "oper-door", "host", mask, "until", until,
              NULL);
}

void
door_fail(struct server *srv, struct client *c)
{
    strike_client(srv, c, STRIKE_OPER);
    tell_closed(srv, c->host);
}

void
door_pass(struct server *srv, struct client *c)
{
    c->host->fails = 0;
    c->host->door_opens = srv->now;
}

void
door_look(const struct server *srv, const struct host *h, int *fails, int *seconds)
{
    const struct rate *rate = &srv->config->opers.failures;
    msec wait = h->door_opens - srv->now;
    *seconds = wait > 0 ? (int)((wait + MSEC_SECOND - 1) / MSEC_SECOND) : 0;
    *fails = srv->now - h->fail_since >= rate->per ? 0 : h->fails;
}
