/* Cuts a stream of bytes into lines; it stores only the unfinished line. */
#ifndef BASE_LINEBUF_H
#define BASE_LINEBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A zeroed struct is empty and owns no memory. */
struct linebuf {
    char *data;   /* the unfinished line; NULL: none */
    uint32_t len; /* bytes in data */
    uint32_t cap; /* bytes allocated for data */
    /* bytes of the current line that were discarded because it is too long; else 0 */
    uint32_t skipped;
};

enum linebuf_got {
    /* no complete line is left; all bytes are taken */
    LINEBUF_MORE,
    /* *line, *len: a line without its LF or CRLF, writable, with a NUL behind it */
    LINEBUF_LINE,
    /* a line longer than `max` has ended; it was discarded */
    LINEBUF_TOO_LONG,
};

/* Takes the next line from (*bytes, *n) and advances both. `max` is the longest line in
 * bytes without its end. *line points into *bytes, or into lb if the line began in an
 * earlier call; it is valid until the next call. The byte behind the line (its CR or
 * LF) becomes NUL. A CR belongs to the end of a line only directly before LF. The
 * results are the same however the stream is split into calls. */
enum linebuf_got linebuf_next(struct linebuf *lb, size_t max, char **bytes, size_t *n,
                              char **line, size_t *len);

/* The bytes of the unfinished line, discarded ones included. */
size_t linebuf_pending(const struct linebuf *lb);

/* Wipes and frees the memory unless it holds an unfinished line. Call it between two
 * pieces of input. */
void linebuf_rest(struct linebuf *lb);

/* Wipes and frees the memory; the struct is empty then. */
void linebuf_clear(struct linebuf *lb);

#endif
