/* Cuts input into lines in place. Whole lines are returned in the read buffer, and only
 * a tail without LF is copied. The bytes of a line that is too long are dropped at once
 * and counted. This file must never hold more than max + 2 bytes, search a byte for LF
 * twice, or return other lines because a stream is split in another way. Bytes that
 * were held are overwritten before their memory is freed: they may be a password. */
#include "base/linebuf.h"

#include "base/attr.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 64u /* bytes; the room doubles from here */

/* True if `raw` bytes before an LF, the last of them `last`, are a line of at most max
 * bytes. */
static bool
fits_in_line(size_t raw, char last, size_t max)
{
    return raw <= max || (raw == max + 1 && last == '\r');
}

/* The last byte of the unfinished line when `part` more bytes are added; '\0': there is
 * none. */
static char
find_last_byte(const struct linebuf *lb, const char *bytes, size_t part)
{
    if (part > 0)
        return bytes[part - 1];
    return lb->len > 0 ? lb->data[lb->len - 1] : '\0';
}

/* Without realloc, which would leave the old bytes in freed memory. */
static void
grow_line(struct linebuf *lb, size_t cap)
{
    char *data = xmalloc(cap);

    if (lb->len > 0)
        memcpy(data, lb->data, lb->len);
    mem_wipe(lb->data, lb->cap);
    free(lb->data);
    lb->data = data;
    lb->cap = (uint32_t)cap;
}

/* Adds bytes to the unfinished line; there is room for a NUL behind them. */
static void
append_part(struct linebuf *lb, const char *bytes, size_t part)
{
    size_t need = lb->len + part + 1;
    size_t cap = lb->cap > 0 ? lb->cap : FIRST_CAP;

    while (cap < need)
        cap *= 2;
    if (cap != lb->cap)
        grow_line(lb, cap);
    memcpy(lb->data + lb->len, bytes, part);
    lb->len += (uint32_t)part;
}

static void
wipe_line(struct linebuf *lb)
{
    mem_wipe(lb->data, lb->cap);
    free(lb->data);
    lb->data = NULL;
    lb->len = lb->cap = 0;
}

static uint32_t
add_saturated(size_t a, size_t b)
{
    return a > UINT32_MAX || b > UINT32_MAX - a ? UINT32_MAX : (uint32_t)(a + b);
}

/* Stores or counts the last bytes of a piece, which have no LF. */
static void
keep_part(struct linebuf *lb, size_t max, const char *bytes, size_t part)
{
    if (lb->skipped > 0) {
        lb->skipped = add_saturated(lb->skipped, part);
    } else if (!fits_in_line(lb->len + part, find_last_byte(lb, bytes, part), max)) {
        lb->skipped = add_saturated(lb->len, part);
        lb->len = 0;
    } else if (part > 0) {
        append_part(lb, bytes, part);
    }
    if (lb->len == 0)
        wipe_line(lb); /* also the line that the call before has returned */
}

ATTR_HOT enum linebuf_got
linebuf_next(struct linebuf *lb, size_t max, char **bytes, size_t *n, char **line,
             size_t *len)
{
    char *start = *bytes;
    char *lf = *n > 0 ? memchr(start, '\n', *n) : NULL;
    size_t part = lf != NULL ? (size_t)(lf - start) : *n;
    size_t taken = part + (lf != NULL ? 1 : 0);

    *bytes += taken;
    *n -= taken;
    if (lf == NULL) {
        keep_part(lb, max, start, part);
        return LINEBUF_MORE;
    }
    if (lb->skipped > 0 ||
        !fits_in_line(lb->len + part, find_last_byte(lb, start, part), max)) {
        lb->skipped = 0;
        lb->len = 0;
        return LINEBUF_TOO_LONG;
    }
    if (lb->len > 0) {
        append_part(lb, start, part);
        start = lb->data;
        part = lb->len;
        lb->len = 0;
    }
    if (part > 0 && start[part - 1] == '\r')
        part--;
    start[part] = '\0';
    *line = start;
    *len = part;
    return LINEBUF_LINE;
}

ATTR_HOT size_t
linebuf_pending(const struct linebuf *lb)
{
    return lb->skipped > 0 ? lb->skipped : lb->len;
}

ATTR_HOT void
linebuf_rest(struct linebuf *lb)
{
    if (lb->len == 0)
        wipe_line(lb);
}

void
linebuf_clear(struct linebuf *lb)
{
    wipe_line(lb);
    lb->skipped = 0;
}
