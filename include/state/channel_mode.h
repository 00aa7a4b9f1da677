/* The modes of a channel as text, and those that take a parameter. */
#ifndef STATE_CHANNEL_MODE_H
#define STATE_CHANNEL_MODE_H

#include "proto/mode.h"
#include "state/channel.h"

#include <stdbool.h>
#include <stddef.h>

#define CHANNEL_KEY_MAX 23      /* KEYLEN of 005 */
#define CHANNEL_PARAM_TEXT 80   /* room for the parameter of any mode */
#define CHANNEL_PARAMS_TEXT 256 /* room for those of all modes */

enum channel_param { PARAM_INVALID, PARAM_SAME, PARAM_CHANGED };

/* Sets a mode with a parameter (KEY or NUMBER) from its text. INVALID: nothing changes;
 * why (a literal) says what was expected. */
enum channel_param channel_param_set(struct server *srv, struct channel *chan,
                                     const struct mode_row *row, const char *text,
                                     const char **why);

/* Clears it; false when it was not set. */
bool channel_param_clear(struct server *srv, struct channel *chan,
                         const struct mode_row *row);

/* The parameter of a mode that is set, as it is listed. */
void channel_param_text(const struct channel *chan, const struct mode_row *row,
                        char *out, size_t size);

/* +j: seconds until one more may join (0: now); counts one who has joined. */
int channel_join_wait(const struct server *srv, const struct channel *chan);
void channel_join_count(const struct server *srv, struct channel *chan);

/* "ntk" into out; the parameters with a blank before each into params
 * (CHANNEL_PARAMS_TEXT), the key shown as "*" unless show_key. */
void channel_mode_text(const struct channel *chan, bool show_key, char *out,
                       size_t size, char *params, size_t params_size);

#endif
