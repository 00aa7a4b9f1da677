/* What a client learns of a channel when it joins: topic (332, 333) and members (353).
 */
#ifndef CMD_NAMES_H
#define CMD_NAMES_H

#include <stdbool.h>

struct channel;
struct client;
struct server;

/* 353 lines of those c may see, and 366; only 366 when c may not see the channel. Of a
 * large channel the rest follows piece by piece, and c's later lines wait for it.
 * `paid`: c pays for them as for NAMES. Without a session it reads nothing. */
void names_send(struct server *srv, struct client *c, struct channel *chan, bool paid);

/* 332 and 333; nothing when there is no topic. */
void topic_send(struct server *srv, struct client *c, const struct channel *chan);

#endif
