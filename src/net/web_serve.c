/* Accepts connections of HTTP, wakes them and bounds their time.
 *
 * The number of connections is bounded, of all hosts together and of each one. A client of
 * IRC is never counted here, so no crowd of HTTP takes a place from it. Requests are
 * answered at the end of a turn, and only as many as fit in a short time: an answer may
 * cost as much as hundreds of messages. */
#include "web_serve.h"

#include "base/log.h"
#include "base/mem.h"
#include "conn_state.h"
#include "handshake_queue.h"
#include "loop_state.h"
#include "policy/throttle.h"
#include "session/session.h"
#include "transport_ws.h"
#include "web_answer.h"
#include "web_call.h"
#include "web_conn.h"
#include "web_judge.h"
#include "web_read.h"

#include <limits.h>
#include <unistd.h>

/* Its request is read and answered when its turn comes (web_steps). From its first byte on
 * it is not idle. */
static void
queue_request(struct loop *l, struct web *w)
{
    web_watch(l, w, 0);
    if (w->phase == WEB_IDLE)
        web_enter(l, w, WEB_READING);
    list_append(&l->webs.due, &w->conn->more);
}

static void
serve_web(struct ev_loop *ev, struct ev_io *io, int events)
{
    (void)ev, (void)events;
    struct web *w = ((struct conn *)io)->web; /* io is its first field */
    struct loop *l = web_listener(w)->loop;
    if (w->phase == WEB_ANSWERING)
        web_send(l, w);
    else if (w->phase == WEB_CALLING)
        web_read_calling(l, w);
    else
        queue_request(l, w);
}

void
web_steps(struct loop *l)
{
    struct list *due = &l->webs.due;
    if (list_empty(due))
        return;
    uint64_t until = turn_time_now() + WEB_STEPS_TIME;
    do {
        struct conn_kept *k = LIST_ENTRY(due->next, struct conn_kept, more);
        list_remove(&k->more);
        web_read(l, k->conn.web);
    } while (!list_empty(due) && turn_time_now() < until);
}

/* --- accept --- */

/* Closes the connection that has waited for a request for the longest time. */
static bool
end_idlest(struct loop *l)
{
    struct list *idle = &l->webs.waiting[WEB_IDLE];
    if (list_empty(idle))
        return false;
    web_close(l, LIST_ENTRY(idle->next, struct web, link));
    return true;
}

static enum web_place
enter_web_host(struct loop *l, const struct prefix *host, unsigned most)
{
    enum web_place place = web_hosts_enter(&l->webs.hosts, host, most, l->now);
    if (place == WEB_PLACE_FULL && end_idlest(l))
        place = web_hosts_enter(&l->webs.hosts, host, most, l->now);
    return place;
}

/* Refuses a connection before its request. Over TLS only an alert can be sent. */
static void
refuse_web(struct loop *l, const struct listener *at, int fd, const struct addr *addr,
           enum http_refusal refusal)
{
    char room[HTTP_ANSWER_HEAD];
    struct str s;
    const struct http_policy policy = {0};
    const struct refused r = {REFUSAL_http, *addr, at->text,
                              http_refusal_sentence(refusal)};
    bool drains = l->drain.count < DRAIN_REFUSED;
    session_refused(l->srv, &r);
    str_init(&s, room, sizeof room);
    http_refusal_answer(&s, refusal, HTTP_GET, HTTP_AFTER_CLOSE, l->log->wall, &policy);
    if (at->transport->encrypts)
        at->transport->refuse(fd, s.at, drains);
    else
        transport_plain.refuse(fd, s.at, drains);
    if (drains && socket_finish(fd))
        drain_add(&l->drain, fd, l->now, l->input, LOOP_READ);
    else
        close(fd);
}

/* A handshake costs as much as hundreds of requests. A host that is banned, or that has
 * no budget of requests left, makes one only as often as refused clients of IRC do
 * (explain.h). */
static bool
may_shake(struct loop *l, const struct listener *at, const struct addr *addr)
{
    char why[400];
    if (!at->transport->encrypts || web_is_forwarder(l, addr))
        return true;
    bool is_spent = web_is_spent(l, at, addr);
    bool refused = is_spent || throttle_is_banned(l->srv, addr, why, sizeof why);
    return !refused || explain_take(&l->explain, addr, l->now);
}

static void
begin_web(struct loop *l, struct web *w, int fd)
{
    struct conn_kept *k = w->conn;
    struct listener *at = k->conn.io.data;
    if (at->transport->encrypts) {
        handshake_begin(l, k, fd);
        return;
    }
    at->transport->handshake(fd, k->own, at->context);
    ev_io_init(&k->conn.io, serve_web, fd, EV_READ);
    k->conn.io.data = at;
    web_begin(l, k);
}

void
web_open(struct loop *l, struct listener *at, int fd,
         const struct connection_info *from)
{
    struct prefix host;
    unsigned most = web_is_forwarder(l, &from->addr)
                        ? UINT_MAX
                        : web_allowed(l, at, &from->addr).connections;
    web_host_of(l, &from->addr, &host);
    if (!may_shake(l, at, &from->addr)) {
        at->transport->refuse(fd, "", false);
        close(fd);
        return;
    }
    enum web_place place = enter_web_host(l, &host, most);
    if (place != WEB_PLACE) {
        refuse_web(l, at, fd, &from->addr,
                   place == WEB_PLACE_HOST ? HTTP_REFUSED_MANY_CONNECTIONS
                                           : HTTP_REFUSED_FULL);
        return;
    }
    struct web *w = web_new(l, at, &from->addr, &host);
    w->secure = from->secure || at->transport->encrypts;
    w->gateway = from->gateway ? xstrdup(from->gateway) : NULL;
    w->sni = from->sni ? xstrdup(from->sni) : NULL;
    begin_web(l, w, fd);
}

/* --- the handshake of the transport --- */

const struct addr *
web_addr(const struct conn_kept *k)
{
    return &k->conn.web->addr;
}

void
web_unmade(struct loop *l, struct conn_kept *k)
{
    web_close(l, k->conn.web);
}

/* Bytes of a request may be in the row below already. */
void
web_begin(struct loop *l, struct conn_kept *k)
{
    struct web *w = k->conn.web;
    const struct transport *t = conn_transport(&k->conn);
    struct connection_info info = {0};
    handshake_ended(l, k);
    set_kept_state(k, CONN_HANDSHAKE, false);
    if (w->sni == NULL && t->peer(k->conn.io.fd, k->own, &info) && info.sni)
        w->sni = xstrdup(info.sni);
    ev_set_cb(&k->conn.io, serve_web);
    web_enter(l, w, WEB_IDLE);
    if (t->has_pending(k->conn.io.fd, k->own))
        queue_request(l, w);
    else
        web_watch(l, w, EV_READ);
}

/* --- deadlines --- */

static void
expire_web(struct loop *l, struct web *w)
{
    if (w->phase == WEB_CALLING)
        web_call_drop(l, w);
    if (w->phase != WEB_READING) {
        web_close(l, w);
        return;
    }
    w->after = HTTP_AFTER_CLOSE;
    web_refuse(l, w, HTTP_REFUSED_SLOW);
}

/* The first one of the list of a phase, if it is due; *most becomes the ms until it is. */
static struct web *
find_due(struct loop *l, int phase, msec *most)
{
    struct list *waiting = &l->webs.waiting[phase];
    if (list_empty(waiting) || l->webs.most[phase] == 0)
        return NULL;
    struct web *w = LIST_ENTRY(waiting->next, struct web, link);
    msec left = w->since + l->webs.most[phase] - l->now;
    if (left <= 0)
        return w;
    if (left < *most)
        *most = left;
    return NULL;
}

msec
web_expire(struct loop *l, msec most)
{
    struct web *w;
    for (int i = 0; i < WEB_PHASES; i++)
        while ((w = find_due(l, i, &most)) != NULL)
            expire_web(l, w);
    return most;
}

/* --- the end --- */

static void
retire_web(struct loop *l, struct web *w)
{
    if (w->phase == WEB_ANSWERING || w->phase == WEB_CALLING) {
        if (w->after == HTTP_AFTER_KEEP)
            w->after = HTTP_AFTER_CLOSE;
    } else {
        web_close(l, w);
    }
}

void
web_retire(struct loop *l, const struct listener *at)
{
    for (int i = 0; i < WEB_PHASES; i++)
        LIST_EACH_SAFE(&l->webs.waiting[i], node, next) {
            struct web *w = LIST_ENTRY(node, struct web, link);
            if (web_listener(w) == at)
                retire_web(l, w);
        }
}

void
web_end_all(struct loop *l)
{
    web_call_end_all(l);
    for (int i = 0; i < WEB_PHASES; i++)
        LIST_EACH_SAFE(&l->webs.waiting[i], node, next)
            web_finish(l, LIST_ENTRY(node, struct web, link));
}
