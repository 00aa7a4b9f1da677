/* The layout of a configuration: which blocks and options stand where. */
#ifndef CONFIG_SCAN_H
#define CONFIG_SCAN_H

#include "fault.h"
#include "option.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>

struct scan_option {
    const struct option *option;
    int line;           /* of its name */
    size_t first_value; /* into scan.value_lines */
    size_t n_values;    /* at least 1 */
};

struct scan_block {
    const struct block *block;
    unsigned index; /* among the blocks of its kind in `clean` */
    char *title;    /* NULL: it has none; not in scan.clean */
    int line;
    size_t first_option; /* into scan.options */
    size_t n_options;
    bool faulty; /* it has an option that cannot be used, so none is said to be missing
                  */
};

struct scan {
    struct text clean; /* well-formed, known names only, no comments, and
                        * blocks that say the same once: for libconfuse */
    struct scan_block *blocks;
    size_t n_blocks;
    struct scan_option *options;
    size_t n_options;
    int *value_lines;
    size_t n_values;
};

/* Tells every fault of layout and names, and gathers what is right in the rest.
 * scan_clear frees what *out gets, faults or not. */
void scan_read(const char *text, struct faults *faults, struct scan *out);
void scan_clear(struct scan *s);

#endif
