/* ircd --replay FILE */
#ifndef REPLAY_RERUN_H
#define REPLAY_RERUN_H

#include "session/player.h"

#include <stdbool.h>
#include <stdio.h>

/* Plays the journal in a file to a core without sockets and checks the core on the way.
 * Prints what was played to out: the hash of all output, counts and time. False after
 * one line on standard error: the file cannot be read, is damaged at an offset, or the
 * core behaves in another way at a turn. parse is as in struct player_hooks. */
bool rerun_journal(const char *file,
                   struct config *(*parse)(void *ctx, const char *text), FILE *out);

#endif
