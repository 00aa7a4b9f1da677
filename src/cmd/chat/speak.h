/* What the modes of a channel do with a message to it. */
#ifndef SRC_CMD_CHAT_SPEAK_H
#define SRC_CMD_CHAT_SPEAK_H

#include <stdbool.h>
#include <stdint.h>

struct channel;
struct client;
struct request;
struct server;
struct talk;

/* May it be delivered? Else its sender has been answered (a NOTICE: not). *ranks, the
 * member modes that get it (0: all), shrinks to operators and half-operators when +z
 * holds it back from the others. */
bool speak_pass(const struct talk *t, struct channel *chan, uint32_t *ranks);

/* A NOTICE to this target was refused by flood control, which strikes: told once a
 * minute. Nothing for what is answered line by line anyway. */
void speak_refuse_notice(const struct talk *t, const char *target, int seconds);

/* May c make this text ("": none) the topic of chan, where +t does not forbid it? What
 * c may not say it may not set, except by the privilege override; else c has been told
 * (404). It counts as a message for slow mode. */
bool speak_pass_topic(struct request *req, struct channel *chan, const char *text);

#endif
