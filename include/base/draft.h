/* A text that grows while it is written: manual pages, metrics, answers of HTTP. */
#ifndef BASE_DRAFT_H
#define BASE_DRAFT_H

#include "base/attr.h"

#include <stddef.h>

/* A zeroed struct is empty. `at` is NULL until text is added, then it is
 * NUL-terminated; the owner frees it with free(). */
struct draft {
    char *at;
    size_t len; /* bytes of the text */
    size_t cap; /* room at `at`, the NUL included */
};

void draft_add(struct draft *d, const char *text);
/* The same for bytes without a NUL. */
void draft_addn(struct draft *d, const char *bytes, size_t n);

/* Adds one formatted piece of at most 1000 bytes; a longer one is cut. */
void draft_addf(struct draft *d, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* Adds text to a manual page (mdoc). The characters that roff would interpret are
 * escaped (groff_char(7)), so the page shows the text as it is. No LF is added. */
void draft_add_roff(struct draft *d, const char *text);

/* The same with an LF behind each sentence (at most 999 bytes each) and behind the
 * text: roff sets the blanks between sentences. */
void draft_add_line(struct draft *d, const char *text);

#endif
