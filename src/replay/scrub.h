/* Lines without what they say. */
#ifndef SRC_REPLAY_SCRUB_H
#define SRC_REPLAY_SCRUB_H

#include "pseudonym.h"

#include <stdbool.h>
#include <stddef.h>

/* Bytes that scrub may write for a line of len bytes. */
#define SCRUB_ROOM(len) ((1 + PSEUDONYM_GROWS) * (len) + 1)

/* Writes a line of the same length and cost into out (SCRUB_ROOM(len) bytes, ends with
 * NUL): texts, passwords, keys, masks and tags become filler, nicks and channels their
 * pseudonyms, which alone may make it longer. Of parameters nothing is kept but CTCP's
 * 0x01 and ACTION, names of capabilities, CAP's and MONITOR's subcommands, changes that
 * are made of mode letters, 0 and *. Out is printable ASCII but for the 0x01. False:
 * the line is not to be kept at all (OPER, and PONG, which a replay sends by itself).
 */
bool scrub(struct pseudonyms *names, const char *line, size_t len, char *out);

#endif
