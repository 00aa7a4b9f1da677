/* Failed OPER attempts, counted a host: opers.failures within its time closes the door
 * as long.
 *
 * A bucket counts them: each failure is forgotten its whole time after the one before
 * it was (not a share of it), so no window of that time ever holds as many as close the
 * door, wherever it begins. A success takes back its own attempt and no other: who has
 * one right password guesses another no faster for it.
 * Kept in memory only: a restart opens the door, but the strikes given for it remain.
 */
#include "policy/door.h"

#include "base/bucket.h"
#include "base/duration.h"
#include "config/config.h"
#include "policy/host.h"
#include "policy/privs.h"
#include "policy/strikes.h"
#include "state/client.h"
#include "state/out.h"
#include "state/server.h"

/* Whole seconds, 0 only when there is nothing to wait for. */
static int
seconds_of(msec wait)
{
    return wait > 0 ? (int)((wait + MSEC_SECOND - 1) / MSEC_SECOND) : 0;
}

/* The closed door was the answer to those failures: once it opens they are forgotten.
 */
static void
reopen(const struct server *srv, struct host *h)
{
    if (h->door_opens == 0 || h->door_opens > srv->now)
        return;
    h->door_opens = 0;
    h->failures = (struct bucket){0};
}

bool
door_enter(struct server *srv, const struct client *c, int *seconds)
{
    struct host *h = c->host;
    const struct rate *rate = &srv->config->opers.failures;
    reopen(srv, h);
    *seconds = seconds_of(h->door_opens - srv->now);
    if (h->door_opens)
        return false;
    bucket_limit(&h->failures, srv->now, rate->count, rate->per);
    bucket_charge(&h->failures, srv->now, rate->count, rate->per, 1);
    if (bucket_left(&h->failures, srv->now, rate->count, rate->per) == 0) {
        h->door_opens = srv->now + rate->per;
        h->door_told = false;
    }
    return true;
}

/* c's own attempt never was: it comes back, and with it the door opens if that attempt
 * was needed to close it. */
static void
take_back(struct server *srv, struct client *c)
{
    struct host *h = c->host;
    const struct rate *rate = &srv->config->opers.failures;
    reopen(srv, h);
    bucket_give(&h->failures, rate->per, 1);
    if (bucket_left(&h->failures, srv->now, rate->count, rate->per) > 0)
        h->door_opens = 0;
}

void
door_leave(struct server *srv, struct client *c)
{
    take_back(srv, c);
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
    out_opers_both(srv, SNO_OPERS, PRIV_see_address, mask, "a host",
                   "Too many failed OPERs from " OUT_EITHER
                   ": no OPER from there until %s",
                   until);
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
    take_back(srv, c);
}

void
door_look(const struct server *srv, const struct host *h, int *fails, int *seconds)
{
    const struct rate *rate = &srv->config->opers.failures;
    bool was_closed = h->door_opens && h->door_opens <= srv->now;
    int left = bucket_left(&h->failures, srv->now, rate->count, rate->per);
    *seconds = h->door_opens ? seconds_of(h->door_opens - srv->now) : 0;
    *fails = was_closed ? 0 : rate->count - left;
}
