/* The blocks of connections of HTTP, their lists and their end.
 *
 * Each phase has one list in the order of its deadlines, so the tick looks at the first
 * connections only. Whatever the length of a request, its bytes are in one block, which is
 * wiped and freed when it is answered. */
#include "web_conn.h"

#include "conn_state.h"
#include "drain.h"
#include "handshake_queue.h"
#include "loop_state.h"
#include "state/server.h"
#include "transport_ws.h"

#include <stdlib.h>
#include <unistd.h>

/* The time of each phase. */
static const msec phase_times[WEB_PHASES] = {
    [WEB_IDLE] = 5 * MSEC_SECOND,
    [WEB_READING] = 10 * MSEC_SECOND,
    [WEB_CALLING] = MSEC_MINUTE,
    [WEB_ANSWERING] = 30 * MSEC_SECOND,
};

void
web_init(struct webs *all)
{
    for (int i = 0; i < WEB_PHASES; i++) {
        list_init(&all->waiting[i]);
        all->most[i] = phase_times[i];
    }
    list_init(&all->due);
}

void
web_clear(struct webs *all)
{
    web_hosts_clear(&all->hosts);
    metric_series_clear(&all->requests);
}

struct ws_own *
web_own(const struct web *w)
{
    return (struct ws_own *)w->conn->own;
}

const struct listener *
web_listener(const struct web *w)
{
    return conn_listener(&w->conn->conn);
}

struct web *
web_new(struct loop *l, struct listener *at, const struct addr *addr,
        const struct prefix *host)
{
    struct conn_kept *k = conn_new_kept(at->transport, 0, l->turns);
    struct web *w = xcalloc(1, sizeof *w);
    k->conn.io.data = at;
    k->conn.web = w;
    set_kept_state(k, CONN_WEB, true);
    w->conn = k;
    w->addr = w->from = *addr;
    w->route = WEB_REFUSED;
    w->host = *host;
    list_init(&w->link);
    web_enter(l, w, WEB_SHAKING);
    return w;
}

void
web_enter(struct loop *l, struct web *w, enum web_phase phase)
{
    list_remove(&w->link);
    list_append(&l->webs.waiting[phase], &w->link);
    w->phase = (uint8_t)phase;
    w->since = l->now;
}

void
web_watch(struct loop *l, struct web *w, int events)
{
    struct ev_io *io = &w->conn->conn.io;
    list_remove(&w->conn->more);
    ev_io_stop(l->ev, io);
    ev_io_modify(io, events);
    if (events)
        ev_io_start(l->ev, io);
}

void
web_free_head(struct web *w)
{
    if (w->head == NULL)
        return;
    mem_wipe(w->head->bytes, w->head->n); /* a token may be in it */
    free(w->head->bytes);
    free(w->head);
    w->head = NULL;
}

void
web_drop_request(struct web *w)
{
    w->charged = w->is_api = false;
    w->from = w->addr;
    w->route = WEB_REFUSED;
    web_free_head(w);
}

void
web_forget(struct loop *l, struct web *w)
{
    web_drop_request(w);
    web_hosts_leave(&l->webs.hosts, &w->host);
    list_remove(&w->link);
    free(w->out.head);
    free(w->out.text);
    if (w->upgrade)
        free(w->upgrade->gateway);
    free(w->upgrade);
    free(w->gateway);
    free(w->sni);
    free(w);
}

/* The duration is that of the name that the client asked for, as with the capability
 * sts: a browser keeps it for this name. */
struct http_policy
web_policy(const struct loop *l, const struct web *w)
{
    const struct config *c = l->srv->config;
    const struct config_tls *tls = w->sni ? config_tls_find(c, w->sni) : NULL;
    bool known = tls && tls->sts > 0 && web_listener(w)->transport->encrypts;
    return (struct http_policy){.embed = c->embed,
                                .sts = known ? (uint32_t)(tls->sts / MSEC_SECOND) : 0};
}

/* Frees the connection of w, which is shut down or closed, and w. */
static void
free_web(struct loop *l, struct web *w)
{
    struct conn_kept *k = w->conn;
    ev_io_stop(l->ev, &k->conn.io);
    handshake_ended(l, k);
    list_remove(&k->more);
    web_forget(l, w);
    free(k);
}

/* A WebSocket that was not made ends without a close frame. */
void
web_finish(struct loop *l, struct web *w)
{
    struct conn_kept *k = w->conn;
    int fd = k->conn.io.fd;
    bool open = conn_transport(&k->conn)->finish(fd, k->own, TRANSPORT_UNMADE);
    free_web(l, w);
    if (open && l->drain.count < DRAIN_REFUSED)
        drain_add(&l->drain, fd, l->now, l->input, LOOP_READ);
    else
        close(fd);
}

void
web_close(struct loop *l, struct web *w)
{
    struct conn_kept *k = w->conn;
    conn_transport(&k->conn)->close(k->conn.io.fd, k->own, TRANSPORT_UNMADE);
    free_web(l, w);
}

static size_t
count_web_bytes(const struct web *w)
{
    const struct transport *t = conn_transport(&w->conn->conn);
    size_t bytes = mem_block(sizeof *w) + mem_block(sizeof *w->conn + t->own);
    if (w->phase != WEB_SHAKING) /* handshakes are counted by conn_memory */
        bytes += t->library;
    if (w->head)
        bytes += mem_block(sizeof *w->head) + mem_block(w->head->cap);
    return bytes + w->out.left + (w->out.text ? w->out.body_left : 0);
}

struct mem_sum
web_memory(const struct loop *l)
{
    struct mem_sum sum = {0};
    for (int i = 0; i < WEB_PHASES; i++)
        LIST_EACH(&l->webs.waiting[i], node) {
            sum.n++;
            sum.bytes += count_web_bytes(LIST_ENTRY(node, struct web, link));
        }
    return sum;
}
