/* The end of each line: cut at a character, with CRLF. */
#ifndef SRC_STATE_OUT_LINE_H
#define SRC_STATE_OUT_LINE_H

#include "proto/message.h"
#include "proto/utf8.h"

/* Bytes of a line before it is cut. The last character that begins within the line must
 * be whole, because the cut looks at it. */
#define LINE_ROOM (MESSAGE_LINE + 4)

/* Cuts the len bytes in line, which has LINE_ROOM bytes, at a character and appends
 * CRLF; returns the new length. */
static inline size_t
out_line_finish(char *line, size_t len)
{
    if (len > MESSAGE_LINE - 2)
        len = utf8_cut(line, len, MESSAGE_LINE - 2);
    line[len++] = '\r';
    line[len++] = '\n';
    return len;
}

#endif
