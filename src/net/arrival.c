/* Connections of which only the proxy is known.
 *
 * Until the header has come there is no session: no limit, strike or ban may apply to
 * the proxy instead of its client. The header is looked at in the socket's own queue,
 * and exactly its bytes are taken, so that what follows begins with its first byte,
 * whatever transport that is. A header of which only a part is there is refused: the
 * specification lets a receiver expect the whole one at once, and a part that stays in
 * the queue would wake the loop again and again. */
#include "arrival.h"

#include "base/event.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/config.h"
#include "conn.h"
#include "loop_state.h"
#include "policy/gateway.h"
#include "proto/proxy_header.h"
#include "session/session.h"
#include "transport.h"
#include "web_serve.h"

#include <stdlib.h>
#include <unistd.h>

#define NO_BLOCK "no proxy block with proxy-protocol matches the address"

struct arrival {
    struct ev_io io;  /* io.data is the listener */
    struct list link; /* in arrivals.waiting */
    msec until;       /* monotonic */
    struct addr peer;
};

/* Gives up the watcher; the descriptor stays open. */
static void
free_arrival(struct loop *l, struct arrival *a)
{
    ev_io_stop(l->ev, &a->io);
    list_remove(&a->link);
    l->arrivals.count--;
    free(a);
}

static void
refuse_arrival(struct loop *l, const struct listener *at, int fd,
               const struct addr *peer, const char *why)
{
    const struct refused r = {REFUSAL_proxy, *peer, at->text, why};
    session_refused(l->srv, &r);
    close(fd);
}

/* True: the peer may tell addresses; *name is its proxy block. Which processes may
 * connect to a unix socket is a matter of its access mode, so it needs no block. */
static bool
find_arrival_gateway(const struct loop *l, const struct listener *at,
                     const struct addr *peer, const char **name)
{
    if (at->path) {
        *name = at->text;
        return true;
    }
    const struct config_proxy *p = gateway_find(l->srv, peer, ACCEPTS_PROXY_PROTOCOL);
    *name = p ? p->name : NULL;
    return p != NULL;
}

static void
open_client(struct loop *l, struct listener *at, int fd, const struct addr *peer,
            const struct proxy_header *h)
{
    struct connection_info info = {.addr = h->addr,
                                   .sni = h->authority[0] ? h->authority : NULL,
                                   .secure = h->secure};
    if (find_arrival_gateway(l, at, peer, &info.gateway))
        (listener_is_web(at) ? web_open : conn_open)(l, at, fd, &info);
    else /* a new configuration has removed the block meanwhile */
        refuse_arrival(l, at, fd, peer, NO_BLOCK);
}

/* Judges the bytes in the queue of the socket. True: fd is closed, or belongs to a
 * connection. False: no byte has come yet. */
static bool
take_header(struct loop *l, struct listener *at, int fd, const struct addr *peer)
{
    struct proxy_header h;
    size_t n;
    enum transport_state state = socket_peek(fd, l->input, PROXY_HEADER_MAX, &n);
    if (state == TRANSPORT_WAITS_READ)
        return false;
    if (state != TRANSPORT_DONE) {
        close(fd); /* a check whether the port is open */
        return true;
    }
    enum proxy_header_kind kind = proxy_header_parse((const uint8_t *)l->input, n, &h);
    bool whole = kind != PROXY_HEADER_PARTIAL && kind != PROXY_HEADER_BROKEN;
    if (whole && !socket_take(fd, l->input, h.length))
        h.fault = "its bytes are gone";
    mem_wipe(l->input, n); /* a password may be behind the header */
    if (h.fault)
        refuse_arrival(l, at, fd, peer, h.fault);
    else if (kind == PROXY_HEADER_CLIENT)
        open_client(l, at, fd, peer, &h);
    else
        close(fd); /* a check by the proxy, or an address that it cannot tell */
    return true;
}

/* The watcher stops before the descriptor can be closed, and starts again if no byte
 * has come after all. */
static void
serve_arrival(struct ev_loop *ev, struct ev_io *io, int events)
{
    (void)events;
    struct arrival *a = (struct arrival *)io; /* its first field */
    struct listener *at = io->data;
    struct loop *l = at->loop;
    int fd = io->fd;
    ev_io_stop(ev, io);
    if (take_header(l, at, fd, &a->peer))
        free_arrival(l, a);
    else
        ev_io_start(ev, io);
}

static struct arrival *
oldest_arrival(const struct loop *l)
{
    return list_empty(&l->arrivals.waiting)
               ? NULL
               : LIST_ENTRY(l->arrivals.waiting.next, struct arrival, link);
}

/* Closes a waiting connection. */
static void
end_arrival(struct loop *l, struct arrival *a, const char *why)
{
    const struct listener *at = a->io.data;
    int fd = a->io.fd;
    struct addr peer = a->peer;
    free_arrival(l, a);
    refuse_arrival(l, at, fd, &peer, why);
}

static void
wait_for_header(struct loop *l, struct listener *at, int fd, const struct addr *peer)
{
    struct arrival *oldest = oldest_arrival(l);
    if (oldest && l->arrivals.count == ARRIVALS_MAX)
        end_arrival(l, oldest, "too many connections wait for a header");
    struct arrival *a = xcalloc(1, sizeof *a);
    a->peer = *peer;
    a->until = l->now + ARRIVAL_TIME;
    ev_io_init(&a->io, serve_arrival, fd, EV_READ);
    a->io.data = at;
    list_append(&l->arrivals.waiting, &a->link);
    l->arrivals.count++;
    ev_io_start(l->ev, &a->io);
}

void
arrival_open(struct loop *l, struct listener *at, int fd, const struct addr *peer)
{
    const char *name;
    if (!find_arrival_gateway(l, at, peer, &name))
        refuse_arrival(l, at, fd, peer, NO_BLOCK);
    else if (!take_header(l, at, fd, peer)) /* it mostly comes with the connection */
        wait_for_header(l, at, fd, peer);
}

void
arrival_sweep(struct loop *l)
{
    struct arrival *a;
    while ((a = oldest_arrival(l)) != NULL && l->now >= a->until)
        end_arrival(l, a, "no header came in time");
}

void
arrival_close(struct loop *l, const struct listener *at)
{
    LIST_EACH_SAFE(&l->arrivals.waiting, node, next) {
        struct arrival *a = LIST_ENTRY(node, struct arrival, link);
        if (at != NULL && a->io.data != at)
            continue;
        close(a->io.fd);
        free_arrival(l, a);
    }
}
