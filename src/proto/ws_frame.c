/* Frames that a server sends are not masked (RFC 6455 5.1). The size of a frame follows
 * from its line, and the size of a line from its frame: both directions are computed
 * from the bytes alone, so that a short write needs no note of where lines begin. This
 * file must never split a line over two frames. */
#include "proto/ws_frame.h"

#include "base/attr.h"
#include "proto/utf8.h"

#include <assert.h>
#include <string.h>

#define FINAL 0x80
#define LENGTH_16 126 /* two bytes of length follow (RFC 6455 5.2) */

static size_t
frame_header_size(size_t payload)
{
    return payload <= WS_CONTROL_MAX ? 2 : 4;
}

/* Returns the size of the header. */
static size_t
write_frame_header(char *out, enum ws_opcode opcode, size_t payload)
{
    out[0] = (char)(FINAL | opcode);
    if (payload <= WS_CONTROL_MAX) {
        out[1] = (char)payload;
        return 2;
    }
    out[1] = LENGTH_16;
    out[2] = (char)(payload >> 8);
    out[3] = (char)payload;
    return 4;
}

ATTR_HOT size_t
ws_frame_lines(enum ws_opcode opcode, const char *from, size_t n, char *out,
               size_t room, size_t *taken)
{
    size_t made = 0;
    *taken = 0;
    while (*taken < n) {
        const char *line = from + *taken, *end = memchr(line, '\n', n - *taken);
        if (end == NULL)
            break;
        assert(end > line && end[-1] == '\r');
        size_t payload = (size_t)(end - line) - 1;
        assert(payload <= WS_LINE_MAX);
        if (payload + frame_header_size(payload) > room - made)
            break;
        made += write_frame_header(out + made, opcode, payload);
        memcpy(out + made, line, payload);
        made += payload;
        *taken += payload + 2;
    }
    return made;
}

size_t
ws_frame_size(const char *frames)
{
    const unsigned char *b = (const unsigned char *)frames;
    if (b[1] <= WS_CONTROL_MAX)
        return 2u + b[1];
    return 4u + ((size_t)b[2] << 8 | b[3]);
}

/* A line has two bytes of its own, and its frame a header. */
ATTR_HOT size_t
ws_frame_sent(const char *frames, size_t sent, size_t *rest)
{
    size_t lines = 0, at = 0;
    while (at < sent) {
        size_t size = ws_frame_size(frames + at);
        if (size > sent - at)
            break;
        at += size;
        lines += size <= WS_CONTROL_ROOM ? size : size - 2;
    }
    *rest = sent - at;
    return lines;
}

size_t
ws_frame_control(enum ws_opcode opcode, const char *payload, size_t n,
                 char out[WS_CONTROL_ROOM])
{
    assert(n <= WS_CONTROL_MAX);
    size_t header = write_frame_header(out, opcode, n);
    memmove(out + header, payload, n);
    return header + n;
}

size_t
ws_frame_close(uint16_t code, const char *reason, char out[WS_CONTROL_ROOM])
{
    char payload[WS_CONTROL_MAX + 1];
    if (code == 0)
        return ws_frame_control(WS_CLOSE, "", 0, out);
    payload[0] = (char)(code >> 8);
    payload[1] = (char)code;
    size_t n = utf8_copy(payload + 2, sizeof payload - 2, reason, WS_CONTROL_MAX - 2);
    return ws_frame_control(WS_CLOSE, payload, 2 + n, out);
}
