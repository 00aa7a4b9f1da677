/* The text of a numeric reply: each parameter stays one word, even if a user wrote
 * it. */
#ifndef SRC_STATE_NUMERIC_H
#define SRC_STATE_NUMERIC_H

#include "base/attr.h"

#include <stdarg.h>
#include <stddef.h>

#define NUMERIC_WORD_MAX 200 /* bytes of a parameter before the last, at most */

/* Writes a format of proto/numeric.h (%s %c %d %u %zu %lld %llu, zero-padded widths)
 * into out, always terminated; returns the length, which is below size. A %s or %c that
 * is a whole parameter and not the last one is written as exactly one parameter: its
 * first word, without a leading ':', cut at a character to NUMERIC_WORD_MAX; "*" if
 * nothing is left. */
size_t numeric_text(char *out, size_t size, const char *fmt, va_list args)
    ATTR_PRINTF(3, 0);

#endif
