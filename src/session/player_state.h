/* The inside of a player: player.c applies entries, player_ports.c is the store and the
 * shell of its core. */
#ifndef SRC_SESSION_PLAYER_STATE_H
#define SRC_SESSION_PLAYER_STATE_H

#include "config/config.h"
#include "session/player.h"
#include "session/session.h"
#include "state/server.h"

/* The store of the player. Its records are in memory; reports about its size come from
 * the journal. */
struct played_store {
    struct store store; /* first: a pointer to it is one to the whole struct */
    struct store *ram;
    struct player *player;
};

struct player {
    struct player_hooks hooks;
    struct played_store store;
    struct shell shell;
    struct log log; /* writes nothing */
    struct server *srv;
    struct server_start start;
    /* All n_clients of them, by id; NULL: there is no such client. */
    struct client **clients;
    uint64_t n_clients;
    struct turn turn; /* the rest of the turn that is applied */
    struct player_counts counts;
    bool at_work; /* within player_apply */
    bool ended;
    bool failed;
    char *err;
    size_t errlen;
};

/* Writes the first difference and its turn to p->err. Returns false. */
bool player_fail(struct player *p, const char *what);

/* Initialises the store, the shell and the log of the core. */
void player_init_ports(struct player *p);

/* Reads a configuration, its text and its motd from an entry. NULL: the entry is
 * damaged, or the configuration is refused. */
struct config *player_read_config(struct player *p, struct turn_entry *e,
                                  const char **text, const char **motd);

#endif
