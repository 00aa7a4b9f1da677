/* The own bytes of a WebSocket connection, for the files that make a row of it. */
#ifndef SRC_NET_TRANSPORT_WS_H
#define SRC_NET_TRANSPORT_WS_H

#include "proto/ws_reader.h"
#include "transport.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ws_own {
    /* The row below; NULL: the handshake has not begun. */
    const struct transport *lower;
    struct ws_reader reader;
    char *control;  /* a frame to send between two lines; NULL: none. Owned */
    uint16_t skip;  /* bytes of the frame of the first unsent line that are sent */
    uint16_t begun; /* size of that frame, if skip is not 0 */
    uint16_t code;  /* for the close frame; 0: the reason of the end tells it */
    uint8_t control_size; /* bytes of control, */
    uint8_t control_sent; /* and those that are sent */
    bool control_begun;   /* control was given to the row below */
    /* The last write of lines did not end: the row below may keep bytes of it, so lines
     * go on before a control frame. */
    bool waits;
    bool is_binary; /* lines are sent as binary messages */
    uint8_t kept; /* enum transport_state: how a read ended behind its lines; else 0 */
    _Alignas(max_align_t) char below[]; /* own bytes of the row below */
};

/* Begins: the row below has made its handshake, the client has asked for WebSocket and
 * was answered. The client must have sent nothing behind its request (RFC 6455 4.1). */
void ws_begin(struct ws_own *o, bool is_binary);

#endif
