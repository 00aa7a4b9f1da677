/* Frames over the slow transport. The connection of this row begins with that of the
 * lower row: its functions get the same two arguments. The queue keeps a line until
 * its whole frame is sent, so a frame that was cut off is made again from the same
 * bytes. */
#include "framed.h"

#include "slow.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#define PIECE 65536

struct framed_own {
    _Alignas(16) char lower[16];
    size_t sent;  /* bytes of the frame of the first unsent line that are sent */
    bool in_line; /* the mark of the present line was read */
};

/* Removes the marks; false: one is wrong. */
static bool
unframe(struct framed_own *o, char *bytes, size_t *n)
{
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++) {
        if (!o->in_line && bytes[i] != '>')
            return false;
        if (o->in_line)
            bytes[kept++] = bytes[i];
        o->in_line = bytes[i] != '\n';
    }
    *n = kept;
    return true;
}

static enum transport_state
framed_read(int fd, void *own, char *out, size_t size, size_t *n)
{
    enum transport_state state = TRANSPORT_DONE;
    assert(slow_transport.own <= sizeof(((struct framed_own *)own)->lower));
    *n = 0;
    while (state == TRANSPORT_DONE && *n == 0) { /* a mark alone is no input yet */
        state = slow_transport.read(fd, own, out, size, n);
        if (unframe(own, out, n))
            continue;
        *n = 0;
        errno = EPROTO;
        return TRANSPORT_FAILED;
    }
    return state;
}

/* The frames of all lines in iov, one behind the other. */
static size_t
frame(const struct iovec *iov, int count, char out[PIECE])
{
    size_t n = 0;
    bool begins = true;
    for (int v = 0; v < count; v++) {
        const char *bytes = iov[v].iov_base;
        for (size_t i = 0; i < iov[v].iov_len && n < PIECE - 2; i++) {
            if (begins)
                out[n++] = '<';
            out[n++] = bytes[i];
            begins = bytes[i] == '\n';
        }
    }
    return n;
}

/* The bytes of lines in the whole frames among the first `sent` of the piece; the rest
 * of these is o->sent. */
static size_t
whole_lines(struct framed_own *o, const char *piece, size_t sent)
{
    size_t lines = 0, at = 0;
    const char *end;
    while ((end = memchr(piece + at, '\n', sent - at)) != NULL) {
        lines += (size_t)(end - piece) - at; /* the mark is no part of the line */
        at = (size_t)(end - piece) + 1;
    }
    o->sent = sent - at;
    return lines;
}

static enum transport_state
framed_write(int fd, void *own, struct iovec *iov, int count, bool last, size_t *n)
{
    static char piece[PIECE];
    struct framed_own *o = own;
    size_t all = frame(iov, count, piece), got = 0;
    struct iovec rest = {piece + o->sent, all - o->sent};
    enum transport_state state = slow_transport.write(fd, own, &rest, 1, last, &got);
    *n = whole_lines(o, piece, o->sent + got);
    return state;
}

static bool
framed_has_pending(int fd, void *own)
{
    return slow_transport.has_pending(fd, own);
}

static bool
framed_finish(int fd, void *own, enum transport_end why)
{
    return slow_transport.finish(fd, own, why);
}

static void
framed_close(int fd, void *own, enum transport_end why)
{
    slow_transport.close(fd, own, why);
}

static void
framed_refuse(int fd, const char *line, bool last)
{
    slow_transport.refuse(fd, line, last);
}

const struct transport framed_transport = {
    .name = "framed",
    .own = sizeof(struct framed_own),
    .read = framed_read,
    .has_pending = framed_has_pending,
    .write = framed_write,
    .finish = framed_finish,
    .close = framed_close,
    .refuse = framed_refuse,
};
