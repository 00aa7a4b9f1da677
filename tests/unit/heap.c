/* A counting allocator: the linker hands every malloc of the program and of the core to
 * the functions here (--wrap), which count and pass on. The allocator itself tells the
 * size of a block, so the count is right with sanitizers and valgrind too. */
#include "heap.h"

#include "base/mem.h"

#include <malloc.h>
#include <stdint.h>
#include <string.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t n);
void __wrap_free(void *p);

static size_t live;
static const char *watched; /* NULL: nothing */
static size_t spilled;

static size_t
block_of(void *p)
{
    return p ? mem_block(malloc_usable_size(p)) : 0;
}

/* A block that is freed with the text in it stays readable until it is used again. */
static void
inspect_block(const void *p)
{
    const char *at = p;
    size_t n = strlen(watched), size = malloc_usable_size((void *)(uintptr_t)p);
    for (size_t i = 0; i + n <= size; i++)
        if (at[i] == watched[0] && memcmp(at + i, watched, n) == 0) {
            spilled++;
            return;
        }
}

void *
__wrap_malloc(size_t n)
{
    void *p = __real_malloc(n);
    live += block_of(p);
    if (watched && p)
        memset(p, 0, malloc_usable_size(p));
    return p;
}

void *
__wrap_calloc(size_t count, size_t size)
{
    void *p = __real_calloc(count, size);
    live += block_of(p);
    return p;
}

/* realloc always moves the block, so that a test sees what a move leaves behind. */
static void *
move_block(void *old, size_t n)
{
    void *p = __wrap_malloc(n);
    size_t had = old ? malloc_usable_size(old) : 0;
    if (p && old)
        memcpy(p, old, had < n ? had : n);
    __wrap_free(old);
    return p;
}

void *
__wrap_realloc(void *old, size_t n)
{
    if (watched)
        return move_block(old, n);
    live -= block_of(old);
    void *p = __real_realloc(old, n);
    live += block_of(p);
    return p;
}

void
__wrap_free(void *p)
{
    live -= block_of(p);
    if (watched && p)
        inspect_block(p);
    __real_free(p);
}

void
heap_watch(const char *text)
{
    watched = text;
    spilled = 0;
}

size_t
heap_spilled(void)
{
    return spilled;
}

size_t
heap_bytes(void)
{
    return live;
}
