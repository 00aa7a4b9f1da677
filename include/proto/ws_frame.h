/* Frames of WebSocket (RFC 6455) that a server sends: each line of IRC is one message of
 * one frame, without its CR LF. */
#ifndef PROTO_WS_FRAME_H
#define PROTO_WS_FRAME_H

#include <stddef.h>
#include <stdint.h>

/* Opcodes (RFC 6455 5.2). */
enum ws_opcode {
    WS_CONTINUATION = 0x0,
    WS_TEXT = 0x1,
    WS_BINARY = 0x2,
    WS_CLOSE = 0x8,
    WS_PING = 0x9,
    WS_PONG = 0xA
};

#define WS_CONTROL_MAX 125 /* bytes of the payload of a control frame */
#define WS_CONTROL_ROOM (WS_CONTROL_MAX + 2) /* bytes of a control frame */
#define WS_LINE_MAX 65535                    /* bytes of a line without its CR LF */

/* Copies the whole lines at the start of from[0..n) into out as frames with this opcode
 * (WS_TEXT or WS_BINARY), as many as have room there, and returns the bytes of the
 * frames. *taken: bytes of the copied lines, CR LF included. Each line must end with
 * CR LF and have at most WS_LINE_MAX bytes. A frame has at most two bytes more than its
 * line with CR LF, and none more if the line has at most 125 bytes. */
size_t ws_frame_lines(enum ws_opcode opcode, const char *from, size_t n, char *out,
                      size_t room, size_t *taken);

/* The bytes of lines, CR LF included, of the whole frames among frames[0..sent), which
 * ws_frame_lines has made. *rest: the bytes of the next frame among them. The header of
 * that frame must be readable. */
size_t ws_frame_sent(const char *frames, size_t sent, size_t *rest);

/* The bytes of the frame at frames, with its header, which must be readable. */
size_t ws_frame_size(const char *frames);

/* Writes a control frame (WS_CLOSE, WS_PING or WS_PONG) with n bytes of payload, at most
 * WS_CONTROL_MAX, and returns its size. out may have the payload at out + 2 already. */
size_t ws_frame_control(enum ws_opcode opcode, const char *payload, size_t n,
                        char out[WS_CONTROL_ROOM]);

/* A close frame with this code (0: none) and reason, which is cut to fit at a character
 * of UTF-8; its size. */
size_t ws_frame_close(uint16_t code, const char *reason, char out[WS_CONTROL_ROOM]);

#endif
