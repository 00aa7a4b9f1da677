/* Lines that wait for tokens or for a worker's answer, in order. */
#ifndef CMD_HELD_H
#define CMD_HELD_H

#include <stddef.h>

struct client;
struct server;

/* Keeps a copy of the line behind those that wait already. */
void held_add(struct server *srv, struct client *c, const char *line, size_t len);

/* The oldest one, NUL-terminated and writable until the next call; NULL if there is
 * none. */
char *held_first(struct client *c, size_t *len);

/* Takes it out; the bytes live until the next held_add or held_trim. */
void held_drop(struct client *c);

/* Gives memory back when nothing waits. */
void held_trim(struct client *c);

/* Puts c on srv->holding: it has held or untold lines. */
void held_wake(struct server *srv, struct client *c);

/* Takes it off again when it has neither. */
void held_rest(struct client *c);

/* Bytes waiting. */
size_t held_bytes(const struct client *c);

#endif
