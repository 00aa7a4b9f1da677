/* Plays a journal: a core of its own gets the recorded inputs and must write the
 * recorded bytes. */
#ifndef SESSION_PLAYER_H
#define SESSION_PLAYER_H

#include "session/turn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct player;
struct server;

/* Functions that the caller of a player provides. */
struct player_hooks {
    void *ctx;
    /* Parses the text of a recorded configuration. NULL: this program refuses it. */
    struct config *(*parse)(void *ctx, const char *text);
    /* How many of the n bytes of an input the core gets in one call (1 to n). NULL: all
     * of them. */
    size_t (*cut)(void *ctx, size_t n);
};

struct player_counts {
    uint64_t turns, entries, inputs, lines_in; /* lines_in: bytes of inputs */
    uint64_t hash, out; /* hash and number of the bytes of all output */
};

/* A player that has played no turn yet. hooks is copied. Freed by player_free. */
struct player *player_new(const struct player_hooks *hooks);
void player_free(struct player *p);

/* Applies a turn from turn_read. False if the core behaves differently from the
 * journal: err names the difference and the turn, and no further turn may be
 * applied. */
bool player_apply(struct player *p, const struct turn *turn, char *err, size_t errlen);

/* The played server, borrowed. NULL before the first turn and after the last one. */
struct server *player_server(const struct player *p);
/* Whether the last turn was applied. */
bool player_has_ended(const struct player *p);
const struct player_counts *player_counts(const struct player *p);

#endif
