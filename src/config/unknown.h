/* Names that do not exist, and what may have been meant. */
#ifndef CONFIG_UNKNOWN_H
#define CONFIG_UNKNOWN_H

#include "fault.h"
#include "option.h"

/* Each adds one fault that names the word and, where there is one, the name it
 * resembles. */
void unknown_block_name(struct faults *f, int line, const char *word);
void unknown_option_name(struct faults *f, int line, const struct block *b,
                         const char *word);
/* An option that no block surrounds: with the reason that it does not exist, or the
 * block that has one of this name, if there is either. */
void unknown_option_outside(struct faults *f, int line, const char *word);

#endif
