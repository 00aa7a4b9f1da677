/* Reads the text of a configuration into its struct. */
#ifndef CONFIG_PARSE_H
#define CONFIG_PARSE_H

#include "fault.h"

/* Puts the values in text into c, which holds the defaults, and adds every fault. With
 * a fault, c holds what was right and is only good for config_free. */
void parse_text(const char *text, const struct config_words *words,
                struct faults *faults, struct config *c);

#endif
