/* Reads the text of a configuration into its struct. */
#ifndef SRC_CONFIG_PARSE_H
#define SRC_CONFIG_PARSE_H

#include "fault.h"

/* Puts the values in text into c, which holds the defaults, and adds every fault to
 * faults. If there is one, c has the values that were right and can only be freed
 * (config_free). */
void parse_text(const char *text, const struct config_words *words,
                struct faults *faults, struct config *c);

#endif
