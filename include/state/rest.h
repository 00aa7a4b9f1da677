/* Where cursors rest between two pieces: what stands on one thing stands there
 * together.
 */
#ifndef STATE_REST_H
#define STATE_REST_H

#include <stddef.h>

struct channel;
struct client;
struct cursor;
struct host;
struct list;
struct rest;
struct server;

/* What a cursor rests on. */
enum rest_on { REST_CLIENT, REST_CHANNEL, REST_HOST, REST_NODE };

/* A piece has been made: cur rests where it stands, if anywhere (its client, channel,
 * host or node, which are NULL then). */
void rest_begin(struct server *srv, struct cursor *cur);

/* It goes on: it stands there again. Nothing happens if it does not rest. */
void rest_end(struct server *srv, struct cursor *cur);

/* What a cursor rests on; NULL: nothing. Borrowed. */
void *rest_place(const struct cursor *cur);

/* Memory of all places, a sum of mem_block. */
size_t rest_memory(const struct server *srv);

/* Asserts that the table of places knows it. */
void rest_check(const struct server *srv, const struct cursor *cur);

/* All that rest on `at` rest on `next` (NULL: the end) from now on. The cost does not
 * depend on how many there are, but where others rest on `next` already; a cursor pays
 * for that no more often than its company doubles. */
void rest_skip(struct server *srv, const void *at, void *next);

/* Before c leaves the nick table, chan the channel table, or node its list: cursors
 * that stand on it step over. */
void rest_skip_client(struct server *srv, const struct client *c);
void rest_skip_channel(struct server *srv, const struct channel *chan);
/* The same before policy forgets h, behind which `next` stands. */
void rest_skip_host(struct server *srv, const struct host *h, struct host *next);
void rest_skip_node(struct server *srv, const struct list *node);

/* Before c, or chan, leaves its table and comes back as the last of it under another
 * name: cursors that stand on it step over and meet it again there; those for which it
 * is the last one stay on it. */
void rest_move_client(struct server *srv, const struct client *c);
void rest_move_channel(struct server *srv, const struct channel *chan);

#endif
