/* The write side of a connection: writes the client's queue to its socket with one
 * system call a turn, and the last lines of a dead client.
 *
 * A client is freed only here, at the end of a turn or in a sweep after it. Nothing
 * else in this layer may free a client, because the core may be walking over it. */
#include "conn.h"

#include "base/attr.h"
#include "base/mem.h"
#include "base/sendq.h"
#include "base/str.h"
#include "conn_state.h"
#include "handshake_queue.h"
#include "loop_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define IOV_TURN 64    /* vectors of one write to a client */
#define LAST_WRITES 16 /* writes of IOV_TURN vectors to a dead client, in all */

enum sent { SENT_ALL, SENT_SOME, SENT_BLOCKED, SENT_FAILED };

/* For a transport that encrypts or frames. *lines: as for its write. */
static int
gather_one(struct loop *l, const struct conn_kept *k, const struct sendq *q,
           struct iovec *iov, size_t *lines)
{
    const struct transport *t = conn_transport(&k->conn);
    enum transport_form form = t->form ? t->form(k->own) : TRANSPORT_LINES;
    const char *piece = form == TRANSPORT_LINES
                            ? gather_flat(&l->gather, q, &iov->iov_len)
                            : gather_formed(&l->formed[form], transport_forms[form], q,
                                            &iov->iov_len, lines);
    memcpy(&iov->iov_base, &piece, sizeof piece); /* iov_base is not const */
    return 1;
}

void
conn_release_gathered(struct loop *l)
{
    gather_release(&l->gather);
    for (int i = TRANSPORT_LINES + 1; i < TRANSPORT_FORMS; i++)
        gather_release(&l->formed[i]);
}

/* Makes one system call, or a few for a piece that a transport encrypts. On SENT_FAILED
 * errno has the error. */
static ATTR_HOT enum sent
send_queue(struct loop *l, struct conn *conn, bool last)
{
    struct sendq *q = session_sendq(conn->client);
    struct conn_kept *k = conn_kept_of(conn);
    if (q->bytes == 0)
        return SENT_ALL;
    struct iovec iov[IOV_TURN];
    size_t n = 0;
    int count = k && conn_transport(conn)->flat
                    ? gather_one(l, k, q, iov, &n)
                    : gather_iov(&l->gather, q, iov, IOV_TURN);
    enum transport_state state =
        conn_transport(conn)->write(conn->io.fd, conn_own(conn), iov, count, last, &n);
    if (state == TRANSPORT_FAILED)
        return SENT_FAILED;
    session_sent(l->srv, conn->client, n, state != TRANSPORT_DONE);
    if (k)
        set_kept_state(k, CONN_WRITE_READS, state == TRANSPORT_WAITS_READ);
    if (state != TRANSPORT_DONE)
        return SENT_BLOCKED;
    return q->bytes == 0 ? SENT_ALL : SENT_SOME;
}

void
conn_watch_socket(struct loop *l, struct conn *conn, int events)
{
    if ((conn->io.events & (EV_READ | EV_WRITE)) == events)
        return;
    ev_io_stop(l->ev, &conn->io);
    ev_io_modify(&conn->io, events);
    ev_io_start(l->ev, &conn->io);
}

void
conn_watch_kept(struct loop *l, struct conn_kept *k)
{
    int events = k->state & CONN_READ_WRITES ? EV_WRITE : EV_READ;
    if (k->state & CONN_BLOCKED)
        events |= k->state & CONN_WRITE_READS ? EV_READ : EV_WRITE;
    conn_watch_socket(l, &k->conn, events);
}

ATTR_HOT void
conn_watch(struct loop *l, struct conn *conn, bool blocked)
{
    struct conn_kept *k = conn_kept_of(conn);
    if (k == NULL) {
        conn_watch_socket(l, conn, blocked ? EV_READ | EV_WRITE : EV_READ);
        return;
    }
    set_kept_state(k, CONN_BLOCKED, blocked);
    conn_watch_kept(l, k);
}

static bool
is_write_blocked(struct conn *conn)
{
    const struct conn_kept *k = conn_kept_of(conn);
    return k ? k->state & CONN_BLOCKED : conn->io.events & EV_WRITE;
}

void
conn_fail(struct loop *l, struct conn *conn, const char *what, int error)
{
    char reason[128];
    const struct transport *t = conn_transport(conn);
    const char *why = t->fault ? t->fault(conn->io.fd, conn_own(conn)) : NULL;
    str_format(reason, sizeof reason, "%s: %s", what, why ? why : strerror(error));
    session_close(l->srv, conn->client, reason);
}

/* Writes to a living client. If its queue or all queues together are over the limit, it
 * writes until the socket takes no more: a client that reads is not ended for what one
 * turn has queued. A call (web_call.c) has no socket to wait for. */
static enum sent
send_living(struct loop *l, struct conn *conn)
{
    enum sent sent = send_queue(l, conn, false);
    while (sent == SENT_SOME &&
           (conn->io.fd < 0 || session_is_over(l->srv, conn->client)))
        sent = send_queue(l, conn, false);
    return sent;
}

ATTR_HOT void
conn_flush_living(struct loop *l, struct conn *conn)
{
    switch (send_living(l, conn)) {
    case SENT_ALL:
        conn_watch(l, conn, false);
        return;
    case SENT_SOME:
    case SENT_BLOCKED:
        conn_watch(l, conn, true);
        session_tried(l->srv, conn->client);
        return;
    case SENT_FAILED:
        conn_fail(l, conn, "Write error", errno);
        return;
    }
}

/* Writes the queue of a dead client. The end of the stream goes out in the same packet
 * as the last line. */
static enum sent
send_last_lines(struct loop *l, struct conn *conn)
{
    enum sent sent = SENT_SOME;
    for (int i = 0; i < LAST_WRITES && sent == SENT_SOME; i++)
        sent = send_queue(l, conn, true);
    return sent;
}

static void
free_conn(struct loop *l, struct conn *conn)
{
    struct conn_kept *k = conn_kept_of(conn);
    if (k) {
        handshake_ended(l, k);
        list_remove(&k->more);
        l->kept--;
        l->kept_bytes -= kept_bytes_of(k);
    }
    struct listener *at = conn->io.data;
    at->clients--;
    session_free(l->srv, conn->client);
    free(conn);
}

static enum transport_end
why_conn_ended(const struct loop *l, struct conn *conn)
{
    if (is_in_handshake(conn))
        return TRANSPORT_UNMADE;
    if (session_has_left(conn->client))
        return TRANSPORT_LEFT;
    return l->told ? TRANSPORT_STOPPED : TRANSPORT_KILLED;
}

/* Ends a connection. Its last line may still be on its way, so it is drained first. */
static void
finish_conn(struct loop *l, struct conn *conn)
{
    int fd = conn->io.fd;
    if (conn_transport(conn)->finish(fd, conn_own(conn), why_conn_ended(l, conn)))
        drain_add(&l->drain, fd, l->now, l->input, LOOP_READ);
    else
        close(fd);
    free_conn(l, conn);
}

/* Closes a connection without a drain. As a rule a client that has sent QUIT sends
 * nothing more, so the wait for the end of its stream is saved. */
static void
close_at_once(struct loop *l, struct conn *conn)
{
    conn_transport(conn)->close(conn->io.fd, conn_own(conn), why_conn_ended(l, conn));
    free_conn(l, conn);
}

/* At the end of the server: keeps a dead client for a while, so that it takes its last
 * lines. */
static void
keep_unsent(struct loop *l, struct conn *conn)
{
    l->unsent = xrealloc(l->unsent, (l->n_unsent + 1) * sizeof *l->unsent);
    l->unsent[l->n_unsent++] = conn;
}

static void
flush_dead_conn(struct loop *l, struct conn *conn)
{
    ev_io_stop(l->ev, &conn->io);
    if (is_in_handshake(conn)) {
        close_at_once(l, conn); /* before the handshake is done it can get no line */
        return;
    }
    enum sent sent = send_last_lines(l, conn);
    if (conn->io.fd < 0) { /* of a call: there is no socket to drain */
        close_at_once(l, conn);
        return;
    }
    bool waits = sent == SENT_BLOCKED || sent == SENT_SOME;
    if (waits && l->told && l->now < l->flush_until) {
        keep_unsent(l, conn);
        return;
    }
    if (sent == SENT_ALL && session_has_left(conn->client) &&
        !conn_transport(conn)->drains && !socket_has_unread(conn->io.fd))
        close_at_once(l, conn);
    else
        finish_conn(l, conn);
}

ATTR_HOT void
conn_flush(struct loop *l, struct client *c)
{
    struct conn *conn = session_conn(c);
    if (session_is_dead(c))
        flush_dead_conn(l, conn);
    else if (!is_in_handshake(conn) &&
             (!is_write_blocked(conn) || session_is_over(l->srv, c)))
        conn_flush_living(l, conn);
}

void
conn_flush_unsent(struct loop *l, bool last)
{
    size_t kept = 0;
    for (size_t i = 0; i < l->n_unsent; i++) {
        struct conn *conn = l->unsent[i];
        enum sent sent = send_last_lines(l, conn);
        if (!last && (sent == SENT_BLOCKED || sent == SENT_SOME))
            l->unsent[kept++] = conn;
        else
            finish_conn(l, conn);
    }
    l->n_unsent = kept;
    if (kept == 0) {
        free(l->unsent);
        l->unsent = NULL;
    }
}
