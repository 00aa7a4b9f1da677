/* Bans through `ircd ctl`. */
#ifndef SRC_MAIN_CTL_BANS_H
#define SRC_MAIN_CTL_BANS_H

#include "ctl_link.h"

#include <stdio.h>

/* Passes all bans as text to `take`, each line of the form of --dump-bans as one. */
enum ctl_result
ctl_bans_export(struct ctl_link *l,
                void (*take)(void *ctx, const struct control_text *line), void *ctx);

/* Sends a file of bans to the server, which sets all or none of them, and passes each
 * line of the answers to `take`. */
enum ctl_result
ctl_bans_import(struct ctl_link *l, FILE *from, const char *name,
                void (*take)(void *ctx, const struct control_text *line), void *ctx);

#endif
