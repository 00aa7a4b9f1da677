/* MODE on channels. */
#ifndef SRC_CMD_CHAT_MODE_CHANNEL_H
#define SRC_CMD_CHAT_MODE_CHANNEL_H

struct request;

/* MODE with a channel as its first parameter: shows or changes. */
void mode_channel_run(struct request *req);

#endif
