/* The blocks with a title: each adds an entry to a list of the configuration. */
#ifndef CONFIG_TITLED_H
#define CONFIG_TITLED_H

#include "option.h"

#include <stddef.h>

extern const struct block blocks_titled[]; /* ended by a NULL name */

/* The block of this name (n bytes), with or without a title; NULL: there is none. */
const struct block *block_find(const char *name, size_t n);

/* Called when all blocks are read: adds the built-in listeners if there is no listen
 * block. */
void titled_done(struct config *c);

/* The words of an exempt block's `from`; ended by a NULL word. */
struct exempt_word {
    const char *word;
    enum config_exempt bit;
    const char *help;
};
extern const struct exempt_word exempt_words[];

#endif
