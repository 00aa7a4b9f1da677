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

/* Overwrites n bytes that may hold a password; the compiler does not leave it out. NULL
 * is fine if n is 0. */
void mem_wipe(void *bytes, size_t n);
/* The same for a text, and frees it. NULL is fine. */
void mem_free_secret(char *text);

/* The memory that a block of n bytes takes on 64 bits, as glibc keeps it: a header of
 * 8, steps of 16, 32 at least. 0: there is no block. For counting what is used. */
static inline size_t
mem_block(size_t n)
{
    size_t whole = (n + 8 + 15) / 16 * 16;
    if (n == 0)
        return 0;
    return whole < 32 ? 32 : whole;
}

/* mem_block of a copied text; NULL: none. */
size_t mem_text(const char *text);

/* A number of things and their memory, a sum of mem_block. */
struct mem_sum {
    size_t n, bytes;
};

/* What belongs to *sum has changed from `before` to `after`. */
static inline void
mem_sum_change(struct mem_sum *sum, struct mem_sum before, struct mem_sum after)
{
    sum->n += after.n - before.n;
    sum->bytes += after.bytes - before.bytes;
}

#endif
