/* A second core that gets the turns of a world while they happen, cut differently into
 * reads and with other addresses of memory. All that it says or does must be the same.
 */
#ifndef TESTS_TWIN_H
#define TESTS_TWIN_H

#include "session/journal.h"
#include "session/player.h"

#include <stdbool.h>
#include <stdint.h>

enum { TWIN_BLOCKS = 512, TWIN_ERR = 512 };

struct twin {
    struct journal journal;
    struct turn_reader reader;
    struct player *player; /* NULL: no server of the world is recorded */
    uint64_t dice;
    void *blocks[TWIN_BLOCKS]; /* blocks between the blocks of the second core */
    uint64_t turns, inputs;    /* in all */
    unsigned servers;          /* servers that have ended as their first did */
    bool failed;
    char err[TWIN_ERR];
};

/* Worlds that are made from now on have this twin. */
void twin_begin(struct twin *t, uint64_t seed);
/* No world with it is left. */
void twin_end(struct twin *t);

#endif
