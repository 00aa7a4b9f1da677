/* Tables through `ircd ctl table`. */
#ifndef SRC_MAIN_CTL_TABLE_H
#define SRC_MAIN_CTL_TABLE_H

#include "ctl_link.h"

/* Passes all rows of the table words[0] to `take`, each an object of JSON as one line,
 * with as many commands as it takes; then the lines of a refusal, if there is one. The
 * other words are the filter; words ends with NULL. */
enum ctl_result ctl_table_list(struct ctl_link *l, char *const *words,
                               void (*take)(void *ctx, const struct control_text *line),
                               void *ctx);

#endif
