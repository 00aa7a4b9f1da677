/* What the modes of a channel do with a message to it. */
#ifndef CMD_SPEAK_H
#define CMD_SPEAK_H

#include <stdbool.h>
#include <stdint.h>

struct channel;
struct talk;

/* May it be delivered? Else its sender has been answered (a NOTICE: not). *ranks, the
 * member modes that get it (0: all), shrinks to operators and half-operators when +z
 * holds it back from the others. */
bool speak_pass(const struct talk *t, struct channel *chan, uint32_t *ranks);

#endif
