/* What the loop tells for metrics: its listeners, handshakes, descriptors and turns. */
#include "config/config.h"
#include "listener.h"
#include "loop_state.h"
#include "net/loop.h"
#include "session/session.h"
#include "transport.h"

/* The label of its clients. */
static const char *
name_transport(const struct listener *at)
{
    if (at->path)
        return "unix";
    return at->transport == &transport_plain ? "tcp" : at->transport->name;
}

static void
count_listener(const struct listener *at, struct metrics_facts *out)
{
    metric_series_count(&out->connections, at->text, NULL, at->admitted);
    metric_series_count(&out->clients, name_transport(at), NULL, at->clients);
}

/* A listener that a REHASH has removed keeps its count, and one that replaces it goes on
 * with it: a count never falls. The clients of the control socket are hidden, so only its
 * connections are counted. */
static void
count_listeners(const struct listeners *ls, struct metrics_facts *out)
{
    static const char *const names[] = {"tcp", "tls", "unix", "ws", "wss"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        metric_series_count(&out->clients, names[i], NULL, 0);
    for (size_t i = 0; i < ls->n; i++)
        count_listener(ls->all[i], out);
    for (size_t i = 0; i < ls->n_retired; i++)
        count_listener(ls->retired[i], out);
    if (ls->control)
        metric_series_count(&out->connections, ls->control->text, NULL,
                            ls->control->admitted);
}

static void
count_requests(const struct metric_series *requests, struct metrics_facts *out)
{
    for (size_t i = 0; i < requests->n; i++)
        metric_series_count(&out->requests, requests->all[i].labels[0],
                            requests->all[i].labels[1], requests->all[i].n);
}

static void
count_handshakes(const struct metric_series *ended, struct metrics_facts *out)
{
    for (size_t i = 0; i < ended->n; i++)
        metric_series_count(&out->handshakes, ended->all[i].labels[0],
                            ended->all[i].labels[1], ended->all[i].n);
}

size_t
loop_sockets(const struct loop *l)
{
    size_t clients = l->srv ? session_count(l->srv) : 0;
    if (l->listeners.control)
        clients += l->listeners.control->clients;
    return clients + l->drain.count + l->arrivals.count + l->listeners.n +
           l->webs.hosts.connections;
}

void
loop_metrics(const struct loop *l, struct metrics_facts *out)
{
    count_listeners(&l->listeners, out);
    count_handshakes(&l->ended_handshakes, out);
    count_requests(&l->webs.requests, out);
    out->handshakes_active = l->under_way;
    out->no_descriptor = l->listeners.refused;
    out->descriptors_most = (uint64_t)l->listeners.fd_limit;
    out->turns = l->turn_time.busy;
    out->turns.bounds = histogram_of_turns;
}

void
loop_health(const struct loop *l, struct loop_health *out)
{
    *out = (struct loop_health){.turned = l->turn_time.turned,
                                .late = turn_time_is_late(&l->turn_time, l->now)};
    for (size_t i = 0; i < l->listeners.n; i++) {
        const struct listener *at = l->listeners.all[i];
        if (at->serves & (SERVES_IRC | SERVES_WEBSOCKET))
            out->listens |= at->io.fd >= 0;
    }
}
