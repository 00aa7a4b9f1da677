/* The topic of a channel, as TOPIC and JOIN send it. */
#ifndef SRC_CMD_CHAT_TOPIC_H
#define SRC_CMD_CHAT_TOPIC_H

struct channel;
struct client;
struct server;

/* Sends 332 and 333; nothing if there is no topic. */
void topic_send(struct server *srv, struct client *c, const struct channel *chan);

#endif
