/* The places where cursors rest between two pieces. All cursors with the same place
 * share one struct rest. */
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

/* The kind of a place. */
enum rest_on { REST_CLIENT, REST_CHANNEL, REST_HOST, REST_NODE };

/* After a piece: moves the place of cur (its client, channel, host or node, which
 * become NULL) into a struct rest. Does nothing if cur has no place. */
void rest_begin(struct server *srv, struct cursor *cur);

/* Before a piece: gives cur its place back. Does nothing if cur does not rest. */
void rest_end(struct server *srv, struct cursor *cur);

/* The place on which a cursor rests; NULL: none. Borrowed. */
void *rest_place(const struct cursor *cur);

/* Memory of all struct rest, a sum of mem_block. */
size_t rest_memory(const struct server *srv);

/* Asserts that the table of places has the place of cur. */
void rest_check(const struct server *srv, const struct cursor *cur);

/* Moves all cursors that rest on `at` to `next` (NULL: the end). The cost does not
 * depend on their number, unless cursors rest on `next` already: then the smaller group
 * moves, so that the group of a cursor at least doubles each time the cursor is
 * moved. */
void rest_skip(struct server *srv, const void *at, void *next);

/* Call before c leaves the nick table, chan the channel table, or node its list:
 * cursors that rest there move to the next one. */
void rest_skip_client(struct server *srv, const struct client *c);
void rest_skip_channel(struct server *srv, const struct channel *chan);
/* The same before policy forgets h; `next` is the host after it. */
void rest_skip_host(struct server *srv, const struct host *h, struct host *next);
void rest_skip_node(struct server *srv, const struct list *node);

/* Call before c, or chan, is removed from its table and added again as the last, under
 * another name. Cursors that rest on it move to the next one and meet it again at the
 * end. If it is the last one, they stay on it. */
void rest_move_client(struct server *srv, const struct client *c);
void rest_move_channel(struct server *srv, const struct channel *chan);

#endif
