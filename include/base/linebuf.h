/* Cuts a byte stream into lines, keeping only what is unfinished. */
#ifndef BASE_LINEBUF_H
#define BASE_LINEBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A zeroed struct is empty and owns no memory. */
struct linebuf {
    char *data;   /* the unfinished line; NULL when there is none */
    uint32_t len; /* bytes in data */
    uint32_t cap; /* room in data */
    uint32_t
        skipped; /* bytes of the current line already discarded; 0 = not discarding */
};

enum linebuf_got {
    LINEBUF_MORE,     /* no complete line left; all bytes are taken */
    LINEBUF_LINE,     /* *line, *len: a line without its LF or CRLF; NUL-terminated and
                         writable */
    LINEBUF_TOO_LONG, /* a line longer than `max` has ended; it was discarded */
};

/* Takes the next line from (*bytes, *n), advancing both. `max` is the longest line in
 * bytes without its line end. *line points into *bytes, or into lb when the line began
 * in an earlier call; it lives until the next call. The byte after the line (its CR or
 * LF) becomes NUL. Any split of a stream yields the same sequence of results. A CR
 * counts as part of the line end only directly before LF. */
enum linebuf_got linebuf_next(struct linebuf *lb, size_t max, char **bytes, size_t *n,
                              char **line, size_t *len);

/* Bytes of the current line that have arrived without an LF, discarded ones included.
 */
size_t linebuf_pending(const struct linebuf *lb);

/* Between two pieces of input: wipes and frees what the last call handed out. */
void linebuf_rest(struct linebuf *lb);

/* Wipes and frees the memory; the struct is as zeroed. */
void linebuf_clear(struct linebuf *lb);

#endif
