/* Reads requests.
 *
 * A request is mostly whole with its first bytes, and is read where they are, in the
 * input of the loop. Only a part of one is copied. One request is answered at a time:
 * bytes behind it make its answer the last one, because a server that reads on and a
 * proxy in front of it could divide them differently. */
#include "web_read.h"

#include "base/mem.h"
#include "conn_state.h"
#include "loop_state.h"
#include "proto/api.h"
#include "proto/http_field.h"
#include "proto/web_first.h"
#include "session/session.h"
#include "transport_ws.h"
#include "web_answer.h"
#include "web_call.h"
#include "web_conn.h"
#include "web_judge.h"
#include "web_route.h"
#include "web_upgrade.h"

#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

static const char irc_answer[] =
    "ERROR :Closing Link: (This port speaks HTTP only)\r\n";

/* A whole head, and the bytes that have come from its first one on. */
struct arrived {
    struct http_request *head;
    const char *bytes;
    size_t n;
};

static bool
has_pending_below(const struct web *w)
{
    struct ws_own *o = web_own(w);
    return o->lower->has_pending &&
           o->lower->has_pending(w->conn->conn.io.fd, o->below);
}

/* --- answers --- */

static void
call_web_hook(struct loop *l, struct web *w, const struct web_request *q)
{
    struct web_answer a = {0};
    if (l->hooks.web)
        l->hooks.web(l->hooks.ctx, (enum web_route)w->route, q, &a);
    if (a.status == 0)
        web_refuse(l, w, HTTP_REFUSED_NOT_FOUND);
    else
        web_answer(l, w, &a);
}

/* The bytes of the request are not needed once the call has begun. */
static void
begin_call(struct loop *l, struct web *w, const struct web_request *q)
{
    struct web_answer a = {0};
    web_enter(l, w, WEB_CALLING);
    web_watch(l, w, EV_READ);
    if (web_call_begin(l, w, q, &a))
        web_free_head(w);
    else
        web_answer(l, w, &a);
}

static void
begin_upgrade(struct loop *l, struct web *w, const struct arrived *r,
              const struct web_verdict *v)
{
    char room[HTTP_ANSWER_HEAD];
    struct str head;
    enum http_refusal refusal = HTTP_REFUSED_EARLY;
    str_init(&head, room, sizeof room);
    if (r->n == r->head->length && !has_pending_below(w))
        refusal = web_upgrade_begin(l, w, r->head, v, &head);
    if (refusal == HTTP_FINE)
        web_answer_upgrade(l, w, &head);
    else
        web_refuse_request(l, w, refusal, r->head);
}

/* Answers a refused request. False: it is not refused. */
static bool
refuse_judged(struct loop *l, struct web *w, const struct arrived *r,
              const struct web_verdict *v)
{
    if (v->ends)
        w->after = HTTP_AFTER_CLOSE;
    if (v->banned)
        web_refuse_banned(l, w, v->why);
    else if (v->refusal != HTTP_FINE)
        web_refuse_request(l, w, v->refusal, r->head);
    return v->banned || v->refusal != HTTP_FINE;
}

static bool
stays_open(const struct web *w, const struct arrived *r)
{
    return r->n == r->head->length + r->head->body && !has_pending_below(w) &&
           w->count < WEB_REQUESTS_MOST && http_keeps_open(r->head);
}

static void
answer_whole(struct loop *l, struct web *w, const struct arrived *r)
{
    struct web_request q;
    struct web_verdict v;
    w->after = stays_open(w, r) ? HTTP_AFTER_KEEP : HTTP_AFTER_CLOSE;
    web_judge(l, w, r->head, &q, &v);
    if (refuse_judged(l, w, r, &v))
        return;
    q.body = (struct http_text){r->bytes + r->head->length, r->head->body};
    switch (web_route_kind((enum web_route)w->route)) {
    case WEB_HOOK:
        call_web_hook(l, w, &q);
        return;
    case WEB_UPGRADE:
        begin_upgrade(l, w, r, &v);
        return;
    case WEB_CALL:
        begin_call(l, w, &q);
        return;
    }
}

/* The head is whole, the body is not. Nothing is read of the body of a refused request.
 * False: the request is answered. */
static bool
await_body(struct loop *l, struct web *w, const struct arrived *r)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct web_request q;
    struct web_verdict v;
    bool first = !w->charged;
    if (!first)
        return true;
    w->after = HTTP_AFTER_CLOSE;
    web_judge(l, w, r->head, &q, &v);
    if (refuse_judged(l, w, r, &v))
        return false;
    if (!r->head->expects_continue || r->n > r->head->length)
        return true;
    struct ws_own *o = web_own(w);
    char text[sizeof go_on];
    struct iovec iov = {text, sizeof go_on - 1};
    size_t n = 0;
    memcpy(text, go_on, sizeof text); /* iov_base is not const */
    o->lower->write(w->conn->conn.io.fd, o->below, &iov, 1, false, &n);
    if (n == sizeof go_on - 1)
        return true;
    web_close(l, w);
    return false;
}

/* --- parts --- */

/* Puts n bytes of the input of the loop behind those that have come before. */
static void
keep_bytes(struct web_head *h, const char *bytes, size_t n)
{
    if (h->n + n > h->cap) {
        size_t cap = h->n + n > HTTP_HEAD_MAX ? h->n + n : HTTP_HEAD_MAX;
        char *grown = xmalloc(cap);
        if (h->n > 0) {
            memcpy(grown, h->bytes, h->n);
            mem_wipe(h->bytes, h->n);
        }
        free(h->bytes);
        h->bytes = grown;
        h->cap = cap;
    }
    memcpy(h->bytes + h->n, bytes, n);
    h->n += n;
}

static void
keep_request_part(struct web *w, const struct arrived *r)
{
    if (w->head)
        return;
    w->head = xcalloc(1, sizeof *w->head);
    w->head->request = *r->head;
    keep_bytes(w->head, r->bytes, r->n);
}

/* --- reading --- */

static void
refuse_hello(struct loop *l, struct web *w)
{
    const struct refused r = {REFUSAL_plain_port, w->addr, web_listener(w)->text, NULL};
    session_refused(l->srv, &r);
    web_close(l, w);
}

static void
refuse_header(struct loop *l, struct web *w)
{
    const struct listener *at = web_listener(w);
    const struct refused r = {REFUSAL_proxy, w->addr, at->text,
                              at->proxy ? "a second header follows the first"
                                        : "the listener has no proxy = true"};
    session_refused(l->srv, &r);
    w->route = WEB_OTHER; /* told already */
    w->after = HTTP_AFTER_CLOSE;
    web_refuse(l, w, HTTP_REFUSED_PROXY_HEADER);
}

/* Answers a client that begins with another protocol. False: it does not. */
static bool
refuse_other_protocol(struct loop *l, struct web *w, size_t n)
{
    const struct refused r = {REFUSAL_http, w->addr, web_listener(w)->text,
                              "IRC on a port of HTTP"};
    switch (web_first(l->input, n)) {
    case WEB_FIRST_TLS:
        refuse_hello(l, w);
        return true;
    case WEB_FIRST_PROXY:
        refuse_header(l, w);
        return true;
    case WEB_FIRST_IRC:
        session_refused(l->srv, &r);
        web_say(l, w, irc_answer);
        return true;
    case WEB_FIRST_HTTP:
        break;
    }
    return false;
}

/* Refuses a request that cannot be read. The address is that of the connection, because
 * no other one is known. */
static void
refuse_broken_head(struct loop *l, struct web *w, enum http_refusal refusal)
{
    w->after = HTTP_AFTER_CLOSE;
    if (!web_charge(l, w))
        refusal = HTTP_REFUSED_MANY_REQUESTS;
    web_refuse(l, w, refusal);
}

/* The request of which n more bytes are in the input of the loop. */
static struct arrived
take_part(struct loop *l, struct web *w, size_t n)
{
    if (w->head == NULL) {
        http_begin(&l->webs.request);
        w->count++;
        return (struct arrived){&l->webs.request, l->input, n};
    }
    keep_bytes(w->head, l->input, n);
    return (struct arrived){&w->head->request, w->head->bytes, w->head->n};
}

/* False: the request is answered, or w is gone. */
static bool
take_request_bytes(struct loop *l, struct web *w, size_t n)
{
    if (w->count == 0 && refuse_other_protocol(l, w, n))
        return false;
    struct arrived r = take_part(l, w, n);
    enum http_state state = http_parse(r.head, r.bytes, r.n);
    w->is_head = r.head->method == HTTP_HEAD;
    w->is_api = strncmp(r.head->path, API_ROOT, strlen(API_ROOT)) == 0;
    if (state == HTTP_REFUSED) {
        refuse_broken_head(l, w, r.head->refusal);
        return false;
    }
    if (state == HTTP_WHOLE && r.n >= r.head->length + r.head->body) {
        answer_whole(l, w, &r);
        return false;
    }
    if (state == HTTP_WHOLE && !await_body(l, w, &r))
        return false;
    keep_request_part(w, &r);
    return true;
}

/* What the row below has in memory raises no event, so it is read at once: a request
 * bounds it. */
void
web_read(struct loop *l, struct web *w)
{
    struct ws_own *o = web_own(w);
    enum transport_state state;
    bool goes_on = true;
    while (goes_on) {
        size_t n = 0;
        state = o->lower->read(w->conn->conn.io.fd, o->below, l->input, LOOP_READ, &n);
        if (state != TRANSPORT_DONE)
            break;
        goes_on = take_request_bytes(l, w, n);
        mem_wipe(l->input, n); /* a token may be in it */
        if (!goes_on)
            return;
        goes_on = has_pending_below(w);
    }
    if (state == TRANSPORT_END || state == TRANSPORT_FAILED)
        web_close(l, w);
    else
        web_watch(l, w, state == TRANSPORT_WAITS_WRITE ? EV_WRITE : EV_READ);
}

/* After the first bytes the socket is not watched any more: a caller that sends on must
 * not wake the server again and again. */
void
web_read_calling(struct loop *l, struct web *w)
{
    struct ws_own *o = web_own(w);
    size_t n = 0;
    enum transport_state state =
        o->lower->read(w->conn->conn.io.fd, o->below, l->input, LOOP_READ, &n);
    if (state == TRANSPORT_END || state == TRANSPORT_FAILED) {
        web_call_drop(l, w);
        web_close(l, w);
        return;
    }
    if (state == TRANSPORT_DONE) {
        mem_wipe(l->input, n);
        w->after = HTTP_AFTER_CLOSE;
        web_watch(l, w, 0);
        return;
    }
    web_watch(l, w, state == TRANSPORT_WAITS_WRITE ? EV_WRITE : EV_READ);
}
