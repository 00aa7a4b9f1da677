/* The arguments for a new server. */
#ifndef STATE_START_H
#define STATE_START_H

#include "base/hash.h"
#include "base/msec.h"
#include "proto/cloak.h"

struct config;
struct journal;
struct log;
struct shell;
struct store;

/* All pointers are borrowed for the life of the server, except config, which the server
 * owns from now on, and motd, which is copied and may be NULL. */
struct server_start {
    struct config *config;
    struct log *log;
    struct store *store;
    const struct shell *shell;
    struct hash_key hash_key;
    struct cloak_key cloak_seed; /* random; the cloak key if the store has none */
    const char *motd;
    msec now, wall;
    struct journal *journal; /* NULL: nothing is recorded */
    const char *config_text; /* the text of config; only with a journal */
};

#endif
