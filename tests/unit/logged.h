/* The log of a world as tests read it: its events and their keys. */
#ifndef TESTS_LOGGED_H
#define TESTS_LOGGED_H

#include "world.h"

/* Forgets the log so far. */
void logged_clear(struct world *w);

/* Each line as "event: key key", "; " between them, in either format; borrowed until
 * the next call. */
const char *logged_shape(const struct world *w);

/* Fails for each line with an event or a key that is not in events.def. */
void logged_check(const struct world *w);

#endif
