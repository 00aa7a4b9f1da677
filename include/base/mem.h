/* Allocation that cannot fail: out of memory says the size on stderr and aborts. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/attr.h"

#include <stddef.h>

/* Says what there was no memory for and aborts: for libraries that tell us so. */
void mem_failed(const char *what) ATTR_NORETURN;

/* Each returns memory the caller frees with free(); none returns NULL, and a size of 0
 * gives a pointer that may be freed. */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);
/* Copies at most `max` bytes of text and ends them with NUL. */
char *xstrndup(const char *text, size_t max);
/* Frees *slot and puts a copy of text (or NULL when text is NULL) there; text may be
 * *slot. */
void xreplace(char **slot, const char *text);

#endif
