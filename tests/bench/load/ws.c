/* Frames of WebSocket (RFC 6455), as a client sends and gets them. They are written here
 * anew: a generator that used the code of the server could not find its faults. */
#include "load.h"

#include <string.h>

enum {
    FINAL_TEXT = 0x81, /* the last frame of a message, which is text */
    MASKED = 0x80,     /* in the second byte */
    SHORT = 125,       /* bytes of a payload with its length in one byte, at most */
    LENGTH_16 = 126,   /* two bytes of length follow */
    MASK_SIZE = 4,
};

/* The key of the example in RFC 6455 1.3, and the answer to it. */
const char ws_request[] = "GET /irc HTTP/1.1\r\n"
                          "Host: 127.0.0.1\r\n"
                          "Upgrade: websocket\r\n"
                          "Connection: Upgrade\r\n"
                          "Sec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Protocol: text.ircv3.net\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                          "\r\n";
#define WS_ACCEPTED "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"

size_t
ws_take_answer(const char *bytes, size_t n)
{
    const char *end = strstr(bytes, "\r\n\r\n");

    if (!end) {
        if (n >= LINE_SIZE)
            die("no end of an answer: %.200s", bytes);
        return 0;
    }
    if (strncmp(bytes, "HTTP/1.1 101 ", 13) != 0 || !strstr(bytes, WS_ACCEPTED))
        die("no WebSocket: %.300s", bytes);
    return (size_t)(end + 4 - bytes);
}

static size_t
mask_line(const char *line, size_t n, char *out)
{
    static const unsigned char mask[MASK_SIZE] = {0x37, 0xfa, 0x21, 0x3d};
    size_t at = 0;

    out[at++] = (char)FINAL_TEXT;
    out[at++] = (char)(MASKED | (n <= SHORT ? n : LENGTH_16));
    if (n > SHORT) {
        out[at++] = (char)(n >> 8);
        out[at++] = (char)n;
    }
    memcpy(out + at, mask, MASK_SIZE);
    at += MASK_SIZE;
    for (size_t i = 0; i < n; i++)
        out[at++] = (char)((unsigned char)line[i] ^ mask[i % MASK_SIZE]);
    return at;
}

size_t
ws_mask_lines(const char *bytes, size_t n, char *out)
{
    size_t made = 0;

    for (const char *end; n > 0; n -= (size_t)(end + 1 - bytes), bytes = end + 1) {
        end = memchr(bytes, '\n', n);
        if (!end || end == bytes || end[-1] != '\r')
            die("a client says half a line");
        size_t line = (size_t)(end - 1 - bytes);
        if (made + line + 4 + MASK_SIZE > WS_SAID)
            die("a client says too much");
        made += mask_line(bytes, line, out + made);
    }
    return made;
}

char *
ws_take_frame(char *bytes, size_t n, size_t *size)
{
    const unsigned char *b = (const unsigned char *)bytes;
    size_t header = 2;

    if (n < header || (b[1] == LENGTH_16 && n < header + 2))
        return NULL;
    if (b[0] != FINAL_TEXT || b[1] > LENGTH_16)
        die("a frame begins with %02x %02x", b[0], b[1]);
    *size = b[1];
    if (b[1] == LENGTH_16) {
        header += 2;
        *size = (size_t)b[2] << 8 | b[3];
        if (*size <= SHORT)
            die("a frame of %zu bytes has the long form", *size);
    }
    return header + *size <= n ? bytes + header : NULL;
}
