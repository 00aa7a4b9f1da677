/* Listeners: the titles and options that are not of an address, and the checks of all
 * listen blocks together. */
#ifndef SRC_CONFIG_LISTENER_H
#define SRC_CONFIG_LISTENER_H

#include "fault.h"
#include "option.h"

#include <stdbool.h>

#define LISTENER_UNIX "unix:" /* how the title of a unix socket begins */
#define LISTENER_MODE 0660    /* its access mode unless the block has another */

/* Adds the listener of a title "unix:PATH"; base has its defaults. NULL: r->err says
 * what is wrong. */
struct config_listen *listener_add_unix(const struct reading *r,
                                        const struct config_listen *base);

/* For struct option. */
const char *listener_check_mode(const char *text);
const char *listener_check_class(const char *text);
bool listener_read_serves(const struct reading *r);

/* Call when all blocks are read: sets modes and what else a block may leave out, and
 * reports options that do not go together, unknown classes, and proxy = true without a
 * proxy block. */
void listener_check_all(struct config *c, struct faults *faults);

/* Frees the list. */
void listener_free_all(struct config *c);

#endif
