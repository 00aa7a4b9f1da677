/* Frames of a WebSocket client: in one piece, in random pieces and byte by byte the
 * stream gives the same lines, control frames and fault. A line has no CR, LF or NUL and
 * is not too long. What came as lines is framed by the server and comes out the same.
 * Input: a seed of splits, the stream. The bytes of masks are as they come. */
#include "base/mem.h"
#include "fuzz.h"
#include "proto/ws_reader.h"

#include <stdlib.h>
#include <string.h>

/* What a reader has given, one behind the other. A control frame is its kind, its size
 * and its payload; it does not end a line. */
struct given {
    char *lines, *controls;
    size_t n_lines, whole, n_controls;
    enum ws_fault fault;
    bool closed;
};

static void
take_given(struct given *g, enum ws_got got, const struct ws_control *c)
{
    if (got != WS_GOT_PING && got != WS_GOT_CLOSE)
        return;
    MUST(c->n <= WS_CONTROL_MAX && (got == WS_GOT_CLOSE || c->code == 0));
    MUST(got == WS_GOT_PING || (c->code == 0) == (c->n == 0));
    g->controls[g->n_controls++] = (char)got;
    g->controls[g->n_controls++] = (char)c->n;
    memcpy(g->controls + g->n_controls, c->payload, c->n);
    g->n_controls += c->n;
}

/* Reads one piece in a block of exactly its size and the byte in front. */
static bool
read_exactly(struct ws_reader *r, struct given *g, const uint8_t *bytes, size_t n)
{
    char *room = xmalloc(n + 1);
    struct ws_piece p = {room + 1, n, room, room};
    struct ws_control control;
    enum ws_got got;
    memcpy(room + 1, bytes, n);
    do {
        got = ws_read(r, &p, &control);
        MUST(p.lines <= p.out && p.out <= p.at);
        take_given(g, got, &control);
    } while (got == WS_GOT_PING);
    MUST(got != WS_GOT_MORE || p.n == 0);
    MUST(got != WS_GOT_FAULT || (p.out == p.lines && r->fault != WS_FAULT_NONE));
    memcpy(g->lines + g->n_lines, room, (size_t)(p.out - room));
    if (p.lines > room)
        g->whole = g->n_lines + (size_t)(p.lines - room);
    g->n_lines += (size_t)(p.out - room);
    g->fault = r->fault;
    g->closed = got == WS_GOT_CLOSE;
    free(room);
    return got == WS_GOT_MORE;
}

/* Reads the stream in pieces of at most `most` bytes. */
static void
read_all(struct given *g, const struct fuzz_input *in, unsigned seed, size_t most)
{
    struct ws_reader r = {0};
    size_t n = (size_t)(in->end - in->at);
    *g = (struct given){.lines = xmalloc(n + 1), .controls = xmalloc(n + 1)};
    bool goes_on = true;
    for (size_t at = 0, part; at < n && goes_on; at += part) {
        seed = seed * 1103515245u + 12345u;
        part = 1 + (seed >> 16) % most;
        part = most == SIZE_MAX || part > n - at ? n - at : part;
        goes_on = read_exactly(&r, g, in->at + at, part);
    }
    ws_reader_clear(&r);
}

static void
check_same_given(const struct given *a, const struct given *b)
{
    MUST(a->fault == b->fault && a->closed == b->closed && a->whole == b->whole);
    MUST(memcmp(a->lines, b->lines, a->whole) == 0);
    MUST(a->n_controls == b->n_controls);
    MUST(memcmp(a->controls, b->controls, a->n_controls) == 0);
}

/* The lines, with the CR LF of a send queue, are whole frames. */
static void
check_framed(const char *line, size_t n)
{
    size_t taken, rest;
    char *queued = xmalloc(n + 2), *frame = xmalloc(n + 4);
    memcpy(queued, line, n);
    memcpy(queued + n, "\r\n", 2);
    size_t size = ws_frame_lines(WS_TEXT, queued, n + 2, frame, n + 4, &taken);
    MUST(taken == n + 2 && size == n + (n < 126 ? 2 : 4));
    MUST(memcmp(frame + size - n, line, n) == 0);
    MUST(ws_frame_sent(frame, size, &rest) == n + 2 && rest == 0);
    MUST(ws_frame_sent(frame, size - 1, &rest) == 0 && rest == size - 1);
    free(queued);
    free(frame);
}

static void
check_lines(const struct given *g)
{
    for (const char *line = g->lines, *end; line < g->lines + g->whole;
         line = end + 1) {
        end = memchr(line, '\n', g->whole - (size_t)(line - g->lines));
        MUST(end != NULL && end - line <= WS_MESSAGE_MAX);
        size_t n = (size_t)(end - line);
        MUST(memchr(line, '\r', n + 1) == NULL && memchr(line, '\0', n + 1) == NULL);
        check_framed(line, n);
    }
}

static void
free_given(struct given *g)
{
    free(g->lines);
    free(g->controls);
}

int
fuzz_wsframe(const uint8_t *bytes, size_t n)
{
    struct fuzz_input in = {bytes, bytes + n};
    struct given whole, other;
    unsigned seed = fuzz_byte(&in);
    static const size_t most[] = {1, 5, 200};
    read_all(&whole, &in, seed, SIZE_MAX);
    check_lines(&whole);
    for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
        read_all(&other, &in, seed, most[i]);
        check_same_given(&whole, &other);
        free_given(&other);
    }
    free_given(&whole);
    return 0;
}
