/* Allocation that cannot fail: without memory, the process prints the size on stderr
 * and aborts. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/attr.h"

#include <stddef.h>

/* Prints what there is no memory for and aborts. For libraries that report a failed
 * allocation to the caller. */
void mem_failed(const char *what) ATTR_NORETURN;

/* The caller frees the result of each with free(). None returns NULL; a size of 0 gives
 * a pointer that can be freed. */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);
/* Copies at most `max` bytes of text and adds a NUL. */
char *xstrndup(const char *text, size_t max);
/* Sets *slot to a copy of text (NULL if text is NULL) and frees the old one; text may
 * be *slot. */
void xreplace(char **slot, const char *text);

/* Overwrites n bytes that may hold a password; the compiler does not remove the call.
 * NULL is fine if n is 0. */
void mem_wipe(void *bytes, size_t n);
/* Overwrites and frees a text. NULL is fine. */
void mem_free_secret(char *text);

/* The bytes that an allocation of n bytes takes in glibc on 64 bits: a header of 8,
 * in steps of 16, at least 32. 0 for n = 0: there is no allocation. For counting
 * memory. */
static inline size_t
mem_block(size_t n)
{
    size_t whole = (n + 8 + 15) / 16 * 16;
    if (n == 0)
        return 0;
    return whole < 32 ? 32 : whole;
}

/* mem_block of a text with its NUL; 0 for NULL. */
size_t mem_text(const char *text);

/* A number of objects and the bytes they take, a sum of mem_block. */
struct mem_sum {
    size_t n;     /* objects */
    size_t bytes; /* of all of them */
};

/* Updates *sum: a part of it has changed from `before` to `after`. */
static inline void
mem_sum_change(struct mem_sum *sum, struct mem_sum before, struct mem_sum after)
{
    sum->n += after.n - before.n;
    sum->bytes += after.bytes - before.bytes;
}

#endif
