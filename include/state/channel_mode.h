/* Channel modes as text, and the channel modes that take a parameter. */
#ifndef STATE_CHANNEL_MODE_H
#define STATE_CHANNEL_MODE_H

#include "proto/mode.h"
#include "state/channel.h"

#include <stdbool.h>
#include <stddef.h>

#define CHANNEL_KEY_MAX 23      /* KEYLEN of 005 */
#define CHANNEL_PARAM_TEXT 80   /* room for the parameter of any mode */
#define CHANNEL_PARAMS_TEXT 256 /* room for the parameters of all modes */

enum channel_param { PARAM_INVALID, PARAM_SAME, PARAM_CHANGED };

/* Sets a mode with a parameter (KEY or NUMBER) from its text. PARAM_INVALID: nothing
 * changes, and *why (a literal) says what was expected. */
enum channel_param channel_param_set(struct server *srv, struct channel *chan,
                                     const struct mode_row *row, const char *text,
                                     const char **why);

/* Clears a mode with a parameter. False: it was not set. */
bool channel_param_clear(struct server *srv, struct channel *chan,
                         const struct mode_row *row);

/* The parameter of a mode that is set, in the form of a MODE line. */
void channel_param_text(const struct channel *chan, const struct mode_row *row,
                        char *out, size_t size);

/* With +j: the seconds until one more client may join (0: now); and the count of one
 * client that joins. */
int channel_join_wait(const struct server *srv, const struct channel *chan);
void channel_join_count(const struct server *srv, struct channel *chan);

/* Writes the mode letters ("ntk") into out and the parameters, each after a blank, into
 * params (CHANNEL_PARAMS_TEXT). The key and the target of +f are "*" unless
 * show_key. */
void channel_mode_text(const struct channel *chan, bool show_key, char *out,
                       size_t size, char *params, size_t params_size);

#endif
