/* The end of every line that is sent: cut at a character, with CRLF. */
#ifndef SRC_STATE_OUT_LINE_H
#define SRC_STATE_OUT_LINE_H

#include "proto/message.h"
#include "proto/utf8.h"

/* Room for a line before it is cut: with the whole of the last character that begins in
 * it, which the cut must see. */
#define LINE_ROOM (MESSAGE_LINE + 4)

/* Cuts the len bytes in line, which has LINE_ROOM, at a character and ends them with
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
