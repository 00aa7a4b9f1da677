/* Lines without what they say. */
#ifndef SRC_MAIN_SCRUB_H
#define SRC_MAIN_SCRUB_H

#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>

/* Writes a line of the same length and cost into out (len + 1 bytes, ends with NUL):
 * texts, passwords, keys, masks and tags become filler, nicks and channels other names
 * of the same length, the same for the same key. Out is printable ASCII but for the
 * 0x01 around CTCP. False: the line is not to be kept at all (OPER, and PONG, which a
 * replay sends by itself). */
bool scrub(const struct hash_key *key, const char *line, size_t len, char *out);

#endif
