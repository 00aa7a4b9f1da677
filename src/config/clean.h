/* The cleaned copy of a configuration that libconfuse gets: what is right in the file,
 * each thing on its own line. Blocks that say the same stand in it once, since many
 * exempt blocks do and libconfuse takes its time. */
#ifndef CONFIG_CLEAN_H
#define CONFIG_CLEAN_H

#include "option.h"
#include "text.h"
#include "token.h"

#include <stddef.h>

#define KINDS_MAX 16 /* kinds of blocks */

struct clean {
    struct text *text; /* borrowed; the caller frees it */
    int line;          /* of the end of the text; from 1 */
    /* The block that is open: its kind, where it begins, and the line there. */
    const struct block *block;
    size_t from;
    int from_line;
    struct seen *bodies; /* blocks so far, with their indices */
    struct {
        const struct block *block;
        unsigned n;
    } kinds[KINDS_MAX]; /* how many blocks of each kind there are */
};

/* Adds n bytes, on the line they stand on in the file. */
void clean_add(struct clean *c, int line, const char *bytes, size_t n);

/* Adds a token. A word that is a value is quoted: libconfuse drops characters such as *
 * from words. */
void clean_add_token(struct clean *c, const struct token *t);

void clean_open_block(struct clean *c, const struct block *b, int line);

/* Returns the index of the block among those of its kind in the text: its own, or that
 * of an earlier block which says the same; it is taken out again then. */
unsigned clean_close_block(struct clean *c, int line);

/* Frees all but the text. */
void clean_end(struct clean *c);

#endif
