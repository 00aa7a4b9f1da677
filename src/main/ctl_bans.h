/* Bans through `ircd ctl`, in the form of --dump-bans. */
#ifndef SRC_MAIN_CTL_BANS_H
#define SRC_MAIN_CTL_BANS_H

#include "ctl_link.h"

/* Prints all bans of the server. */
enum ctl_result ctl_bans_export(struct ctl_link *l);

/* Sets the bans of a file ("-": standard input) one by one, each by the command of its
 * kind: they hold at once. Prints each refused line with its number, and a summary.
 * Returns the exit code: 0 if all hold now or have expired. */
int ctl_bans_import(struct ctl_link *l, const char *file);

#endif
