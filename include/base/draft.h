/* Text that grows while it is written: samples and manual pages. */
#ifndef BASE_DRAFT_H
#define BASE_DRAFT_H

#include "base/attr.h"

#include <stddef.h>

/* Zeroed is empty. `at` is NUL-terminated once something was added; free() frees it. */
struct draft {
    char *at;
    size_t len, cap;
};

void draft_add(struct draft *d, const char *text);

/* One piece of at most 1000 bytes; longer ones are cut. */
void draft_addf(struct draft *d, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* Text for the manual pages (mdoc): a reader of the page sees it as it is. It stays on
 * one line, and no byte of it is a command of roff: groff_char(7). */
void draft_add_roff(struct draft *d, const char *text);

/* The same as a line of the page, or one for each sentence (at most 999 bytes each):
 * roff sets the blanks between sentences. */
void draft_add_line(struct draft *d, const char *text);

#endif
