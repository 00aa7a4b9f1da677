/* A counting allocator: the linker hands every malloc of the program and of the core to
 * the functions here (--wrap), which count and pass on. What a block takes is asked of
 * the allocator itself, so it is right with sanitizers and valgrind too. */
#include "heap.h"

#include "base/mem.h"

#include <malloc.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t n);
void __wrap_free(void *p);

static size_t live;

static size_t
block_of(void *p)
{
    return p ? mem_block(malloc_usable_size(p)) : 0;
}

void *
__wrap_malloc(size_t n)
{
    void *p = __real_malloc(n);
    live += block_of(p);
    return p;
}

void *
__wrap_calloc(size_t count, size_t size)
{
    void *p = __real_calloc(count, size);
    live += block_of(p);
    return p;
}

void *
__wrap_realloc(void *old, size_t n)
{
    live -= block_of(old);
    void *p = __real_realloc(old, n);
    live += block_of(p);
    return p;
}

void
__wrap_free(void *p)
{
    live -= block_of(p);
    __real_free(p);
}

size_t
heap_bytes(void)
{
    return live;
}
