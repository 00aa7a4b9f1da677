/* Delivery of messages of one or several lines to their targets. */
#ifndef SRC_CMD_CHAT_TALK_H
#define SRC_CMD_CHAT_TALK_H

#include "state/irc_event.h"

#include <stdbool.h>
#include <stddef.h>

struct client;
struct request;
struct multiline;
struct server;

/* One message. */
struct talk {
    struct request *req; /* its client is the sender */
    enum irc_event_kind kind;
    const char *text;        /* with `lines` the first one; NULL: TAGMSG */
    const char *tags;        /* client-only tags, or NULL */
    bool quiet;              /* NOTICE: the sender gets no reply */
    struct multiline *lines; /* all its lines; NULL: there is one, `text` */
};

/* Sends t to a target: a nick, a channel, "@#channel" or "$$mask". A refusal is
 * answered, unless t is quiet. */
void talk_to(const struct talk *t, const char *target);

/* Copies the client-only tags that c may send from a raw tag section (NULL: none) into
 * `out`, and returns it; NULL if there are none. */
const char *talk_tags(const struct server *srv, const struct client *c, const char *raw,
                      char *out, size_t size);

#endif
