/* The tables of blocks and options: what may stand in a file. */
#ifndef SRC_CONFIG_OPTION_H
#define SRC_CONFIG_OPTION_H

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
    OPTION_WORDS, /* a list of texts, which option.read may read */
};

struct seen;

/* One value, or the title of a block, on its way into the configuration. */
struct reading {
    const struct option *option; /* NULL: a title */
    const struct config_words *words;
    void *base; /* the struct config, or the entry of the block's list */
    const char *text;
    int line;               /* the line of the text */
    struct seen **prefixes; /* for titles: the prefixes of the exempt blocks so far */
    char *err;              /* why the text is refused, and what was expected */
    size_t errlen;
};

struct option {
    const char *block, *name; /* a NULL name ends a table */
    enum option_kind kind;
    size_t offset; /* of the field in reading.base */
    /* OPTION_SPANS and OPTION_WORDS: the offset of the number of elements. OPTION_TEXT: the offset of
     * the line of the value; 0: it is not stored. */
    size_t offset_more;
    const char *def; /* as written in config.def */
    const char *min, *max;
    bool fixed; /* only a restart applies a change */
    const char *help;
    /* in a block with a title: the value in the sample, other than def */
    const char *example;
    bool (*read)(const struct reading *r); /* NULL: the function of its kind */
    /* OPTION_TEXT: returns what was expected of the text, or NULL if the text is fine.
     * The field is NULL if any text is. */
    const char *(*check)(const char *text);
    /* The same for each text of OPTION_WORDS; the texts before it are in r->base. */
    const char *(*check_word)(const struct reading *r);
    bool secret; /* a password, which no message shows */
    /* the block with an option of this name that has the default, range and help; NULL:
     * this row */
    const char *like;
    /* NULL: the option may be left out. Else the block must have it or the option
     * `instead` (NULL: none) or that one's `instead`, and this text ends the fault that
     * it is missing. */
    const char *needed;
    const struct option *instead;
};

struct block {
    const char *name; /* a NULL name ends a table */
    const char *help;
    const struct option *options;
    /* The title in the sample; NULL: the block has no title and stands once. */
    const char *title;
    /* Adds the entry of a title and returns it, valid until the next one is added.
     * NULL: r->err says what is wrong with the title. */
    void *(*add)(const struct reading *r);
};

extern const struct block blocks_single[];

/* The block or option of this name (n bytes); NULL: there is none. */
const struct block *block_in(const struct block *list, const char *name, size_t n);
const struct option *option_find(const struct block *b, const char *name, size_t n);

/* The row with the default, range and help of an option: the option itself, or the one
 * it is like. */
const struct option *option_like(const struct option *o);

/* True if the value of an option is a list in braces. */
static inline bool
option_is_list(const struct option *o)
{
    return o->kind == OPTION_SPANS || o->kind == OPTION_WORDS;
}

#endif
