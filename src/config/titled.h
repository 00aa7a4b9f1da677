/* The blocks with a title: each adds an entry to a list of the configuration. */
#ifndef SRC_CONFIG_TITLED_H
#define SRC_CONFIG_TITLED_H

#include "fault.h"
#include "option.h"

#include <stddef.h>

extern const struct block blocks_titled[]; /* ended by a NULL name */

/* The block of this name (n bytes), with or without a title; NULL: there is none. */
const struct block *block_find(const char *name, size_t n);

/* Called when all blocks are read: adds the built-in listeners if there is no listen
 * block. */
void titled_done(struct config *c);

/* Called when all blocks are read: reports a token that two oper blocks have. */
void oper_check_all(struct config *c, struct faults *faults);

/* Called when all blocks are read: gives each class the privileges of the classes it
 * extends, and each oper those of its class. A name that is no class and a circle are
 * faults, at the line of the option. */
void operclass_resolve(struct config *c, struct faults *faults);

/* The words of an exempt block's `from`; ended by a NULL word. */
struct exempt_word {
    const char *word;
    enum config_exempt bit;
    const char *help;
};
extern const struct exempt_word exempt_words[];

/* The words of `serves`; ended by a NULL word. */
struct serves_word {
    const char *word;
    enum config_serves bit;
    const char *help;
};
extern const struct serves_word serves_words[];

#endif
