/* What carries the bytes of a connection: a const table of functions. Plain sockets are
 * one row; a row that encrypts, frames or reads a header first is another. The callers
 * (conn.c, listen.c) know no kind of transport by name.
 *
 * A row gets the descriptor and `own`, its own bytes of that connection (zeroed at the
 * start, aligned for any type). A row over another row begins its own bytes with those
 * of the lower row and calls the lower row's functions with the same two arguments.
 * No function blocks. */
#ifndef SRC_NET_TRANSPORT_H
#define SRC_NET_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

struct connection_info;
struct iovec;

/* How a handshake, a read or a write has ended. */
enum transport_state {
    TRANSPORT_DONE,
    TRANSPORT_WAITS_READ,  /* call again when the socket is readable, */
    TRANSPORT_WAITS_WRITE, /* or writable. A read may wait for either, a write too */
    TRANSPORT_END,         /* the peer sends no more; a write never says so */
    TRANSPORT_FAILED       /* errno says why */
};

/* Why a connection ends, for a row that tells its peer. */
enum transport_end {
    TRANSPORT_LEFT,    /* the client has left, or its connection has failed */
    TRANSPORT_KILLED,  /* the server has ended the client */
    TRANSPORT_STOPPED, /* the server ends */
    TRANSPORT_UNMADE   /* its handshake was not done */
};

struct transport {
    const char *name; /* of the kind, for logs */
    /* Bytes of its own for a connection. 0: it keeps nothing; then it has no handshake
     * and no pending bytes, a read waits only for the socket to be readable and a
     * write only for it to be writable. */
    size_t own;

    /* One step of what comes before the first byte of IRC; NULL: nothing does. Called
     * at the end of a turn in which the socket was readable, from the second time on
     * in which it was what the answer has asked for; of all connections those that wait
     * longest come first, a few in a turn (handshake.c). What it has looked at and
     * waits for more of, it must have taken from the socket, or the loop spins.
     * `context` is the listener's. Until TRANSPORT_DONE nothing is read or written, and
     * a client that ends gets no last line. registration_timeout bounds it, counted
     * from accept. */
    enum transport_state (*handshake)(int fd, void *own, const void *context);

    /* What the row has learned of the other side, asked once after the handshake; NULL:
     * nothing. *info holds what is known so far; true: the row has changed it. What
     * *info points to is borrowed until the next call on this connection. */
    bool (*peer)(int fd, void *own, struct connection_info *info);

    /* At most size bytes into out. TRANSPORT_DONE: *n > 0 of them. Else *n is 0. */
    enum transport_state (*read)(int fd, void *own, char *out, size_t size, size_t *n);

    /* Whether a read would give bytes now, without the socket; NULL: never. Asked after
     * a handshake or read that was TRANSPORT_DONE. Bytes that still need others from
     * the socket, such as half of an encrypted record, are no such bytes. */
    bool (*has_pending)(int fd, void *own);

    /* Sends the bytes of iov. TRANSPORT_DONE: all of them, and the socket may take
     * more. Else the first *n of them. `last`: the end of the stream follows, so that
     * bytes may be kept for its packet. After a wait the caller comes back with the
     * bytes that are left, perhaps at another address and with more behind them. */
    enum transport_state (*write)(int fd, void *own, struct iovec *iov, int count,
                                  bool last, size_t *n);

    /* The row's own words for the last TRANSPORT_FAILED of this connection, as text;
     * NULL, the function or its answer: those of errno. Borrowed until the next call.
     */
    const char *(*fault)(int fd, void *own);

    /* Says in the transport's own words, as far as the socket takes them at once, that
     * nothing more will be sent, then ends sending and gives back what own holds. The
     * descriptor stays open, to be drained. False: the connection is gone already. */
    bool (*finish)(int fd, void *own, enum transport_end why);

    /* The same where nothing is to be drained: also closes the descriptor. Each
     * connection is ended by exactly one of finish and close. */
    void (*close)(int fd, void *own, enum transport_end why);

    /* Tells a connection that is not let in, before any handshake, as much of the line
     * (CRLF included) as the transport can tell. `last` as above. */
    void (*refuse)(int fd, const char *line, bool last);
};

/* TCP as it comes. */
extern const struct transport transport_plain;

/* --- what holds for the socket under every transport --- */

/* Ends sending. False: the connection is gone already. */
bool socket_finish(int fd);

/* Reads what has come, in at most `rounds` pieces, and forgets it. buffer: size bytes
 * of scratch. True: nothing more can come. */
bool socket_discard(int fd, char *buffer, size_t size, int rounds);

/* Whether bytes wait that no call has read: closing would then reset the connection,
 * and with it the last line. */
bool socket_has_unread(int fd);

#endif
