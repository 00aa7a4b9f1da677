/* Lines that wait for tokens or for a worker's answer, in order. */
#ifndef SRC_SESSION_HELD_H
#define SRC_SESSION_HELD_H

#include <stdbool.h>
#include <stddef.h>

struct client;
struct server;

/* Appends a copy of the line. credit: what price_pay took for it; 0: nothing. */
void held_add(struct server *srv, struct client *c, const char *line, size_t len,
              unsigned credit);

/* The oldest held line, NUL-terminated and writable until the next call, and its
 * credit. NULL if no line is held. */
char *held_first(struct client *c, size_t *len, unsigned *credit);

/* Removes the oldest held line. Its bytes live until the next held_add, held_trim or
 * held_clear. */
void held_drop(struct client *c);

/* Wipes and frees the block if no line is held. */
void held_trim(struct server *srv, struct client *c);

/* Wipes and drops all held lines. The caller updates srv->input_bytes. */
void held_clear(struct client *c);

/* Puts c on holding_of, because it has held lines or untold refusals. */
void held_wake(struct server *srv, struct client *c);

/* Takes c off holding_of if it has neither. */
void held_rest(struct client *c);

/* Waiting bytes of lines that no credit pays for, and of the other lines. */
size_t held_bytes(const struct client *c);
size_t held_paid_bytes(const struct client *c);

/* The memory of the block, as mem_block; 0: there is no block. */
size_t held_memory(const struct client *c);

#endif
