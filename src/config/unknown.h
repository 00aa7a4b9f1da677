/* Faults about unknown names, with what may have been meant. */
#ifndef SRC_CONFIG_UNKNOWN_H
#define SRC_CONFIG_UNKNOWN_H

#include "option.h"
#include "token.h"

/* Each adds one fault with the unknown name and, if there is one, the name it
 * resembles, the block that has such an option, or why there is none. */
void unknown_block_name(struct faults *f, const struct token *t);
void unknown_option_name(struct faults *f, const struct block *b,
                         const struct token *t);
void unknown_option_outside(struct faults *f, const struct token *t);

#endif
