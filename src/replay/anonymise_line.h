/* Lines without what they say. */
#ifndef SRC_REPLAY_ANONYMISE_LINE_H
#define SRC_REPLAY_ANONYMISE_LINE_H

#include "anonymise_name.h"

#include <stdbool.h>
#include <stddef.h>

/* Bytes that scrub may write for a line of len bytes. */
#define ANONYMISE_LINE_ROOM(len) ((1 + ANONYMISE_NAME_GROWS) * (len) + 1)

/* Writes a line of the same length and cost into out (ANONYMISE_LINE_ROOM(len) bytes,
 * ends with NUL): texts, passwords, keys, masks and tags become filler, nicks and
 * channels their anonymous names, which alone may make it longer. Of parameters nothing
 * is kept but CTCP's 0x01 and ACTION, names of capabilities, CAP's and MONITOR's
 * subcommands, changes that are made of mode letters, 0 and *. Out is printable ASCII
 * but for the 0x01. False: the line is not to be kept at all (OPER, and PONG, which a
 * replay sends by itself). */
bool anonymise_line(struct anonymise_names *names, const char *line, size_t len,
                    char *out);

#endif
