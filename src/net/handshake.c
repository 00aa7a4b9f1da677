/* Handshakes of transports.
 *
 * A step may cost as much as hundreds of messages (an encrypted one signs), so clients
 * that are connected come first: a connection with a ready socket waits in
 * l->handshakes, and the end of a turn makes a few steps. The poll does not wait while
 * a step is due. Must never free a client: conn_flush.c does. */
#include "handshake.h"

#include "base/addr.h"
#include "base/event.h"
#include "base/log.h"
#include "conn_state.h"
#include "explain.h"
#include "handshake_queue.h"
#include "loop_state.h"
#include "web_serve.h"

#include <errno.h>
#include <string.h>

/* Counts a handshake that has ended with this result. */
static void
count_handshake(struct loop *l, struct conn_kept *k, const char *result)
{
    const struct transport *t = conn_transport(&k->conn);
    bool done = strcmp(result, "ok") == 0;
    if (t->version)
        metric_series_count(&l->ended_handshakes, result,
                            done ? t->version(k->own) : "none", 1);
}

static void
log_failure(struct loop *l, struct conn_kept *k, const char *why)
{
    struct connection_info info;
    if (k->state & CONN_WEB)
        info.addr = *web_addr(k);
    else
        session_info(k->conn.client, &info);
    const struct refused r = {REFUSAL_tls, info.addr, conn_listener(&k->conn)->text,
                              why};
    session_refused(l->srv, &r);
}

static void
end_unmade(struct loop *l, struct conn_kept *k, const char *why)
{
    if (k->state & CONN_WEB)
        web_unmade(l, k);
    else
        session_close(l->srv, k->conn.client, why);
}

static void
fail_handshake(struct loop *l, struct conn_kept *k, int error)
{
    struct conn *conn = &k->conn;
    const struct transport *t = conn_transport(conn);
    const char *why = t->fault ? t->fault(conn->io.fd, k->own) : NULL;
    count_handshake(l, k, "failed");
    log_failure(l, k, why ? why : strerror(error));
    if (k->state & CONN_WEB)
        web_unmade(l, k);
    else
        conn_fail(l, conn, "Handshake error", error);
}

static void
step_handshake(struct loop *l, struct conn_kept *k)
{
    enum transport_state state = handshake_step(l, k);
    if (state == TRANSPORT_DONE) {
        count_handshake(l, k, "ok");
        (k->state & CONN_WEB ? web_begin : conn_begin)(l, k);
    } else if (state == TRANSPORT_END) {
        count_handshake(l, k, "closed");
        end_unmade(l, k, NULL);
    } else if (state == TRANSPORT_FAILED) {
        fail_handshake(l, k, errno);
    }
}

void
handshake_steps(struct loop *l)
{
    for (int i = 0; i < HANDSHAKE_STEPS && !list_empty(&l->handshakes);) {
        struct conn_kept *k = LIST_ENTRY(l->handshakes.next, struct conn_kept, more);
        list_remove(&k->more);
        bool explains = k->state & CONN_EXPLAINS;
        if (!(k->state & CONN_CLIENTLESS) && session_is_dead(k->conn.client)) {
            handshake_release(l); /* conn_flush closes it; another may take its place */
            continue;
        }
        if (!handshake_enter(l, k))
            continue;
        i++;
        (explains ? explain_step : step_handshake)(l, k);
    }
}

static void
expire_handshake(struct loop *l, struct conn_kept *k)
{
    static const char why[] = "Handshake timed out";
    if (k->state & CONN_EXPLAINS) {
        explain_drop(l, k);
        return;
    }
    list_remove(&k->deadline);
    if (!(k->state & CONN_WEB) && session_is_dead(k->conn.client))
        return;
    count_handshake(l, k, "timeout");
    log_failure(l, k, "timed out");
    end_unmade(l, k, why);
}

msec
handshake_expire(struct loop *l, msec most)
{
    while (!list_empty(&l->in_handshake)) {
        struct conn_kept *k =
            LIST_ENTRY(l->in_handshake.next, struct conn_kept, deadline);
        msec left = k->since + l->handshake_timeout - l->now;
        if (left > 0)
            return left < most ? left : most;
        expire_handshake(l, k);
    }
    return most;
}

void
handshake_drop_all(struct loop *l)
{
    LIST_EACH_SAFE(&l->in_handshake, node, next) {
        struct conn_kept *k = LIST_ENTRY(node, struct conn_kept, deadline);
        if (k->state & CONN_EXPLAINS)
            explain_drop(l, k);
    }
}
