/* One connection: reads into the loop's one buffer, writes the client's queue with one
 * system call.
 *
 * An idle connection costs this struct and nothing else, so it holds no buffer, no
 * timer and no list node. A client is freed only here, from the walk over dirty clients
 * at the end of a turn, this one or a later one; nothing else in this layer may free
 * one, because the core may be walking over it. */
#include "conn.h"

#include "base/addr.h"
#include "base/mem.h"
#include "base/sendq.h"
#include "base/str.h"
#include "cmd/session.h"
#include "loop_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define IOV_TURN 64    /* vectors sent to one client a turn */
#define LAST_WRITES 16 /* rounds of IOV_TURN for a dead client, once in its life */

struct conn {
    struct ev_io io; /* io.data is the loop */
    struct client *client;
};

_Static_assert(sizeof(struct conn) <= SESSION_CONN_BYTES,
               "an idle client pays for this");

enum sent { SENT_ALL, SENT_SOME, SENT_BLOCKED, SENT_FAILED };

static ssize_t
send_iov(int fd, struct iovec *iov, int n, int flags)
{
    struct msghdr message = {.msg_iov = iov, .msg_iovlen = (size_t)n};
    if (n == 1)
        return send(fd, iov->iov_base, iov->iov_len, MSG_NOSIGNAL | flags);
    return sendmsg(fd, &message, MSG_NOSIGNAL | flags);
}

/* One system call. On SENT_FAILED errno says why. */
static enum sent
send_queue(struct loop *l, struct conn *conn, int flags)
{
    struct sendq *q = session_sendq(conn->client);
    if (q->bytes == 0)
        return SENT_ALL;
    struct iovec iov[IOV_TURN];
    int n = gather_iov(&l->gather, q, iov, IOV_TURN);
    ssize_t sent = send_iov(conn->io.fd, iov, n, flags);
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        sendq_shrink(q);
        return SENT_BLOCKED;
    }
    if (sent < 0)
        return SENT_FAILED;
    size_t asked = 0;
    for (int i = 0; i < n; i++)
        asked += iov[i].iov_len;
    sendq_consume(q, (size_t)sent);
    session_sent(l->srv, conn->client, (size_t)sent);
    if ((size_t)sent < asked) {
        sendq_shrink(q);
        return SENT_BLOCKED;
    }
    return q->bytes == 0 ? SENT_ALL : SENT_SOME;
}

static void
watch(struct loop *l, struct conn *conn, int events)
{
    if ((conn->io.events & (EV_READ | EV_WRITE)) == events)
        return;
    ev_io_stop(l->ev, &conn->io);
    ev_io_modify(&conn->io, events);
    ev_io_start(l->ev, &conn->io);
}

/* "Read error: Connection reset by peer" */
static void
fail(struct loop *l, struct conn *conn, const char *what, int error)
{
    char reason[128];
    str_format(reason, sizeof reason, "%s: %s", what, strerror(error));
    session_close(l->srv, conn->client, reason);
}

/* A client that reads is not ended for what one turn has queued: beyond its limit, or
 * that of all queues, it is written until its socket takes no more. */
static enum sent
send_living(struct loop *l, struct conn *conn)
{
    enum sent sent = send_queue(l, conn, 0);
    while (sent == SENT_SOME && session_is_over(l->srv, conn->client))
        sent = send_queue(l, conn, 0);
    return sent;
}

static void
flush_living(struct loop *l, struct conn *conn)
{
    switch (send_living(l, conn)) {
    case SENT_ALL:
        watch(l, conn, EV_READ);
        return;
    case SENT_SOME:
    case SENT_BLOCKED:
        watch(l, conn, EV_READ | EV_WRITE);
        session_tried(l->srv, conn->client);
        return;
    case SENT_FAILED:
        fail(l, conn, "Write error", errno);
        return;
    }
}

/* The end of the connection follows: it goes out in the same packet as the last line.
 */
static enum sent
send_last(struct loop *l, struct conn *conn)
{
    enum sent sent = SENT_SOME;
    for (int i = 0; i < LAST_WRITES && sent == SENT_SOME; i++)
        sent = send_queue(l, conn, MSG_MORE);
    return sent;
}

static void
let_go(struct loop *l, struct conn *conn)
{
    drain_add(&l->drain, conn->io.fd, l->now, l->input, LOOP_READ);
    session_free(l->srv, conn->client);
    free(conn);
}

/* Closing would reset the connection, and with it the last line, if something came that
 * nobody has read. */
static bool
has_unread(const struct conn *conn)
{
    char byte;
    return recv(conn->io.fd, &byte, 1, MSG_PEEK) > 0;
}

/* Who has said QUIT says no more, as a rule: the calls that would wait for his end are
 * saved. */
static void
close_at_once(struct loop *l, struct conn *conn)
{
    close(conn->io.fd);
    session_free(l->srv, conn->client);
    free(conn);
}

/* At the end of the server a client has some time left to take what it was sent. */
static void
keep_unsent(struct loop *l, struct conn *conn)
{
    l->unsent = xrealloc(l->unsent, (l->n_unsent + 1) * sizeof *l->unsent);
    l->unsent[l->n_unsent++] = conn;
}

static void
flush_dead(struct loop *l, struct conn *conn)
{
    ev_io_stop(l->ev, &conn->io);
    enum sent sent = send_last(l, conn);
    bool waits = sent == SENT_BLOCKED || sent == SENT_SOME;
    if (waits && l->told && l->now < l->flush_until) {
        keep_unsent(l, conn);
        return;
    }
    if (sent == SENT_ALL && session_has_left(conn->client) && !has_unread(conn))
        close_at_once(l, conn);
    else
        let_go(l, conn);
}

void
conn_flush(struct loop *l, struct client *c)
{
    struct conn *conn = session_conn(c);
    if (session_is_dead(c))
        flush_dead(l, conn);
    else if (!(conn->io.events & EV_WRITE) || session_is_over(l->srv, c))
        flush_living(l, conn);
}

void
conn_flush_unsent(struct loop *l, bool last)
{
    size_t kept = 0;
    for (size_t i = 0; i < l->n_unsent; i++) {
        struct conn *conn = l->unsent[i];
        enum sent sent = send_last(l, conn);
        if (!last && (sent == SENT_BLOCKED || sent == SENT_SOME))
            l->unsent[kept++] = conn;
        else
            let_go(l, conn);
    }
    l->n_unsent = kept;
    if (kept == 0) {
        free(l->unsent);
        l->unsent = NULL;
    }
}

static void
read_some(struct loop *l, struct conn *conn)
{
    ssize_t n = recv(conn->io.fd, l->input, LOOP_READ, 0);
    if (n > 0) {
        l->busy = true;
        session_input(l->srv, conn->client, l->input, (size_t)n);
        mem_wipe(l->input, (size_t)n); /* a password may be in it */
        return;
    }
    if (n == 0)
        session_close(l->srv, conn->client, "Connection closed");
    else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        fail(l, conn, "Read error", errno);
}

static void
ready(struct ev_loop *ev, struct ev_io *io, int events)
{
    (void)ev;
    struct loop *l = io->data;
    struct conn *conn = (struct conn *)io; /* its first field */
    if (session_is_dead(conn->client))
        return; /* the end of a turn closes it */
    if (events & EV_WRITE)
        flush_living(l, conn);
    if (events & EV_READ && !session_is_dead(conn->client) && !session_is_full(l->srv))
        read_some(l, conn);
}

/* Its one line, and no more work than that. The line of one whose socket is not drained
 * may get lost when it has sent something already; a storm must not drive those from
 * the drain who were let in once. */
static void
refuse(struct loop *l, int fd, const char *line)
{
    bool drains = l->drain.count < DRAIN_REFUSED;
    /* Held back for the end of the connection, the line would go with a reset. */
    int more = drains ? MSG_MORE : 0;
    ssize_t ignored = send(fd, line, strlen(line), MSG_NOSIGNAL | more);
    (void)ignored; /* a new socket has room; one that has not is gone */
    if (drains)
        drain_add(&l->drain, fd, l->now, l->input, LOOP_READ);
    else
        close(fd);
}

void
conn_open(struct loop *l, int fd, const struct addr *peer, const char *listener)
{
    char refusal[512];
    struct connection_info info = {.addr = *peer, .listener = listener};
    struct client *c = session_open(l->srv, &info, NULL, refusal, sizeof refusal);
    if (c == NULL) {
        refuse(l, fd, refusal);
        return;
    }
    struct conn *conn = xmalloc(sizeof *conn);
    conn->client = c;
    session_set_conn(c, conn);
    ev_io_init(&conn->io, ready, fd, EV_READ);
    conn->io.data = l;
    ev_io_start(l->ev, &conn->io);
}
