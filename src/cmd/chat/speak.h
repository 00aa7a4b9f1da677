/* Checks of a message to a channel against its modes. */
#ifndef SRC_CMD_CHAT_SPEAK_H
#define SRC_CMD_CHAT_SPEAK_H

#include <stdbool.h>
#include <stdint.h>

struct channel;
struct client;
struct request;
struct server;
struct talk;

/* True if the message may be delivered; it counts for slow mode. Else its sender has
 * been answered, unless it is a NOTICE. *ranks, the member modes of its receivers (0:
 * all members), is limited to operators and half-operators if +z applies. */
bool speak_pass(const struct talk *t, struct channel *chan, uint32_t *ranks);

/* Flood control has refused a message to this target. If it is a NOTICE, the sender is
 * told so, once a minute, since the refusal may be a strike. Does nothing for other
 * messages, which the caller answers. */
void speak_refuse_notice(const struct talk *t, const char *target, int seconds);

/* True if the client may make this text ("": none) the topic of chan; the caller has
 * checked +t. The text must be one that the client may send there as a message; the
 * privilege override lifts all modes but +c and +C. A topic that passes counts as a
 * message for slow mode; else the client has been told (404). */
bool speak_pass_topic(struct request *req, struct channel *chan, const char *text);

#endif
