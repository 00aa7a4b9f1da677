/* MODE on channels. */
#ifndef CMD_MODE_CHANNEL_H
#define CMD_MODE_CHANNEL_H

#include <stdbool.h>

struct request;

/* Shows or changes the modes of the channel that the first parameter names. forced: the
 * act is reported as an override (SAMODE), whatever rights the client has there. */
void mode_channel_run(struct request *req, bool forced);

#endif
