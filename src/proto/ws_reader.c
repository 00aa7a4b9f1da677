/* The reader takes a header byte by byte and judges each part of it as soon as it is
 * whole, so that a fault does not depend on how the stream is split. Payload is unmasked
 * in place and handed on at once: the line buffer of the client keeps an unfinished line
 * in any case. Only the payload of a control frame is kept here. This file must never
 * trust a length before it is judged. */
#include "proto/ws_reader.h"

#include "base/attr.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FINAL 0x80
#define RESERVED 0x70
#define OPCODE 0x0F
#define CONTROL 0x08 /* set in the opcodes of control frames */
#define MASKED 0x80
#define LENGTH 0x7F
#define LENGTH_16 126 /* two bytes of length follow; the next one: eight bytes */
#define MASK_SIZE 4

static const struct ws_fault_row {
    uint16_t code;
    const char *text;
} faults[WS_FAULTS] = {
#define FAULT(NAME, code, text) [WS_FAULT_##NAME] = {code, text},
#include "proto/ws_faults.def"
#undef FAULT
};

uint16_t
ws_fault_code(enum ws_fault fault)
{
    return faults[fault].code;
}

const char *
ws_fault_text(enum ws_fault fault)
{
    return faults[fault].text;
}

/* --- the header --- */

static bool
is_final_frame(const struct ws_reader *r)
{
    return r->header[0] & FINAL;
}

static bool
is_control_frame(const struct ws_reader *r)
{
    return r->header[0] & CONTROL;
}

/* The bytes of length behind the first two; these must be whole. */
static size_t
length_field_size(const struct ws_reader *r)
{
    unsigned length = r->header[1] & LENGTH;
    return length < LENGTH_16 ? 0 : length == LENGTH_16 ? 2 : 8;
}

static enum ws_fault
judge_opcode(const struct ws_reader *r)
{
    unsigned opcode = r->header[0] & OPCODE;
    if (r->header[0] & RESERVED)
        return WS_FAULT_RESERVED_BITS;
    if ((opcode > WS_BINARY && opcode < WS_CLOSE) || opcode > WS_PONG)
        return WS_FAULT_OPCODE;
    if (is_control_frame(r))
        return is_final_frame(r) ? WS_FAULT_NONE : WS_FAULT_CONTROL_FRAGMENT;
    if (opcode == WS_CONTINUATION)
        return r->in_message ? WS_FAULT_NONE : WS_FAULT_NOT_BEGUN;
    return r->in_message ? WS_FAULT_NOT_ENDED : WS_FAULT_NONE;
}

static enum ws_fault
judge_mask(const struct ws_reader *r)
{
    if (!(r->header[1] & MASKED))
        return WS_FAULT_NOT_MASKED;
    if (is_control_frame(r) && (r->header[1] & LENGTH) > WS_CONTROL_MAX)
        return WS_FAULT_CONTROL_LENGTH;
    return WS_FAULT_NONE;
}

/* Begins the message of a frame that begins one. */
static void
begin_ws_message(struct ws_reader *r)
{
    r->in_message = true;
    r->is_text = (r->header[0] & OPCODE) == WS_TEXT;
    r->message = 0;
    r->utf8 = (struct utf8_pieces){0};
}

/* The length of the frame is whole: judges it and counts it. */
static enum ws_fault
judge_length(struct ws_reader *r)
{
    size_t size = length_field_size(r);
    uint64_t length = size ? 0 : r->header[1] & LENGTH;
    for (size_t i = 0; i < size; i++)
        length = length << 8 | r->header[2 + i];
    if (length >> 63)
        return WS_FAULT_LENGTH_BIT;
    if ((size == 2 && length < LENGTH_16) || (size == 8 && length <= UINT16_MAX))
        return WS_FAULT_LENGTH_FORM;
    if (!is_control_frame(r)) {
        if (!r->in_message)
            begin_ws_message(r);
        if (length > (uint64_t)WS_MESSAGE_MAX - r->message)
            return WS_FAULT_TOO_LONG;
        r->message += (uint16_t)length;
    }
    r->left = (uint16_t)length;
    return WS_FAULT_NONE;
}

static void
begin_payload(struct ws_reader *r)
{
    r->in_payload = true;
    r->mask = 0;
    if (is_control_frame(r))
        r->control = xcalloc(1, sizeof *r->control);
}

/* Takes bytes of a header until it is whole. */
static enum ws_fault
take_frame_header(struct ws_reader *r, struct ws_piece *p)
{
    enum ws_fault fault = WS_FAULT_NONE;
    while (p->n > 0 && fault == WS_FAULT_NONE && !r->in_payload) {
        r->header[r->have++] = (uint8_t)*p->at++;
        p->n--;
        if (r->have == 1) {
            fault = judge_opcode(r);
            continue;
        }
        if (r->have == 2)
            fault = judge_mask(r);
        size_t size = 2 + length_field_size(r);
        if (fault == WS_FAULT_NONE && r->have == size)
            fault = judge_length(r);
        if (r->have == size + MASK_SIZE)
            begin_payload(r);
    }
    return fault;
}

/* --- the payload --- */

/* Unmasks n bytes; out is from, or in front of it. */
static void
unmask_bytes(struct ws_reader *r, char *out, const char *from, size_t n)
{
    const uint8_t *mask = r->header + r->have - MASK_SIZE;
    uint8_t turned[sizeof(uint64_t)];
    size_t at = 0;
    for (size_t i = 0; i < sizeof turned; i++)
        turned[i] = mask[(r->mask + i) % MASK_SIZE];
    for (; n - at >= sizeof turned; at += sizeof turned) {
        uint64_t word, key;
        memcpy(&word, from + at, sizeof word);
        memcpy(&key, turned, sizeof key);
        word ^= key;
        memcpy(out + at, &word, sizeof word);
    }
    for (size_t i = 0; at < n; at++, i++)
        out[at] = (char)((uint8_t)from[at] ^ turned[i]);
    r->mask = (uint8_t)((r->mask + n) % MASK_SIZE);
}

/* Unmasks as much of the payload as has come, to out; the number of bytes. */
static size_t
take_payload(struct ws_reader *r, struct ws_piece *p, char *out)
{
    size_t n = r->left < p->n ? r->left : p->n;
    unmask_bytes(r, out, p->at, n);
    p->at += n;
    p->n -= n;
    r->left -= (uint16_t)n;
    return n;
}

static size_t
find_byte(const char *bytes, size_t n, char c)
{
    const char *at = n > 0 ? memchr(bytes, c, n) : NULL;
    return at ? (size_t)(at - bytes) : n;
}

/* Judges the payload of a message. The first wrong byte decides, so that the fault does
 * not depend on how the stream is split. */
static enum ws_fault
judge_payload(struct ws_reader *r, const char *bytes, size_t n)
{
    size_t end = find_byte(bytes, n, '\n');
    end = find_byte(bytes, end, '\r');
    end = find_byte(bytes, end, '\0');
    if (r->is_text && !utf8_continue(&r->utf8, bytes, end))
        return WS_FAULT_TEXT;
    return end < n ? WS_FAULT_LINE_END : WS_FAULT_NONE;
}

static enum ws_fault
take_message(struct ws_reader *r, struct ws_piece *p)
{
    assert(p->out < p->at);
    size_t n = take_payload(r, p, p->out);
    enum ws_fault fault = judge_payload(r, p->out, n);
    if (fault != WS_FAULT_NONE)
        return fault;
    p->out += n;
    if (r->left > 0 || !is_final_frame(r))
        return WS_FAULT_NONE;
    if (r->is_text && r->utf8.left > 0)
        return WS_FAULT_TEXT;
    r->in_message = false;
    *p->out++ = '\n';
    p->lines = p->out;
    return WS_FAULT_NONE;
}

/* The codes that an endpoint may send (RFC 6455 7.4, and the registry of IANA, which has
 * added 1012 to 1014). */
static bool
is_close_code(unsigned code)
{
    bool is_absent = code == 1004 || code == 1005 || code == 1006;
    return (code >= 1000 && code <= 1014 && !is_absent) ||
           (code >= 3000 && code <= 4999);
}

static enum ws_fault
judge_close(struct ws_control *c)
{
    const uint8_t *b = (const uint8_t *)c->payload;
    if (c->n == 0)
        return WS_FAULT_NONE;
    if (c->n == 1)
        return WS_FAULT_CLOSE_LENGTH;
    c->code = (uint16_t)(b[0] << 8 | b[1]);
    if (!is_close_code(c->code))
        return WS_FAULT_CLOSE_CODE;
    return utf8_valid(c->payload + 2, c->n - 2u) ? WS_FAULT_NONE : WS_FAULT_CLOSE_TEXT;
}

/* --- the stream --- */

static enum ws_got
fail_reader(struct ws_reader *r, struct ws_piece *p, enum ws_fault fault)
{
    r->fault = (uint8_t)fault;
    p->out = p->lines;
    ws_reader_clear(r);
    return WS_GOT_FAULT;
}

/* A control frame is whole. */
static enum ws_got
end_control(struct ws_reader *r, struct ws_piece *p, struct ws_control *control)
{
    *control = *r->control;
    ws_reader_clear(r);
    switch (r->header[0] & OPCODE) {
    case WS_PING:
        return WS_GOT_PING;
    case WS_CLOSE:
        r->fault = (uint8_t)judge_close(control);
        r->is_closed = r->fault == WS_FAULT_NONE;
        return r->is_closed ? WS_GOT_CLOSE : fail_reader(r, p, r->fault);
    default:
        return WS_GOT_MORE;
    }
}

/* Takes payload; after the last byte of it a new frame begins. */
static enum ws_got
take_frame(struct ws_reader *r, struct ws_piece *p, struct ws_control *control)
{
    enum ws_got got = WS_GOT_MORE;
    if (is_control_frame(r)) {
        struct ws_control *c = r->control;
        c->n = (uint8_t)(c->n + take_payload(r, p, c->payload + c->n));
        if (r->left == 0)
            got = end_control(r, p, control);
    } else {
        enum ws_fault fault = take_message(r, p);
        if (fault != WS_FAULT_NONE)
            return fail_reader(r, p, fault);
    }
    if (r->left == 0) {
        r->in_payload = false;
        r->have = 0;
    }
    return got;
}

ATTR_HOT enum ws_got
ws_read(struct ws_reader *r, struct ws_piece *piece, struct ws_control *control)
{
    enum ws_got got = WS_GOT_MORE;
    if (r->fault != WS_FAULT_NONE)
        return WS_GOT_FAULT;
    if (r->is_closed)
        return WS_GOT_CLOSE;
    while (piece->n > 0 && got == WS_GOT_MORE) {
        enum ws_fault fault = take_frame_header(r, piece);
        if (fault != WS_FAULT_NONE)
            return fail_reader(r, piece, fault);
        /* A frame without payload ends with its header. */
        if (r->in_payload && (piece->n > 0 || r->left == 0))
            got = take_frame(r, piece, control);
    }
    return got;
}

bool
ws_reader_allows_ping(struct ws_reader *r, msec now)
{
    bool allowed = !r->has_pinged || now - r->pinged >= WS_PING_GAP;
    r->has_pinged = true;
    r->pinged = now;
    if (!allowed)
        r->fault = WS_FAULT_PINGS;
    return allowed;
}

void
ws_reader_clear(struct ws_reader *r)
{
    free(r->control);
    r->control = NULL;
}
