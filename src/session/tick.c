/* The tick: pings and timeouts here, the rest in the subsystems.
 *
 * A client has no timer: its list is ordered by time, so a tick looks only at the first
 * clients. If the process itself was stopped or suspended, no client times out for
 * that. */
#include "base/str.h"
#include "enact/strike.h"
#include "input.h"
#include "lifecycle.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "policy/strikes.h"
#include "session/client_input.h"
#include "session/journal.h"
#include "session/session.h"
#include "state/client.h"
#include "state/client_end.h"
#include "state/cursor.h"
#include "state/out.h"
#include "state/server.h"
#include "state/subsystem.h"

/* Milliseconds until the next tick: as a rule, with held lines or open cursors, and if
 * a cursor goes on as soon as it may. */
#define TICK MSEC_SECOND
#define TICK_HOLDING ((msec)50)
#define TICK_CURSOR ((msec)10)

struct stall {
    msec last_tick; /* monotonic */
    msec until;     /* monotonic: no client times out before, after a stall */
};

static struct stall *
stall_of(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_timeouts);
}

static struct client *
first_client(const struct list *list)
{
    return list_empty(list) ? NULL : LIST_ENTRY(list->next, struct client, link);
}

/* The last registration timeout of a host. */
struct timeout {
    bool is_last; /* false: there was none since its last registration */
    msec at;      /* monotonic */
};

static bool
timeout_counts(const struct server *srv, const struct host *h)
{
    const struct timeout *last = host_slot(srv, h, SUBSYSTEM_timeouts);
    return last->is_last && srv->now - last->at < srv->config->strikes.decay;
}

/* Two timeouts in a row are a strike. */
static void
note_timeout(struct server *srv, struct client *c)
{
    struct timeout *last = host_slot(srv, policy_of(c)->host, SUBSYSTEM_timeouts);
    if (timeout_counts(srv, policy_of(c)->host))
        enact_strike(srv, c, STRIKE_TIMEOUT);
    *last = (struct timeout){true, srv->now};
}

static void
forget_timeout(struct server *srv, struct client *c)
{
    struct timeout *last = host_slot(srv, policy_of(c)->host, SUBSYSTEM_timeouts);
    last->is_last = false;
}

static bool
timeout_is_over(const struct server *srv, const struct host *h)
{
    return !timeout_counts(srv, h);
}

static void
time_out_registrations(struct server *srv)
{
    LIST_EACH_SAFE(&srv->unregistered, node, next) {
        struct client *c = LIST_ENTRY(node, struct client, link);
        if (srv->now - c->session->since < srv->config->limits.registration_timeout)
            return;
        if (c->out.flags & CLIENT_ENDING)
            continue;
        bool waits = c->out.flags & CLIENT_WAITING; /* for the worker */
        if (!waits)
            note_timeout(srv, c);
        client_kill(srv, c, waits ? END_PASSWORD_TIMEOUT : END_REGISTRATION_TIMEOUT,
                    NULL);
    }
}

static void
ping_idle(struct server *srv, unsigned pace)
{
    const struct config *config = srv->config;
    msec every = config->paces[pace] ? config->paces[pace] : config->limits.ping_every;
    struct client *c;
    while ((c = first_client(&srv->idle[pace])) != NULL &&
           srv->now - c->session->since >= every) {
        list_remove(&c->link);
        list_append(&srv->pinged, &c->link);
        c->session->since = srv->now;
        c->out.flags |= CLIENT_PINGED;
        out_line(srv, c, "PING :%s", srv->me.name);
    }
}

static void
time_out_pinged(struct server *srv)
{
    char why[64];
    LIST_EACH_SAFE(&srv->pinged, node, next) {
        struct client *c = LIST_ENTRY(node, struct client, link);
        if (srv->now - c->session->since < srv->config->limits.ping_timeout)
            return;
        str_format(why, sizeof why, "Ping timeout: %lld seconds",
                   (long long)(srv->config->limits.ping_timeout / MSEC_SECOND));
        client_kill(srv, c, END_PING_TIMEOUT, why);
    }
}

static void
tick_timeouts(struct server *srv)
{
    if (srv->now >= stall_of(srv)->until) {
        time_out_registrations(srv);
        time_out_pinged(srv);
    }
    for (unsigned pace = 0; pace < CONFIG_PACES; pace++)
        ping_idle(srv, pace);
}

static void
init_stall(struct server *srv, const struct server_start *start)
{
    (void)start;
    session_skip(srv);
}

void
session_skip(struct server *srv)
{
    stall_of(srv)->last_tick = srv->now;
}

const struct subsystem timeouts_subsystem = {
    .id = SUBSYSTEM_timeouts,
    .state = sizeof(struct stall),
    .init = init_stall,
    .host_slot = sizeof(struct timeout),
    .client_registers = forget_timeout,
    .host_is_done = timeout_is_over,
    .tick = tick_timeouts,
};

bool
session_can_continue(const struct server *srv)
{
    return cursor_can_continue(srv);
}

void
session_continue(struct server *srv)
{
    journal_note(srv, TURN_CONTINUE, NULL);
    cursor_continue(srv);
    lifecycle_reap(srv);
}

msec
session_tick(struct server *srv)
{
    journal_note(srv, TURN_TICK, NULL);
    if (srv->now - stall_of(srv)->last_tick >= SESSION_STALL)
        stall_of(srv)->until = srv->now + srv->config->limits.ping_timeout;
    subsystems_tick(srv);
    lifecycle_reap(srv);
    stall_of(srv)->last_tick = srv->now;
    if (cursors_of(srv)->soon)
        return TICK_CURSOR;
    bool waits = !list_empty(holding_of(srv)) || !list_empty(&cursors_of(srv)->all);
    return waits ? TICK_HOLDING : TICK;
}
