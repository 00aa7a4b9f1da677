/* Writes answers.
 *
 * The head of an answer is copied, its body is sent from where it is. What the socket does
 * not take at once waits for it (WEB_ANSWERING), and no further request is read
 * meanwhile. */
#include "web_answer.h"

#include "base/log.h"
#include "base/mem.h"
#include "conn_state.h"
#include "loop_state.h"
#include "proto/api.h"
#include "proto/http_answer.h"
#include "proto/http_field.h"
#include "session/session.h"
#include "transport_ws.h"
#include "web_conn.h"
#include "web_route.h"
#include "web_upgrade.h"

#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#define WHY_SIZE 400 /* a sentence and two fields */

/* --- counting --- */

/* The text of a status code, which lives as long as the loop. */
static const char *
name_code(struct webs *all, unsigned status)
{
    char text[4];
    int i = 0;
    str_format(text, sizeof text, "%u", status % 1000);
    while (i < WEB_CODES - 1 && all->codes[i][0] && strcmp(all->codes[i], text) != 0)
        i++;
    if (all->codes[i][0] == '\0')
        memcpy(all->codes[i], text, sizeof text);
    return all->codes[i];
}

static const char *
name_route(const struct web *w)
{
    if (w->route < WEB_ROUTES)
        return web_route_name((enum web_route)w->route);
    return w->route == WEB_OTHER ? "other" : "refused";
}

static void
count_request(struct loop *l, const struct web *w, unsigned status)
{
    metric_series_count(&l->webs.requests, name_route(w), name_code(&l->webs, status),
                        1);
}

static void
tell_web_refused(struct loop *l, const struct web *w, enum refusal kind,
                 const char *why)
{
    const struct refused r = {kind, w->from, web_listener(w)->text, why};
    session_refused(l->srv, &r);
}

/* --- sending --- */

static void
clear_out(struct web_out *out)
{
    free(out->head);
    free(out->text);
    *out = (struct web_out){0};
}

/* The whole answer is sent. */
static void
complete_answer(struct loop *l, struct web *w)
{
    clear_out(&w->out);
    if (w->after == HTTP_AFTER_CLOSE) {
        web_finish(l, w);
    } else if (w->after == HTTP_AFTER_UPGRADE) {
        web_upgrade_end(l, w);
    } else {
        web_enter(l, w, WEB_IDLE);
        web_watch(l, w, EV_READ);
    }
}

static enum transport_state
write_out(struct web *w, struct web_out *out)
{
    struct ws_own *o = web_own(w);
    struct iovec iov[2] = {{.iov_len = out->left}, {.iov_len = out->body_left}};
    int first = out->left == 0;
    size_t n = 0;
    memcpy(&iov[0].iov_base, &out->next, sizeof out->next); /* iov_base is not const */
    memcpy(&iov[1].iov_base, &out->body, sizeof out->body);
    enum transport_state state = o->lower->write(
        w->conn->conn.io.fd, o->below, iov + first,
        1 + (first == 0 && out->body_left > 0), w->after == HTTP_AFTER_CLOSE, &n);
    size_t of_head = n < out->left ? n : out->left;
    out->next += of_head;
    out->left -= of_head;
    if (n > of_head) {
        out->body += n - of_head;
        out->body_left -= n - of_head;
    }
    return state;
}

void
web_send(struct loop *l, struct web *w)
{
    enum transport_state state = TRANSPORT_DONE;
    while (state == TRANSPORT_DONE && w->out.left + w->out.body_left > 0)
        state = write_out(w, &w->out);
    if (state == TRANSPORT_FAILED || state == TRANSPORT_END)
        web_close(l, w);
    else if (state == TRANSPORT_DONE)
        complete_answer(l, w);
    else
        web_watch(l, w, state == TRANSPORT_WAITS_READ ? EV_READ : EV_WRITE);
}

/* Begins to send what is in w->out. */
static void
begin_sending(struct loop *l, struct web *w)
{
    web_enter(l, w, WEB_ANSWERING);
    web_send(l, w);
}

static void
set_head(struct web_out *out, const char *text, size_t n)
{
    out->head = xmalloc(n);
    memcpy(out->head, text, n);
    out->next = out->head;
    out->left = n;
}

/* --- answers --- */

static void
set_body(struct web_out *out, const struct web_answer *a)
{
    out->body = a->body ? a->body : a->text.at;
    out->body_left = a->body ? a->size : a->text.len;
}

void
web_answer(struct loop *l, struct web *w, struct web_answer *a)
{
    char room[HTTP_ANSWER_HEAD];
    struct str head;
    struct http_policy policy = web_policy(l, w);
    const struct http_answer facts = {
        .status = a->status,
        .after = (enum http_after)w->after,
        .type = a->type,
        .length = a->body ? a->size : a->text.len,
        .tag = a->tag,
        .cache = a->cache,
        .fields = a->fields,
        .wall = l->log->wall,
    };
    str_init(&head, room, sizeof room);
    http_answer_head(&head, &facts, &policy);
    count_request(l, w, a->status);
    web_drop_request(w);
    set_head(&w->out, head.at, head.len);
    w->out.text = a->text.at;
    if (http_answer_has_body(a->status, w->is_head ? HTTP_HEAD : HTTP_GET))
        set_body(&w->out, a);
    begin_sending(l, w);
}

/* The one place that writes the refusal of a request: below /api/ it is JSON. */
static void
answer_refusal(struct loop *l, struct web *w, unsigned status, const char *fields,
               const char *words)
{
    struct web_answer a = {.status = status,
                           .type = w->is_api ? "application/json"
                                             : "text/plain; charset=utf-8",
                           .fields = fields};
    if (w->is_api) {
        api_error_body(words, &a.text);
    } else {
        draft_add(&a.text, words);
        draft_add(&a.text, "\n");
    }
    web_answer(l, w, &a);
}

static void
refuse_telling(struct loop *l, struct web *w, enum http_refusal refusal,
               const char *why)
{
    if (refusal == HTTP_REFUSED_ORIGIN)
        tell_web_refused(l, w, REFUSAL_origin, why);
    else if (w->route == WEB_REFUSED)
        tell_web_refused(l, w, REFUSAL_http, why);
    answer_refusal(l, w, http_refusal_status(refusal), http_refusal_fields(refusal),
                   http_refusal_sentence(refusal));
}

void
web_refuse(struct loop *l, struct web *w, enum http_refusal refusal)
{
    refuse_telling(l, w, refusal, http_refusal_sentence(refusal));
}

/* Adds a field of the request, if it is there, and cut as any quoted text. */
static void
add_field(struct str *s, const struct http_request *head, const char *name)
{
    char text[STR_SHOWN + 1];
    struct http_text value;
    struct str cut;
    if (!http_field(head, name, &value))
        return;
    str_init(&cut, text, sizeof text);
    str_addn(&cut, value.at, value.n < STR_SHOWN ? value.n : STR_SHOWN);
    str_addf(s, " %s: %s.", name, SHOWN(text));
}

void
web_refuse_request(struct loop *l, struct web *w, enum http_refusal refusal,
                   const struct http_request *head)
{
    char room[WHY_SIZE];
    struct str why;
    str_init(&why, room, sizeof room);
    str_add(&why, http_refusal_sentence(refusal));
    bool named = refusal == HTTP_REFUSED_ORIGIN || refusal == HTTP_REFUSED_MISDIRECTED;
    if (named && l->log->redact.mode == REDACT_NONE) {
        add_field(&why, head, "Host");
        add_field(&why, head, "Origin");
    }
    refuse_telling(l, w, refusal, why.at);
}

void
web_refuse_banned(struct loop *l, struct web *w, const char *why)
{
    tell_web_refused(l, w, REFUSAL_http, "a D-line covers the address");
    answer_refusal(l, w, 403, NULL, why);
}

void
web_answer_upgrade(struct loop *l, struct web *w, const struct str *head)
{
    struct addr from = w->from;
    w->after = HTTP_AFTER_UPGRADE;
    count_request(l, w, 101);
    web_drop_request(w);
    w->from = from; /* the client of the WebSocket */
    set_head(&w->out, head->at, head->len);
    begin_sending(l, w);
}

void
web_say(struct loop *l, struct web *w, const char *text)
{
    w->after = HTTP_AFTER_CLOSE;
    web_drop_request(w);
    set_head(&w->out, text, strlen(text));
    begin_sending(l, w);
}

void
web_answered(struct web *w, struct web_answer *a)
{
    web_answer(web_listener(w)->loop, w, a);
}
