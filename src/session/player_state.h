/* A player, between its two files: player.c applies entries, player_ports.c is the
 * store and the shell of its core. */
#ifndef CMD_PLAYER_STATE_H
#define CMD_PLAYER_STATE_H

#include "config/config.h"
#include "session/player.h"
#include "session/session.h"
#include "state/server.h"

/* The store of the player: in memory, but what it says of itself comes from the
 * journal. */
struct played_store {
    struct store store; /* first, so that one pointer is both */
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
    struct client **clients; /* by id, n_clients of them; NULL: none, or it is freed */
    uint64_t n_clients;
    struct turn turn; /* what is left of the turn at work */
    struct player_counts counts;
    bool at_work; /* within player_apply */
    bool ended;
    bool failed;
    char *err;
    size_t errlen;
};

/* False; the first difference is told in p->err, with the turn. */
bool player_fail(struct player *p, const char *what);

/* The store, shell and log of the core. */
void player_init_ports(struct player *p);

/* The configuration, its text and motd of an entry; NULL: it is damaged or refused. */
struct config *player_read_config(struct player *p, struct turn_entry *e,
                                  const char **text, const char **motd);

#endif
