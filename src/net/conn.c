/* The read side of a connection: opens it, and reads into the loop's one buffer,
 * through the transport of its listener.
 *
 * An idle connection costs one struct: it has no buffer, no timer and no list node. If
 * its transport keeps bytes of its own, they follow the struct in the same block. Must
 * never free a client: conn_flush.c does. */
#include "conn.h"

#include "base/addr.h"
#include "base/event.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sendq.h"
#include "conn_state.h"
#include "handshake_queue.h"
#include "loop_state.h"
#include "proto/proxy_header.h"
#include "proto/tls_first.h"

#include <errno.h>
#include <unistd.h>

#define MORE_TURN 64 /* connections of l->more that are read in one turn */

/* Bytes inside the transport do not make the socket readable: the next turn reads
 * them. */
static void
note_pending(struct loop *l, struct conn_kept *k)
{
    const struct transport *t = conn_transport(&k->conn);
    list_remove(&k->more);
    if (t->has_pending && t->has_pending(k->conn.io.fd, k->own))
        list_append(&l->more, &k->more);
}

/* A read that gave bytes has completed the part before, so a part is a new one then. */
static void
note_part(struct loop *l, struct conn_kept *k, enum transport_state state)
{
    const struct transport *t = conn_transport(&k->conn);
    bool has = t->has_part && t->has_part(k->conn.io.fd, k->own);
    if (state == TRANSPORT_DONE || !has)
        list_remove(&k->deadline);
    if (!has || !list_empty(&k->deadline))
        return;
    k->since = l->now;
    list_append(&l->in_part, &k->deadline);
}

msec
conn_expire(struct loop *l, msec most)
{
    while (!list_empty(&l->in_part)) {
        struct conn_kept *k = LIST_ENTRY(l->in_part.next, struct conn_kept, deadline);
        msec left = k->since + l->part_timeout - l->now;
        if (left > 0)
            return left < most ? left : most;
        list_remove(&k->deadline);
        if (!session_is_dead(k->conn.client))
            session_close(l->srv, k->conn.client, "Half of a record timed out");
    }
    return most;
}

/* Notes in which state a read of k has ended. */
static void
note_read(struct loop *l, struct conn_kept *k, enum transport_state state)
{
    k->read_in = l->turns;
    note_part(l, k, state);
    set_kept_state(k, CONN_READ_WRITES, state == TRANSPORT_WAITS_WRITE);
    conn_watch_kept(l, k);
    if (state == TRANSPORT_DONE)
        note_pending(l, k);
}

/* Ends a client that begins TLS where text is read: it would wait for an answer in
 * TLS. */
static void
end_misplaced_tls(struct loop *l, struct conn *conn)
{
    struct connection_info info;
    session_info(conn->client, &info);
    const char *why = info.secure ? "TLS inside of TLS" : "TLS on a plain port";
    const struct refused r = {info.secure ? REFUSAL_tls : REFUSAL_plain_port, info.addr,
                              conn_listener(conn)->text, info.secure ? why : NULL};
    session_refused(l->srv, &r);
    session_close(l->srv, conn->client, why);
}

/* Ends a client that begins with a PROXY header where none is expected: policy would
 * see the address of a proxy. */
static void
end_misplaced_header(struct loop *l, struct conn *conn)
{
    struct connection_info info;
    const struct listener *at = conn_listener(conn);
    session_info(conn->client, &info);
    const struct refused r = {REFUSAL_proxy, info.addr, at->text,
                              at->proxy ? "a second header follows the first"
                                        : "the listener has no proxy = true"};
    session_refused(l->srv, &r);
    if (conn_transport(conn) == &transport_plain)
        transport_plain.refuse(conn->io.fd,
                               at->proxy ? "ERROR :Closing Link: (This port takes no "
                                           "second PROXY header)\r\n"
                                         : TRANSPORT_NO_HEADER,
                               true);
    session_close(l->srv, conn->client, "Unexpected PROXY header");
}

static void
take_input(struct loop *l, struct conn *conn, size_t n)
{
    l->busy = true;
    if (proxy_header_begins(l->input, n) && session_is_silent(conn->client)) {
        end_misplaced_header(l, conn);
        return;
    }
    if (tls_first(l->input, n) == TLS_FIRST_HELLO && session_is_silent(conn->client)) {
        end_misplaced_tls(l, conn);
        return;
    }
    session_input(l->srv, conn->client, l->input, n);
    mem_wipe(l->input, n); /* a password may be in it */
}

static void
read_conn(struct loop *l, struct conn *conn)
{
    size_t n = 0;
    struct conn_kept *k = conn_kept_of(conn);
    enum transport_state state = conn_transport(conn)->read(conn->io.fd, conn_own(conn),
                                                            l->input, LOOP_READ, &n);
    int error = errno;
    if (k)
        note_read(l, k, state);
    if (state == TRANSPORT_DONE)
        take_input(l, conn, n);
    else if (state == TRANSPORT_END)
        session_close(l->srv, conn->client, NULL);
    else if (state == TRANSPORT_FAILED)
        conn_fail(l, conn, "Read error", error);
}

/* Which calls the transport of k may make after these events of the socket: EV_READ if
 * a read waits for one of them, EV_WRITE if a write does. A connection is read at most
 * once a turn. */
static int
ready_events(const struct loop *l, const struct conn_kept *k, int events)
{
    int reads = k->state & CONN_READ_WRITES ? EV_WRITE : EV_READ;
    int writes = k->state & CONN_WRITE_READS ? EV_READ : EV_WRITE;
    bool may_read = list_empty(&k->more) && k->read_in != l->turns;
    int now = events & reads && may_read ? EV_READ : 0;
    return events & writes && k->state & CONN_BLOCKED ? now | EV_WRITE : now;
}

static bool
can_read(const struct loop *l, const struct conn *conn)
{
    return !session_is_dead(conn->client) && !session_is_full(l->srv);
}

static void
serve_conn(struct ev_loop *ev, struct ev_io *io, int events)
{
    (void)ev;
    struct conn *conn = (struct conn *)io; /* its first field */
    struct loop *l = conn_listener(conn)->loop;
    const struct conn_kept *k = conn_kept_of(conn);
    if (session_is_dead(conn->client))
        return; /* closed at the end of the turn */
    if (k)
        events = ready_events(l, k, events);
    if (events & EV_WRITE)
        conn_flush_living(l, conn);
    if (events & EV_READ && can_read(l, conn))
        read_conn(l, conn);
}

/* Connections that are put on the list meanwhile wait for the next turn. */
void
conn_read_more(struct loop *l)
{
    const struct list *last = l->more.prev;
    bool goes_on = !list_empty(&l->more);
    for (int i = 0; goes_on && i < MORE_TURN && !session_is_full(l->srv); i++) {
        struct conn_kept *k = LIST_ENTRY(l->more.next, struct conn_kept, more);
        goes_on = &k->more != last;
        list_remove(&k->more);
        if (can_read(l, &k->conn))
            read_conn(l, &k->conn);
    }
}

/* Asks the transport what it learned of the client: another address, a certificate. A
 * client that is refused from its new address is ended. */
static void
ask_peer(struct loop *l, struct conn_kept *k)
{
    const struct transport *t = conn_transport(&k->conn);
    struct connection_info info;
    session_info(k->conn.client, &info);
    info.listener = conn_listener(&k->conn)->text;
    if (t->peer && t->peer(k->conn.io.fd, k->own, &info))
        session_rehome(l->srv, k->conn.client, &info);
}

/* The bytes after the handshake may hold input already. */
static void
start_kept(struct loop *l, struct conn_kept *k)
{
    struct conn *conn = &k->conn;
    ev_set_cb(&conn->io, serve_conn);
    ev_io_start(l->ev, &conn->io);
    conn_watch(l, conn, false);
    note_pending(l, k);
    if (session_sendq(conn->client)->bytes > 0)
        conn_flush_living(l, conn);
}

void
conn_begin(struct loop *l, struct conn_kept *k)
{
    handshake_ended(l, k);
    ask_peer(l, k);
    l->kept_bytes -= kept_bytes_of(k);
    set_kept_state(k, CONN_HANDSHAKE, false);
    l->kept_bytes += kept_bytes_of(k);
    start_kept(l, k);
}

static void
count_kept(struct loop *l, const struct conn_kept *k)
{
    l->kept++;
    l->kept_bytes += kept_bytes_of(k);
}

/* A client of `at` is connected by conn. */
static void
join_client(struct listener *at, struct conn *conn, struct client *c)
{
    at->admitted++;
    at->clients++;
    conn->client = c;
    session_set_conn(c, conn);
    conn->io.data = at;
}

void
conn_adopt(struct loop *l, struct conn_kept *k, const struct connection_info *info)
{
    char refusal[512];
    struct client *c = session_open(l->srv, info, NULL, refusal, sizeof refusal);
    if (c == NULL) {
        explain_send(l, k, refusal);
        return;
    }
    join_client(k->conn.io.data, &k->conn, c);
    count_kept(l, k);
    start_kept(l, k);
}

static void
add_library(struct mem_sum *sum, uint32_t bytes)
{
    sum->n++;
    sum->bytes += bytes;
}

void
conn_memory(const struct loop *l, struct shell_memory *out)
{
    *out = (struct shell_memory){.connections = {l->kept, l->kept_bytes}};
    LIST_EACH(&l->in_handshake, node) {
        const struct conn_kept *k = LIST_ENTRY(node, struct conn_kept, deadline);
        if (k->state & CONN_UNDER_WAY)
            add_library(&out->handshakes, conn_transport(&k->conn)->library_handshake);
    }
    LIST_EACH(&l->in_part, node) {
        const struct conn_kept *k = LIST_ENTRY(node, struct conn_kept, deadline);
        add_library(&out->parts, conn_transport(&k->conn)->library_part);
    }
}

/* Sends a refused connection its one line. Without a drain the line may be lost if the
 * peer has already sent bytes; but a flood of refused connections must not push clients
 * out of the drain. */
static void
refuse_conn(struct loop *l, const struct listener *at, int fd, const char *line)
{
    bool drains = l->drain.count < DRAIN_REFUSED;
    /* Kept back for the last packet, the line would be lost in a reset. */
    at->transport->refuse(fd, line, drains);
    if (drains && socket_finish(fd))
        drain_add(&l->drain, fd, l->now, l->input, LOOP_READ);
    else
        close(fd);
}

static struct conn *
new_conn(const struct loop *l, const struct transport *t)
{
    if (t->own == 0)
        return xmalloc(sizeof(struct conn));
    return &conn_new_kept(t, 0, l->turns)->conn;
}

void
conn_open(struct loop *l, struct listener *at, int fd,
          const struct connection_info *from)
{
    char refusal[512];
    struct connection_info info = *from;
    if (info.listener == NULL)
        info.listener = at->text;
    info.secure |= at->transport->encrypts;
    struct client *c = session_open(l->srv, &info, NULL, refusal, sizeof refusal);
    if (c == NULL && at->transport->explains &&
        explain_take(&l->explain, &info.addr, l->now)) {
        explain_open(l, at, fd, refusal);
        return;
    }
    if (c == NULL) {
        refuse_conn(l, at, fd, refusal);
        return;
    }
    struct conn *conn = new_conn(l, at->transport);
    join_client(at, conn, c);
    if (at->transport->handshake) {
        handshake_begin(l, conn_kept_of(conn), fd);
    } else {
        ev_io_init(&conn->io, serve_conn, fd, EV_READ);
        conn->io.data = at;
        ev_io_start(l->ev, &conn->io);
    }
    if (conn_kept_of(conn))
        count_kept(l, conn_kept_of(conn));
}
