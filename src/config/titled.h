/* The blocks with a title: each opening adds an entry to a list of the configuration.
 */
#ifndef CONFIG_TITLED_H
#define CONFIG_TITLED_H

#include "fault.h"
#include "option.h"

#include <stddef.h>

/* Adds an entry for the block with this title. Returns it for the block's options,
 * valid until the next one is added, or NULL and says in err what is wrong with the
 * title. */
void *titled_add(struct config *c, const struct block *b, const char *title, int line,
                 char *err, size_t errlen);

/* What the finished entry lacks; NULL if nothing. */
const char *titled_lacks(const struct block *b, const void *entry);

/* All blocks are read. Without any listen block: the built-in listeners. */
void titled_done(struct config *c);
void titled_clear(struct config *c);

/* Whether both listen on the same addresses and ports, in the same order. */
bool titled_same_listeners(const struct config *a, const struct config *b);

/* The words of an exempt block's `from`; ended by a NULL word. */
struct exempt_word {
    const char *word;
    enum config_exempt bit;
    const char *help;
};
extern const struct exempt_word exempt_words[];

#endif
