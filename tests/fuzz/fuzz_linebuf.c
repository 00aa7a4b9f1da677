/* A stream in any split gives the lines that a plain reader makes of it in one piece,
 * and never more than one line is held. Input: the longest line, a seed of splits, the
 * stream. */
#include "base/linebuf.h"
#include "base/mem.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

struct reader {
    const uint8_t *at, *end; /* the stream, read plainly */
    size_t max;
};

/* The next result of a plain reader. */
static enum linebuf_got
next_plain(struct reader *r, const uint8_t **line, size_t *len)
{
    const uint8_t *start = r->at;
    size_t left = (size_t)(r->end - start);
    const uint8_t *lf = left > 0 ? memchr(start, '\n', left) : NULL;
    if (lf == NULL)
        return LINEBUF_MORE;
    r->at = lf + 1;
    *line = start;
    *len = (size_t)(lf - start);
    if (*len > 0 && start[*len - 1] == '\r')
        --*len;
    return *len > r->max ? LINEBUF_TOO_LONG : LINEBUF_LINE;
}

/* Feeds all of a piece, and compares with the plain reader. */
static void
feed(struct linebuf *lb, struct reader *r, char *bytes, size_t n)
{
    enum linebuf_got got;
    do {
        const uint8_t *want;
        char *line;
        size_t len, want_len;
        got = linebuf_next(lb, r->max, &bytes, &n, &line, &len);
        if (got == LINEBUF_MORE)
            break;
        MUST(got == next_plain(r, &want, &want_len));
        if (got == LINEBUF_LINE)
            MUST(len == want_len && memcmp(line, want, len) == 0 && line[len] == '\0');
        MUST(lb->len <= r->max + 2);
    } while (true);
    MUST(n == 0 && lb->len <= r->max + 2);
}

int
fuzz_linebuf(const uint8_t *bytes, size_t n)
{
    struct fuzz_input in = {bytes, bytes + n};
    struct linebuf lb = {0};
    size_t max = 1 + fuzz_byte(&in) % 96;
    unsigned seed = fuzz_byte(&in);
    struct reader r = {in.at, in.end, max};
    while (in.at < in.end) {
        seed = seed * 1103515245u + 12345u;
        size_t left = (size_t)(in.end - in.at);
        size_t part = 1 + (seed >> 16) % (seed & 0x400000 ? 4 : 200);
        part = part < left ? part : left;
        /* Exactly as large as the contract says. */
        char *room = memcpy(xmalloc(part + 1), in.at, part);
        feed(&lb, &r, room, part);
        in.at += part;
        MUST(linebuf_pending(&lb) == (size_t)(in.at - r.at));
        free(room);
    }
    linebuf_clear(&lb);
    MUST(lb.data == NULL && linebuf_pending(&lb) == 0);
    return 0;
}
