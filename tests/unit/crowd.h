/* Many clients and channels at once, put into the state directly, for tests of long
 * answers. */
#ifndef TESTS_CROWD_H
#define TESTS_CROWD_H

#include "world.h"

/* n clients "u00000", "u00001", … that read nothing, on the channel of this name (NULL:
 * on none), which is made if it is missing. Less is logged from now on. */
void crowd_people(struct world *w, int n, const char *channel);

/* n more clients, on no channel; the first has this number. */
void crowd_people_from(struct world *w, int first, int n);

/* n channels "#c00000", …, with the clients of the crowd as members. */
void crowd_channels(struct world *w, int n);

/* One turn: a tick and the lines it sends. Returns the bytes that `a` got. */
size_t crowd_turn(struct world *w, struct actor *a);

/* True while any client waits for more lines. */
bool crowd_waits(const struct world *w);

#endif
