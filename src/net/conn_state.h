/* The inside of a connection, for the files of this layer that read and write it. */
#ifndef SRC_NET_CONN_STATE_H
#define SRC_NET_CONN_STATE_H

#include "base/list.h"
#include "listen.h"
#include "session/session.h"
#include "transport.h"

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn {
    struct ev_io io; /* io.data is the listener */
    struct client *client;
};

_Static_assert(sizeof(struct conn) <= SESSION_CONN_BYTES,
               "an idle client pays for this");

/* A connection whose transport keeps something of its own. */
struct conn_kept {
    struct conn conn;
    struct list more; /* in l->more while the transport holds bytes for a read, in
                       * l->handshakes while a step of its handshake is due */
    uint32_t read_in; /* l->turns of its last read */
    uint32_t state;   /* CONN_* */
    _Alignas(max_align_t) char own[];
};

enum {
    CONN_HANDSHAKE = 1 << 0,   /* its handshake is not done */
    CONN_BLOCKED = 1 << 1,     /* a write waits for the socket to be writable, */
    CONN_WRITE_READS = 1 << 2, /* or, with this, readable */
    CONN_READ_WRITES = 1 << 3, /* a read waits for the socket to be writable */
};

static inline const struct listener *
conn_listener(const struct conn *conn)
{
    return conn->io.data;
}

static inline const struct transport *
conn_transport(const struct conn *conn)
{
    return conn_listener(conn)->transport;
}

/* NULL: its transport keeps nothing of its own. */
static inline struct conn_kept *
conn_kept_of(struct conn *conn)
{
    return conn_transport(conn)->own > 0 ? (struct conn_kept *)conn : NULL;
}

static inline void *
conn_own(struct conn *conn)
{
    struct conn_kept *k = conn_kept_of(conn);
    return k ? k->own : NULL;
}

static inline bool
is_in_handshake(struct conn *conn)
{
    const struct conn_kept *k = conn_kept_of(conn);
    return k && k->state & CONN_HANDSHAKE;
}

static inline void
set_kept_state(struct conn_kept *k, uint32_t bit, bool on)
{
    k->state = on ? k->state | bit : k->state & ~bit;
}

/* Waits for input and, if a write is blocked, for the end of that. */
void conn_watch(struct loop *l, struct conn *conn, bool blocked);
/* The same after a change of what the transport waits for. */
void conn_watch_kept(struct loop *l, struct conn_kept *k);
/* Waits for these events (EV_READ, EV_WRITE) and no others. */
void conn_watch_socket(struct loop *l, struct conn *conn, int events);

/* Its handshake is done. */
void conn_begin(struct loop *l, struct conn_kept *k);

/* Ends its client, with the words of its transport or else those of `error`, an errno:
 * "Read error: Connection reset by peer". */
void conn_fail(struct loop *l, struct conn *conn, const char *what, int error);

/* One write for a client that lives, or more while it is over its limit. */
void conn_flush_living(struct loop *l, struct conn *conn);

#endif
