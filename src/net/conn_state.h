/* The inside of a connection, for the files of this layer that read and write it. */
#ifndef SRC_NET_CONN_STATE_H
#define SRC_NET_CONN_STATE_H

#include "base/list.h"
#include "base/mem.h"
#include "listen.h"
#include "session/session.h"
#include "transport.h"

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn {
    struct ev_io io; /* io.data is the listener */
    union {
        struct client *client;
        struct web *web; /* before the upgrade of a connection of HTTP (CONN_WEB) */
    };
};

_Static_assert(sizeof(struct conn) <= SESSION_CONN_BYTES,
               "an idle client pays for this");

/* A connection with a transport that keeps bytes of its own. */
struct conn_kept {
    struct conn conn;
    /* In l->more while the transport holds bytes for a read, in l->handshakes while a
     * step of the handshake is due, in l->held_handshakes while the first step waits for
     * another handshake to end, in webs.due while a request of HTTP is to be read. */
    struct list more;
    /* In l->in_handshake, or afterwards in l->in_part while its transport keeps a part. */
    struct list deadline;
    msec since;       /* monotonic: when it was accepted, or when the part came */
    uint32_t read_in; /* value of l->turns at the last read */
    uint32_t state;   /* CONN_* */
    _Alignas(max_align_t) char own[];
};

enum {
    CONN_HANDSHAKE = 1 << 0, /* the handshake is not done */
    CONN_BLOCKED = 1 << 1,   /* a write waits for the socket */
    /* The blocked write waits until the socket is readable. */
    CONN_WRITE_READS = 1 << 2,
    CONN_READ_WRITES = 1 << 3, /* a read waits until the socket is writable */
    CONN_UNDER_WAY = 1 << 4,   /* the handshake has made its first step */
    CONN_EXPLAINS = 1 << 5,    /* it was refused: it has no client (explain.c) */
    CONN_WEB = 1 << 6,         /* it speaks HTTP: it has no client (web_conn.h) */
    CONN_CLIENTLESS = CONN_EXPLAINS | CONN_WEB,
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

/* NULL if its transport keeps no bytes of its own. */
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

/* A connection with `more` bytes behind the own bytes of its transport; its listener and
 * its client are not set. turns: l->turns. */
static inline struct conn_kept *
conn_new_kept(const struct transport *t, size_t more, uint32_t turns)
{
    struct conn_kept *k = xcalloc(1, sizeof *k + t->own + more);
    list_init(&k->more);
    list_init(&k->deadline);
    k->read_in = turns - 1;
    return k;
}

/* The bytes of k in l->kept_bytes. */
static inline size_t
kept_bytes_of(const struct conn_kept *k)
{
    const struct transport *t = conn_transport(&k->conn);
    size_t block = mem_block(sizeof *k + t->own) - mem_block(SESSION_CONN_BYTES);
    return k->state & CONN_HANDSHAKE ? block : block + t->library;
}

/* Watches the socket for input and, if a write is blocked, for room. */
void conn_watch(struct loop *l, struct conn *conn, bool blocked);
/* The same, after the transport waits for another event. */
void conn_watch_kept(struct loop *l, struct conn_kept *k);
/* Watches the socket for these events (EV_READ, EV_WRITE) only. */
void conn_watch_socket(struct loop *l, struct conn *conn, int events);

/* Begins to read and write: the handshake is done. */
void conn_begin(struct loop *l, struct conn_kept *k);

/* k, which has no client and whose handshake is done, becomes the connection of a new
 * client with these facts. If it is refused, it gets the line and is closed, and k is
 * freed. The watcher of k is stopped. */
void conn_adopt(struct loop *l, struct conn_kept *k,
                const struct connection_info *info);

/* Ends the client with the text of its transport or else of the errno `error`: "Read
 * error: Connection reset by peer". */
void conn_fail(struct loop *l, struct conn *conn, const char *what, int error);

/* Writes to a living client, once or until it is no longer over its limit. */
void conn_flush_living(struct loop *l, struct conn *conn);

#endif
