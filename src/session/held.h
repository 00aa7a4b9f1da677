/* Lines that wait for tokens or for a worker's answer, in order. */
#ifndef SRC_SESSION_HELD_H
#define SRC_SESSION_HELD_H

#include <stdbool.h>
#include <stddef.h>

struct client;
struct server;

/* Keeps a copy of the line behind those that wait already. credit: what price_pay took
 * for it; 0: nothing. */
void held_add(struct server *srv, struct client *c, const char *line, size_t len,
              unsigned credit);

/* The oldest one, NUL-terminated and writable until the next call, and its credit; NULL
 * if there is none. */
char *held_first(struct client *c, size_t *len, unsigned *credit);

/* Takes it out; the bytes live until the next held_add or held_trim. */
void held_drop(struct client *c);

/* Wipes the memory and gives it back when nothing waits. */
void held_trim(struct server *srv, struct client *c);

/* Wipes and drops all that waits. */
void held_clear(struct client *c);

/* Puts c on holding_of: it has held or untold lines. */
void held_wake(struct server *srv, struct client *c);

/* Takes it off again when it has neither. */
void held_rest(struct client *c);

/* Bytes that wait: of lines that no credit pays for, and of the others. */
size_t held_bytes(const struct client *c);
size_t held_paid_bytes(const struct client *c);

/* The memory of what waits, as mem_block; 0: nothing does. */
size_t held_memory(const struct client *c);

#endif
