/* The command MODE for channels. */
#ifndef CMD_MODE_CHANNEL_H
#define CMD_MODE_CHANNEL_H

#include <stdbool.h>

struct request;

/* Shows or changes the modes of the channel that the first parameter names. If forced
 * is true (SAMODE), the change is reported as an override even if the client may make
 * it by itself. */
void mode_channel_run(struct request *req, bool forced);

#endif
