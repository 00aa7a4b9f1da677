/* The transport of WebSocket (RFC 6455) over plain sockets or TLS.
 *
 * The queue of a client is copied as frames (transport.h, transport_form), so a write
 * gets frames, and queues that are equal share them. The queue keeps a line until its
 * whole frame is sent: a frame that was cut off is made again from the same bytes. A
 * control frame goes between two lines. Input is unmasked in the buffer of the read.
 * This file must never send a part of a frame and then something else. */
#include "transport_ws.h"

#include "base/attr.h"
#include "base/mem.h"
#include "base/str.h"
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define ERROR_ROOM 200 /* bytes: a line with the longest sentence of a fault */

/* --- the forms of a queue --- */

static ATTR_HOT size_t
form_ws_text(const char *from, size_t n, char *out, size_t room, size_t *taken)
{
    return ws_frame_lines(WS_TEXT, from, n, out, room, taken);
}

static ATTR_HOT size_t
form_ws_binary(const char *from, size_t n, char *out, size_t room, size_t *taken)
{
    return ws_frame_lines(WS_BINARY, from, n, out, room, taken);
}

gather_form *const transport_forms[TRANSPORT_FORMS] = {
    [TRANSPORT_WS_TEXT] = form_ws_text,
    [TRANSPORT_WS_BINARY] = form_ws_binary,
};

static enum transport_form
choose_ws_form(const void *own)
{
    const struct ws_own *o = own;
    return o->is_binary ? TRANSPORT_WS_BINARY : TRANSPORT_WS_TEXT;
}

/* --- writing --- */

static enum transport_state
fail_ws_write(int error)
{
    errno = error;
    return TRANSPORT_FAILED;
}

static void
drop_ws_control(struct ws_own *o)
{
    free(o->control);
    o->control = NULL;
    o->control_sent = 0;
    o->control_begun = false;
}

/* Whether a frame of its own may be sent now. The one that has begun goes on first. */
static bool
is_between_lines(const struct ws_own *o)
{
    return o->control_begun || (o->skip == 0 && !o->waits);
}

/* Sends the control frame, if there is one and its turn has come. */
static enum transport_state
send_ws_control(struct ws_own *o, int fd, bool last)
{
    if (o->control == NULL || !is_between_lines(o))
        return TRANSPORT_DONE;
    struct iovec rest = {o->control + o->control_sent,
                         (size_t)o->control_size - o->control_sent};
    size_t sent = 0;
    o->control_begun = true;
    enum transport_state state = o->lower->write(fd, o->below, &rest, 1, last, &sent);
    o->control_sent = (uint8_t)(o->control_sent + sent);
    if (state == TRANSPORT_DONE)
        drop_ws_control(o);
    return state;
}

/* A client may be ended with its queue emptied (limits.sendq_total). A frame that was
 * begun cannot be ended then, and nothing else can be said. */
static bool
is_begun_frame(const struct ws_own *o, const struct iovec *piece)
{
    return o->skip == 0 ||
           (piece->iov_len > o->skip && ws_frame_size(piece->iov_base) == o->begun);
}

/* lines: the bytes of all lines of the piece, so that a write that takes all of it needs
 * no look at the frames. */
static ATTR_HOT enum transport_state
send_ws_lines(struct ws_own *o, int fd, const struct iovec *piece, bool last,
              size_t lines, size_t *n)
{
    char *frames = piece->iov_base;
    struct iovec left = {frames + o->skip, piece->iov_len - o->skip};
    size_t sent = 0, skip = 0;
    enum transport_state state = o->lower->write(fd, o->below, &left, 1, last, &sent);
    sent += o->skip;
    *n = sent == piece->iov_len ? lines : ws_frame_sent(frames, sent, &skip);
    size_t begun = skip > 0 ? ws_frame_size(frames + sent - skip) : 0;
    assert(begun <= UINT16_MAX);
    o->skip = (uint16_t)skip;
    o->begun = (uint16_t)begun;
    o->waits = state != TRANSPORT_DONE;
    return state;
}

static ATTR_HOT enum transport_state
ws_write(int fd, void *own, struct iovec *iov, int count, bool last, size_t *n)
{
    struct ws_own *o = own;
    size_t lines = *n;
    *n = 0;
    assert(count == 1);
    (void)count;
    if (!is_begun_frame(o, iov))
        return fail_ws_write(EPIPE);
    enum transport_state state = send_ws_control(o, fd, false);
    if (state != TRANSPORT_DONE)
        return state;
    state = send_ws_lines(o, fd, iov, last, lines, n);
    if (state == TRANSPORT_DONE && send_ws_control(o, fd, last) == TRANSPORT_FAILED)
        return TRANSPORT_FAILED;
    return state;
}

/* --- reading --- */

/* Queues the answer to a ping. An older answer that has not begun is replaced (RFC 6455
 * 5.5.3). */
static void
answer_ws_ping(struct ws_own *o, int fd, const struct ws_control *ping)
{
    if (!ws_reader_allows_ping(&o->reader, loop_monotonic()) || o->control_begun)
        return;
    drop_ws_control(o);
    o->control = xmalloc(WS_CONTROL_ROOM);
    o->control_size =
        (uint8_t)ws_frame_control(WS_PONG, ping->payload, ping->n, o->control);
    send_ws_control(o, fd, false); /* the next write goes on, and tells a failure */
}

/* Notes that the client has ended the WebSocket, or has to be ended. */
static void
keep_ws_end(struct ws_own *o, enum transport_state state, uint16_t code)
{
    o->kept = (uint8_t)state;
    o->code = code;
}

/* Makes lines of n bytes at out + 1; the number of their bytes at out. */
static size_t
take_ws_frames(struct ws_own *o, int fd, char *out, size_t n)
{
    struct ws_piece p = {out + 1, n, out, out};
    struct ws_control control;
    enum ws_got got;
    while ((got = ws_read(&o->reader, &p, &control)) == WS_GOT_PING)
        answer_ws_ping(o, fd, &control);
    if (got == WS_GOT_CLOSE)
        keep_ws_end(o, TRANSPORT_END, control.code);
    if (got == WS_GOT_FAULT)
        keep_ws_end(o, TRANSPORT_FAILED, ws_fault_code(o->reader.fault));
    size_t made = (size_t)(p.out - out);
    mem_wipe(out + made, n + 1 - made); /* a password may be in it, and its mask */
    return made;
}

static bool
has_more_below(struct ws_own *o, int fd)
{
    return o->lower->has_pending && o->lower->has_pending(fd, o->below);
}

/* A whole read without a byte of a line is a flood of frames without data, because a
 * client has no reason for more than a few of them. */
static void
judge_empty_frames(struct ws_own *o, size_t taken, size_t size)
{
    if (o->kept || taken < size)
        return;
    o->reader.fault = WS_FAULT_NO_DATA;
    keep_ws_end(o, TRANSPORT_FAILED, ws_fault_code(WS_FAULT_NO_DATA));
}

static ATTR_HOT enum transport_state
ws_transport_read(int fd, void *own, char *out, size_t size, size_t *n)
{
    struct ws_own *o = own;
    size_t taken = 0, got;
    *n = 0;
    while (*n == 0 && !o->kept) {
        enum transport_state state =
            o->lower->read(fd, o->below, out + 1, size - 1, &got);
        if (state != TRANSPORT_DONE)
            return state;
        *n = take_ws_frames(o, fd, out, got);
        taken += got;
        if (*n == 0)
            judge_empty_frames(o, taken, size - 1);
        if (*n == 0 && !o->kept && !has_more_below(o, fd))
            return TRANSPORT_WAITS_READ;
    }
    errno = EPROTO;
    return *n > 0 ? TRANSPORT_DONE : (enum transport_state)o->kept;
}

static bool
ws_has_pending(int fd, void *own)
{
    struct ws_own *o = own;
    return o->kept || has_more_below(o, fd);
}

static bool
ws_has_part(int fd, void *own)
{
    struct ws_own *o = own;
    return o->lower->has_part && o->lower->has_part(fd, o->below);
}

static const char *
ws_fault_reason(int fd, void *own)
{
    struct ws_own *o = own;
    if (o->reader.fault != WS_FAULT_NONE)
        return ws_fault_text(o->reader.fault);
    return o->lower && o->lower->fault ? o->lower->fault(fd, o->below) : NULL;
}

/* --- the beginning and the end --- */

void
ws_begin(struct ws_own *o, bool is_binary)
{
    o->is_binary = is_binary;
}

static enum transport_state
ws_handshake(int fd, void *own, const void *context)
{
    struct ws_own *o = own;
    (void)fd, (void)context;
    o->lower = &transport_plain;
    ws_begin(o, false);
    return TRANSPORT_DONE;
}

static enum transport_state
wss_handshake(int fd, void *own, const void *context)
{
    struct ws_own *o = own;
    o->lower = &transport_tls;
    enum transport_state state = transport_tls_handshake_web(fd, o->below, context);
    if (state == TRANSPORT_DONE)
        ws_begin(o, false);
    return state;
}

static bool
ws_peer(int fd, void *own, struct connection_info *info)
{
    struct ws_own *o = own;
    return o->lower->peer && o->lower->peer(fd, o->below, info);
}

static const char *
wss_version(void *own)
{
    return transport_tls.version(((struct ws_own *)own)->below);
}

/* The code of RFC 6455 7.4.1 for an end that no fault and no close frame has caused. */
static uint16_t
choose_close_code(enum transport_end why)
{
    static const uint16_t codes[] = {[TRANSPORT_LEFT] = 1000,
                                     [TRANSPORT_KILLED] = 1008,
                                     [TRANSPORT_STOPPED] = 1001,
                                     [TRANSPORT_UNMADE] = 0};
    return codes[why];
}

/* Writes the frame of an ERROR line that tells the fault of the client; its size. */
static size_t
form_ws_error(const struct ws_own *o, char out[ERROR_ROOM])
{
    char line[ERROR_ROOM];
    size_t taken;
    str_format(line, sizeof line, "ERROR :Closing Link: (%s)\r\n",
               ws_fault_text(o->reader.fault));
    return transport_forms[choose_ws_form(o)](line, strlen(line), out, ERROR_ROOM,
                                              &taken);
}

/* Sends the close frame, behind an ERROR line if the client has broken a rule: as far as
 * the socket takes it at once, unless half of another frame is on its way. */
static void
send_ws_close(struct ws_own *o, int fd, enum transport_end why)
{
    char frames[ERROR_ROOM + WS_CONTROL_ROOM];
    const char *reason = ws_fault_text(o->reader.fault);
    uint16_t code = o->code || o->reader.is_closed ? o->code : choose_close_code(why);
    size_t n = reason ? form_ws_error(o, frames) : 0, ignored;
    n += ws_frame_close(code, reason ? reason : "", frames + n);
    struct iovec iov = {frames, n};
    if (why != TRANSPORT_UNMADE && !o->control_begun && is_between_lines(o))
        o->lower->write(fd, o->below, &iov, 1, true, &ignored);
}

/* Ends the WebSocket and frees what o holds of its own. */
static void
end_ws(struct ws_own *o, int fd, enum transport_end why)
{
    send_ws_close(o, fd, why);
    drop_ws_control(o);
    ws_reader_clear(&o->reader);
}

static const struct transport *
row_below(const struct ws_own *o)
{
    return o->lower ? o->lower : &transport_plain;
}

static bool
ws_finish(int fd, void *own, enum transport_end why)
{
    struct ws_own *o = own;
    end_ws(o, fd, why);
    return row_below(o)->finish(fd, o->below, why);
}

static void
ws_close(int fd, void *own, enum transport_end why)
{
    struct ws_own *o = own;
    end_ws(o, fd, why);
    row_below(o)->close(fd, o->below, why);
}

/* A client can read no line before it is answered. */
static void
ws_refuse(int fd, const char *line, bool last)
{
    (void)fd, (void)line, (void)last;
}

static void
wss_refuse(int fd, const char *line, bool last)
{
    transport_tls.refuse(fd, line, last);
}

/* What both rows have in common. */
#define WS_ROW                                                                         \
    .flat = true, .form = choose_ws_form, .drains = true, .explains = true,            \
    .peer = ws_peer, .read = ws_transport_read, .has_pending = ws_has_pending,         \
    .has_part = ws_has_part, .write = ws_write, .fault = ws_fault_reason,              \
    .finish = ws_finish, .close = ws_close

const struct transport transport_ws = {
    WS_ROW,
    .name = "ws",
    .own = sizeof(struct ws_own),
    .handshake = ws_handshake,
    .refuse = ws_refuse,
};

const struct transport transport_wss = {
    WS_ROW,
    .name = "wss",
    .own = sizeof(struct ws_own) + TRANSPORT_TLS_OWN,
    .encrypts = true,
    .library = TRANSPORT_TLS_LIBRARY,
    .library_handshake = TRANSPORT_TLS_LIBRARY_HANDSHAKE,
    .library_part = TRANSPORT_TLS_LIBRARY_PART,
    .handshake = wss_handshake,
    .version = wss_version,
    .refuse = wss_refuse,
};
