/* A core that gets its inputs from a journal: the same turns give the same bytes. */
#ifndef SESSION_PLAYER_H
#define SESSION_PLAYER_H

#include "session/turn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct player;
struct server;

/* What a player needs of its caller. */
struct player_hooks {
    void *ctx;
    /* The configuration of this text, which was good once; NULL: it is not now. */
    struct config *(*parse)(void *ctx, const char *text);
    /* How many of n bytes of an input the core gets at once (1 to n); NULL: all. */
    size_t (*cut)(void *ctx, size_t n);
};

struct player_counts {
    uint64_t turns, entries, inputs, lines_in; /* lines_in: bytes of inputs */
    uint64_t hash, out;                        /* of all output, and its bytes */
};

/* Waits for the first turn of a journal. */
struct player *player_new(const struct player_hooks *hooks);
void player_free(struct player *p);

/* Applies a turn that turn_read gave out. False: the core does not do what the journal
 * says it did; err says what differs, and at which turn. Nothing more may be applied
 * then. */
bool player_apply(struct player *p, const struct turn *turn, char *err, size_t errlen);

/* NULL before the first turn and behind the last. Borrowed. */
struct server *player_server(const struct player *p);
/* Whether the last turn was applied. */
bool player_has_ended(const struct player *p);
const struct player_counts *player_counts(const struct player *p);

#endif
