/* Messages on their way to their targets, of one line or of several. */
#ifndef SRC_CMD_CHAT_TALK_H
#define SRC_CMD_CHAT_TALK_H

#include "state/event.h"

#include <stdbool.h>
#include <stddef.h>

struct client;
struct request;
struct multiline;
struct server;

/* One message. */
struct talk {
    struct request *req; /* whose client sends it */
    enum irc_event_kind kind;
    const char *text;        /* NULL: TAGMSG */
    const char *tags;        /* client-only tags, or NULL */
    bool quiet;              /* never answers */
    struct multiline *lines; /* NULL: text is all of it */
};

/* To one target: a nick, a channel, "@#channel" or "$$mask". Refusals are answered. */
void talk_to(const struct talk *t, const char *target);

/* Keeps of a raw tag section (NULL: none) the client-only tags that c may send, in out;
 * NULL when none are left. */
const char *talk_tags(const struct server *srv, const struct client *c, const char *raw,
                      char *out, size_t size);

#endif
