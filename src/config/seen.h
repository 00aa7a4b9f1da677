/* What has been seen in a file, and where first: a set of keys with their lines. */
#ifndef CONFIG_SEEN_H
#define CONFIG_SEEN_H

#include <stddef.h>

struct seen; /* NULL: an empty set */

/* The line at which this key (n bytes, copied) was first seen; 0: that is here, and it
 * is in the set from now on. Lines count from 1. */
int seen_before(struct seen **set, const void *key, size_t n, int line);

/* Frees the set; *set is NULL then. */
void seen_clear(struct seen **set);

#endif
