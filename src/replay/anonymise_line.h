/* Replaces the content of a line in a recording. */
#ifndef SRC_REPLAY_ANONYMISE_LINE_H
#define SRC_REPLAY_ANONYMISE_LINE_H

#include "anonymise_name.h"

#include <stdbool.h>
#include <stddef.h>

/* Bytes that anonymise_line may write for a line of len bytes. */
#define ANONYMISE_LINE_ROOM(len) ((1 + ANONYMISE_NAME_GROWS) * (len) + 1)

/* Writes a line of the same length and cost into out (ANONYMISE_LINE_ROOM(len) bytes,
 * with a NUL at its end). Texts, passwords, keys, masks and tags become filler. Nicks
 * and channels become their replacements, which may be longer. These parts of the
 * parameters stay: 0x01 and ACTION of CTCP, names of capabilities, subcommands of CAP
 * and MONITOR, changes that consist of mode letters, 0 and *. Out is printable ASCII
 * and 0x01. False: the line must be left out (OPER, and PONG, which a replay sends by
 * itself). */
bool anonymise_line(struct anonymise_names *names, const char *line, size_t len,
                    char *out);

#endif
