/* Where cursors rest between two pieces: what stands on one thing stands there
 * together.
 */
#ifndef STATE_REST_H
#define STATE_REST_H

#include <stddef.h>

struct cursor;
struct rest;
struct server;

/* A piece has been made: cur rests where it stands, if anywhere (its client, channel,
 * host or node, which are NULL then). */
void rest_begin(struct server *srv, struct cursor *cur);

/* It goes on: it stands there again. Nothing happens if it does not rest. */
void rest_end(struct server *srv, struct cursor *cur);

/* What a cursor rests on; NULL: nothing. Borrowed. */
void *rest_place(const struct cursor *cur);

/* Memory of all places, a sum of mem_block. */
size_t rest_memory(const struct server *srv);

/* Asserts that what it rests on is there. */
void rest_check(const struct server *srv, const struct cursor *cur);

/* All that rest on `at` rest on `next` (NULL: the end) from now on. The cost does not
 * depend on how many there are, but where others rest on `next` already; a cursor pays
 * for that no more often than its company doubles. */
void rest_skip(struct server *srv, const void *at, void *next);

#endif
