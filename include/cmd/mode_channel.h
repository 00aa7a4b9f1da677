/* MODE on channels. */
#ifndef CMD_MODE_CHANNEL_H
#define CMD_MODE_CHANNEL_H

#include <stdbool.h>

struct request;

/* The channel of the first parameter: shows its modes, or changes them. forced: the
 * command itself is an override (SAMODE), whatever the client is on the channel. */
void mode_channel_run(struct request *req, bool forced);

#endif
