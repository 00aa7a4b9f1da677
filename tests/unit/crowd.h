/* Many clients and channels at once, put straight into the state: what a test of long
 * answers needs before it begins. */
#ifndef TESTS_CROWD_H
#define TESTS_CROWD_H

#include "world.h"

/* n clients "u00000", "u00001", … who read nothing, on the channel of this name (NULL:
 * on none), which is made if it is not there. Less is logged from now on. */
void crowd_people(struct world *w, int n, const char *channel);

/* n more, on no channel; the first has this number. */
void crowd_people_from(struct world *w, int first, int n);

/* n channels "#c00000", …, spread over the crowd. */
void crowd_channels(struct world *w, int n);

/* One turn: a tick and what it sent; returns the bytes that `a` got. */
size_t crowd_turn(struct world *w, struct actor *a);

/* Whether anything is still to be said to anybody. */
bool crowd_waits(const struct world *w);

#endif
