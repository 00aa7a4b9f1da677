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

/* One value on its way into the configuration. */
struct reading {
    const struct option *option;
    const struct config_words *words;
    void *base; /* the struct config, or the entry of the block's list */
    const char *text;
    int line;  /* where the value stands */
    char *err; /* what was expected, if the value is refused */
    size_t errlen;
};

struct option {
    const char *block, *name; /* a NULL name ends a table */
    enum option_kind kind;
    size_t offset;   /* of the field in reading.base */
    size_t offset_n; /* OPTION_SPANS: of the number of elements */
    const char *def; /* as written in config.def */
    const char *min, *max;
    bool fixed; /* only a restart applies it */
    const char *help;
    bool (*read)(const struct reading *r); /* NULL: as its kind is read */
    const char *like; /* the block whose option of this name has the range */
};

struct block {
    const char *name;
    const char
        *title; /* what stands behind the name; NULL: nothing, and it stands once */
    const char *help;
    const struct option *options;
};

/* Ended by a NULL name; the single blocks, and those with a title. */
extern const struct block blocks_single[];
extern const struct block blocks_titled[];

/* NULL where there is none. */
const struct block *block_find(const char *name);
const struct option *option_find(const struct block *b, const char *name);

/* The row that has default, range and help: the option itself, or the one it is like.
 */
const struct option *option_like(const struct option *o);

/* Takes a list in braces. */
bool option_is_list(const struct option *o);

/* The readers of titled blocks' own options, in titled.c. */
bool read_exempt_from(const struct reading *r);
bool read_class_match(const struct reading *r);
bool read_class_strikes(const struct reading *r);
bool read_oper_password(const struct reading *r);
bool read_oper_host(const struct reading *r);
bool read_oper_privilege(const struct reading *r);
bool read_oper_class(const struct reading *r);

/* The same of operclass blocks, in operclass.c. */
bool read_operclass_extends(const struct reading *r);
bool read_operclass_privilege(const struct reading *r);

#endif
