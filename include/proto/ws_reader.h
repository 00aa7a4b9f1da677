/* Reads the frames of a WebSocket client (RFC 6455): a stream of bytes becomes lines of
 * IRC. */
#ifndef PROTO_WS_READER_H
#define PROTO_WS_READER_H

#include "base/msec.h"
#include "proto/utf8.h"
#include "proto/ws_frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WS_MESSAGE_MAX 4604 /* bytes of a message: 510 and 4,094 of client tags */
#define WS_HEADER_MAX 14    /* bytes of the longest header of a frame */
#define WS_PING_GAP (10 * MSEC_SECOND) /* the least time between two pings */

enum ws_fault {
    WS_FAULT_NONE,
#define FAULT(NAME, code, text) WS_FAULT_##NAME,
#include "proto/ws_faults.def"
#undef FAULT
    WS_FAULTS /* their number, with NONE */
};

/* The payload of a control frame. */
struct ws_control {
    uint16_t code; /* of a close frame; 0: it has none */
    uint8_t n;     /* bytes of payload */
    char payload[WS_CONTROL_MAX];
};

/* The state between two pieces of a stream. A zeroed struct is the start of one. */
struct ws_reader {
    struct ws_control *control; /* an unfinished control frame; NULL: none. Owned */
    msec pinged;                /* when the last ping came, if has_pinged */
    uint16_t left;    /* bytes of the payload of the present frame that are missing */
    uint16_t message; /* bytes of the present message, as far as its headers tell */
    uint8_t have;     /* bytes in header */
    uint8_t header[WS_HEADER_MAX];
    uint8_t mask;    /* index of the next byte of the mask */
    uint8_t fault;   /* enum ws_fault */
    bool in_payload; /* the header is whole */
    bool in_message; /* frames of the present message are missing */
    bool is_text;    /* the present message is text */
    bool is_closed;  /* a close frame has come */
    bool has_pinged;
    struct utf8_pieces utf8; /* of the present text */
};

enum ws_got {
    WS_GOT_MORE,  /* all bytes are taken */
    WS_GOT_PING,  /* a ping, with its payload in *control; call again */
    WS_GOT_CLOSE, /* a close frame, with its code in *control; nothing follows it */
    WS_GOT_FAULT  /* the client has broken a rule: r->fault */
};

/* A piece of a stream, and where the lines go. */
struct ws_piece {
    char *at; /* the next byte of the stream */
    size_t n; /* bytes from there on */
    /* Behind the bytes of lines so far; at least one byte in front of `at` before the
     * first call for the piece. */
    char *out;
    char *lines; /* behind the last whole line; `out` at the start */
};

/* Reads frames until something has come that is not a line. Each message is one line
 * with LF behind it; the bytes of an unfinished message are given as they come. After a
 * fault the piece gives none of the broken message: out is lines. Messages are masked,
 * have the shortest form of length, at most WS_MESSAGE_MAX bytes, no CR, LF or NUL, and
 * are UTF-8 if they are text. Control frames may come between the frames of a message;
 * a pong is ignored. After WS_GOT_CLOSE or WS_GOT_FAULT each further call gives the
 * same and takes no bytes. The lines, and what comes between them, are the same however
 * the stream is split into pieces. */
enum ws_got ws_read(struct ws_reader *r, struct ws_piece *piece,
                    struct ws_control *control);

/* Whether a ping that has come now is answered: it is the first one, or the last one came
 * at least WS_PING_GAP before. False: r->fault is WS_FAULT_PINGS. now: monotonic. */
bool ws_reader_allows_ping(struct ws_reader *r, msec now);

/* Frees what r owns. */
void ws_reader_clear(struct ws_reader *r);

/* The code of the close frame for this fault; 0 for WS_FAULT_NONE. */
uint16_t ws_fault_code(enum ws_fault fault);
/* Its reason in lower case, a constant of at most 123 bytes; NULL for WS_FAULT_NONE. */
const char *ws_fault_text(enum ws_fault fault);

#endif
