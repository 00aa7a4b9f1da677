/* Frames as a WebSocket client sends them, for tests. */
#ifndef TESTS_WS_CLIENT_FRAME_H
#define TESTS_WS_CLIENT_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define WS_CLIENT_HEADER 14 /* bytes of a header at most */

/* Writes a masked frame in its shortest form. first: its first byte, the opcode and the
 * bits in front of it. Returns the size of the frame. */
static inline size_t
ws_client_frame(char *out, unsigned first, const char *payload, size_t n, uint32_t mask)
{
    size_t at = 0;
    out[at++] = (char)first;
    out[at++] = (char)(0x80 | (n < 126 ? n : n < 65536 ? 126 : 127));
    for (int bits = n < 126 ? 0 : n < 65536 ? 16 : 64; bits > 0; bits -= 8)
        out[at++] = (char)((uint64_t)n >> (bits - 8));
    for (int bits = 32; bits > 0; bits -= 8)
        out[at++] = (char)(mask >> (bits - 8));
    for (size_t i = 0; i < n; i++)
        out[at + i] = (char)((unsigned char)payload[i] ^ mask >> (24 - i % 4 * 8));
    return at + n;
}

#endif
