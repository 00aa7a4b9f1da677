/* The tables of blocks and options: what may stand in a file. */
#ifndef CONFIG_OPTION_H
#define CONFIG_OPTION_H

#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>

enum option_kind {
    OPTION_TEXT,
    OPTION_BOOL,
    OPTION_COUNT,
    OPTION_SPAN,
    OPTION_RATE,
    OPTION_SPANS,
    OPTION_WORDS, /* a list that only option.read understands */
};

struct seen;

/* One value, or the title of a block, on its way into the configuration. */
struct reading {
    const struct option *option; /* NULL: a title */
    const struct config_words *words;
    void *base; /* the struct config, or the entry of the block's list */
    const char *text;
    int line;               /* where it stands */
    struct seen **prefixes; /* of the exempt blocks so far; for titles */
    char *err;              /* what was expected, if the text is refused */
    size_t errlen;
};

struct option {
    const char *block, *name; /* a NULL name ends a table */
    enum option_kind kind;
    size_t offset; /* of the field in reading.base */
    /* OPTION_SPANS: of the number of elements; OPTION_TEXT: of the line where the value
     * stands, 0: not kept. */
    size_t offset_more;
    const char *def; /* as written in config.def */
    const char *min, *max;
    bool fixed; /* only a restart applies it */
    const char *help;
    const char *example; /* of a block with a title: in the sample, other than def */
    bool (*read)(const struct reading *r); /* NULL: as its kind is read */
    /* Of OPTION_TEXT: what was expected of the text, if it is something else; NULL if
     * it is fine. A NULL function: any text is. */
    const char *(*check)(const char *text);
    bool secret;      /* a password: no message shows it */
    const char *like; /* the block whose option of this name has the range */
    /* The block must hold it, or the option `instead` (NULL: none): the end of the
     * fault that it is missing. NULL: it may be left out. */
    const char *needed;
    const struct option *instead;
};

struct block {
    const char *name; /* a NULL name ends a table */
    const char *help;
    const struct option *options;
    /* What stands behind the name; NULL: nothing, and the block stands once. */
    const char *title;
    /* Adds the entry of the title and returns it, valid until the next one is added;
     * NULL: r->err says what is wrong with the title. */
    void *(*add)(const struct reading *r);
};

extern const struct block blocks_single[];

/* The block or option of this name (n bytes) in the list; NULL: there is none. */
const struct block *block_in(const struct block *list, const char *name, size_t n);
const struct option *option_find(const struct block *b, const char *name, size_t n);

/* The row that has default, range and help: the option itself, or the one it is like.
 */
const struct option *option_like(const struct option *o);

/* Takes a list in braces. */
static inline bool
option_is_list(const struct option *o)
{
    return o->kind == OPTION_SPANS || o->kind == OPTION_WORDS;
}

#endif
