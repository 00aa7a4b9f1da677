/* A transport carries the bytes of a connection: a const table of functions, called a
 * row. Plain sockets are one row; a row that encrypts, frames or reads a header first
 * is another. The callers know no kind of transport by name; listen.c chooses it.
 *
 * A row gets the descriptor and `own`, its own bytes of that connection (zeroed at the
 * start, aligned for any type). A row over another row has the own bytes of the lower row
 * within its own, aligned for any type, and calls the lower row's functions with them. No
 * function blocks. */
#ifndef SRC_NET_TRANSPORT_H
#define SRC_NET_TRANSPORT_H

#include "base/gather.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct connection_info;
struct iovec;

/* How a handshake, a read or a write has ended. Each of them may wait for either
 * event. */
enum transport_state {
    TRANSPORT_DONE,
    TRANSPORT_WAITS_READ,  /* call again when the socket is readable */
    TRANSPORT_WAITS_WRITE, /* call again when the socket is writable */
    TRANSPORT_END,         /* the peer sends no more; never the end of a write */
    TRANSPORT_FAILED       /* failed; errno has the error */
};

/* The form in which a write gets the lines of a queue. */
enum transport_form {
    TRANSPORT_LINES,     /* as they are */
    TRANSPORT_WS_TEXT,   /* frames of WebSocket (proto/ws_frame.h) */
    TRANSPORT_WS_BINARY, /* the same with the opcode of binary messages */
    TRANSPORT_FORMS      /* their number */
};

/* Makes each form, by enum transport_form; NULL for TRANSPORT_LINES. */
extern gather_form *const transport_forms[TRANSPORT_FORMS];

/* Why a connection ends, for a row that tells its peer. */
enum transport_end {
    TRANSPORT_LEFT,    /* the client has left, or its connection has failed */
    TRANSPORT_KILLED,  /* the server has ended the client */
    TRANSPORT_STOPPED, /* the server ends */
    TRANSPORT_UNMADE   /* the handshake was not done */
};

struct transport {
    const char *name; /* name of the kind, for logs and metrics */
    /* Size of its own bytes of a connection. 0: none; then the row has no handshake and
     * no pending bytes, a read waits only for the socket to be readable, and a write
     * only for it to be writable. */
    size_t own;
    /* A write gets one vector that holds as many of the bytes as there are (gather_flat),
     * for a row that encrypts. Not with own = 0. */
    bool flat;
    /* The form of this connection; NULL: TRANSPORT_LINES. Only if flat: the vector holds
     * the lines from the first unsent one on, in this form, and a write gets in *n
     * how many bytes of the queue these are, and tells how many of whole lines it has
     * sent. The row keeps how much of the next line it has sent. */
    enum transport_form (*form)(const void *own);
    bool encrypts; /* its clients are secure from accept on: no byte comes earlier */
    bool drains;   /* its clients answer the end, so each connection is drained */
    /* `refuse` cannot send the line: if the budget allows, a refused connection makes
     * the handshake and gets the line then (explain.c). */
    bool explains;

    /* Bytes that a library keeps for a connection beside `own`, as measured: once the
     * handshake is done, within it, and for a part (has_part). For STATS z only. */
    uint32_t library, library_handshake, library_part;

    /* One step of the handshake, which comes before the first byte of IRC; NULL: there
     * is none. The first step is made when the socket is readable, each further step
     * when the socket is ready for the event that the last step asked for. A turn makes
     * a few steps at its end, the longest waiting connections first (handshake.c). A
     * step that waits for more bytes must have taken those it has seen from the socket,
     * or the loop spins. `context` is the listener's. Until TRANSPORT_DONE nothing is
     * read or written, and a client that ends gets no last line.
     * tls_limits.handshake_timeout and registration_timeout, counted from accept, bound
     * the handshake. */
    enum transport_state (*handshake)(int fd, void *own, const void *context);

    /* The facts that the row has learned of the client, asked for once after the
     * handshake; NULL: it learns none. *info holds the facts known so far. True: the
     * row has changed it. Texts in *info are borrowed until the next call on this
     * connection. */
    bool (*peer)(int fd, void *own, struct connection_info *info);

    /* The version of the protocol that encrypts ("TLSv1.3"; static), after the handshake;
     * NULL: the row does not encrypt. For metrics only. */
    const char *(*version)(void *own);

    /* Reads at most size bytes into out. TRANSPORT_DONE: *n > 0 bytes were read. Else
     * *n is 0. */
    enum transport_state (*read)(int fd, void *own, char *out, size_t size, size_t *n);

    /* Whether a read would give bytes now, without the socket; NULL: never. Asked after
     * a handshake or read that was TRANSPORT_DONE. Bytes that are incomplete without
     * more from the socket, such as half of an encrypted record, do not count. */
    bool (*has_pending)(int fd, void *own);

    /* Whether the row keeps a part of something that cannot be read yet, such as half of
     * an encrypted record, in memory of its own; NULL: never. Asked after each read. A
     * part that stays for limits.ping_timeout ends its client. */
    bool (*has_part)(int fd, void *own);

    /* Sends the bytes of iov. TRANSPORT_DONE: all of them, and the socket may take
     * more. Else *n is how many were sent. `last`: the end of the stream follows, so
     * bytes may be kept back for its packet. Queues of other clients share the bytes, so
     * a row that changes them sends a copy. After a wait the caller passes the bytes
     * that are left, perhaps at another address and with more behind them. */
    enum transport_state (*write)(int fd, void *own, struct iovec *iov, int count,
                                  bool last, size_t *n);

    /* The row's own text for the last TRANSPORT_FAILED of this connection, borrowed
     * until the next call. If the function or its answer is NULL, the text of errno is
     * used. */
    const char *(*fault)(int fd, void *own);

    /* Ends sending: tells the peer in the transport's own protocol, as far as the
     * socket takes it at once, then shuts down that side and frees what own holds. The
     * descriptor stays open to be drained. False: the connection is gone already. */
    bool (*finish)(int fd, void *own, enum transport_end why);

    /* The same without a drain: also closes the descriptor. Each connection is ended by
     * exactly one of finish and close. */
    void (*close)(int fd, void *own, enum transport_end why);

    /* Sends the line (CRLF included) to a refused connection, before any handshake, as
     * far as the transport can. `last` as for write. */
    void (*refuse)(int fd, const char *line, bool last);
};

/* The answer to a PROXY header on a listener without proxy = true. */
#define TRANSPORT_NO_HEADER "ERROR :Closing Link: (This port takes no PROXY header)\r\n"

/* Plain sockets, of TCP or unix. */
extern const struct transport transport_plain;
/* TLS over it; the context of its listeners is a struct tls ** (net/tls.h). */
extern const struct transport transport_tls;

/* The handshake of transport_tls for a row of HTTP over it: no certificate is asked for,
 * http/1.1 is the protocol (ALPN), and a request without TLS is answered. */
enum transport_state transport_tls_handshake_web(int fd, void *own,
                                                 const void *context);

/* For a row over transport_tls: its own bytes at most, and the bytes that OpenSSL 3.0
 * keeps, as the test tls_costs counts them. */
#define TRANSPORT_TLS_OWN 80
#define TRANSPORT_TLS_LIBRARY 14300
#define TRANSPORT_TLS_LIBRARY_HANDSHAKE 44300 /* from the client's first bytes on */
#define TRANSPORT_TLS_LIBRARY_PART 16700

/* WebSocket over either of them. */
extern const struct transport transport_ws, transport_wss;

/* --- the socket below every transport --- */

/* Ends sending. False: the connection is gone already. */
bool socket_finish(int fd);

/* Reads and drops the input that has come, with at most `rounds` calls. buffer: size
 * bytes of scratch. True: no more can come. */
bool socket_discard(int fd, char *buffer, size_t size, int rounds);

/* Copies bytes that have come, which stay in the socket's queue. TRANSPORT_DONE: *n > 0
 * bytes. Else *n is 0. */
enum transport_state socket_peek(int fd, char *out, size_t size, size_t *n);

/* Takes exactly n bytes that socket_peek has shown. scratch: room for n bytes. False: they
 * are not there. */
bool socket_take(int fd, char *scratch, size_t n);

/* Makes a listening socket listen no longer. It stays bound, so it can listen again. The
 * connections that wait in its queue are lost. False: the kernel cannot do it. */
bool socket_halt(int fd);

/* Whether unread bytes wait: closing would then reset the connection and lose the last
 * line. */
bool socket_has_unread(int fd);

#endif
