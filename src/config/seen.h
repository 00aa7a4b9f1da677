/* A set of keys that a file has had, with the line of each. */
#ifndef SRC_CONFIG_SEEN_H
#define SRC_CONFIG_SEEN_H

#include <stddef.h>

struct seen; /* NULL: an empty set */

/* The line of this key (n bytes, copied) if it is in the set; else adds it with this
 * line and returns 0. Lines count from 1. */
int seen_before(struct seen **set, const void *key, size_t n, int line);

/* Frees the set and makes it empty. */
void seen_clear(struct seen **set);

#endif
