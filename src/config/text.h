/* Text that grows: the sample and the cleaned file are built in it. */
#ifndef CONFIG_TEXT_H
#define CONFIG_TEXT_H

#include "base/attr.h"

#include <stddef.h>

/* Zeroed is empty. `at` is NUL-terminated once something was added; the owner frees it.
 */
struct text {
    char *at;
    size_t len, cap;
};

void text_addn(struct text *t, const char *bytes, size_t n);
void text_add(struct text *t, const char *more);
/* One piece of at most 1000 bytes; longer ones are cut. */
void text_addf(struct text *t, const char *fmt, ...) ATTR_PRINTF(2, 3);

#endif
